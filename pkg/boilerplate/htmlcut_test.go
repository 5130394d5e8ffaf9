package boilerplate

import (
	"testing"

	"pgregory.net/rapid"
)

// scored returns an extractor with leaves of these scores and words.
func scored(scores []int32, words []int) *extractor {
	x := &extractor{score: scores, stats: make([]leafStats, len(scores))}
	for i, w := range words {
		x.stats[i].words = int16(w)
	}
	return x
}

// A page whose leaves are all sure is cut between them; where the best is in doubt, the doubtful
// that are as good stay too.
func TestCut(t *testing.T) {
	tests := []struct {
		name       string
		scores     []int32
		words      []int
		keep, drop int32 // the least score kept, the greatest dropped
	}{
		{"sure", []int32{1500, 1400, -900, -1000, 1600}, []int{50, 60, 40, 40, 30}, 1400, -900},
		{"doubtful beside sure", []int32{1500, 1400, -300}, []int{50, 60, 40}, 1400, -300},
		{"doubtful alone", []int32{-200, -250, -1100}, []int{50, 60, 40}, -250, -1100},
		{"large doubt, small certainty", []int32{1500, -100, -150}, []int{5, 90, 80}, -150, -5000},
		{"nothing", []int32{-1500, -1300}, []int{50, 60}, 0, -1300},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if at := scored(tt.scores, tt.words).cut(); at >= tt.keep || at < tt.drop {
				t.Errorf("cut at %d, want it from %d up to below %d", at, tt.drop, tt.keep)
			}
		})
	}
}

// No other cut promises more than the one that is chosen.
func TestCutIsBest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scores := rapid.SliceOfN(rapid.Int32Range(doubtScore+1, 2500), 1, 30).Draw(t, "scores")
		words := rapid.SliceOfN(rapid.IntRange(1, 300), len(scores), len(scores)).Draw(t, "words")
		promised := func(at int32) float64 {
			var right, kept, gold float64
			for i, v := range scores {
				p := float64(promise(v)) * float64(words[i]) / sureOdds
				gold += p
				if v > at {
					right, kept = right+p, kept+float64(words[i])
				}
			}
			return right/max(kept, 1) + right/gold
		}
		chosen := promised(scored(scores, words).cut())
		for _, v := range scores {
			if other := promised(v - 1); other > chosen+0.05 { // the sum is in sixteenths of words
				t.Fatalf("above %d: %f, and the cut gives %f", v-1, other, chosen)
			}
		}
	})
}

// The more a leaf scores, the more it promises.
func TestPromiseGrows(t *testing.T) {
	last := int64(-1)
	for v := int32(-3000); v < 3000; v += 7 {
		p := promise(v)
		if p < last || p < 0 || p > sureOdds {
			t.Fatalf("promise(%d) = %d after %d", v, p, last)
		}
		last = p
	}
}
