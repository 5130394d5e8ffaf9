package record

import "winnow/pkg/boilerplate"

// DecodeText returns a page or a text that came as bytes as UTF-8, and the name of the encoding it had, "" for UTF-8.
// It is [boilerplate.Decode]: what the page is taken apart by and what it is stored by must not differ.
func DecodeText(data []byte, contentType string) (text, charset string) {
	return boilerplate.Decode(data, contentType)
}
