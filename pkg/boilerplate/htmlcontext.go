package boilerplate

// The features of a leaf that come from the scores so far of the leaves around it.
const (
	cOwn = numFeatures + iota
	cPrev
	cPrev2
	cPrev3
	cNext
	cNext2
	cNext3
	cMeanBefore // of the five leaves before, by size
	cMeanAfter
	cSinceYes // leaves since the last that scored above zero
	cToYes    // leaves to the next
	cSinceUp  // elements to go up to it
	cToUp
	cSinceSize // size of it
	cToSize
	cBefore // per cent of the page's text above zero that stands before
	cAfter
	cParent    // mean score in the parent, by size
	cGrand     // in its parent
	cGreat     // in the parent of that
	cParentYes // per cent of the page's text above zero in the parent
	cGrandYes
	cSig       // mean score of the leaves with the same path
	cHead      // score of the last heading
	cAfterHead // mean score from the last heading to the next
	cPage      // text above zero on the page
	cSince2    // leaves between the last two above zero before
	cGapSize   // text since the last leaf above zero
	cGapNext   // text to the next one
	cTop       // score of the page's best running text: what an eighth of it exceeds
	cOverTop   // the leaf's score less that
	cMid       // what half of the running text near the best exceeds
	cParBefore // per cent of the text above zero in the parent that stands before
	cParAfter  // ... after
	cGrandBefore
	cGrandAfter
	cBetween    // elements to go up to the one that holds the last and the next above zero
	cSides      // the smaller of the text above zero before and after
	cSegment    // leaves to the best run of leaves; below zero inside it, to its edge
	cSegmentYes // whether it is inside
	cBest       // elements to go up to the best element, -1 outside it
	cBestMean   // mean score in the best element
	cGapText    // least weight of the leaves since the last above zero
	cGapScore   // least score of them
	cSigYes     // per cent of the text above zero that has the same path
	numAll
)

// context fills the context features from x.score.
func (x *extractor) context() {
	n := len(x.rows)
	t := x.tree
	sums := make([]int64, len(t.nodes))
	yes := make([]int64, n+1) // size above zero before leaf i
	mass := make([]int64, n+1)
	size := make([]int64, n+1)
	nodeYes := make([]int64, len(t.nodes))
	sig := make(map[uint32]int64, len(x.sigs))
	sigYes := make(map[uint32]int64, len(x.sigs))
	for i := range n {
		s := &x.stats[i]
		w := int64(s.size) + 10
		m := w * int64(x.score[i])
		at := t.leaves[i].node
		sums[at] += m
		sig[s.sig] += m
		yes[i+1], mass[i+1], size[i+1] = yes[i], mass[i]+m, size[i]+w
		if x.score[i] > 0 {
			yes[i+1] += w
			nodeYes[at] += w
			sigYes[s.sig] += w
		}
	}
	for i := len(t.nodes) - 1; i > 0; i-- {
		up := t.nodes[i].parent
		sums[up] += sums[i]
		nodeYes[up] += nodeYes[i]
	}
	mean := func(a int32) int16 {
		s := &x.nodes[a]
		return ratio16(sums[a], int64(s.size)+10*int64(s.leaves))
	}
	x.spans(mass, size)
	x.best()
	top, mid := x.levels()
	last, before := -1, -1
	gap, gapScore := int16(0), int32(0)
	for i := range n {
		f := &x.rows[i]
		f[cOwn] = clip(x.score[i])
		for k := range 3 {
			f[cPrev+k], f[cNext+k] = x.scoreAt(i-1-k), x.scoreAt(i+1+k)
		}
		a, b := max(i-5, 0), min(i+6, n)
		f[cMeanBefore], f[cMeanAfter] = ratio16(mass[i]-mass[a], size[i]-size[a]), ratio16(mass[b]-mass[i+1], size[b]-size[i+1])
		f[cBefore], f[cAfter] = ratio16(yes[i]*100, yes[n]), ratio16((yes[n]-yes[i+1])*100, yes[n])
		at := x.blockOf(i)
		p1 := t.nodes[at].parent
		p2 := t.nodes[p1].parent
		p3 := t.nodes[p2].parent
		f[cParent], f[cGrand], f[cGreat] = mean(p1), mean(p2), mean(p3)
		f[cParentYes], f[cGrandYes] = ratio16(nodeYes[p1]*100, yes[n]), ratio16(nodeYes[p2]*100, yes[n])
		x.sides(f, cParBefore, i, p1, yes)
		x.sides(f, cGrandBefore, i, p2, yes)
		f[cSides] = int16(min(yes[i], yes[n]-yes[i+1], 8000))
		g := x.sigs[x.stats[i].sig]
		f[cSig] = ratio16(sig[x.stats[i].sig], int64(g.size)+10*int64(g.count))
		f[cPage] = int16(min(yes[n], 12000))
		f[cTop], f[cOverTop] = clip(top), clip(x.score[i]-top)
		f[cMid] = clip(x.score[i] - mid)
		f[cSinceYes], f[cSinceUp], f[cSinceSize], f[cSince2], f[cGapSize] = 99, 99, 0, 99, 9000
		if last >= 0 {
			f[cSinceYes], f[cSinceUp], f[cSinceSize] = int16(min(i-last, 50)), x.up(i, last), clip(x.stats[last].size)
			f[cGapSize] = int16(min(size[i]-size[last+1], 8000))
			if before >= 0 {
				f[cSince2] = int16(min(last-before, 50))
			}
		}
		f[cSigYes] = ratio16(sigYes[x.stats[i].sig]*100, yes[n])
		f[cGapText], f[cGapScore] = gap, clip(gapScore)
		gap, gapScore = min(gap, x.stats[i].wMean), min(gapScore, x.score[i])
		if x.score[i] > 0 {
			last, before = i, last
			gap, gapScore = 0, 0
		}
	}
	next := -1
	for i := n - 1; i >= 0; i-- {
		f := &x.rows[i]
		f[cToYes], f[cToUp], f[cToSize], f[cGapNext] = 99, 99, 0, 9000
		if next >= 0 {
			f[cToYes], f[cToUp], f[cToSize] = int16(min(next-i, 50)), x.up(i, next), clip(x.stats[next].size)
			f[cGapNext] = int16(min(size[next]-size[i+1], 8000))
		}
		f[cBetween] = max(f[cSinceUp], f[cToUp])
		if x.score[i] > 0 {
			next = i
		}
	}
}

// sides fills the features at base: the shares of the text above zero in element a that stand
// before and after leaf i.
func (x *extractor) sides(f *features, base, i int, a int32, yes []int64) {
	s := &x.nodes[a]
	f[base], f[base+1] = -1, -1
	if int(s.first) > i || int(s.last) <= i {
		return
	}
	all := yes[s.last] - yes[s.first]
	f[base], f[base+1] = ratio16((yes[i]-yes[s.first])*100, all), ratio16((yes[s.last]-yes[i+1])*100, all)
}

// blockOf returns the innermost block element that holds leaf i.
func (x *extractor) blockOf(i int) int32 {
	a := x.tree.leaves[i].node
	for a > 0 && !x.tree.nodes[a].tag.is(pBlock) {
		a = x.tree.nodes[a].parent
	}
	return a
}

func (x *extractor) scoreAt(i int) int16 {
	if i < 0 || i >= len(x.score) {
		return -9999
	}
	return clip(x.score[i])
}

func ratio16(a, b int64) int16 {
	if b == 0 {
		return 0
	}
	return int16(min(max(a/b, -32000), 32000))
}
