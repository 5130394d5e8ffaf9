package boilerplate

import (
	_ "embed"
	"encoding/binary"
	"fmt"
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

// score returns the sum of the trees for one line, in 1/lineOne of a logit: positive for what is
// rather the article.
func (f *lineTrees) score(v *lineRow) int32 {
	sum := f.bias
	for i := range f.trees {
		t := &f.trees[i]
		var leaf uint
		for k := range lineDepth {
			// 255-above+value carries into bit 8 exactly when value > above
			leaf |= (255 - uint(t.above[k]) + uint(v[t.feature[k]])) >> 8 << k
		}
		sum += int32(t.leaf[leaf])
	}
	return sum
}

//go:embed textforest.bin
var lineTreesData []byte

var builtinLines = sync.OnceValue(func() *lineTrees {
	f, err := decodeForest(lineTreesData)
	if err != nil {
		panic(err)
	}
	return f
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
