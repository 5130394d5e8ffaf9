package boilerplate

import "slices"

// best fills the features that come from the run of leaves and from the element whose scores sum
// up to the most. Source: maximum subsequence segmentation, Pasternack and Roth, WWW 2009.
func (x *extractor) best() {
	n := len(x.rows)
	if n == 0 {
		return
	}
	t := x.tree
	sums := make([]int64, len(t.nodes))
	run, from, top, a, b := int64(0), 0, int64(-1), 0, 0
	for i := range n {
		v := int64(min(max(x.score[i]+60, -500), 500)) * int64(min(x.stats[i].size, 1500)+10)
		sums[t.leaves[i].node] += v
		if run <= 0 {
			run, from = 0, i
		}
		if run += v; run > top {
			top, a, b = run, from, i+1
		}
	}
	best := int32(0)
	for i := len(t.nodes) - 1; i > 0; i-- {
		sums[t.nodes[i].parent] += sums[i]
		if sums[i] > sums[best] || best == 0 {
			best = int32(i)
		}
	}
	if sums[0] > sums[best] {
		best = 0
	}
	mean := ratio16(sums[best], int64(x.nodes[best].size)+10*int64(x.nodes[best].leaves))
	for i := range n {
		f := &x.rows[i]
		f[cSegmentYes] = 0
		switch {
		case i < a:
			f[cSegment] = int16(min(a-i, 60))
		case i >= b:
			f[cSegment] = int16(min(i-b+1, 60))
		default:
			f[cSegment], f[cSegmentYes] = -int16(min(i-a, b-1-i, 60)), 1
		}
		f[cBest], f[cBestMean] = -1, mean
		up := int16(0)
		for k := t.leaves[i].node; ; k = t.nodes[k].parent {
			if k == best {
				f[cBest] = up
				break
			}
			if k == 0 {
				break
			}
			up++
		}
	}
}

// spans fills what depends on the stretch between two headings.
func (x *extractor) spans(mass, size []int64) {
	n := len(x.rows)
	for i := 0; i < n; {
		j := i + 1
		for j < n && !tag(x.rows[j][fTag]).isHeading() {
			j++
		}
		head := int16(-9999)
		if tag(x.rows[i][fTag]).isHeading() {
			head = x.scoreAt(i)
		}
		m := ratio16(mass[j]-mass[i], size[j]-size[i])
		for k := i; k < j; k++ {
			x.rows[k][cHead], x.rows[k][cAfterHead] = head, m
		}
		i = j
	}
}

// levels returns the scores that an eighth and a half of the page's running text exceed, by size.
func (x *extractor) levels() (top, mid int32) {
	type level struct{ score, size int32 }
	all := make([]level, 0, len(x.score))
	total := int32(0)
	for i, v := range x.score {
		if g := x.stats[i].good; g > 0 {
			all = append(all, level{v, min(g, 2000)})
			total += min(g, 2000)
		}
	}
	if len(all) == 0 {
		return -2000, -2000
	}
	slices.SortFunc(all, func(a, b level) int { return int(b.score - a.score) })
	sum := int32(0)
	for _, l := range all {
		if sum < total/8 {
			top = l.score
		}
		if sum < total/2 {
			mid = l.score
		}
		sum += l.size
	}
	return top, mid
}
