package boilerplate

import (
	"math"
	"math/rand/v2"
	"sync"
)

// lineBooster trains line trees with a logistic loss on weighted rows: gradient boosting whose
// trees ask one question a level. The leaves are rounded to integers as they are made, so that
// later trees correct the rounding too.
type lineBooster struct {
	rows   []*lineRow
	right  []bool // the row is the article
	weight []float64

	trees int
	rate  float64
	seed  uint64

	limits [lineFeatureCount][]uint8 // the greatest value of each bin of a feature
	bins   [lineFeatureCount][]uint8 // of the rows
}

const (
	leafDamping = 10 // weight of the prior that a leaf says nothing
	lineBins    = 64 // of a feature, at most
)

// gradient is a sum of the first and second derivatives of the loss.
type gradient struct{ g, h float32 }

// gain is what a leaf with that gradient takes off the loss.
func (s gradient) gain() float64 { return float64(s.g) * float64(s.g) / (float64(s.h) + leafDamping) }

func (s gradient) minus(o gradient) gradient { return gradient{s.g - o.g, s.h - o.h} }
func (s *gradient) add(o gradient)           { s.g, s.h = s.g+o.g, s.h+o.h }

// train fits trees to the rows whose numbers are given.
func (b *lineBooster) train(use []int) *lineTrees {
	rng := rand.New(rand.NewPCG(b.seed, 1))
	var yes, all float64
	for _, i := range use {
		all += b.weight[i]
		if b.right[i] {
			yes += b.weight[i]
		}
	}
	f := &lineTrees{bias: int32(math.Log(yes/(all-yes)) * lineOne)}
	score := make([]int32, len(b.rows))
	for _, i := range use {
		score[i] = f.bias
	}
	for range b.trees {
		t := b.grow(rng, b.sample(rng, use, score))
		one := lineTrees{trees: []lineTree{t}}
		for _, i := range use {
			score[i] += one.score(b.rows[i])
		}
		f.trees = append(f.trees, t)
	}
	return f
}

// lineSample is the rows that a tree is grown on, and the leaves that they are in.
type lineSample struct {
	rows []int
	leaf []uint8
	grad []gradient
}

func (s *lineSample) add(row int, leaf uint8, g gradient) {
	s.rows, s.leaf, s.grad = append(s.rows, row), append(s.leaf, leaf), append(s.grad, g)
}

// sample takes every second row.
func (b *lineBooster) sample(rng *rand.Rand, use []int, score []int32) *lineSample {
	s := &lineSample{}
	for _, i := range use {
		if rng.Float64() > 0.5 {
			continue
		}
		p := 1 / (1 + math.Exp(-float64(score[i])/lineOne))
		g := -p
		if b.right[i] {
			g = 1 - p
		}
		s.add(i, 0, gradient{float32(g * b.weight[i]), float32(max(p*(1-p), 0.005) * b.weight[i])})
	}
	return s
}

// grow makes one tree.
func (b *lineBooster) grow(rng *rand.Rand, s *lineSample) lineTree {
	var features []int
	for f := range lineFeatureCount {
		if rng.Float64() < 0.6 {
			features = append(features, f)
		}
	}
	var t lineTree
	hists := make([]lineHistogram, len(features))
	side, right := s, true // the rows on one side of the last question, which the histograms lack
	for depth := range lineDepth {
		f, bin := b.question(features, hists, depth, side, right)
		t.feature[depth], t.above[depth] = uint8(f), b.limits[f][bin]
		yes := 0
		for k, i := range s.rows {
			if b.bins[f][i] > bin {
				s.leaf[k] |= 1 << depth
				yes++
			}
		}
		right = 2*yes <= len(s.rows)
		side = &lineSample{}
		for k, i := range s.rows {
			if s.leaf[k]>>depth == 1 == right {
				side.add(i, s.leaf[k]&(1<<depth-1), s.grad[k])
			}
		}
	}
	var sums [1 << lineDepth][2]float64
	for k, g := range s.grad {
		sums[s.leaf[k]][0] += float64(g.g)
		sums[s.leaf[k]][1] += float64(g.h)
	}
	for l, x := range sums {
		v := b.rate * max(-30, min(30, x[0]/(x[1]+leafDamping)))
		t.leaf[l] = int16(math.Round(v * lineOne))
	}
	return t
}

// question returns the feature and the bin whose limit parts the rows of all leaves best.
func (b *lineBooster) question(features []int, hists []lineHistogram, depth int, side *lineSample, right bool) (feature int, bin uint8) {
	type answer struct {
		gain float64
		bin  uint8
	}
	answers := make([]answer, len(features))
	var wg sync.WaitGroup
	for part := range 2 {
		wg.Go(func() {
			for n := part; n < len(features); n += 2 {
				f := features[n]
				hists[n].grow(b.bins[f], depth, side, right)
				answers[n].gain, answers[n].bin = hists[n].cut(len(b.limits[f]))
			}
		})
	}
	wg.Wait()
	best := 0
	for n := range answers {
		if answers[n].gain > answers[best].gain {
			best = n
		}
	}
	return features[best], answers[best].bin
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
