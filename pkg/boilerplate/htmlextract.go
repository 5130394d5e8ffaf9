package boilerplate

// extractor turns the leaves of one page into rows of features, and judges them.
type extractor struct {
	tree  *tree
	model *htmlModel
	stats []leafStats
	rows  []features
	nodes []nodeStats
	sums  []int32              // running text before leaf i; one longer than the leaves
	total nodeStats            // of the page
	sigs  map[uint32]*sigStats // by path of elements
	score []int32              // of the leaves, in units of 1/256 of log-odds
}

// nodeStats is what an element holds, and what holds it.
type nodeStats struct {
	size, link, good, leaves int32 // of the leaves inside
	first, last              int32 // the leaves inside are [first, last)
	kids                     int16 // elements inside, one level down
	alike                    int16 // elements like it in its parent
	nested                   int16 // article elements around it
	art                      int32 // the innermost of them, or the main element; 0 if none
	sum                      int16 // of the name weights from the root to here
	name                     int16 // its own name weight
	least, most, near        int16 // over the elements from the root to here
	in                       uint16
	own                      uint32 // hash of what it is: its tag and first names
	sig                      uint32 // of the path to it
}

// What an element stands in.
const (
	inArticle uint16 = 1 << iota
	inAside
	inNav
	inHeader
	inFooter
	inFigure
	inForm
	inList
	inTable
	inQuote
	inHidden
	inBody
	inAuthor
	inCaption
	inMain
	inButton
)

var tagIn = [numTags]uint16{
	tArticle: inArticle, tMain: inMain, tAside: inAside, tNav: inNav, tHeader: inHeader, tFooter: inFooter,
	tFigure: inFigure, tFigcaption: inFigure | inCaption, tForm: inForm, tUl: inList, tOl: inList, tDl: inList, tTable: inTable,
	tBlockquote: inQuote, tButton: inButton, tAddress: inAuthor, tDialog: inHidden, tVideo: inFigure, tAudio: inFigure,
}

// sigStats is what the leaves with one path of elements hold.
type sigStats struct{ good, count, size, link int32 }

// extract fills the rows of all leaves of the page.
func (x *extractor) extract(t *tree) {
	x.tree = t
	n := len(t.leaves)
	x.stats, x.rows = make([]leafStats, n), make([]features, n)
	x.sums = make([]int32, n+1)
	x.sigs = map[uint32]*sigStats{}
	x.holders()
	for i := range t.leaves {
		x.count(i)
		x.sums[i+1] = x.sums[i] + x.stats[i].good
	}
	x.contents()
	x.pageText()
	for i := range t.leaves {
		x.held(i)
	}
	x.places()
}

// holders fills what depends on the elements around each element.
func (x *extractor) holders() {
	t := x.tree
	x.nodes = make([]nodeStats, len(t.nodes))
	for i := range t.nodes {
		e, s := &t.nodes[i], &x.nodes[i]
		s.first = -1
		own := int32(0)
		names := t.words[e.words : e.words+uint32(e.nwords)]
		for _, w := range names {
			own += int32(x.model.name.weight(w))
		}
		s.name = clip(min(max(own, -300), 300))
		if i == 0 {
			s.sig = fnvBase
			continue
		}
		up := &x.nodes[e.parent]
		up.kids = min(up.kids+1, 60)
		s.sum = clip(int32(up.sum) + int32(s.name))
		s.least, s.most = min(up.least, s.name), max(up.most, s.name)
		s.near = s.name
		if s.name == 0 {
			s.near = up.near
		}
		s.in = up.in | tagIn[e.tag]
		s.art, s.nested = up.art, up.nested
		if e.tag == tArticle || e.tag == tMain {
			s.art = int32(i)
			if e.tag == tArticle {
				s.nested++
			}
		}
		if e.tag == tTable {
			s.in &^= inList
		}
		if e.flags&nodeHidden != 0 {
			s.in |= inHidden
		}
		if e.flags&nodeBody != 0 {
			s.in |= inBody
		}
		if e.flags&nodeAuthor != 0 {
			s.in |= inAuthor
		}
		s.sig = up.sig
		if e.tag.is(pBlock) {
			s.own = (fnvBase ^ uint32(e.tag)) * fnvPrime
			for _, w := range names[:min(len(names), 2)] {
				s.own = (s.own ^ w) * fnvPrime
			}
			s.sig = (s.sig ^ uint32(e.tag)) * fnvPrime
			for _, w := range names[:min(len(names), 4)] {
				s.sig = (s.sig ^ w) * fnvPrime
			}
		}
	}
}

// contents fills what depends on the leaves inside each element.
func (x *extractor) contents() {
	t := x.tree
	for i := range t.leaves {
		s := &x.stats[i]
		n := &x.nodes[t.leaves[i].node]
		n.size += s.size
		n.link += s.link
		n.good += s.good
		n.leaves++
		if n.first < 0 {
			n.first = int32(i)
		}
		n.last = int32(i + 1)
		s.sig = n.sig
		g := x.sigs[n.sig]
		if g == nil {
			g = &sigStats{}
			x.sigs[n.sig] = g
		}
		g.good += s.good
		g.count++
		g.size += s.size
		g.link += s.link
	}
	for i := len(x.nodes) - 1; i > 0; i-- {
		n := &x.nodes[i]
		if n.leaves == 0 {
			continue
		}
		up := &x.nodes[t.nodes[i].parent]
		up.size += n.size
		up.link += n.link
		up.good += n.good
		up.leaves += n.leaves
		if up.first < 0 || n.first < up.first {
			up.first = n.first
		}
		up.last = max(up.last, n.last)
	}
	x.total = x.nodes[0]
	x.alike()
}

// held fills the features that come from the elements around leaf i.
func (x *extractor) held(i int) {
	t, f := x.tree, &x.rows[i]
	at := t.leaves[i].node
	f[fTag] = 0
	for n := at; n > 0; n = t.nodes[n].parent {
		if t.nodes[n].tag.is(pBlock) {
			f[fTag] = int16(t.nodes[n].tag)
			at = n
			break
		}
	}
	n := &x.nodes[t.leaves[i].node]
	f[fName], f[fNameSum], f[fNameMin], f[fNameMax], f[fNameNear] = n.name, n.sum, n.least, n.most, n.near
	for k, bit := range [...]uint16{inArticle | inMain, inAside, inNav, inHeader, inFooter, inFigure | inCaption, inForm | inButton, inList, inTable, inQuote, inHidden, inBody, inAuthor} {
		f[fInArticle+k] = int16(min(n.in&bit, 1<<14))
	}
	par := t.nodes[at].parent
	grand := t.nodes[par].parent
	p, g := &x.nodes[par], &x.nodes[grand]
	f[fItems] = p.kids
	f[fParSize], f[fParLink], f[fParLeaves], f[fParGood] = int16(min(p.size, 6000)), percent(p.link, p.size), int16(min(p.leaves, 60)), percent(p.good, x.total.good)
	f[fGrandSize], f[fGrandLink], f[fGrandLeaves], f[fGrandGood] = int16(min(g.size, 6000)), percent(g.link, g.size), int16(min(g.leaves, 60)), percent(g.good, x.total.good)
	up := int16(0)
	var top int32
	f[fUp10], f[fUp30], f[fUp60] = -1, -1, -1
	for a := t.leaves[i].node; ; a = t.nodes[a].parent {
		share := percent(x.nodes[a].good, x.total.good)
		if share >= 10 && f[fUp10] < 0 {
			f[fUp10] = up
		}
		if share >= 30 && f[fUp30] < 0 {
			f[fUp30] = up
		}
		if share >= 60 || a == 0 {
			f[fUp60], top = up, a
			break
		}
		up++
	}
	m := &x.nodes[top]
	f[fUp60Link], f[fUp60Leaves] = percent(m.link, m.size), int16(min(m.leaves, 200))
	if m.good > 0 && m.first >= 0 {
		f[fUp60Before] = percent(x.sums[i]-x.sums[m.first], m.good)
		f[fUp60After] = percent(x.sums[m.last]-x.sums[i+1], m.good)
	}
	x.repeats(f, n, par, top)
	f[fTopName] = clip(int32(n.sum) - int32(m.sum) + int32(m.name))
	s := x.sigs[x.stats[i].sig]
	f[fSigGood], f[fSigCount], f[fSigSize], f[fSigLink] = percent(s.good, x.total.good), int16(min(s.count, 60)), clip(s.size/s.count), percent(s.link, s.size)
}
