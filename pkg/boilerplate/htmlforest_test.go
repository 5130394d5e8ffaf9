package boilerplate

import (
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// scores sets out[i] to the score of row i. It is what a scorer must equal.
func (m *forest) scores(out []int32, rows []features) {
	for i := range rows {
		out[i] = m.bias
		for k := range m.trees {
			t, at := &m.trees[k], 0
			for d, f := range t.feature {
				if rows[i][f] > t.above[d] {
					at |= 1 << d
				}
			}
			out[i] += int32(t.value[at])
		}
	}
}

// The codes of a scorer give every row the score that the forest gives it.
func TestScorerEqualsForest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.OneOf(rapid.Int16(), rapid.Int16Range(-3, 3), rapid.SampledFrom([]int16{-1 << 15, 1<<15 - 1}))
		forests := []forest{drawForest(t, value), drawForest(t, value)}
		s, err := newScorer(forests...)
		if err != nil {
			t.Fatal(err)
		}
		rows := make([]features, rapid.IntRange(0, 3*batchRows).Draw(t, "rows"))
		for i := range rows {
			for v := range 4 {
				rows[i][v] = value.Draw(t, "feature")
			}
		}
		codes := newRowCodes(len(rows), numAll, nil)
		s.encode(codes, rows, 0, 2)
		s.encode(codes, rows, 2, numAll)
		got, want := make([]int32, len(rows)), make([]int32, len(rows))
		for i, f := range forests {
			f.scores(want, rows)
			s.forests[i].scores(got, codes)
			if !slices.Equal(got, want) {
				t.Fatalf("forest %d: got %d, want %d", i, got, want)
			}
		}
	})
}

func drawForest(t *rapid.T, value *rapid.Generator[int16]) forest {
	f := forest{bias: rapid.Int32Range(-500, 500).Draw(t, "bias"), trees: make([]oblivious, rapid.IntRange(0, 8).Draw(t, "trees"))}
	for i := range f.trees {
		o := &f.trees[i]
		for k := range o.feature {
			o.feature[k], o.above[k] = rapid.Uint8Range(0, 3).Draw(t, "asks for"), value.Draw(t, "limit")
		}
		for k := range o.value {
			o.value[k] = int16(k*31%97 - 48*i)
		}
	}
	return f
}

func TestScorerBound(t *testing.T) {
	f := forest{trees: make([]oblivious, maxLimits/treeDepth+1)}
	for i := range f.trees {
		for k := range f.trees[i].above {
			f.trees[i].above[k] = int16(i*treeDepth + k)
		}
	}
	if _, err := newScorer(f); !errors.Is(err, errHTMLModel) {
		t.Errorf("got %v, want %v", err, errHTMLModel)
	}
}

func BenchmarkScorer(b *testing.B) {
	m := builtinModel()
	rows := make([]features, 1000)
	for i := range rows {
		for v := range rows[i] {
			rows[i][v] = int16(i * (v + 1) * 31 % 400)
		}
	}
	out := make([]int32, len(rows))
	b.Run("forests", func(b *testing.B) {
		for b.Loop() {
			for k := range m.forests {
				m.forests[k].scores(out, rows)
			}
		}
	})
	b.Run("scorer", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			codes := newRowCodes(len(rows), numAll, nil)
			m.scorer.encode(codes, rows, 0, numAll)
			for k := range m.scorer.forests {
				m.scorer.forests[k].scores(out, codes)
			}
		}
	})
}
