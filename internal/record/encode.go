package record

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// The encoders below write JSON by hand: the keys and their order are fixed, and a text of 3 KB
// costs little more than its copy.

const hexDigits = "0123456789abcdef"

// mustEscape marks the bytes that cannot stand in a JSON string as they are.
var mustEscape = func() (t [256]bool) {
	for c := range 0x20 {
		t[c] = true
	}
	t['"'], t['\\'] = true, true
	return t
}()

// appendString appends s as a JSON string: the shortest encoding, as RFC 8785 writes it. Invalid
// UTF-8 becomes U+FFFD.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for stop := byte(beyondASCII); s != ""; {
		n := len(dst)
		if cap(dst)-n < len(s) {
			dst = slices.Grow(dst, len(s)+len(s)/16+8)
		}
		k := copyPlain(dst[n:n+len(s)], s, stop)
		dst, s = dst[:n+k], s[k:]
		switch {
		case s == "":
		case s[0] < utf8.RuneSelf:
			dst, s = appendEscaped(dst, s[0]), s[1:]
		default:
			s, stop = toValid(s), 0
		}
	}
	return append(dst, '"')
}

// toValid returns s with invalid UTF-8 replaced by U+FFFD.
func toValid(s string) string {
	if valid(s) {
		return s
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

func appendEscaped(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	case '\b':
		return append(dst, '\\', 'b')
	case '\f':
		return append(dst, '\\', 'f')
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}

// appendMember appends the key, which must need no escaping and carry its own punctuation
// (`,"title":`), and the string.
func appendMember(dst []byte, key, value string) []byte {
	return appendString(append(dst, key...), value)
}

func appendUintMember(dst []byte, key string, v uint64) []byte {
	return strconv.AppendUint(append(dst, key...), v, 10)
}

// appendShareMember appends a share rounded to four decimals; what is no number becomes 0.
func appendShareMember(dst []byte, key string, v float64) []byte {
	return strconv.AppendFloat(append(dst, key...), RoundShare(v), 'f', -1, 64)
}

// RoundShare returns a share as records carry it: within 0 and 1, four decimals, 0 for NaN.
func RoundShare(v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return math.Round(min(max(v, 0), 1)*1e4) / 1e4
}

// appendMetadata appends the object, or {} when there is none.
func appendMetadata(dst []byte, m jsontext.Value) []byte {
	dst = append(dst, `,"metadata":`...)
	if len(m) == 0 {
		return append(dst, '{', '}')
	}
	return append(dst, m...)
}

// appendValid appends s with invalid UTF-8 replaced by U+FFFD.
func appendValid(dst []byte, s string) []byte {
	return append(dst, strings.ToValidUTF8(s, "\uFFFD")...)
}
