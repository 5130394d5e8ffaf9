package warc

import (
	"bytes"
	"strings"
)

// Fields are header lines as they stand, "Name: value" each, of a record or of the HTTP message in it.
type Fields []byte

// Get returns the value of the first field of that name, whatever its case, without the white space
// around it; "" when there is none. Folded lines are joined.
func (f Fields) Get(name string) string {
	for rest := []byte(f); len(rest) > 0; {
		var line []byte
		line, rest = cutLine(rest)
		if len(line) <= len(name) || line[len(name)] != ':' && line[len(name)] != ' ' || !asciiEqualFold(line[:len(name)], name) {
			continue
		}
		_, value, ok := bytes.Cut(line[len(name):], []byte(":"))
		if !ok {
			continue
		}
		var out strings.Builder
		out.WriteString(string(bytes.TrimSpace(value)))
		for len(rest) > 0 && (rest[0] == ' ' || rest[0] == '\t') {
			line, rest = cutLine(rest)
			out.WriteString(" " + string(bytes.TrimSpace(line)))
		}
		return strings.TrimSpace(out.String())
	}
	return ""
}

// cutLine takes the first line off data, without its end.
func cutLine(data []byte) (line, rest []byte) {
	line, rest, _ = bytes.Cut(data, []byte("\n"))
	return bytes.TrimSuffix(line, []byte("\r")), rest
}

func asciiEqualFold(a []byte, b string) bool { return strings.EqualFold(string(a), b) }

// headerEnd returns where the header lines of data end and where what follows the empty line
// begins; -1 when there is no empty line, or a record's version line before it. Lines end in LF or CRLF.
func headerEnd(data []byte) (end, next int) {
	for at := 0; ; {
		i := bytes.IndexByte(data[at:], '\n')
		if i < 0 {
			return -1, -1
		}
		at += i + 1
		switch rest := data[at:]; {
		case bytes.HasPrefix(rest, magic): // another record: this one broke off
			return -1, -1
		case len(rest) > 0 && rest[0] == '\n':
			return at, at + 1
		case len(rest) > 1 && rest[0] == '\r' && rest[1] == '\n':
			return at, at + 2
		}
	}
}

// recordAt reports whether a record begins data: its version line, and something like a header
// line. full is false when data is too short to say.
func recordAt(data []byte) (yes, full bool) {
	const longest = len("WARC/1.10\r\n") + 64
	rest, ok := bytes.CutPrefix(data, magic)
	if !ok {
		return false, len(data) >= len(magic) || !bytes.HasPrefix(magic, data)
	}
	full = len(data) >= longest
	line, rest, ended := bytes.Cut(rest[:min(len(rest), longest-len(magic))], []byte("\n"))
	if line = bytes.TrimSuffix(line, []byte("\r")); !ended || len(line) < 3 || len(line) > 4 || line[1] != '.' || !digits(line[:1]) || !digits(line[2:]) {
		return false, full || ended
	}
	name, _, ended := bytes.Cut(rest, []byte(":"))
	if len(name) == 0 || bytes.ContainsFunc(name, func(r rune) bool { return r != '-' && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') }) {
		return false, full || len(name) > 0
	}
	return ended, full || ended
}

var magic = []byte("WARC/")

func digits(b []byte) bool {
	return !bytes.ContainsFunc(b, func(r rune) bool { return r < '0' || r > '9' })
}
