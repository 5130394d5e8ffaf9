package boilerplate

import (
	"unicode"
	"unicode/utf8"
)

// wordTable holds the weights of words and of pairs of words by their hash: what one says for (positive) or against
// its block being part of the article. The zero value gives every word the weight 0.
type wordTable struct {
	keys    []uint32 // open addressing, a power of two
	weights []int8
}

// newWordTable builds a table; a hash of 0 stands for an empty slot and is left out.
func newWordTable(words map[uint32]int8) wordTable {
	size := 16
	for size < 2*len(words) {
		size *= 2
	}
	t := wordTable{keys: make([]uint32, size), weights: make([]int8, size)}
	for k, w := range words {
		if k == 0 {
			continue
		}
		i := t.slot(k)
		t.keys[i], t.weights[i] = k, w
	}
	return t
}

func (t *wordTable) slot(k uint32) int {
	mask := len(t.keys) - 1
	i := int(k*2654435769>>7) & mask
	for t.keys[i] != 0 && t.keys[i] != k {
		i = (i + 1) & mask
	}
	return i
}

// weight returns the word's weight, or 0.
func (t *wordTable) weight(k uint32) int8 {
	if len(t.keys) == 0 {
		return 0
	}
	return t.weights[t.slot(k)]
}

// eachWord calls f with the hash of each word of b, folded to lower case; runes of scripts
// without spaces are words of their own.
func eachWord(b []byte, f func(h uint32)) {
	h, open := uint32(fnvBase), false
	end := func() {
		if open {
			f(h)
			h, open = fnvBase, false
		}
	}
	for k := 0; k < len(b); {
		c, w := rune(b[k]), 1
		if c >= utf8.RuneSelf {
			c, w = utf8.DecodeRune(b[k:])
		}
		k += w
		switch {
		case c < utf8.RuneSelf && isLetter(byte(c)):
			c |= 0x20
		case c >= '0' && c <= '9':
			c = '0'
		case c >= utf8.RuneSelf && isWide(c):
			end()
			f((fnvBase ^ uint32(c)) * fnvPrime)
			continue
		case c >= utf8.RuneSelf && (unicode.IsLetter(c) || unicode.IsMark(c)):
			c = unicode.ToLower(c)
		default:
			end()
			continue
		}
		h, open = (h^uint32(c))*fnvPrime, true
	}
	end()
}

// pairHash returns the hash of a word that follows another, by the hashes of both; before is 0 for a
// text's first word.
func pairHash(before, word uint32) uint32 { return (before*0x85EBCA6B ^ word) * 0x9E3779B1 }

// gramSet returns the hashes of the runs of three words of s.
func gramSet(s string) map[uint32]bool {
	if s == "" {
		return nil
	}
	m := make(map[uint32]bool, len(s)/6)
	var a, b uint32
	eachWord([]byte(s), func(h uint32) {
		m[mixGram(a, b, h)] = true
		a, b = b, h
	})
	return m
}

func mixGram(a, b, c uint32) uint32 { return (a*31+b)*0x9E3779B1 ^ c*0x85EBCA6B }

// gramShare returns per cent of the text's runs of three words that are in the set.
func gramShare(text []byte, set map[uint32]bool) int16 {
	var a, b uint32
	n, hit := int32(0), int32(0)
	eachWord(text, func(h uint32) {
		if n++; n > 2 && set[mixGram(a, b, h)] {
			hit++
		}
		a, b = b, h
	})
	if n < 3 {
		return -2
	}
	return percent(hit, n-2)
}
