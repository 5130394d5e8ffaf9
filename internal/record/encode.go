package record

import (
	"encoding/binary"
	"math"
	"math/bits"
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
// UTF-8 becomes U+FFFD. It copies eight bytes at a time and looks for the next character to escape
// in the same step.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	i, ascii := 0, true // nothing but ASCII so far
	for i+8 <= len(s) {
		n := len(dst)
		if cap(dst)-n < 8 {
			dst = slices.Grow(dst, len(s)-i+len(s)/16+8)
		}
		b := s[i : i+8]
		x := uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 | uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
		if ascii && x&highs != 0 {
			if s, ascii = toValid(s, i), false; i+8 > len(s) {
				break
			}
			continue
		}
		dst = dst[:n+8]
		binary.LittleEndian.PutUint64(dst[n:], x)
		hit := escapeMask(x)
		if hit == 0 {
			i += 8
			continue
		}
		k := bits.TrailingZeros64(hit) / 8
		dst = appendEscaped(dst[:n+k], s[i+k])
		i += k + 1
	}
	if ascii {
		s = toValid(s, i)
	}
	for ; i < len(s); i++ {
		if mustEscape[s[i]] {
			dst = appendEscaped(dst, s[i])
		} else {
			dst = append(dst, s[i])
		}
	}
	return append(dst, '"')
}

// toValid returns s with invalid UTF-8 at or after i, where a character begins, replaced by U+FFFD.
func toValid(s string, i int) string {
	if utf8.ValidString(s[i:]) {
		return s
	}
	return s[:i] + strings.ToValidUTF8(s[i:], "\uFFFD")
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
