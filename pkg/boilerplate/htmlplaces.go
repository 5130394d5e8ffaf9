package boilerplate

// places fills the features that come from the leaves before and after.
func (x *extractor) places() {
	n := len(x.rows)
	title := x.headline()
	head := -1
	prev := -1
	label := -1
	gap := int16(0)
	for i := range x.rows {
		f := &x.rows[i]
		f[fIndex] = int16(min(i, n-i, 60))
		f[fBefore], f[fAfter] = percent(x.sums[i], x.total.good), percent(x.total.good-x.sums[i+1], x.total.good)
		f[fFromTitle], f[fGoodTitle] = -999, -999
		if title >= 0 {
			f[fFromTitle] = int16(min(max(i-title, -40), 40))
			f[fGoodTitle] = int16(min(max(x.sums[i]-x.sums[title], -3000), 3000))
		}
		f[fHeadDist], f[fPrevGood], f[fPrevUp] = 99, 99, 99
		if head >= 0 {
			f[fHeadDist] = int16(min(i-head, 50))
			f[fHeadText], f[fHeadLevel], f[fHeadSize] = x.stats[head].wMean, x.rows[head][fTag], x.rows[head][fSize]
		}
		if prev >= 0 {
			f[fPrevGood] = int16(min(i-prev, 50))
			f[fPrevUp] = x.up(i, prev)
		}
		f[fLabelDist], f[fLabelText] = 99, 0
		if label >= 0 {
			f[fLabelDist], f[fLabelText] = int16(min(i-label, 50)), x.stats[label].wMean
		}
		f[fGapText] = gap
		gap = min(gap, x.stats[i].wMean)
		if x.stats[i].good > 0 {
			gap = 0
		}
		if f[fSize] < 70 && (f[fBoldShare] > 80 || f[fEnd] == 4) || tag(f[fTag]).isHeading() {
			label = i
		}
		f[fRunBefore] = clip((x.sums[i] - x.sums[max(i-10, 0)]) / 4)
		f[fRunAfter] = clip((x.sums[min(i+11, n)] - x.sums[i+1]) / 4)
		if i+1 < n {
			f[fNextImages] = int16(min(x.tree.leaves[i+1].images, 20))
		}
		x.neighbour(f, i, i-1, fPrevSize)
		x.neighbour(f, i, i+1, fNextSize)
		x.second(f, i-2, fPrev2Size)
		x.second(f, i+2, fNext2Size)
		if tag(f[fTag]).isHeading() {
			head = i
		}
		if x.stats[i].good > 0 {
			prev = i
		}
	}
	next := -1
	for i := n - 1; i >= 0; i-- {
		f := &x.rows[i]
		f[fNextGood], f[fNextUp] = 99, 99
		if next >= 0 {
			f[fNextGood] = int16(min(next-i, 50))
			f[fNextUp] = x.up(i, next)
		}
		if x.stats[i].good > 0 {
			next = i
		}
	}
}

// neighbour fills the four features at base for the leaf k beside leaf i.
func (x *extractor) neighbour(f *features, i, k, base int) {
	if k < 0 || k >= len(x.stats) {
		f[base], f[base+1], f[base+2], f[base+3] = -1, -1, 0, 0
		return
	}
	s := &x.stats[k]
	f[base], f[base+1], f[base+2] = clip(s.size), percent(s.link, s.size), s.wMean
	if s.sig == x.stats[i].sig {
		f[base+3] = 1
	}
}

func (x *extractor) second(f *features, k, base int) {
	f[base], f[base+1] = -1, -1
	if k >= 0 && k < len(x.stats) {
		f[base], f[base+1] = clip(x.stats[k].size), percent(x.stats[k].link, x.stats[k].size)
	}
}

// up returns how many elements to go up from leaf i to reach one that holds leaf k too.
func (x *extractor) up(i, k int) int16 {
	n := int16(0)
	for a := x.tree.leaves[i].node; a > 0; a = x.tree.nodes[a].parent {
		if s := &x.nodes[a]; int(s.first) <= k && k < int(s.last) {
			break
		}
		n++
	}
	return n
}

// headline returns the leaf that is the page's headline, or -1: the heading, or else the other
// leaf, that shares most with the title.
func (x *extractor) headline() int {
	best, most := -1, int16(59)
	for i := range x.rows {
		f := &x.rows[i]
		v := f[fHeadline]
		if v < 50 || f[fLinkShare] > 50 {
			continue
		}
		switch h := tag(f[fTag]); {
		case h == tH1:
			v += 40
		case h.isHeading():
			v += 20
		}
		if v > most {
			best, most = i, v
		}
	}
	if best >= 0 {
		return best
	}
	for i := range x.rows {
		if tag(x.rows[i][fTag]) == tH1 {
			return i
		}
	}
	return -1
}
