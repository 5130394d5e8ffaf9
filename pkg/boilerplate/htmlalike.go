package boilerplate

// alike counts, for each element with text, the elements of its parent that are like it: the entries
// of a list of teasers, of comments, of products.
func (x *extractor) alike() {
	type key struct {
		parent int32
		own    uint32
	}
	counts := map[key]int32{}
	for i := range x.nodes {
		if n := &x.nodes[i]; n.leaves > 0 && n.own != 0 {
			counts[key{x.tree.nodes[i].parent, n.own}]++
		}
	}
	for i := range x.nodes {
		if n := &x.nodes[i]; n.leaves > 0 && n.own != 0 {
			n.alike = int16(min(counts[key{x.tree.nodes[i].parent, n.own}], 60))
		}
	}
}

// repeats fills the features that say in which article a leaf stands, and in which entry of the
// longest list: of the elements from its parent par up to top, which holds most of the page's
// running text, the one with the most elements like it beside it.
func (x *extractor) repeats(f *features, holder *nodeStats, par, top int32) {
	f[fNested], f[fArtGood] = holder.nested, -1
	if holder.art > 0 {
		f[fArtGood] = percent(x.nodes[holder.art].good, x.total.good)
	}
	f[fRepeat], f[fRepeatUp], f[fRepeatSize], f[fRepeatLink], f[fRepeatAll] = 0, -1, 0, 0, 0
	up := int16(1)
	for a := par; a > 0 && a != top; a = x.tree.nodes[a].parent {
		if n := &x.nodes[a]; n.alike > max(f[fRepeat], 1) {
			f[fRepeat], f[fRepeatUp], f[fRepeatSize], f[fRepeatLink] = n.alike, up, int16(min(n.size, 6000)), percent(n.link, n.size)
			f[fRepeatAll] = percent(x.nodes[x.tree.nodes[a].parent].good, x.total.good)
		}
		up++
	}
}
