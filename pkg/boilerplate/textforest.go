package boilerplate

import (
	_ "embed"
	"encoding/binary"
	"fmt"
	"slices"
	"sync"
)

// lineTrees are a sum of oblivious decision trees: all nodes of a level ask the same question, so
// that a line's leaf is the number made of the answers. Everything is an integer.
//
// Source: boosted trees after Friedman, Annals of Statistics 2001, in the shape of CatBoost
// (Prokhorenkova et al., NeurIPS 2018). Trained by TestTrainLines.
type lineTrees struct {
	bias  int32 // in 1/lineOne of a logit
	trees []lineTree
}

const (
	lineDepth = 6
	lineOne   = 1024 // one logit
)

type lineTree struct {
	feature [lineDepth]uint8
	above   [lineDepth]uint8 // the answer is yes when the feature is greater
	leaf    [1 << lineDepth]int16
}

//go:embed textforest.bin
var lineTreesData []byte

var builtinLines = sync.OnceValue(func() *lineScorer {
	f, err := decodeForest(lineTreesData)
	if err != nil {
		panic(err)
	}
	s, err := newLineScorer(f)
	if err != nil {
		panic(err)
	}
	return s
})

const lineTreeBytes = 2*lineDepth + 2<<lineDepth

// appendTo appends the lineTrees's bytes, little endian: bias, then the trees.
func (f *lineTrees) appendTo(b []byte) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(f.bias))
	for i := range f.trees {
		t := &f.trees[i]
		b = append(append(b, t.feature[:]...), t.above[:]...)
		for _, x := range t.leaf {
			b = binary.LittleEndian.AppendUint16(b, uint16(x))
		}
	}
	return b
}

func decodeForest(b []byte) (*lineTrees, error) {
	if len(b) < 4 || (len(b)-4)%lineTreeBytes != 0 {
		return nil, fmt.Errorf("line trees: %d bytes are not whole trees of %d", len(b), lineTreeBytes)
	}
	f := &lineTrees{bias: int32(binary.LittleEndian.Uint32(b)), trees: make([]lineTree, (len(b)-4)/lineTreeBytes)}
	b = b[4:]
	for i := range f.trees {
		t := &f.trees[i]
		copy(t.feature[:], b)
		copy(t.above[:], b[lineDepth:])
		for k := range lineDepth {
			if int(t.feature[k]) >= lineFeatureCount {
				return nil, fmt.Errorf("line trees: tree %d asks for feature %d of %d", i, t.feature[k], lineFeatureCount)
			}
		}
		for k := range t.leaf {
			t.leaf[k] = int16(binary.LittleEndian.Uint16(b[2*lineDepth+2*k:]))
		}
		b = b[lineTreeBytes:]
	}
	return f, nil
}

// lineScorer is line trees made ready for many lines: see scorer.
type lineScorer struct {
	codes  [lineFeatureCount][256]uint8 // of the values of a feature
	asked  [lineFeatureCount]bool       // some tree asks for the feature
	forest codedForest
	groups []treeGroup // the same for vector instructions; nil where there are none
}

// treeGroup holds trees side by side, for one line at a time. Where there are fewer, the rest add nothing.
type treeGroup struct {
	feature [lineDepth][groupTrees]uint8
	above   [lineDepth][groupTrees]uint8
	leaf    [groupTrees][1 << lineDepth]int16
	_       int16 // leaves are read two at a time
}

const groupTrees = 64

// groups returns the trees in groups.
func (f *lineTrees) groups() []treeGroup {
	groups := make([]treeGroup, (len(f.trees)+groupTrees-1)/groupTrees)
	for i := range f.trees {
		t, g, at := &f.trees[i], &groups[i/groupTrees], i%groupTrees
		g.leaf[at] = t.leaf
		for k := range lineDepth {
			g.feature[k][at], g.above[k][at] = t.feature[k], t.above[k]
		}
	}
	return groups
}

func newLineScorer(f *lineTrees) (*lineScorer, error) {
	s := &lineScorer{forest: codedForest{f.bias, make([]codedTree, len(f.trees))}}
	if vector {
		s.groups = f.groups()
	}
	for i := range f.trees {
		t := &f.trees[i]
		for k, v := range t.feature {
			s.asked[v] = true
			s.codes[v][t.above[k]] = 1 // a limit, for now
		}
	}
	for v := range s.codes {
		n := uint8(0)
		for x, limit := range s.codes[v] {
			s.codes[v][x] = n
			n += limit
		}
		if n > maxLimits {
			return nil, fmt.Errorf("line trees: %d limits of feature %d", n, v)
		}
	}
	for i := range f.trees {
		t, c := &f.trees[i], &s.forest.trees[i]
		c.feature, c.value = t.feature, t.leaf
		for k, v := range t.feature {
			c.least[k] = s.codes[v][t.above[k]] + 1
		}
	}
	return s, nil
}

// score sets the score of every block from its features. The codes are working memory.
func (s *lineScorer) score(blocks []textBlock, codes []uint64, scores []int32) ([]uint64, []int32) {
	if s.groups != nil {
		scoreVector(s.groups, s.forest.bias, blocks)
		return codes, scores
	}
	rows := newRowCodes(len(blocks), lineFeatureCount, codes)
	for v := range s.codes {
		if !s.asked[v] {
			continue
		}
		table, column := &s.codes[v], rows.words[v*rows.stride:]
		for w := 0; 8*w < len(blocks); w++ {
			word := uint64(0)
			eight := blocks[8*w : min(8*w+8, len(blocks))]
			for i := range eight {
				word = word>>8 | uint64(table[eight[i].f[v]])<<56
			}
			column[w] = word>>(64-8*len(eight)) | highBits
		}
	}
	scores = slices.Grow(scores[:0], len(blocks))[:len(blocks)]
	s.forest.scores(scores, rows)
	for i := range blocks {
		blocks[i].score = scores[i]
	}
	return rows.words, scores
}
