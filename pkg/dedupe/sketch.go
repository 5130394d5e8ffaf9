package dedupe

import (
	"encoding/binary"
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
	cut   uint64               // grams up to this are kept
	gram  [bufWords + 4]uint64 // of the block: the gram that ends with each word
	place [bufWords + 4]uint16 // and how many grams of the block are kept up to there
	pick  [bufWords]uint16     // the words whose gram a key may end with
	seen  [1 << 12]uint32      // 16 bits of the grams met lately, to leave out repetitions
	skip  int                  // words of the block that belong to the one before
}

// NewSketcher returns a sketcher for an index with the same parameters.
func NewSketcher(p Params) *Sketcher {
	s := &Sketcher{}
	s.t.seed = mix(uint64(p.Seed) ^ mul1)
	s.t.flush = s.block
	s.t.numbers = make([]uint64, 0, 256)
	return s
}

// Sketch fills dst from text. It reuses what dst holds and does not allocate
// once dst has grown.
func (s *Sketcher) Sketch(dst *Sketch, text string) {
	fetch(text[:min(len(text), chunkBytes)]) // while what the last text left is cleared
	s.start(dst, text)
	s.t.run(text)
	if i, ok := s.keys.rest(); ok {
		s.key(i)
	}
	dst.Exact = mix(s.exact ^ uint64(dst.Words))
	s.dst = nil
}

// start begins a new text.
func (s *Sketcher) start(dst *Sketch, text string) {
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
	before := len(dst.grams)
	dst.grams = slices.Grow(dst.grams, bufWords)
	kept, picked := s.hashGrams((*[bufWords]uint64)(dst.grams[before:cap(dst.grams)]), from)
	dst.grams = dst.grams[:before+kept]
	s.hashKeys(picked, from, before)
	copy(s.gram[:carryWords], s.gram[n-s.skip:n])
	for {
		i, ok := s.keys.next()
		if !ok {
			break
		}
		s.key(i)
	}
	for len(dst.grams) > gramMax && dst.level < maxLevel {
		s.halve()
	}
}

// hashGrams hashes the grams that end with words[from:], puts those that are to be kept into
// grams, and rolls the hash of the whole text on. It returns how many are kept and how many
// words it picked for keys to end with. What is not in its variables it takes from s, so that
// the loop stays in registers.
func (s *Sketcher) hashGrams(grams *[bufWords]uint64, from int) (kept, picked int) {
	exact, k, p := s.exact, uint(0), uint64(0)
	for i, c := range s.t.hash[from:max(from, min(s.t.n, gramWords-1))] { // a gram that is not whole is not kept
		g := c
		if i > 0 {
			g ^= bits.RotateLeft64(s.t.hash[0], 17)
		}
		s.gram[i] = g
		exact = (exact + g) * mul1
	}
	i := uint(max(from, gramWords-1))
	if vector {
		a := gramLoop{
			hash: &s.t.hash[i-2], weight: &s.t.weight[i-2], gram: &s.gram[i], place: &s.place[i],
			pick: &s.pick[0], grams: &grams[0], seen: &s.seen, limit: s.keys.limit, cut: s.cut, exact: exact, word: i,
			groups: max(0, s.t.n-int(i)) / 8,
		}
		gramsVector(&a)
		exact, k, p, i = a.exact, a.kept, a.picked, i+8*uint(a.groups)
	}
	for ; i < uint(s.t.n); i++ {
		j := (i - 2) % bufWords
		g := bits.RotateLeft64(s.t.hash[j], 39) ^ bits.RotateLeft64(s.t.hash[j+1], 17) ^ s.t.hash[j+2]
		s.gram[j+2] = g
		exact = (exact + g) * mul1
		s.pick[p%bufWords] = uint16(i)
		_, beyond := bits.Sub64(s.keys.limit, g, 0)
		p, _ = bits.Sub64(p, math.MaxUint64, beyond) // one more, if it is not
		slot := &s.seen[g%uint64(len(s.seen))]
		if enough(binary.LittleEndian.Uint32(s.t.weight[j:])) && *slot != uint32(uint16(g>>12)) && g <= s.cut {
			*slot = uint32(uint16(g >> 12))
			grams[k%bufWords] = g
			k++
		}
		s.place[j+2] = uint16(k)
	}
	s.exact = exact
	return int(k), int(p)
}

// gramLoop is what the loop of hashGrams works on, eight words at a time.
type gramLoop struct {
	hash   *uint64          // of the words, from the first gram's first
	weight *uint8           // theirs
	gram   *uint64          // where the grams go
	place  *uint16          // where the number of those kept up to each goes
	pick   *uint16          // where the words picked go
	grams  *uint64          // where the grams kept go
	seen   *[1 << 12]uint32 // see Sketcher
	limit  uint64           // grams up to this are picked
	cut    uint64           // grams up to this are kept
	exact  uint64           // hash of the text so far
	word   uint             // the first gram's last word
	groups int              // eights of grams
	kept   uint             // how many were, after the loop
	picked uint64           // and these
}

// enough reports whether the weights of three words, in the three low bytes, add up to gramLetters.
func enough(w uint32) bool { return w*0x010101>>16&0xFF >= gramLetters }

// hashKeys hands on the keys that end with the words picked, if they have enough letters.
func (s *Sketcher) hashKeys(picked, from, grams int) {
	w := &s.keys
	w.room()
	first, to := uint(max(from, keyWords-1)), uint(w.to) // the word that ends the first key; to stays within: there is room for a block
	for _, p := range s.pick[:picked] {
		if uint(p) < first || to >= uint(len(w.hash)) {
			continue
		}
		j := (uint(p) + 1 - keyWords) % bufWords // its first word
		five := binary.LittleEndian.Uint64(s.t.weight[j:]) & (1<<(8*keyWords) - 1)
		if five*ones>>56 < keyLetters { // their sum
			continue
		}
		g := s.gram[j+keyWords-1]
		key := (bits.RotateLeft64(s.gram[j+keyWords-gramWords], 32) ^ g) * mul1
		w.hash[to] = g&^math.MaxUint32 | uint64(^uint32(to+1))
		w.number[to] = w.n + uint32(uint(p)-first)
		w.key[to], w.gram[to] = uint32(key>>32), uint16(grams)+s.place[j+keyWords-1]
		to++
	}
	w.to = int(to)
	w.n += uint32(max(0, s.t.n-int(first)))
}

// halve drops half of the grams.
func (s *Sketcher) halve() {
	dst, w := s.dst, &s.keys
	dst.level++
	s.cut >>= 1
	kept := dst.grams[:0]
	at, pending := dst.keyAt, w.gram[w.from:w.to]
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

// key appends the key at place i if it is within what is kept and not the one before.
func (s *Sketcher) key(i int) {
	k, at := s.keys.key[i], s.keys.gram[i]
	if n := len(s.dst.keys); n > 0 && s.dst.keys[n-1] == k {
		return
	}
	if uint32(mix(uint64(k)*mul2)>>32) <= s.keys.keep {
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
