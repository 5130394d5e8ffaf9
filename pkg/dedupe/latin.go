package dedupe

import (
	"encoding/binary"
	"math/bits"
)

// latin fills the chunk with text and returns its size. What nearly all European news
// holds beside ASCII is turned into ASCII, as fold.go does it: Latin letters with accents,
// quotes, dashes, no-break spaces, soft hyphens. All else stays as it is, and so does what
// may be part of UTF-8 that was once read as Windows-1252: characters beyond ASCII beside
// each other.
func (t *tokenizer) latin(text string) (n int) {
	for i := 0; ; {
		var k int
		if vector {
			k = copyVector(t.chunk[n&chunkMask:], text[i:])
		} else {
			k = copyASCII(t.chunk[n&chunkMask:], text[i:])
		}
		if i, n = i+k, n+k; i == len(text) {
			return n
		}
		size, f := latin(text[i:])
		if size > 0 {
			t.chunk[n&chunkMask], t.chunk[(n+1)&chunkMask] = f.to[0], f.to[1]
			i, n = i+size, n+int(f.length)
			continue
		}
		for ; i < len(text) && text[i] >= 0x80; i, n = i+1, n+1 {
			t.chunk[n&chunkMask] = text[i]
		}
	}
}

// copyASCII copies the beginning of text to dst, as far as it is ASCII, and returns how long that
// is. What stands behind that in dst is written over too, as far as text reaches.
func copyASCII(dst []byte, text string) (n int) {
	for ; n+32 <= len(text); n += 32 {
		from, to := text[n:n+32], dst[n:][:32]
		a, b, c, d := load8(from, 0), load8(from, 8), load8(from, 16), load8(from, 24)
		binary.LittleEndian.PutUint64(to, a)
		binary.LittleEndian.PutUint64(to[8:], b)
		binary.LittleEndian.PutUint64(to[16:], c)
		binary.LittleEndian.PutUint64(to[24:], d)
		if (a|b|c|d)&tops != 0 {
			return n + bits.TrailingZeros64(gather(a)|gather(b)<<8|gather(c)<<16|gather(d)<<24)
		}
	}
	for ; n < len(text) && text[n] < 0x80; n++ {
		dst[n] = text[n]
	}
	return n
}

// latin returns the size of the character beyond ASCII at the head of text and what it
// folds to, whatever stands before and after it. The size is 0 if that cannot be said.
func latin(text string) (int, latinLetters) {
	switch {
	case len(text) < 2:
	case text[0]-0xC2 < 4 && text[1]&0xC0 == 0x80: // U+0080 to U+017F
		f := latinFold[(text[0]-0xC2)<<6|text[1]&0x3F]
		if f.length > 2 || text[0] == 0xC3 && len(text) > 2 && text[2] >= 0x80 && text[2] != 0xC3 {
			break
		}
		return 2, f
	case len(text) > 2 && text[0] == 0xE2 && text[1] == 0x80 && text[2]-0x90 < 0x18: // U+2010 to U+2027
		return 3, latinLetters{[2]byte{' '}, 1}
	}
	return 0, latinLetters{}
}

// latinLetters is ASCII that a character folds to.
type latinLetters struct {
	to     [2]byte
	length uint8 // more than 2: it cannot be said
}

// latinFold is what U+0080 to U+017F fold to.
var latinFold = func() (t [256]latinLetters) {
	for i := range t {
		r := rune(0x80 + i)
		f := folded[r]
		switch {
		case invisible(r):
		case f[0] == 0:
			t[i] = latinLetters{[2]byte{' '}, 1}
		case f[2] != 0 || f[0] >= 0x80 || f[1] >= 0x80:
			t[i].length = 3
		case f[1] == 0:
			t[i] = latinLetters{[2]byte{byte(f[0])}, 1}
		default:
			t[i] = latinLetters{[2]byte{byte(f[0]), byte(f[1])}, 2}
		}
	}
	return t
}()

// load8 returns eight bytes of s from i on, the first lowest.
func load8(s string, i int) uint64 {
	s = s[i : i+8]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}
