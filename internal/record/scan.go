package record

import (
	"encoding/binary"
	"math/bits"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// This file is the fast way through a record: almost all of its bytes are a few long strings, and
// a decoder that looks at each byte twice costs four times as much. What the scanner is not sure
// about it leaves to the decoder, which also words the errors, so that both agree by construction.

// maxScan is the number of members up to which the scanner looks for duplicates by comparing.
const maxScan = 48

// scanMembers appends the members of a JSON object in valid UTF-8 to out. It reports false for
// whatever is not plainly right.
func scanMembers(out []span, data []byte) ([]span, bool) {
	i := skipSpace(data, 0)
	if i == len(data) || data[i] != '{' {
		return nil, false
	}
	i = skipSpace(data, i+1)
	if i < len(data) && data[i] == '}' {
		return out, skipSpace(data, i+1) == len(data)
	}
	for {
		keyEnd, escaped, ok := scanString(data, i)
		if !ok || escaped || len(out) == maxScan {
			return nil, false
		}
		key := data[i+1 : keyEnd-1]
		for _, s := range out {
			if string(s.key) == string(key) {
				return nil, false
			}
		}
		i = skipSpace(data, keyEnd)
		if i == len(data) || data[i] != ':' {
			return nil, false
		}
		i = skipSpace(data, i+1)
		end, ok := scanValue(data, i)
		if !ok {
			return nil, false
		}
		out = append(out, span{key, data[i:end]})
		i = skipSpace(data, end)
		if i == len(data) {
			return nil, false
		}
		if data[i] == '}' {
			return out, skipSpace(data, i+1) == len(data)
		}
		if data[i] != ',' {
			return nil, false
		}
		i = skipSpace(data, i+1)
	}
}

func skipSpace(data []byte, i int) int {
	for i < len(data) && (data[i] == ' ' || data[i] == '\t' || data[i] == '\n' || data[i] == '\r') {
		i++
	}
	return i
}

// scanValue returns the end of the valid value that begins at i.
func scanValue(data []byte, i int) (end int, ok bool) {
	if i == len(data) {
		return 0, false
	}
	switch data[i] {
	case '"':
		end, _, ok = scanString(data, i)
		return end, ok
	case '{', '[':
		end, ok = scanNested(data, i)
	default:
		for end = i; end < len(data) && data[end] != ',' && data[end] != '}' && data[end] > ' '; end++ {
		}
		ok = true
	}
	return end, ok && jsontext.Value(data[i:end]).IsValid()
}

// scanNested returns where the object or list that begins at i closes; it checks no more.
func scanNested(data []byte, i int) (end int, ok bool) {
	for level := 0; i < len(data); i++ {
		switch data[i] {
		case '"':
			end, _, ok := scanString(data, i)
			if !ok {
				return 0, false
			}
			i = end - 1
		case '{', '[':
			level++
		case '}', ']':
			if level--; level == 0 {
				return i + 1, true
			}
		}
	}
	return 0, false
}

// scanString returns the end of the valid string that begins at i, and whether it has escapes.
func scanString(data []byte, i int) (end int, escaped, ok bool) {
	if i == len(data) || data[i] != '"' {
		return 0, false, false
	}
	for i++; ; {
		i = skipPlain(data, i)
		if i == len(data) || data[i] < ' ' {
			return 0, false, false
		}
		if data[i] == '"' {
			return i + 1, escaped, true
		}
		_, n := unescape(data[i:])
		if n == 0 {
			return 0, false, false
		}
		escaped, i = true, i+n
	}
}

// skipPlain returns the place of the first quote, backslash or control character at or after i,
// eight bytes at a time.
func skipPlain(data []byte, i int) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	for ; i+8 <= len(data); i += 8 {
		x := binary.LittleEndian.Uint64(data[i:])
		quote, slash := x^(ones*'"'), x^(ones*'\\')
		if hit := ((quote-ones)&^quote | (slash-ones)&^slash | (x-ones*' ')&^x) & highs; hit != 0 {
			return i + bits.TrailingZeros64(hit)/8 // the lowest is exact, borrows go upwards
		}
	}
	for i < len(data) && !mustEscape[data[i]] {
		i++
	}
	return i
}

// unescape reads the escape sequence, or the pair of them, at the start of data: the character it
// stands for and its length in bytes, 0 if it is not valid.
func unescape(data []byte) (r rune, n int) {
	if len(data) < 2 {
		return 0, 0
	}
	switch c := data[1]; c {
	case '"', '\\', '/':
		return rune(c), 2
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	}
	r, ok := unescapeHex(data)
	if !ok {
		return 0, 0
	}
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	low, ok := unescapeHex(data[6:])
	if r = utf16.DecodeRune(r, low); !ok || r == utf8.RuneError {
		return 0, 0
	}
	return r, 12
}

func unescapeHex(data []byte) (r rune, ok bool) {
	if len(data) < 6 || data[0] != '\\' || data[1] != 'u' {
		return 0, false
	}
	for _, c := range data[2:6] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// unquote returns what a valid JSON string stands for. Between the quotes of a valid string
// skipPlain stops at backslashes only.
func unquote(val jsontext.Value) string {
	val = val[1 : len(val)-1]
	i := skipPlain(val, 0)
	if i == len(val) {
		return string(val)
	}
	var out strings.Builder
	out.Grow(len(val))
	start := 0
	for i < len(val) {
		out.Write(val[start:i])
		r, n := unescape(val[i:])
		if n == 0 {
			panic("record: string was not checked")
		}
		out.WriteRune(r)
		start = i + n
		i = skipPlain(val, start)
	}
	out.Write(val[start:])
	return out.String()
}
