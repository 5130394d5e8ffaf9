package source

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
)

// decodeCharset decodes data by its byte order mark, its declaration, or as windows-1252.
func decodeCharset(data []byte, contentType string) (text, name string) {
	enc, name, _ := charset.DetermineEncoding(data, contentType)
	switch valid := utf8.Valid(data); {
	case valid && name != "iso-2022-jp":
		return string(data), ""
	case enc == encoding.Nop || name == "utf-8":
		enc, name = charset.Lookup("windows-1252")
	}
	out, err := enc.NewDecoder().Bytes(data)
	if err != nil {
		out = data
	}
	return strings.ToValidUTF8(strings.TrimPrefix(string(out), "\ufeff"), "\uFFFD"), name
}
