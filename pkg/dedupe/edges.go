package dedupe

import "encoding/binary"

// chunkLength returns how much of text to take at a time: all of it, or up to a
// byte that separates words.
func chunkLength(text string) int {
	if len(text) <= chunkBytes {
		return len(text)
	}
	for n := chunkBytes; n > 0; n-- {
		if !wordByte(text[n-1]) {
			return n
		}
	}
	n := chunkBytes
	for n < len(text) && wordByte(text[n]) {
		n++
	}
	return n
}

// cut fills in the edges of the words in the first size bytes of the chunk, and returns
// how many words there are.
func (t *tokenizer) cut(size int) int {
	clear(t.chunk[size:][:chunkSlack])
	carry, base, n := uint64(0), uint64(0), uint64(0) // carry is 1 while in a word
	for at := 0; at <= size; at += 8 {
		word := wordMask8(binary.LittleEndian.Uint64(t.chunk[at&chunkMask:]))
		e := &edgeTable[byte(word^(word<<1|carry))]
		carry = word >> 7
		binary.LittleEndian.PutUint64(t.edges[n&edgeMask:], e.place[0]+base)
		binary.LittleEndian.PutUint64(t.edges[n&edgeMask+8:], e.place[1]+base) // mostly too much, but never a wrong guess
		n += e.bytes
		base += 8 * ones16
	}
	return int(n / 4)
}

// edgeTable holds the bits that are set in each byte.
var edgeTable = func() (t [256]edges) {
	for i := range t {
		n := 0
		for b := range 8 {
			if i>>b&1 != 0 {
				t[i].place[n/4] |= uint64(b) << (n % 4 * 16)
				n++
			}
		}
		t[i].bytes = uint64(2 * n)
	}
	return t
}()

// edges are the places of up to eight bits, 16 bits each, and how many bytes those take.
type edges struct {
	place [2]uint64
	bytes uint64
}

const (
	ones   = 0x0101010101010101
	ones16 = 0x0001000100010001
	tops   = 0x80 * ones
)

// wordMask8 returns a bit for each of eight bytes that belongs to a word: ASCII letters
// and digits, and everything beyond ASCII.
func wordMask8(v uint64) uint64 {
	x := v & (0x7F * ones)
	l := x | lower
	// the top bit of x + 0x80 - c is set if x is c or more
	return gather((l + (0x80-'a')*ones) ^ (l + (0x80-'z'-1)*ones) ^ (x + (0x80-'0')*ones) ^ (x + (0x80-'9'-1)*ones) | v)
}

// gather returns the top bits of eight bytes.
func gather(v uint64) uint64 { return v & tops * 0x0002040810204081 >> 56 }

// wordByte is wordMask8 for one byte.
func wordByte(c byte) bool {
	return c|0x20-'a' < 26 || c-'0' < 10 || c >= 0x80
}
