package boilerplate

import (
	_ "embed"
	"encoding/binary"
	"errors"
	"slices"
	"sync"
)

// htmlModel judges leaves: word weights, and forests of which the first scores what a leaf is, each
// other one what those before thought of its surroundings too. It is read-only and safe for
// concurrent use.
type htmlModel struct {
	name, text wordTable
	forests    []forest // the first over features, the others over features and context
	scorer     *scorer
}

const maxForests = 8

// forest is a sum of oblivious decision trees: trees that ask one question a level, so that a
// leaf's index is the bits of the answers. Scores are log-odds in units of 1/256. Source:
// gradient boosting (Friedman 2001) over oblivious trees (Kohavi 1994), as in CatBoost.
type forest struct {
	bias  int32
	trees []oblivious
}

const treeDepth = 6

type oblivious struct {
	feature [treeDepth]uint8
	above   [treeDepth]int16 // the answer is whether the feature is greater
	value   [1 << treeDepth]int16
}

//go:embed htmlmodel.bin
var htmlModelBytes []byte

// builtinModel is the model that comes with the package. TestTrainHTML makes its file.
var builtinModel = sync.OnceValue(func() *htmlModel {
	m, err := readHTMLModel(htmlModelBytes)
	if err != nil {
		panic(err)
	}
	return m
})

var errHTMLModel = errors.New("html model: bad file")

// append writes the model: little-endian, counts before what they count, words by their hash.
func (m *htmlModel) append(b []byte) []byte {
	le := binary.LittleEndian
	for _, t := range []*wordTable{&m.name, &m.text} {
		words := slices.DeleteFunc(slices.Sorted(slices.Values(t.keys)), func(k uint32) bool { return k == 0 })
		b = le.AppendUint32(b, uint32(len(words)))
		for _, k := range words {
			b = append(le.AppendUint32(b, k), byte(t.weight(k)))
		}
	}
	b = le.AppendUint32(b, uint32(len(m.forests)))
	for k := range m.forests {
		f := &m.forests[k]
		b = le.AppendUint32(b, uint32(f.bias))
		b = le.AppendUint32(b, uint32(len(f.trees)))
		for i := range f.trees {
			t := &f.trees[i]
			b = append(b, t.feature[:]...)
			for _, v := range t.above {
				b = le.AppendUint16(b, uint16(v))
			}
			for _, v := range t.value {
				b = le.AppendUint16(b, uint16(v))
			}
		}
	}
	return b
}

func readHTMLModel(b []byte) (*htmlModel, error) {
	le := binary.LittleEndian
	m := &htmlModel{}
	for _, t := range []*wordTable{&m.name, &m.text} {
		if len(b) < 4 || len(b)-4 < 5*int(le.Uint32(b)) {
			return nil, errHTMLModel
		}
		n := int(le.Uint32(b))
		words := make(map[uint32]int8, n)
		for i := range n {
			words[le.Uint32(b[4+5*i:])] = int8(b[4+5*i+4])
		}
		*t, b = newWordTable(words), b[4+5*n:]
	}
	const treeBytes = 3*treeDepth + 2<<treeDepth
	if len(b) < 4 || le.Uint32(b)-1 >= maxForests {
		return nil, errHTMLModel
	}
	m.forests, b = make([]forest, le.Uint32(b)), b[4:]
	for k := range m.forests {
		f := &m.forests[k]
		if len(b) < 8 || len(b)-8 < treeBytes*int(le.Uint32(b[4:])) {
			return nil, errHTMLModel
		}
		f.bias, f.trees = int32(le.Uint32(b)), make([]oblivious, le.Uint32(b[4:]))
		b = b[8:]
		for i := range f.trees {
			t := &f.trees[i]
			copy(t.feature[:], b)
			for k := range t.above {
				t.above[k] = int16(le.Uint16(b[treeDepth+2*k:]))
			}
			for k := range t.value {
				t.value[k] = int16(le.Uint16(b[3*treeDepth+2*k:]))
			}
			for _, v := range t.feature {
				if int(v) >= numAll {
					return nil, errHTMLModel
				}
			}
			b = b[treeBytes:]
		}
	}
	var err error
	m.scorer, err = newScorer(m.forests...)
	return m, err
}
