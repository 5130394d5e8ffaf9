package dedupe

import (
	"math"
	"math/bits"
	"slices"
)

const (
	gramWords = 3 // words of a gram: the shingles that verify a match
	keyWords  = 5 // words of a key: the shingles that find candidates

	gramMax   = 4096 // most grams kept of any text; of longer ones every second, fourth ...
	keyWindow = 48   // one key at least is kept of so many in a row ...
	keyMin    = 12   // ... of fewer where the text is short: a key in keyMin-th of it
	keyMax    = 512  // about the most keys kept of any text
	numberMax = 16   // numbers kept of any text

	gramLetters = 3 // least letters in a gram, in a key: "1 of 20" says nothing
	keyLetters  = 8
)

// Sketch is what the index needs to know of a text. The zero value is ready to
// be filled by Sketcher.Sketch and may be reused.
type Sketch struct {
	Exact uint64 // hash of the whole folded text
	Words int    // words of the text

	level   int      // every gram kept has at least this level; 0 = all are kept
	grams   []uint64 // the grams, in text order, repetitions left out
	keys    []uint32 // sampled keys
	keyAt   []uint16 // the gram each ends with, or the one before
	numbers []uint16 // the smallest hashes of the numbers in the text, ascending
}

// Sketcher turns texts into sketches. It is not safe for concurrent use: each
// goroutine has its own. The same text always gives the same sketch.
type Sketcher struct {
	t     tokenizer
	dst   *Sketch
	exact uint64
	keys  winnow
	cut   uint64       // grams below this are kept
	seen  [1024]uint64 // grams met lately, to leave out repetitions
	skip  int          // words of the block that belong to the one before
}

// NewSketcher returns a sketcher for an index with the same parameters.
func NewSketcher(p Params) *Sketcher {
	s := &Sketcher{}
	s.t.seed = mix(p.Seed ^ mul1)
	s.t.flush = s.block
	s.t.numbers = make([]uint64, 0, 256)
	return s
}

// Sketch fills dst from text. It reuses what dst holds and does not allocate
// once dst has grown.
func (s *Sketcher) Sketch(dst *Sketch, text string) {
	s.dst, s.exact, s.skip = dst, s.t.seed, 0
	clear(s.seen[:])
	dst.Words, dst.level = 0, 0
	dst.grams, dst.keys, dst.keyAt, dst.numbers = dst.grams[:0], dst.keys[:0], dst.keyAt[:0], dst.numbers[:0]
	words := len(text)/6 + 1
	for words>>dst.level > 2*gramMax {
		dst.level++
	}
	s.cut = ^uint64(0) >> dst.level
	s.keys.reset(min(max(words/keyMin, 1), keyWindow), uint32(min(1, keyMax*keyWindow/2/float64(words))*(1<<32-1)))
	s.t.run(text)
	if s.keys.n > 0 && s.keys.n < s.keys.window {
		s.key(s.keys.selected())
	}
	dst.Exact = mix(s.exact ^ uint64(dst.Words))
	s.dst = nil
}

// block takes the shingles that end in the tokenizer's current words.
func (s *Sketcher) block(bool) {
	t, dst := &s.t, s.dst
	n, from := t.n, s.skip
	s.skip = min(n, carryWords)
	dst.Words += n - from
	hash, weight := t.hash[:n], t.weight[:n]
	for _, h := range t.numbers {
		s.number(h)
	}
	for i := from; i < min(n, gramWords-1); i++ {
		s.exact = (bits.RotateLeft64(s.exact, 23) ^ hash[i]) * mul1
	}
	s.shingle(hash, weight, max(from, gramWords-1))
	if len(dst.grams) > gramMax {
		s.thin()
	}
}

// shingle adds the grams and keys that end at hash[from:].
func (s *Sketcher) shingle(hash []uint64, weight []uint8, from int) {
	dst, keys := s.dst, &s.keys
	dst.grams = slices.Grow(dst.grams, len(hash))
	grams := dst.grams[:cap(dst.grams)]
	k, cut, exact := len(dst.grams), s.cut, s.exact
	weight = weight[:len(hash)]
	var letters uint8 // of the four words before the current one
	for i := max(0, from-keyWords+1); i < min(from, len(hash)); i++ {
		letters += weight[i]
	}
	for i := from; i < len(hash); i++ {
		a, b, c := hash[i-2], hash[i-1], hash[i]
		exact = (bits.RotateLeft64(exact, 23) ^ c) * mul1
		g := (bits.RotateLeft64(a, 43) ^ bits.RotateLeft64(b, 21) ^ c) * mul1
		g = (g ^ g>>31) * mul2
		if slot := &s.seen[g%uint64(len(s.seen))]; *slot != g && g <= cut && weight[i-2]+weight[i-1]+weight[i] >= gramLetters {
			*slot = g
			grams[k] = g
			k++
		}
		letters += weight[i]
		if i < keyWords-1 {
			continue
		}
		v := uint32((bits.RotateLeft64(hash[i-4], 29) ^ bits.RotateLeft64(hash[i-3], 13) ^ g) * mul1 >> 32)
		if letters < keyLetters {
			v = math.MaxUint32
		}
		letters -= weight[i-4]
		if keys.push(v, k-1) && keys.slide() {
			s.key(keys.selected())
		}
	}
	dst.grams, s.exact = grams[:k], exact
}

// thin drops half of the grams, and again, until no more are left than are kept.
func (s *Sketcher) thin() {
	dst := s.dst
	for len(dst.grams) > gramMax && dst.level < 40 {
		s.halve()
	}
}

func (s *Sketcher) halve() {
	dst := s.dst
	dst.level++
	s.cut >>= 1
	kept, k := dst.grams[:0], 0
	for i, g := range dst.grams {
		for ; k < len(dst.keyAt) && int(dst.keyAt[k]) <= i; k++ {
			dst.keyAt[k] = uint16(len(kept))
		}
		if g <= s.cut {
			kept = append(kept, g)
		}
	}
	dst.grams = kept
	for i, at := range dst.keyAt {
		dst.keyAt[i] = min(at, uint16(max(0, len(kept)-1)))
	}
}

func (s *Sketcher) key(k uint32, at int, ok bool) {
	if d := s.dst; ok {
		d.keys = append(d.keys, k)
		d.keyAt = append(d.keyAt, uint16(max(0, at)))
	}
}

// number keeps the smallest hashes: a bottom-k sketch of the set of numbers.
func (s *Sketcher) number(h uint64) {
	v, list := uint16(mix(h)>>48), s.dst.numbers
	if len(list) == numberMax && v >= list[numberMax-1] {
		return
	}
	at := len(list)
	for at > 0 && list[at-1] >= v {
		if at--; list[at] == v {
			return
		}
	}
	if len(list) < numberMax {
		list = append(list, 0)
	}
	copy(list[at+1:], list[at:])
	list[at] = v
	s.dst.numbers = list
}
