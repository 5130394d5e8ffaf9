package record

import (
	"math"
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
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !mustEscape[c] {
			continue
		}
		dst = append(dst, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		case '\b':
			dst = append(dst, '\\', 'b')
		case '\f':
			dst = append(dst, '\\', 'f')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
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
