package boilerplate

import (
	"maps"
	"math/bits"
	"slices"
)

// vocab is what the rules know about one folded word.
type vocab struct {
	id    int32
	flags wordFlags
}

// vocabulary is an open hash table from folded words to what the rules know about them. A bit
// set before it, small enough for the nearest cache, turns most unknown words away.
type vocabulary struct {
	mask  uint64
	slots []vocabSlot
	known [1 << 10]uint64
}

type vocabSlot struct {
	word uint64 // 0: empty
	vocab
}

func newVocabulary(words map[uint64]*vocab) vocabulary {
	size := 1 << max(4, bits.Len(uint(2*len(words))))
	v := vocabulary{mask: uint64(size - 1), slots: make([]vocabSlot, size)}
	for _, w := range slices.Sorted(maps.Keys(words)) {
		i := w >> 20 & v.mask
		for v.slots[i].word != 0 {
			i = (i + 1) & v.mask
		}
		v.slots[i] = vocabSlot{w, *words[w]}
		v.known[w>>54] |= 1 << (w >> 48 & 63)
	}
	return v
}

// find returns what is known about a folded word; the zero vocab when nothing is.
func (v *vocabulary) find(w uint64) vocab {
	if v.known[w>>54]>>(w>>48&63)&1 == 0 {
		return vocab{}
	}
	for i := w >> 20 & v.mask; ; i = (i + 1) & v.mask {
		s := &v.slots[i]
		if s.word == w {
			return s.vocab
		}
		if s.word == 0 {
			return vocab{}
		}
	}
}
