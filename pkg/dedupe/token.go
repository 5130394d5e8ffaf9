package dedupe

import (
	"encoding/binary"
	"math/bits"
)

// A word has a weight beside its hash: how many letters it has, at most weightMax;
// 0 if it starts with a digit, 3 for a character of a script without spaces.
const weightMax = 16

// bufWords is how many words the tokenizer hands on at a time: enough to make loops
// tight, few enough to stay in the first-level cache.
const bufWords = 1024

// tokenizer cuts text into folded words in three plain loops, so that the processor
// never has to guess how long a word is: bytes to bit masks, 64 at a time; the edges of
// the masks to places in the text; and words of ASCII to hashes, with two
// multiplications each. Words that hold anything else are folded in fold.go.
type tokenizer struct {
	seed   uint64
	n      int
	hash   [bufWords]uint64
	weight [bufWords]uint8
	flush  func(last bool) // called when the arrays are full, and at the end

	numbers []uint64 // hashes of the tokens of the block that start with a digit; as many as it has room for

	begins, ends [pieceBytes]int // of the words in the piece of text at hand
	digits       [pieceBytes]uint16

	spans bool // record where each word stands, for Passages
	start []int
	end   []int
}

// pieceBytes of text are cut into words at a time: what is known of them stays in
// the first-level cache.
const pieceBytes = 1024

// carryWords of a block are repeated at the head of the next one, so that no
// shingle is lost between them.
const carryWords = keyWords - 1

const (
	mul1 = 0x9E3779B97F4A7C15
	mul2 = 0xD6E8FEB86659FD93
)

func mix(h uint64) uint64 {
	h ^= h >> 32
	h *= mul2
	return h ^ h>>29
}

// run tokenizes text and flushes every block.
func (t *tokenizer) run(text string) {
	t.n, t.numbers = 0, t.numbers[:0]
	carry := uint64(0) // 1 while in a word, which then is begins[0]
	for at := 0; at < len(text); at += pieceBytes {
		var n int
		n, carry = t.cut(text, at, carry)
		t.words(text, n)
		t.begins[0] = t.begins[n]
	}
	if carry != 0 {
		t.word(text, t.begins[0], len(text))
	}
	t.flush(true)
}

// cut finds where words begin and end in the piece of text at at, and returns how
// many end there.
func (t *tokenizer) cut(text string, at int, carry uint64) (int, uint64) {
	from, to := int(carry), 0
	for end := min(at+pieceBytes, len(text)); at < end; at += 64 {
		word := wordMask(text, at)
		before := word<<1 | carry
		carry = word >> 63
		from = places(t.begins[:], from, at, word&^before)
		to = places(t.ends[:], to, at, before&^word)
	}
	return to, carry
}

// places writes at plus the number of each bit that is set to dst[n:], and returns n
// and how many. It writes four at a time; what is too much is written over later.
func places(dst []int, n, at int, set uint64) int {
	count := bits.OnesCount64(set)
	for i := n; i < n+count; i += 4 {
		d := (*[4]int)(dst[i:])
		d[0], set = at+bits.TrailingZeros64(set), set&(set-1)
		d[1], set = at+bits.TrailingZeros64(set), set&(set-1)
		d[2], set = at+bits.TrailingZeros64(set), set&(set-1)
		d[3], set = at+bits.TrailingZeros64(set), set&(set-1)
	}
	return n + count
}

// words hashes the first n words of the piece.
func (t *tokenizer) words(text string, n int) {
	for i := 0; i < n; i++ {
		if !t.spans {
			if i = t.plain(text, i, n); t.n == bufWords {
				t.turn()
				i--
				continue
			}
			if i == n {
				return
			}
		}
		t.word(text, t.begins[i], t.ends[i])
	}
}

// plain hashes the words from i on, up to the first that is not plain, while there is
// room, and returns where it stopped. A plain word is ASCII, at most 16 bytes, and not
// at the very end of the text. It calls nothing in its loop, so that it stays in registers.
func (t *tokenizer) plain(text string, i, n int) int {
	seed, k, d := t.seed, t.n, 0
	for ; i < n && k < bufWords; i++ {
		begin := t.begins[i]
		n := t.ends[i] - begin
		if uint(n) > 16 || begin+16 > len(text) {
			break
		}
		m, w := &masks16[n], text[begin:begin+16]
		a, b := (load8(w, 0)|lower)&m[0], (load8(w, 8)|lower)&m[1]
		if (a|b)&tops != 0 {
			break
		}
		t.hash[k], t.weight[k] = hash16(seed, a, b), uint8(n)
		t.digits[d] = uint16(k)
		if byte(a) <= '9' {
			d++
		}
		k++
	}
	t.n = k
	for _, k := range t.digits[:d] {
		t.weight[k] = t.number(t.hash[k], int(t.weight[k]))
	}
	return i
}

// number notes a token that starts with a digit, and returns its weight.
func (t *tokenizer) number(h uint64, length int) uint8 {
	if length > 1 && len(t.numbers) < cap(t.numbers) {
		t.numbers = append(t.numbers, h)
	}
	return 0
}

// word takes a word of any length, wherever it stands.
func (t *tokenizer) word(text string, start, end int) {
	w := text[start:end]
	if !ascii(w) {
		t.fold(text, start, end)
		return
	}
	h := hashLong(t.seed, w)
	weight := uint8(min(len(w), weightMax))
	if w[0] <= '9' {
		weight = t.number(h, len(w))
	}
	t.add(h, weight, start, end)
}

func (t *tokenizer) add(h uint64, weight uint8, start, end int) {
	if t.spans {
		t.start, t.end = append(t.start, start), append(t.end, end)
	}
	t.hash[t.n], t.weight[t.n] = h, weight
	if t.n++; t.n == bufWords {
		t.turn()
	}
}

// turn hands on the full arrays and begins the next block.
func (t *tokenizer) turn() {
	t.flush(false)
	t.n = copy(t.hash[:carryWords], t.hash[bufWords-carryWords:])
	copy(t.weight[:carryWords], t.weight[bufWords-carryWords:])
	t.numbers = t.numbers[:0]
}

const lower = 0x2020202020202020 // folds ASCII case; digits have the bit already

// hash16 adds up to sixteen bytes of a word, folded, with zeros after its end, to a
// hash. The multiplication is that of wyhash.
func hash16(h, v, w uint64) uint64 {
	hi, lo := bits.Mul64(v^h, w^mul1)
	return hi ^ lo
}

// masks16 keeps the first n bytes of sixteen.
var masks16 = func() (m [17][2]uint64) {
	for n := range m {
		m[n][0] = ^uint64(0) >> (64 - 8*min(n, 8))
		m[n][1] = ^uint64(0) >> (128 - 8*max(8, min(n, 16)))
	}
	return m
}()

// hashLong is the same hash for an ASCII word of any length, wherever it stands.
func hashLong(h uint64, w string) uint64 {
	for ; len(w) > 16; w = w[16:] {
		h = hash16(h, load8(w, 0)|lower, load8(w, 8)|lower)
	}
	var b [16]byte
	copy(b[:], w)
	m := &masks16[len(w)]
	return hash16(h, (binary.LittleEndian.Uint64(b[:])|lower)&m[0], (binary.LittleEndian.Uint64(b[8:])|lower)&m[1])
}

func load8(s string, i int) uint64 {
	s = s[i : i+8]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// ascii reports whether s holds nothing beyond ASCII.
func ascii(s string) bool {
	for ; len(s) >= 8; s = s[8:] {
		if load8(s, 0)&tops != 0 {
			return false
		}
	}
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

const (
	ones = 0x0101010101010101
	tops = 0x80 * ones
)

// wordMask returns a bit for each of the 64 bytes at text[at:] that belongs to a
// word: ASCII letters and digits, and everything beyond ASCII.
func wordMask(text string, at int) (word uint64) {
	if at+64 > len(text) {
		var b [64]byte
		copy(b[:], text[at:])
		for i := 0; i < 64; i += 8 {
			word |= wordMask8(binary.LittleEndian.Uint64(b[i:])) << i
		}
		return word
	}
	s := text[at : at+64]
	for i := 0; i < 64; i += 8 {
		word |= wordMask8(load8(s, i)) << i
	}
	return word
}

func wordMask8(v uint64) uint64 {
	const (
		low7  = 0x7F * ones
		pack  = 0x0102040810204080
		aUp   = (0x80 - 'a') * ones
		zUp   = (0x80 - 'z' - 1) * ones
		zero  = (0x80 - '0') * ones
		niner = (0x80 - '9' - 1) * ones
	)
	x := v & low7
	l := x | lower
	m := ((l + aUp) &^ (l + zUp)) | ((x + zero) &^ (x + niner)) | v
	return (m & tops >> 7) * pack >> 56
}
