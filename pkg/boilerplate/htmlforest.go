package boilerplate

import (
	"fmt"
	"slices"
)

// A scorer is a set of forests made ready for many rows. A tree asks only whether a feature is above
// one of a few limits, so each feature is first replaced by its code, the number of limits that it
// exceeds: a byte. Eight rows then answer a question in one subtraction, their codes side by side in
// a word. Source: QuickScorer's feature-wise order and its vectors (Lucchese et al., SIGIR 2015 and
// 2016), here without the vector instructions.
type scorer struct {
	coders  [numAll]coder
	forests []codedForest
}

type codedForest struct {
	bias  int32
	trees []codedTree
}

// codedTree is an oblivious tree over codes.
type codedTree struct {
	feature [treeDepth]uint8
	least   [treeDepth]uint8 // the answer is whether the code is at least this
	value   [1 << treeDepth]int16
}

// coder gives the codes of one feature. Its table has the code of the first value of each bucket
// of 1<<shift values; the limits inside the bucket are counted one by one.
type coder struct {
	limits []int16 // in order, and a last one that no value exceeds; nil if no tree asks for the feature
	low    int32
	shift  uint8
	start  [buckets]uint8
}

const (
	buckets   = 256
	maxLimits = 127 // of one feature
	noLimit   = 1<<15 - 1

	batchWords = 8 // words of codes that a tree sees at a time: as many as the nearest cache holds
	batchRows  = 8 * batchWords
)

// newScorer returns a scorer of the forests. It fails if they know more than maxLimits limits of one
// feature.
func newScorer(forests ...forest) (*scorer, error) {
	s := &scorer{}
	var limits [numAll][]int16
	for _, f := range forests {
		for i := range f.trees {
			t := &f.trees[i]
			for k, v := range t.feature {
				if at, ok := slices.BinarySearch(limits[v], t.above[k]); !ok {
					limits[v] = slices.Insert(limits[v], at, t.above[k])
				}
			}
		}
	}
	for v, l := range limits {
		if len(l) > maxLimits {
			return nil, fmt.Errorf("%w: %d limits of feature %d", errHTMLModel, len(l), v)
		}
		if len(l) > 0 {
			s.coders[v] = newCoder(l)
		}
	}
	for _, f := range forests {
		c := codedForest{f.bias, make([]codedTree, len(f.trees))}
		for i := range f.trees {
			t := &f.trees[i]
			c.trees[i].feature, c.trees[i].value = t.feature, t.value
			for k, v := range t.feature {
				c.trees[i].least[k] = s.coders[v].code(t.above[k]) + 1
			}
		}
		s.forests = append(s.forests, c)
	}
	return s, nil
}

// newCoder returns the coder of at least one limit.
func newCoder(limits []int16) coder {
	c := coder{low: int32(limits[0]), limits: append(limits, noLimit)}
	for (int32(limits[len(limits)-1])-c.low)>>c.shift >= buckets-1 {
		c.shift++
	}
	n := uint8(0)
	for i := range c.start {
		for int(n) < len(limits) && int32(limits[n]) < c.low+int32(i)<<c.shift {
			n++
		}
		c.start[i] = n
	}
	return c
}

// code returns the number of limits that v exceeds.
func (c *coder) code(v int16) uint8 {
	n := c.start[min(max((int32(v)-c.low)>>(c.shift&31), 0), buckets-1)]
	for c.limits[n] < v {
		n++
	}
	return n
}

// rowCodes holds the codes of rows, feature by feature: byte i%8 of words[feature*stride+i/8] is the
// code of row i, with its high bit set.
type rowCodes struct {
	stride int // a multiple of batchWords
	words  []uint64
	asked  []bool // which batches of batchRows rows are encoded and scored; nil stands for all
}

// newRowCodes returns codes without a value; words is working memory to use again, or nil.
func newRowCodes(rows, features int, words []uint64) rowCodes {
	stride := (rows + batchRows - 1) / batchRows * batchWords
	return rowCodes{stride: stride, words: slices.Grow(words[:0], features*stride)[:features*stride]}
}

// encode sets the codes of the features from..to of the rows.
func (s *scorer) encode(codes rowCodes, rows []features, from, to int) {
	for start := 0; start < len(rows); start += batchRows {
		if codes.asked != nil && !codes.asked[start/batchRows] {
			continue
		}
		batch := rows[start:min(start+batchRows, len(rows))]
		for v := from; v < to; v++ {
			if c := &s.coders[v]; c.limits != nil {
				c.encode(codes.words[v*codes.stride+start/8:], batch, v)
			}
		}
	}
}

// encode sets words to the codes of feature v of the rows.
func (c *coder) encode(words []uint64, rows []features, v int) {
	for w := 0; 8*w < len(rows); w++ {
		word := uint64(0)
		eight := rows[8*w : min(8*w+8, len(rows))]
		for i := range eight {
			word = word>>8 | uint64(c.code(eight[i][v]))<<56
		}
		words[w] = word>>(64-8*len(eight)) | highBits
	}
}

// scores sets out[i] to the score of row i.
func (f *codedForest) scores(out []int32, codes rowCodes) {
	for start := 0; start < len(out); start += batchRows {
		if codes.asked != nil && !codes.asked[start/batchRows] {
			continue
		}
		n := min(len(out)-start, batchRows)
		sums := f.sum(codes, start/8, (n+7)/8)
		copy(out[start:], sums[:n])
	}
}

// sum returns the scores of some words of rows, at most batchWords.
func (f *codedForest) sum(codes rowCodes, from, words int) (out [batchRows]int32) {
	for i := range out {
		out[i] = f.bias
	}
	column := func(v uint8) *[batchWords]uint64 {
		return (*[batchWords]uint64)(codes.words[int(v)*codes.stride+from:])
	}
	for k := range f.trees {
		t := &f.trees[k]
		c0, c1, c2, c3, c4, c5 := column(t.feature[0]), column(t.feature[1]), column(t.feature[2]), column(t.feature[3]), column(t.feature[4]), column(t.feature[5])
		l0, l1, l2, l3, l4, l5 := t.least[0], t.least[1], t.least[2], t.least[3], t.least[4], t.least[5]
		for w := range min(words, batchWords) {
			at := atLeast(c0[w], l0)>>7 | atLeast(c1[w], l1)>>6 | atLeast(c2[w], l2)>>5 | atLeast(c3[w], l3)>>4 | atLeast(c4[w], l4)>>3 | atLeast(c5[w], l5)>>2
			o := (*[8]int32)(out[8*w:])
			o[0] += int32(t.value[at&63])
			o[1] += int32(t.value[at>>8&63])
			o[2] += int32(t.value[at>>16&63])
			o[3] += int32(t.value[at>>24&63])
			o[4] += int32(t.value[at>>32&63])
			o[5] += int32(t.value[at>>40&63])
			o[6] += int32(t.value[at>>48&63])
			o[7] += int32(t.value[at>>56&63])
		}
	}
	return out
}

// atLeast returns the high bit of each code that is at least so much.
func atLeast(codes uint64, least uint8) uint64 {
	return (codes - uint64(least)*eachByte) & highBits
}
