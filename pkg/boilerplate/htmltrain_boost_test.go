package boilerplate

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// booster trains forests of oblivious trees on weighted rows with a logistic loss. It lives in a
// test file because only TestTrainHTML needs it; the weights it makes are rounded to integers.
type booster struct {
	rows   []features
	label  []bool
	weight []float64
	width  int // features used

	trees int
	rate  float64
	l2    float64
	seed  uint64
	bag   int // forests whose mean is the forest; 0 is 1

	cuts [][]int16
	bins [][]uint8
}

const (
	maxBins   = 64
	featShare = 0.4 // of the features, that a tree may ask for

	leastSample = 0.06 // of the rows that a tree is grown on
	mostSample  = 0.5  // beyond that, of those that err most
)

// prepare cuts every feature into bins of about equal weight, or into those of known.
func (b *booster) prepare(known [][]int16) {
	b.cuts, b.bins = make([][]int16, b.width), make([][]uint8, b.width)
	var wg sync.WaitGroup
	for part := range 2 {
		wg.Go(func() {
			for f := part; f < b.width; f += 2 {
				var cuts []int16
				if f < len(known) {
					cuts = known[f]
				} else {
					cuts = b.cut(f)
				}
				col := make([]uint8, len(b.rows))
				for i := range b.rows {
					n, _ := slices.BinarySearch(cuts, b.rows[i][f])
					col[i] = uint8(n)
				}
				b.cuts[f], b.bins[f] = cuts, col
			}
		})
	}
	wg.Wait()
}

// cut returns the limits between the bins of feature f.
func (b *booster) cut(f int) []int16 {
	vals := make([]int16, 0, len(b.rows)/4+1)
	for i := 0; i < len(b.rows); i += 4 {
		vals = append(vals, b.rows[i][f])
	}
	slices.Sort(vals)
	uniq := slices.Compact(slices.Clone(vals))
	if len(uniq) <= maxBins {
		return uniq[:max(len(uniq)-1, 0)]
	}
	var cuts []int16
	for k := 1; k < maxBins; k++ {
		cuts = append(cuts, vals[len(vals)*k/maxBins])
	}
	return slices.Compact(cuts)
}

// train fits a forest for each use on the rows that it accepts, as many at a time as there are
// processors: the mean of bag forests that differ in chance.
func (b *booster) train(uses ...func(i int) bool) []forest {
	n := max(b.bag, 1)
	parts := make([]forest, n*len(uses))
	var next atomic.Int32
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for k := int(next.Add(1)) - 1; k < len(parts); k = int(next.Add(1)) - 1 {
				parts[k] = b.boost(uses[k/n], rand.New(rand.NewPCG(b.seed, uint64(7+k%n))))
			}
		})
	}
	wg.Wait()
	out := make([]forest, len(uses))
	for k, f := range parts {
		o := &out[k/n]
		o.bias = f.bias
		for _, t := range f.trees {
			for i := range t.value {
				t.value[i] = int16(math.Round(float64(t.value[i]) / float64(n)))
			}
			o.trees = append(o.trees, t)
		}
	}
	return out
}

// boost fits one forest.
func (b *booster) boost(use func(i int) bool, rng *rand.Rand) forest {
	var all []int32
	var pos, total float64
	for i := range b.rows {
		if use(i) {
			all = append(all, int32(i))
			total += b.weight[i]
			if b.label[i] {
				pos += b.weight[i]
			}
		}
	}
	bias := math.Log(pos / (total - pos))
	out := forest{bias: int32(math.Round(bias * 256))}
	score := make([]float32, len(b.rows))
	for _, i := range all {
		score[i] = float32(bias)
	}
	for n := range b.trees {
		t := b.tree(all, score, rng)
		rate := b.rate
		if n < 10 {
			rate = max(rate, 0.15)
		}
		var o oblivious
		for d, f := range t.feature {
			o.feature[d], o.above[d] = uint8(f), b.cutAt(f, t.bin[d])
		}
		for k, v := range t.value {
			o.value[k] = int16(math.Round(min(max(v*rate, -4), 4) * 256))
		}
		for _, i := range all {
			at := 0
			for d, f := range t.feature {
				if b.bins[f][i] > t.bin[d] {
					at |= 1 << d
				}
			}
			score[i] += float32(o.value[at]) / 256
		}
		out.trees = append(out.trees, o)
	}
	return out
}

func (b *booster) cutAt(f int, bin uint8) int16 {
	if int(bin) < len(b.cuts[f]) {
		return b.cuts[f][bin]
	}
	return 32767
}

type binTree struct {
	feature [treeDepth]int
	bin     [treeDepth]uint8
	value   [1 << treeDepth]float64
}

// tree grows one tree on a sample of the rows and of the features.
func (b *booster) tree(all []int32, score []float32, rng *rand.Rand) binTree {
	var rows []int32
	var grad, hess []float32
	for _, i := range all {
		// Rows of little consequence are sampled more thinly.
		chance := rng.Float64()
		if chance > leastSample+mostSample {
			continue
		}
		p := 1 / (1 + math.Exp(-float64(score[i])))
		g := p
		if b.label[i] {
			g = p - 1
		}
		keep := leastSample + min(math.Abs(g)*1.2, mostSample)
		if chance > keep {
			continue
		}
		w := b.weight[i] / keep
		rows = append(rows, i)
		grad = append(grad, float32(g*w))
		hess = append(hess, float32(max(p*(1-p), 0.01)*w))
	}
	var feats []int
	for f := range b.width {
		if rng.Float64() < featShare && len(b.cuts[f]) > 0 {
			feats = append(feats, f)
		}
	}
	var t binTree
	leaf := make([]uint8, len(rows))
	hists := make([]histogram, len(feats))
	side := sampled{rows, leaf, grad, hess} // the rows that the histograms do not have yet
	right := true                           // they are those above the last cut
	for d := range treeDepth {
		best, at, bin := -1.0, 0, uint8(0)
		for k, f := range feats {
			hists[k].grow(b.bins[f], d, side, right)
			if gain, cut := b.split(f, d, hists[k]); gain > best {
				best, at, bin = gain, f, cut
			}
		}
		t.feature[d], t.bin[d] = at, bin
		col := b.bins[at]
		above := 0
		for k, i := range rows {
			if col[i] > bin {
				leaf[k] |= 1 << d
				above++
			}
		}
		right = above*2 <= len(rows)
		side = sampled{}
		for k, i := range rows {
			if (leaf[k]>>d == 1) == right {
				side.rows, side.leaf = append(side.rows, i), append(side.leaf, leaf[k])
				side.grad, side.hess = append(side.grad, grad[k]), append(side.hess, hess[k])
			}
		}
	}
	var g, h [1 << treeDepth]float64
	for k := range rows {
		g[leaf[k]] += float64(grad[k])
		h[leaf[k]] += float64(hess[k])
	}
	for k := range g {
		t.value[k] = -g[k] / (h[k] + b.l2)
	}
	return t
}

// sampled are rows that a tree is grown on, and the leaves that they are in.
type sampled struct {
	rows       []int32
	leaf       []uint8
	grad, hess []float32
}

// histogram has the sums of gradients and their derivatives by leaf and by bin of one feature.
type histogram [][2]float32

// grow makes a histogram of the leaves of level d from that of the level before: it counts the
// rows on one side of the cut between them, and what is left is on the other.
func (h *histogram) grow(col []uint8, d int, side sampled, right bool) {
	at := uint8(0)
	if d > 0 {
		at = 1 << (d - 1)
	}
	*h = append(*h, make(histogram, (1<<d)*maxBins-len(*h))...)
	for k, i := range side.rows {
		c := &(*h)[int(side.leaf[k]|at)*maxBins+int(col[i])]
		c[0] += side.grad[k]
		c[1] += side.hess[k]
	}
	if d == 0 {
		return
	}
	n := int(at) * maxBins
	for k := range n {
		low, high := &(*h)[k], &(*h)[n+k]
		low[0], low[1] = low[0]-high[0], low[1]-high[1]
		if !right {
			*low, *high = *high, *low
		}
	}
}

// split returns the gain of the best cut of feature f, one cut for all leaves of the level.
func (b *booster) split(f, d int, hist histogram) (float64, uint8) {
	n := len(b.cuts[f])
	var gains [maxBins]float64
	for l := range 1 << d {
		cell := hist[l*maxBins : (l+1)*maxBins]
		var tg, th float64
		for k := 0; k <= n; k++ {
			tg += float64(cell[k][0])
			th += float64(cell[k][1])
		}
		if th < 1e-6 {
			continue
		}
		base := tg * tg / (th + b.l2)
		var g, h float64
		for k := range n {
			g += float64(cell[k][0])
			h += float64(cell[k][1])
			gains[k] += g*g/(h+b.l2) + (tg-g)*(tg-g)/(th-h+b.l2) - base
		}
	}
	best, bin := 0.0, uint8(0)
	for k := range n {
		if gains[k] > best {
			best, bin = gains[k], uint8(k)
		}
	}
	return best, bin
}
