package record

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"winnow/pkg/boilerplate"
)

// IsBinary tells that data is no text in any encoding that [DecodeText] knows: more than one character in 32 is a
// control character that no text has. A few stray ones are nothing but dirt.
func IsBinary(data []byte) bool {
	if bytes.IndexByte(data, 0) < 0 && utf8.Valid(data) {
		return false
	}
	bad, all := 0, len(data)
	if plain, charset := boilerplate.DecodeUTF16(data); charset != "" {
		all = utf8.RuneCountInString(plain)
		bad = strings.Count(plain, "\uFFFD")
		data = []byte(plain)
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
