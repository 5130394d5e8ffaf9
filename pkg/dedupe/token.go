package dedupe

import (
	"encoding/binary"
	"math/bits"
)

// A word has a weight beside its hash: how many letters it has, at most weightMask;
// 0 if it starts with a digit, 3 for a character of a script without spaces.
const weightMask = 15

// bufWords is how many words the tokenizer hands on at a time: enough to make loops
// tight, few enough to stay in the first-level cache.
const bufWords = 1024

// tokenizer cuts text into folded words. ASCII words are found 64 bytes at a
// time with edge masks and hashed with two multiplications; a run of bytes that
// holds anything else takes the slow path in fold.go.
type tokenizer struct {
	seed   uint64
	n      int
	hash   [bufWords]uint64
	weight [bufWords]uint8
	flush  func(last bool) // called when the arrays are full, and at the end

	numbers []uint64 // hashes of the tokens of the block that start with a digit; as many as it has room for

	spans bool // record where each word stands, for Passages
	start []int
	end   []int
}

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
	var inWord, dirty bool // a word that began in an earlier block, and whether it has a byte >= 0x80
	begin := 0
	carry := uint64(0)
	for at := 0; at < len(text); at += 64 {
		word, high := masks(text, at)
		edges := word ^ (word<<1 | carry)
		carry = word >> 63
		for edges != 0 {
			if !inWord {
				begin = at + bits.TrailingZeros64(edges)
				inWord, dirty = true, false
				if edges &= edges - 1; edges == 0 {
					break
				}
			}
			i := bits.TrailingZeros64(edges)
			edges &= edges - 1
			inWord = false
			if high != 0 || dirty {
				dirty = dirty || high&(1<<i-1)&since(begin-at) != 0
			}
			if n := at + i - begin; n <= 16 && !dirty && begin+16 <= len(text) && !t.spans {
				// the common case of word, in line
				m := &masks16[n&31]
				h := hash16(t.seed, (load8(text, begin)|lower)&m[0], (load8(text, begin+8)|lower)&m[1], n)
				w := uint8(min(n, weightMask))
				if text[begin] <= '9' {
					w = t.number(h, n)
				}
				t.hash[t.n&(bufWords-1)], t.weight[t.n&(bufWords-1)] = h, w
				if t.n++; t.n == bufWords {
					t.turn()
				}
				continue
			}
			t.word(text, begin, at+i, dirty)
		}
		if inWord && high != 0 {
			dirty = dirty || high&since(begin-at) != 0
		}
	}
	if inWord {
		t.word(text, begin, len(text), dirty)
	}
	t.flush(true)
}

// since returns a mask of the bits from i on.
func since(i int) uint64 {
	if i <= 0 {
		return ^uint64(0)
	}
	return ^uint64(0) << i
}

// number notes a token that starts with a digit, and returns its weight.
func (t *tokenizer) number(h uint64, length int) uint8 {
	if length > 1 && len(t.numbers) < cap(t.numbers) {
		t.numbers = append(t.numbers, h)
	}
	return 0
}

func (t *tokenizer) word(text string, start, end int, dirty bool) {
	if dirty {
		t.fold(text, start, end)
		return
	}
	w := text[start:end]
	h := hashLong(t.seed, w)
	weight := uint8(min(len(w), weightMask))
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

// hash16 adds up to sixteen bytes of a word, folded and masked, to a hash; n is the
// length of the word up to there. The multiplication is that of wyhash.
func hash16(h, v, w uint64, n int) uint64 {
	hi, lo := bits.Mul64(v^h, w^mul1)
	return hi ^ lo ^ uint64(n)*mul2
}

// masks16 keeps the first n bytes of sixteen.
var masks16 = func() (m [32][2]uint64) {
	for n := range m {
		m[n][0] = ^uint64(0) >> (64 - 8*min(n, 8))
		m[n][1] = ^uint64(0) >> (128 - 8*max(8, min(n, 16)))
	}
	return m
}()

// hashLong is the same hash for an ASCII word of any length, wherever it stands.
func hashLong(h uint64, w string) uint64 {
	var b [16]byte
	n := 16
	for ; n < len(w); n += 16 {
		h = hash16(h, load8(w, n-16)|lower, load8(w, n-8)|lower, n)
	}
	copy(b[:], w[n-16:])
	m := &masks16[len(w)-n+16]
	return hash16(h, (binary.LittleEndian.Uint64(b[:])|lower)&m[0], (binary.LittleEndian.Uint64(b[8:])|lower)&m[1], len(w))
}

func load8(s string, i int) uint64 {
	s = s[i : i+8]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// masks returns a bit for each of the 64 bytes at text[at:]: which belong to
// words (ASCII letters and digits, and everything beyond ASCII), and which are
// beyond ASCII.
func masks(text string, at int) (word, high uint64) {
	if at+64 > len(text) {
		var b [64]byte
		n := copy(b[:], text[at:])
		for i := 0; i < n; i += 8 {
			w, h := mask8(binary.LittleEndian.Uint64(b[i:]))
			word |= w << i
			high |= h << i
		}
		return word, high
	}
	for i := 0; i < 64; i += 8 {
		w, h := mask8(load8(text, at+i))
		word |= w << i
		high |= h << i
	}
	return word, high
}

func mask8(v uint64) (word, high uint64) {
	const (
		ones  = 0x0101010101010101
		tops  = 0x80 * ones
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
	return (m & tops >> 7) * pack >> 56, (v & tops >> 7) * pack >> 56
}
