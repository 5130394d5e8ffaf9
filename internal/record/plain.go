package record

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
	"unsafe"
)

// This file looks through the plain parts of JSON strings, which are nearly all of a record: 64
// bytes at a time where the processor can, else eight.

// ones and highs are a byte's lowest and highest bit in each of eight bytes.
const ones, highs = 0x0101010101010101, 0x8080808080808080

// beyondASCII makes copyPlain stop at what is not ASCII.
const beyondASCII = 0x80

// copyPlain copies text to dst, which must have room for all of it, up to the first quote, backslash
// or control character, or byte that has a bit of stop, and returns how much that is. It may write more.
func copyPlain(dst []byte, text string, stop byte) int {
	if vector {
		return copyVector(dst, text, stop)
	}
	return copyEights(dst, text, stop)
}

func copyEights(dst []byte, text string, stop byte) (n int) {
	for stops := ones * uint64(stop); n+8 <= len(text); n += 8 {
		b := text[n : n+8]
		x := uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 | uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
		binary.LittleEndian.PutUint64(dst[n:], x)
		if hit := escapeMask(x) | x&stops; hit != 0 {
			return n + bits.TrailingZeros64(hit)/8
		}
	}
	for ; n < len(text) && !mustEscape[text[n]] && text[n]&stop == 0; n++ {
		dst[n] = text[n]
	}
	return n
}

// escapeMask has the highest bit of a byte set where x holds a quote, a backslash or a control
// character. The lowest such bit is exact; borrows may set others above it.
func escapeMask(x uint64) uint64 {
	quote, slash := x^ones*'"', x^ones*'\\'
	return ((quote-ones)&^quote | (slash-ones)&^slash | (x-ones*' ')&^x) & highs
}

// skipPlain returns the place of the first quote, backslash or control character at or after i.
func skipPlain(data []byte, i int) int {
	if vector {
		return i + skipVector(data[i:])
	}
	return skipEights(data, i)
}

func skipEights(data []byte, i int) int {
	for ; i+8 <= len(data); i += 8 {
		x := binary.LittleEndian.Uint64(data[i:])
		if hit := escapeMask(x); hit != 0 {
			return i + bits.TrailingZeros64(hit)/8
		}
	}
	for i < len(data) && !mustEscape[data[i]] {
		i++
	}
	return i
}

// valid is utf8.ValidString, but that it skips what is ASCII in long strides where the processor
// can, as long as there is little else.
func valid(s string) bool {
	if !vector {
		return utf8.ValidString(s)
	}
	for range 1 + len(s)/32 {
		s = s[asciiVector(s):]
		if s == "" {
			return true
		}
		for s != "" && s[0] >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s)
			if r == utf8.RuneError && n == 1 {
				return false
			}
			s = s[n:]
		}
	}
	return utf8.ValidString(s)
}

// view returns the bytes as a string for reading, as long as they do not change.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
