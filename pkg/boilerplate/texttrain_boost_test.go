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

	trees  int
	rate   float64
	seed   uint64
	sample float64 // share of the rows that a tree sees
}

type gradient struct{ g, h float64 }

const leafDamping = 20 // weight of the prior that a leaf says nothing

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
		var rows []int
		for _, i := range use {
			if rng.Float64() < b.sample {
				rows = append(rows, i)
			}
		}
		t := b.grow(rng, rows, score)
		one := lineTrees{trees: []lineTree{t}}
		for _, i := range use {
			score[i] += one.score(b.rows[i])
		}
		f.trees = append(f.trees, t)
	}
	return f
}

// grow makes one tree.
func (b *lineBooster) grow(rng *rand.Rand, rows []int, score []int32) lineTree {
	grads := make([]gradient, len(rows))
	for k, i := range rows {
		p := 1 / (1 + math.Exp(-float64(score[i])/lineOne))
		y := 0.0
		if b.right[i] {
			y = 1
		}
		grads[k] = gradient{b.weight[i] * (y - p), b.weight[i] * p * (1 - p)}
	}
	var features []int
	for f := range lineFeatureCount {
		if rng.Float64() < 0.6 {
			features = append(features, f)
		}
	}
	var t lineTree
	leaf := make([]uint8, len(rows))
	for depth := range lineDepth {
		f, above := b.question(rows, grads, leaf, 1<<depth, features)
		t.feature[depth], t.above[depth] = uint8(f), uint8(above)
		for k, i := range rows {
			if int(b.rows[i][f]) > above {
				leaf[k] |= 1 << depth
			}
		}
	}
	var sums [1 << lineDepth]gradient
	for k := range rows {
		sums[leaf[k]].g += grads[k].g
		sums[leaf[k]].h += grads[k].h
	}
	for l, s := range sums {
		v := b.rate * s.g / (s.h + leafDamping)
		t.leaf[l] = int16(math.Round(max(-30, min(30, v)) * lineOne))
	}
	return t
}

// question returns the feature and the value that part the rows of all leaves best.
func (b *lineBooster) question(rows []int, grads []gradient, leaf []uint8, leaves int, features []int) (feature, above int) {
	type answer struct {
		gain    float64
		f, over int
	}
	answers := make([]answer, len(features))
	var wg sync.WaitGroup
	for part := range 2 {
		wg.Go(func() {
			sums := make([]gradient, leaves<<8)
			for n := part; n < len(features); n += 2 {
				clear(sums)
				for k, i := range rows {
					s := &sums[int(leaf[k])<<8|int(b.rows[i][features[n]])]
					s.g += grads[k].g
					s.h += grads[k].h
				}
				gain, over := bestCut(sums, leaves)
				answers[n] = answer{gain, features[n], over}
			}
		})
	}
	wg.Wait()
	best := answers[0]
	for _, a := range answers[1:] {
		if a.gain > best.gain {
			best = a
		}
	}
	return best.f, best.over
}

// bestCut returns the gain and the place of the best cut through the histograms of all leaves.
func bestCut(sums []gradient, leaves int) (gain float64, over int) {
	var gains [256]float64
	for l := range leaves {
		var all, left gradient
		h := sums[l<<8 : l<<8+256]
		for _, s := range h {
			all.g += s.g
			all.h += s.h
		}
		base := all.g * all.g / (all.h + leafDamping)
		for v := range 255 {
			left.g += h[v].g
			left.h += h[v].h
			rg, rh := all.g-left.g, all.h-left.h
			gains[v] += left.g*left.g/(left.h+leafDamping) + rg*rg/(rh+leafDamping) - base
		}
	}
	for v, g := range gains[:255] {
		if g > gain {
			gain, over = g, v
		}
	}
	return gain, over
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
