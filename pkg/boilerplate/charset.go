package boilerplate

import (
	"unicode/utf8"

	"golang.org/x/net/html/charset"
)

// decode returns the page in UTF-8.
func decode(page []byte, contentType string) []byte {
	if utf8.Valid(page) {
		return page
	}
	enc, _, _ := charset.DetermineEncoding(page, contentType)
	out, err := enc.NewDecoder().Bytes(page)
	if err != nil {
		return page
	}
	return out
}
