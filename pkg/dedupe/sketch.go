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
	maxLevel  = 40   // how often the grams of a text are halved at most

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
	cut   uint64           // grams up to this are kept
	gram  [bufWords]uint64 // of the block: the gram that ends with each word
	place [bufWords]uint16 // and how many grams have been kept up to there
	seen  [1 << 10]uint64  // grams met lately, to leave out repetitions
	skip  int              // words of the block that belong to the one before
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
	if h, at, ok := s.keys.rest(); ok {
		s.key(h, at)
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
	for _, h := range t.numbers {
		s.number(h)
	}
	hash, weight := t.hash[:n], t.weight[:n]
	s.exact = hashGrams(&s.gram, hash, from, s.exact)
	dst.grams = s.keepGrams(slices.Grow(dst.grams, bufWords), weight, from)
	s.hashKeys(hash, weight, max(from, keyWords-1))
	for {
		h, at, ok := s.keys.next()
		if !ok {
			break
		}
		s.key(h, at)
	}
	for len(dst.grams) > gramMax && dst.level < maxLevel {
		s.halve()
	}
}

// hashGrams fills in the grams that end with words[from:], and rolls the hash of the
// whole text on.
func hashGrams(gram *[bufWords]uint64, words []uint64, from int, exact uint64) uint64 {
	var a, b uint64
	if from >= gramWords-1 {
		a, b = words[from-2], words[from-1]
	}
	out := gram[from:len(words)]
	for i, c := range words[from:] {
		exact = (bits.RotateLeft64(exact, 23) ^ c) * mul1
		g := (bits.RotateLeft64(a, 43) ^ bits.RotateLeft64(b, 21) ^ c) * mul1
		out[i] = (g ^ g>>31) * mul2
		a, b = b, c
	}
	return exact
}

// keepGrams appends the grams that are kept.
func (s *Sketcher) keepGrams(dst []uint64, weight []uint8, from int) []uint64 {
	from = max(from, gramWords-1)
	if from >= len(weight) {
		return dst
	}
	k, cut := len(dst), s.cut
	dst = dst[:cap(dst)]
	gram, place, seen := s.gram[from:len(weight)], s.place[from:len(weight)], &s.seen
	a, b := weight[from-2], weight[from-1]
	for i, c := range weight[from:] {
		g := gram[i]
		slot := &seen[g%uint64(len(seen))]
		if *slot != g && g <= cut && a+b+c >= gramLetters {
			*slot = g
			dst[k] = g
			k++
		}
		a, b = b, c
		place[i] = uint16(k)
	}
	return dst[:k]
}

// hashKeys hands on the hashes of the keys that end with words[from:].
func (s *Sketcher) hashKeys(words []uint64, weight []uint8, from int) {
	if from >= len(words) {
		return
	}
	w := &s.keys
	w.room()
	k, limit, number := w.to, w.limit, w.n
	n := len(words) - from
	first, second, gram, place := words[from-4:][:n], words[from-3:][:n], s.gram[from:][:n], s.place[from:][:n]
	enter, leave := weight[from:][:n], weight[from-4:][:n]
	letters := weight[from-4] + weight[from-3] + weight[from-2] + weight[from-1]
	for i, g := range gram {
		v := uint32((bits.RotateLeft64(first[i], 29) ^ bits.RotateLeft64(second[i], 13) ^ g) * mul1 >> 32)
		if letters += enter[i]; letters < keyLetters {
			v = math.MaxUint32 // says nothing
		}
		letters -= leave[i]
		w.hash[k] = uint64(v)<<32 | uint64(^(number + uint32(i)))
		w.place[k] = place[i]
		if v <= limit {
			k++
		}
	}
	w.to, w.n = k, number+uint32(n)
}

// halve drops half of the grams.
func (s *Sketcher) halve() {
	dst, w := s.dst, &s.keys
	dst.level++
	s.cut >>= 1
	kept := dst.grams[:0]
	at, pending := dst.keyAt, w.place[w.from:w.to]
	for i, g := range dst.grams {
		at, pending = renumber(at, i, len(kept)), renumber(pending, i, len(kept))
		if g <= s.cut {
			kept = append(kept, g)
		}
	}
	renumber(at, math.MaxUint16, max(0, len(kept)-1))
	renumber(pending, math.MaxUint16, len(kept))
	dst.grams = kept
}

// renumber gives the places up to from, at the head of an ascending list, the number
// to, and returns the others.
func renumber(list []uint16, from, to int) []uint16 {
	for len(list) > 0 && int(list[0]) <= from {
		list[0] = uint16(to)
		list = list[1:]
	}
	return list
}

func (s *Sketcher) key(hash uint32, at uint16) {
	if k, ok := s.keys.key(hash); ok {
		s.dst.keys, s.dst.keyAt = append(s.dst.keys, k), append(s.dst.keyAt, max(1, at)-1)
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
