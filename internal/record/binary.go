package record

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
)

// IsBinary tells that data is no text in any encoding that [DecodeText] knows: more than one character in 32 is a
// control character that no text has. A few stray ones are nothing but dirt.
func IsBinary(data []byte) bool {
	if bytes.IndexByte(data, 0) < 0 && utf8.Valid(data) {
		return false
	}
	bad, all := 0, len(data)
	if enc, _ := utf16Of(data); enc != nil {
		plain, err := enc.NewDecoder().Bytes(data)
		if err != nil {
			return true
		}
		all = utf8.RuneCount(plain)
		bad = bytes.Count(plain, []byte("\uFFFD"))
		data = plain
	}
	for _, c := range data {
		if isControl[c] {
			bad++
		}
	}
	return bad > 2+all/32
}

// isControl holds the bytes that stand in no text, whatever its encoding: those of the escape sequences of ISO 2022, of
// overstriking and of old ends of files do.
var isControl = func() (t [256]bool) {
	for c := range t {
		t[c] = (c < ' ' || c == 0x7f) && !bytes.ContainsRune([]byte("\b\t\n\v\f\r\x0e\x0f\x1a\x1b"), rune(c))
	}
	return t
}()

// utf16Of returns the encoding of data that is UTF-16, and its name: a byte order mark says so, or zero bytes that
// stand in one half of the letters alone, as they do in blanks, line ends and markup. Otherwise it is nil.
func utf16Of(data []byte) (enc encoding.Encoding, name string) {
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "utf-16le"
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM), "utf-16be"
	}
	const sample = 4 << 10 // bytes
	head := data[:min(len(data), sample)&^1]
	var zeros [2]int // at even and at odd places
	for i, c := range head {
		if c == 0 {
			zeros[i&1]++
		}
	}
	switch few := max(2, len(head)/16); {
	case zeros[0] == 0 && zeros[1] >= few:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), "utf-16le"
	case zeros[1] == 0 && zeros[0] >= few:
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), "utf-16be"
	}
	return nil, ""
}
