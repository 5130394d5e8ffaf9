package record

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
)

// DecodeText returns data as UTF-8 and the name of the encoding it had, "" for UTF-8. A few stray
// bytes in what is UTF-8 otherwise become U+FFFD; anything else is read as what a byte order mark, the zero
// bytes of UTF-16 or the page declare, or windows-1252, as browsers do.
func DecodeText(data []byte, contentType string) (text, charset string) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if bytes.IndexByte(data, 0) >= 0 {
		if enc, name := utf16Of(data); enc != nil {
			return decodeWith(enc, data), name
		}
	}
	if utf8.Valid(data) && bytes.IndexByte(data, 0x1b) < 0 {
		return string(data), ""
	}
	if good, bad := countUTF8(data); good >= 10*bad && bad > 0 {
		return strings.ToValidUTF8(string(data), "\uFFFD"), "utf-8, damaged"
	}
	return decodeCharset(data, contentType)
}

// countUTF8 counts the characters of several bytes and the bytes that are no UTF-8.
func countUTF8(data []byte) (good, bad int) {
	for i := 0; i < len(data); {
		if data[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n == 1 {
			bad++
		} else {
			good++
		}
		i += n
	}
	return good, bad
}

// decodeCharset decodes data by its byte order mark, its declaration, or as windows-1252.
func decodeCharset(data []byte, contentType string) (text, name string) {
	enc, name, _ := charset.DetermineEncoding(data, contentType)
	switch valid := utf8.Valid(data); {
	case valid && name != "iso-2022-jp":
		return string(data), ""
	case enc == encoding.Nop || name == "utf-8":
		enc, name = charset.Lookup("windows-1252")
	}
	return decodeWith(enc, data), name
}

func decodeWith(enc encoding.Encoding, data []byte) string {
	out, err := enc.NewDecoder().Bytes(data)
	if err != nil {
		out = data
	}
	return strings.ToValidUTF8(strings.TrimPrefix(string(out), "\ufeff"), "\uFFFD")
}
