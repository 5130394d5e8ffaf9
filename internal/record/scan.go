package record

import (
	"bytes"
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
		for end = i; end < len(data) && data[end] != ',' && data[end] != '}' && data[end] != ']' && data[end] > ' '; end++ {
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

// unescape reads the escape sequence, or the pair of them, at the start of data: the character it
// stands for and its length in bytes, 0 if it is not valid.
func unescape(data []byte) (r rune, n int) {
	if len(data) < 2 {
		return 0, 0
	}
	if c := shortEscapes[data[1]]; c != 0 {
		return rune(c), 2
	}
	r, ok := unescapeHex(data)
	if !ok {
		return 0, 0
	}
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	low, _ := unescapeHex(data[6:])
	if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
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

// shortEscapes are the characters behind a backslash that stand for one byte.
var shortEscapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// unquote returns what a valid JSON string stands for.
func unquote(val jsontext.Value) string {
	val = val[1 : len(val)-1]
	i := bytes.IndexByte(val, '\\')
	if i < 0 {
		return string(val)
	}
	out := make([]byte, len(val)) // an escape is longer than what it stands for
	n := copy(out, val[:i])
	for i < len(val) {
		if c := shortEscapes[val[i+1]]; c != 0 {
			out[n] = c
			i, n = i+2, n+1
		} else {
			r, size := unescape(val[i:])
			if size == 0 {
				panic("record: string was not checked")
			}
			i, n = i+size, n+utf8.EncodeRune(out[n:], r)
		}
		k := copyPlain(out[n:], view(val[i:]), 0)
		i, n = i+k, n+k
	}
	return view(out[:n]) // out is not used again
}
