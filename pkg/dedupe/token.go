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

// tokenizer cuts text into folded words, a chunk at a time, in plain loops, so that the
// processor never has to guess how long a word is: latin.go turns what European texts
// hold beside ASCII into ASCII; edges.go finds where words begin and end; plain hashes them
// with two multiplications each. Words that still hold anything else are folded in fold.go.
type tokenizer struct {
	seed   uint64
	n      int
	hash   [bufWords + 2]uint64 // two more than are used, as in other arrays, so that no place has to be checked
	weight [bufWords + 8]uint8  // eight may be loaded at a time
	flush  func(last bool)      // called when the arrays are full, and at the end

	numbers []uint64 // hashes of the tokens of the block that start with a digit; as many as it has room for

	chunk [chunkArea]byte // the text at hand, and zeros
	edges [edgeBytes]byte // where its words begin and end, 2 bytes each

	spans bool // record where each word stands, for Passages
	base  int  // where the chunk begins
	start []int
	end   []int
}

// chunkBytes of text at most are cut into words at a time: they stay in the first-level
// cache. Places in a chunk are masked rather than checked.
const (
	chunkSize  = 1 << 14
	chunkMask  = chunkSize - 1
	edgeMask   = 2*chunkSize - 1
	chunkSlack = 32 // room for a word that is loaded as 16 bytes
	chunkZeros = 64 // after the text, which end its last word
	chunkBytes = chunkSize - chunkSlack
	chunkArea  = chunkBytes + chunkZeros
	edgeBytes  = 2*chunkSize + 16
)

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
	for t.base = 0; t.base < len(text); {
		rest := text[t.base:]
		n := chunkLength(rest)
		switch {
		case n > chunkBytes: // one word, or many of a script without spaces
			t.word([]byte(rest[:n]), 0, n)
		case t.spans:
			t.words(t.cut(copy(t.chunk[:], rest[:n])))
		default:
			t.words(t.cut(t.latin(rest[:n])))
		}
		t.base += n
	}
	t.flush(true)
}

// words hashes the first n words of the chunk.
func (t *tokenizer) words(n int) {
	for i := 0; i < n; {
		if !t.spans {
			if i = t.plain(i, n); t.n == bufWords {
				t.turn()
				continue
			}
			if i == n {
				return
			}
		}
		if begin, end := t.edge(i); t.spans || !t.special(begin, end) {
			t.word(t.chunk[:], begin, end)
		}
		i++
	}
}

// special takes a word of the chunk that is a number or long, if it is ASCII.
func (t *tokenizer) special(begin, end int) bool {
	h, all, at := t.seed, uint64(0), uint(begin)
	rest := uint(end - begin)
	for ; rest > 16; at, rest = at+16, rest-16 {
		a, b := t.load(at)
		h, all = hash16(h, a, b), all|a|b
	}
	a, b := t.load(at)
	a, b = a&masks16[rest][0], b&masks16[rest][1]
	if (all|a|b)&tops != 0 {
		return false
	}
	h = hash16(h, a, b)
	weight := uint8(min(end-begin, weightMax))
	if t.chunk[begin] <= '9' {
		weight = t.number(h, end-begin)
	}
	t.add(h, weight, begin, end)
	return true
}

// load returns sixteen bytes of the chunk, folded if they are letters.
func (t *tokenizer) load(at uint) (a, b uint64) {
	at &= chunkMask
	return binary.LittleEndian.Uint64(t.chunk[at:]) | swar.lower, binary.LittleEndian.Uint64(t.chunk[at+8:]) | swar.lower
}

// edge returns where word i of the chunk stands.
func (t *tokenizer) edge(i int) (begin, end int) {
	e := binary.LittleEndian.Uint32(t.edges[4*i&edgeMask:])
	return int(e & chunkMask), int(e >> 16)
}

// plain hashes the words from i to n, up to the first that is a number, long or not ASCII,
// while there is room, and returns where it stopped. It calls nothing in its loop, so that
// it stays in registers.
func (t *tokenizer) plain(i, n int) int {
	k := uint(t.n)
	end := min(bufWords, k+uint(n-i))
	at, seed := 4*uint(i), t.seed
	for ; k < end; k++ {
		e := uint(binary.LittleEndian.Uint32(t.edges[at&edgeMask:]))
		begin := e & chunkMask
		size := e>>16 - begin
		if size > 16 {
			break
		}
		m := &masks16[size]
		a, b := t.load(begin)
		a, b = a&m[0], b&m[1]
		if (a|b)&swar.tops != 0 || a&letter == 0 {
			break
		}
		t.hash[k%bufWords], t.weight[k%bufWords] = hash16(seed, a, b), uint8(size)
		at += 4
	}
	t.n = int(k)
	return int(at / 4)
}

// number notes a token that starts with a digit, and returns its weight.
func (t *tokenizer) number(h uint64, length int) uint8 {
	if length > 1 && len(t.numbers) < cap(t.numbers) {
		t.numbers = append(t.numbers, h)
	}
	return 0
}

// word takes a word of any length, wherever it stands.
func (t *tokenizer) word(text []byte, start, end int) {
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
		t.start, t.end = append(t.start, t.base+start), append(t.end, t.base+end)
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

const (
	lower  = 0x2020202020202020 // folds ASCII case; digits have the bit already
	letter = 0x40               // an ASCII letter has the bit, a digit does not
)

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
		m[n][1] = ^uint64(0) >> (128 - 8*max(8, n))
	}
	return m
}()

// hashLong is the same hash for an ASCII word of any length, wherever it stands.
func hashLong(h uint64, w []byte) uint64 {
	for ; len(w) > 16; w = w[16:] {
		h = hash16(h, binary.LittleEndian.Uint64(w)|lower, binary.LittleEndian.Uint64(w[8:])|lower)
	}
	var b [16]byte
	copy(b[:], w)
	m := &masks16[len(w)]
	return hash16(h, (binary.LittleEndian.Uint64(b[:])|lower)&m[0], (binary.LittleEndian.Uint64(b[8:])|lower)&m[1])
}

// ascii reports whether s holds nothing beyond ASCII.
func ascii(s []byte) bool {
	for ; len(s) >= 8; s = s[8:] {
		if binary.LittleEndian.Uint64(s)&tops != 0 {
			return false
		}
	}
	for _, c := range s {
		if c >= 0x80 {
			return false
		}
	}
	return true
}
