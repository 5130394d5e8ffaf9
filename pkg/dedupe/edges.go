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
	clear(t.chunk[size:][:chunkZeros])
	if vector {
		return edgesVector(t.edges[:], t.chunk[:size]) / 4
	}
	return findEdges(&t.edges, &t.chunk, size) / 4
}

// findEdges writes where words begin and end in the first size bytes of text, which must have
// zeros after them, and returns how many bytes of edges that takes. It writes up to 128 more.
func findEdges(edges *[edgeBytes]byte, text *[chunkArea]byte, size int) int {
	before, base, n := uint64(0), uint64(0), uint64(0) // before is 0x80 while in a word
	for at := 0; at <= size; at += 8 {
		word := wordTops(binary.LittleEndian.Uint64(text[at&chunkMask:]))
		e := &edgeTable[(word^(word<<8|before))*gatherTops>>56]
		before = word >> 56
		to := (*[16]byte)(edges[n&edgeMask:])
		binary.LittleEndian.PutUint64(to[:8], e.place[0]+base)
		binary.LittleEndian.PutUint64(to[8:], e.place[1]+base) // mostly too much, but never a wrong guess
		n += e.bytes
		base += swar.eights
	}
	return int(n)
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

// wordTops sets the top bit of each of eight bytes that belongs to a word, ASCII letters and
// digits and everything beyond ASCII, and no other bit.
func wordTops(v uint64) uint64 {
	x := v & swar.low
	l := x | swar.lower
	return ((l + swar.a) ^ (l + swar.afterZ) ^ (x + swar.zero) ^ (x + swar.afterNine) | v) & swar.tops
}

// swar are constants for eight bytes at once. They are variables because the compiler would
// load each constant anew, every time, in an instruction of its own.
var swar = struct{ low, lower, a, afterZ, zero, afterNine, tops, eights uint64 }{
	low:       0x7F * ones,
	lower:     lower,
	a:         (0x80 - 'a') * ones, // the top bit of x + 0x80 - c is set if x is c or more
	afterZ:    (0x80 - 'z' - 1) * ones,
	zero:      (0x80 - '0') * ones,
	afterNine: (0x80 - '9' - 1) * ones,
	tops:      tops,
	eights:    8 * ones16,
}

// gather returns the top bits of eight bytes.
func gather(v uint64) uint64 { return v & tops * gatherTops >> 56 }

// gatherTops multiplies what has top bits only so that the highest byte has them all.
const gatherTops = 0x0002040810204081

// wordByte is wordTops for one byte.
func wordByte(c byte) bool {
	return c|0x20-'a' < 26 || c-'0' < 10 || c >= 0x80
}
