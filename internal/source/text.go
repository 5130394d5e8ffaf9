package source

import (
	"bytes"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"winnow/internal/record"
)

// maxTitleLine is the longest first line, in bytes, that is taken for a title.
const maxTitleLine = 500

// whole reads a file that is one document.
type whole struct {
	f     *file
	limit int
	parse func(*Document) (record.Raw, error)
	done  bool

	broken error // why the file cannot be read at all
}

func openText(f *file, opt *Options) (reader, error) {
	return &whole{f: f, limit: opt.MaxFile, parse: parseText}, nil
}

func openHTML(f *file, opt *Options) (reader, error) {
	return &whole{f: f, limit: opt.MaxFile, parse: parseHTML}, nil
}

func (w *whole) next(d *Document) error {
	if w.done {
		return io.EOF
	}
	w.done = true
	if w.broken != nil {
		return w.broken
	}
	buf := bytes.NewBuffer((*w.f.scratch)[:0])
	n, err := buf.ReadFrom(io.LimitReader(w.f.r, int64(w.limit)+1))
	*w.f.scratch = buf.Bytes()
	d.Data, d.Size, d.parse = buf.Bytes(), n, w.parse
	if err == nil && d.Path == "-" && len(bytes.TrimSpace(d.Data)) == 0 {
		return io.EOF // nobody wrote anything: no document
	}
	if err != nil || n <= int64(w.limit) {
		return err
	}
	rest, err := io.Copy(io.Discard, w.f.r)
	d.Data, d.Size, d.parse = d.Data[:min(n, cutSize)], n+rest, oversize(int64(w.limit))
	return err
}

// parseText makes a text file a record: all of it is the text, its first line that is not blank
// the title too, unless it is as long as a paragraph.
func parseText(d *Document) (record.Raw, error) {
	text, charset, err := decodeText(d.Data, "text/plain")
	if err != nil {
		return record.Raw{}, err
	}
	return record.Raw{Text: text, Title: titleOf(text), Metadata: provenance(d.Path, charset)}, nil
}

// decodeText is [record.DecodeText] for what may be no text: only its beginning was looked at, or only its name.
func decodeText(data []byte, contentType string) (text, charset string, err error) {
	if record.IsBinary(data) {
		return "", "", &record.MalformedError{Reason: record.ReasonBinary, Detail: "neither a text nor a page: too many of its bytes are control characters"}
	}
	text, charset = record.DecodeText(data, contentType)
	return text, charset, nil
}

// titleOf returns the first line that is not blank, whichever line ends the text has, "" when it is too long for a title.
func titleOf(text string) string {
	first := strings.TrimSpace(text)
	if end := strings.IndexAny(first, "\r\n"); end >= 0 {
		first = strings.TrimSpace(first[:end])
	}
	if len(first) > maxTitleLine {
		return ""
	}
	return first
}

// parseHTML makes an HTML file a record. The text is UTF-8 whatever the page declares.
func parseHTML(d *Document) (record.Raw, error) {
	page, charset, err := decodeText(d.Data, "text/html")
	if err != nil {
		return record.Raw{}, err
	}
	return record.Raw{HTML: page, Metadata: provenance(d.Path, charset)}, nil
}

// provenance is the metadata of a file: its path in the input, and its encoding where it was not
// UTF-8; then more, keys and values in turn, where there is a value.
func provenance(path, charset string, more ...string) jsontext.Value {
	out := []byte{'{'}
	if path != "-" || charset != "" {
		out = appendMember(out, "path", path)
	}
	out = appendMember(out, "charset", charset)
	for i := 0; i < len(more); i += 2 {
		out = appendMember(out, more[i], more[i+1])
	}
	return append(out, '}')
}

// appendMember appends a member of a JSON object, unless the value is empty.
func appendMember(out []byte, key, value string) []byte {
	if value == "" {
		return out
	}
	if len(out) > 1 {
		out = append(out, ',')
	}
	out, _ = jsontext.AppendQuote(out, key)
	out, _ = jsontext.AppendQuote(append(out, ':'), strings.ToValidUTF8(value, "\uFFFD"))
	return out
}
