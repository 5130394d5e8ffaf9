package boilerplate

import (
	"maps"
	"math/bits"
	"slices"
)

// vocab is what the rules know about one folded word: a token without a place in a line.
type vocab lineToken

// vocabulary is an open hash table from folded words to what the rules know about them. A bit
// set before it, small enough for the nearest cache, turns most unknown words away.
type vocabulary struct {
	mask  uint64
	slots []vocabSlot // the first one is always empty
	known [1 << 10]uint64
}

type vocabSlot struct {
	word uint64 // 0: empty
	vocab
}

func newVocabulary(words map[uint64]*vocab) vocabulary {
	size := 1 << max(4, bits.Len(uint(2*len(words))))
	v := vocabulary{mask: uint64(size - 1), slots: make([]vocabSlot, 1+size)}
	for _, w := range slices.Sorted(maps.Keys(words)) {
		i := w >> 20 & v.mask
		for v.slots[1+i].word != 0 {
			i = (i + 1) & v.mask
		}
		v.slots[1+i] = vocabSlot{w, *words[w]}
		v.known[w>>54] |= 1 << (w >> 48 & 63)
	}
	return v
}

// find returns what is known about a folded word; the zero vocab when nothing is. Whether a word is
// known is as good as random, so there is no branch on it: what is not known is looked for as 0, and
// found in the first slot.
func (v *vocabulary) find(w uint64) vocab {
	known := -(v.known[w>>54] >> (w >> 48 & 63) & 1) // all bits, or none
	i := (1 + w>>20&v.mask) & known
	w &= known
	for v.slots[i].word != w && v.slots[i].word != 0 {
		i = 1 + i&v.mask
	}
	return v.slots[i].vocab
}

// edgeTable is an open hash table from a node and a word to the node that the word leads to.
type edgeTable struct {
	mask  uint64
	slots []edgeSlot
}

type edgeSlot struct {
	edge ruleEdge // word 0: empty
	to   int32
}

func newEdgeTable(edges map[ruleEdge]int32) edgeTable {
	size := 1 << max(4, bits.Len(uint(2*len(edges))))
	t := edgeTable{mask: uint64(size - 1), slots: make([]edgeSlot, size)}
	for e, to := range edges {
		i := e.hash() & t.mask
		for t.slots[i].edge.word != 0 {
			i = (i + 1) & t.mask
		}
		t.slots[i] = edgeSlot{e, to}
	}
	return t
}

func (e ruleEdge) hash() uint64 {
	return (uint64(e.node)<<32 | uint64(e.word)) * wordSeed >> 40
}

// find returns the node behind a word at a node, 0 when there is none.
func (t *edgeTable) find(node, word int32) int32 {
	e := ruleEdge{node, word}
	for i := e.hash() & t.mask; ; i = (i + 1) & t.mask {
		s := &t.slots[i]
		if s.edge == e {
			return s.to
		}
		if s.edge.word == 0 {
			return 0
		}
	}
}
