package boilerplate

import (
	"math/rand/v2"
	"testing"
)

// The scorers, of eight lines or of 64 trees at a time, give every line the score that the trees give it.
func TestLineScorerEqualsTrees(t *testing.T) {
	f, err := decodeForest(lineTreesData)
	if err != nil {
		t.Fatal(err)
	}
	s, err := newLineScorer(f)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	var codes []uint64
	var scores []int32
	for _, n := range []int{1, 7, 8, 9, 63, 64, 65, 200, 3} {
		blocks := make([]textBlock, n)
		for i := range blocks {
			for v := range blocks[i].f {
				blocks[i].f[v] = uint8(rng.Uint32())
			}
		}
		for _, groups := range [][]treeGroup{s.groups, nil} { // with vector instructions, where there are some, and without
			s := &lineScorer{s.codes, s.asked, s.forest, groups}
			codes, scores = s.score(blocks, codes, scores)
			for i := range blocks {
				if want := f.score(&blocks[i].f); blocks[i].score != want {
					t.Fatalf("line %d of %d: score %d, want %d", i, n, blocks[i].score, want)
				}
			}
		}
	}
}
