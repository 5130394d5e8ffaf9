package dedupe

import (
	"cmp"
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
)

const (
	commonPostings = 8        // a key with that many live postings says nothing
	maxCandidates  = 32       // most documents verified by their keys
	maxMembers     = 32       // most members of a story verified beside them
	storyCap       = 3        // stories of one publisher that make a shingle furniture
	sameStory      = 0.8      // share from which two texts of a publisher are one story ...
	storyMinutes   = 3 * 1440 // ... if their event times are no farther apart
	formShare      = 0.7
	numbersAcross  = 0.6
	numbersWithin  = 0.95
	numbersLater   = 1.1
	laterShare     = 0.1
	dayMinutes     = 20 * 60
	sureHits       = 6
	farLevel       = 99
	certain        = 4
	shortAcross    = 0.2
	shortWithin    = 1.0
	minShared      = 4 // least shared grams of a match
)

// leaveOutFurniture drops the grams and keys known as the publisher's furniture.
func (x *Index) leaveOutFurniture(q *query) {
	if s := x.known.of(q.entry.publisher); s != nil {
		for i, g := range q.sk.grams {
			if s.has(place(q.entry.publisher, g)) {
				q.drop[i>>6] |= 1 << (i & 63)
			}
		}
		q.drop.runs()
	}
	for _, at := range q.sk.keyAt {
		q.lists = append(q.lists, list{skip: q.dropped(int(at))})
	}
}

func (q *query) dropped(i int) bool { return i>>6 < len(q.drop) && q.drop[i>>6]>>(i&63)&1 != 0 }

// lookUp finds the documents that share keys with the new one.
func (x *Index) lookUp(q *query) {
	for _, k := range q.sk.keys {
		q.touched += x.posts.touch(k)
	}
	for i, k := range q.sk.keys {
		l := &q.lists[i]
		if l.skip {
			continue
		}
		l.from = int32(len(q.postings))
		q.postings = x.posts.find(q.postings, k, x.low)
		l.to = int32(len(q.postings))
		docs := q.postings[l.from:l.to]
		switch {
		case len(docs) >= commonPostings:
			l.skip = true
		case len(docs) >= storyCap && x.stories(q, docs) >= storyCap:
			l.skip = true
		default:
			q.hits = append(q.hits, docs...)
			if len(docs) <= 3 {
				q.hits = append(q.hits, docs...) // rare keys say more
			}
		}
	}
	slices.Sort(q.hits)
	for i := 0; i < len(q.hits); {
		j := i + 1
		for j < len(q.hits) && q.hits[j] == q.hits[i] {
			j++
		}
		if j-i >= 2 {
			q.found = append(q.found, candidate{doc: q.hits[i], hits: j - i})
		}
		i = j
	}
	if len(q.found) > maxCandidates {
		slices.SortFunc(q.found, func(a, b candidate) int {
			return cmp.Or(cmp.Compare(b.hits, a.hits), cmp.Compare(b.doc, a.doc))
		})
		q.found = q.found[:maxCandidates]
	}
}

// stories counts the stories of the new document's publisher among docs.
func (x *Index) stories(q *query, docs []uint32) (n int) {
	var seen [commonPostings]uint32
	for _, d := range docs {
		if e := x.entryOf(d); e.publisher == q.entry.publisher && !slices.Contains(seen[:n], e.story) {
			seen[n] = e.story
			n++
		}
	}
	return n
}

// verify compares the grams of the candidates, and of the other members of the
// stories they belong to.
func (x *Index) verify(q *query) {
	for i := range q.found {
		x.compare(q, &q.found[i])
	}
	for i, n := 0, len(q.found); i < n; i++ {
		if q.found[i].best() < x.p.Overlap/2 {
			continue
		}
		first := x.entryOf(q.found[i].doc).first
		if first < x.low {
			continue
		}
		x.consider(q, first)
		d := x.entryOf(first).link
		for range maxMembers {
			if d <= first || d < x.low {
				break
			}
			x.consider(q, d)
			d = x.entryOf(d).link
		}
	}
}

func (x *Index) consider(q *query, d uint32) {
	for i := range q.found {
		if q.found[i].doc == d {
			return
		}
	}
	q.found = append(q.found, candidate{doc: d})
	x.compare(q, &q.found[len(q.found)-1])
}

// compare fills in what the new document and c share.
func (x *Index) compare(q *query, c *candidate) {
	e := x.entryOf(c.doc)
	s := x.log.signature(e)
	c.level, c.total = int(e.level), int(e.grams)
	set := 0
	for i := 0; i < len(s.bitmap); i += 8 {
		set += bits.OnesCount64(binary.LittleEndian.Uint64(s.bitmap[i:]))
	}
	c.chance = float64(set) / float64(8*len(s.bitmap))
	c.at = q.newMask()
	m := q.mask(c.at)
	if c.hits < sureHits && len(m) >= 4 && q.unlike(c, s.bitmap, set) {
		c.level = farLevel
		return
	}
	for w := range m {
		m[w] = probe(q.sk.grams[64*w:min(64*w+64, len(q.sk.grams))], s.bitmap)
		if c.level > 0 {
			m[w] &= atLevel(q.sk.grams[64*w:min(64*w+64, len(q.sk.grams))], c.level)
		}
	}
	c.numbers = sharedNumbers(q.sk.numbers, s.numbers)
	c.weigh(q)
}

// probe returns which grams the bitmap holds, or seems to.
func probe(grams []uint64, bitmap []byte) (v uint64) {
	size := uint64(len(bitmap) * 8)
	for i, g := range grams {
		at := g & (1<<32 - 1) * size >> 32
		v |= uint64(bitmap[at>>3]>>(at&7)&1) << (i & 63)
	}
	return v
}

func atLevel(grams []uint64, level int) (v uint64) {
	for i, g := range grams {
		if g <= ^uint64(0)>>level {
			v |= 1 << i
		}
	}
	return v
}

// unlike looks at every fourth part of the text and reports whether it is plain
// that nothing worth counting is shared.
func (q *query) unlike(c *candidate, bitmap []byte, set int) bool {
	n, hits := 0, 0
	for w := 0; w < q.words; w += 4 {
		g := q.sk.grams[64*w : min(64*w+64, len(q.sk.grams))]
		hits += bits.OnesCount64(probe(g, bitmap))
		n += len(g)
	}
	p := c.chance
	found := (float64(hits) - p*float64(n)) / (1 - p)
	noise := math.Sqrt(float64(n) * p * (1 - p))
	return c.level == 0 && found+3*noise < 0.1*float64(min(n, c.total*n/len(q.sk.grams)))
}

// weigh estimates what is shared, without furniture.
func (c *candidate) weigh(q *query) {
	if c.level == farLevel {
		return
	}
	m := q.mask(c.at)
	mine := len(q.sk.grams) - q.drop.count()
	scale := 1.0 // of its grams to the grams compared
	if c.level > 0 || q.sk.level > 0 {
		if mine = q.above(c.level); c.level < q.sk.level {
			scale = 1 / float64(uint(1)<<(q.sk.level-c.level))
		}
	}
	chance, over := c.chance, 1.0
	if mine > 3*c.total {
		// so many tries at so small a bitmap: only runs are told from chance
		q.runs = append(q.runs[:0], m...)
		m = q.runs
		m.runs()
		chance, over = chance*chance*chance*(3-2*chance), 2
	}
	hits := m.countBut(q.drop)
	furniture := m.count() - hits
	c.n = max(0, (float64(hits)-chance*float64(mine))/(1-chance))
	c.noise = math.Sqrt(over*float64(mine)*chance*(1-chance)) / (1 - chance)
	c.mine = mine
	gone := max(0, (float64(furniture)-chance*float64(len(q.sk.grams)-mine))/(1-chance))
	c.share = min(1, c.n/float64(max(1, mine)))
	c.other = min(1, c.n/max(1, float64(c.total)*scale-gone))
}

// above counts the grams that are no furniture and have that level or more.
func (q *query) above(level int) (n int) {
	for i, g := range q.sk.grams {
		if g <= ^uint64(0)>>level && !q.dropped(i) {
			n++
		}
	}
	return n
}

// sharedNumbers returns the share of the numbers of one text that the other has
// too, of the text with fewer; -1 when there are too few to say.
func sharedNumbers(a []uint16, b []byte) float64 {
	na, nb := len(a), len(b)/2
	if na == 0 || nb == 0 {
		return -1
	}
	at := func(i int) uint16 { return binary.LittleEndian.Uint16(b[2*i:]) }
	top := uint16(1<<16 - 1) // both lists hold every number up to top
	if na == numberMax {
		top = min(top, a[na-1])
	}
	if nb == numberMax {
		top = min(top, at(nb-1))
	}
	i, j, both, ia, jb := 0, 0, 0, 0, 0
	for i < na && a[i] <= top || j < nb && at(j) <= top {
		switch {
		case j >= nb || i < na && a[i] < at(j):
			i, ia = i+1, ia+1
		case i >= na || at(j) < a[i]:
			j, jb = j+1, jb+1
		default:
			i, j, ia, jb, both = i+1, j+1, ia+1, jb+1, both+1
		}
	}
	if min(ia, jb) < minNumbers {
		return -1
	}
	return (float64(both) + 0.5) / float64(min(ia, jb)) // of few, chance decides
}

const minNumbers = 4

// findFurniture finds grams that stand in storyCap or more other stories of the
// publisher, and the story of the new document within the publisher.
func (x *Index) findFurniture(q *query) {
	best := 0.0
	q.own = q.own[:0] // candidates of the same publisher
	for i := range q.found {
		c := &q.found[i]
		e := x.entryOf(c.doc)
		if e.publisher != q.entry.publisher {
			continue
		}
		q.own = append(q.own, i)
		same := e.url != 0 && e.url == q.entry.url
		if b := c.best(); b > best && (same || b >= sameStory && near(e.minute, q.entry.minute)) {
			best, q.entry.story = b, e.story
		}
	}
	if len(q.own) < storyCap {
		return
	}
	story := func(i int) uint32 { return x.entryOf(q.found[i].doc).story }
	slices.SortFunc(q.own, func(a, b int) int { return cmp.Compare(story(a), story(b)) })
	one := q.newMask() // grams of one story
	var seen [storyCap + 1]int
	for k := range seen {
		seen[k] = q.newMask() // grams met in k stories or more
	}
	for i := 0; i < len(q.own); {
		s := story(q.own[i])
		m := q.mask(one)
		clear(m)
		for ; i < len(q.own) && story(q.own[i]) == s; i++ {
			for w, v := range q.mask(q.found[q.own[i]].at) {
				m[w] |= v
			}
		}
		if s == q.entry.story {
			continue
		}
		m.runs()
		for w, v := range m {
			for k := storyCap; k > 1; k-- {
				q.masks[seen[k]+w] |= q.masks[seen[k-1]+w] & v
			}
			q.masks[seen[1]+w] |= v
		}
	}
	common := q.mask(seen[storyCap])
	if common.countBut(q.drop) == 0 {
		return
	}
	shelf := x.known.own(q.entry.publisher)
	for i, g := range q.sk.grams {
		if common[i>>6]>>(i&63)&1 != 0 {
			shelf.add(place(q.entry.publisher, g))
		}
	}
	for w, v := range common {
		q.drop[w] |= v
	}
	for i := range q.found {
		q.found[i].weigh(q)
	}
	for i, at := range q.sk.keyAt {
		q.lists[i].skip = q.lists[i].skip || q.dropped(int(at))
	}
}

// near reports whether two event times may belong to one story; unknown ones may.
func near(a, b uint32) bool {
	return a == 0 || b == 0 || max(a, b)-min(a, b) <= storyMinutes
}

// decide turns what was found into a verdict.
func (x *Index) decide(q *query) (v Verdict) {
	of := uint32(0)
	for _, d := range x.posts.find(nil, exactKey(q.sk), x.low) {
		if e := x.entryOf(d); e.exact == q.sk.Exact && q.sk.Words > 0 {
			of, v.Kind = d, Exact
			v.Of = Match{ID: x.id(e), Seq: e.seq, Share: 1, ShareOfOther: 1, Relation: x.relation(q, e)}
			q.entry.first = e.first
			break
		}
	}
	kept := q.found[:0]
	for _, c := range q.found {
		if c.doc == of || x.matches(q, &c) {
			kept = append(kept, c)
		}
	}
	q.found = kept
	slices.SortFunc(q.found, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.best(), a.best()), cmp.Compare(min(b.share, b.other), min(a.share, a.other)), cmp.Compare(a.doc, b.doc))
	})
	for i := range q.found {
		c := &q.found[i]
		e := x.entryOf(c.doc)
		if q.entry.first == 0 && (i == 0 || of != 0) {
			q.entry.first = e.first
		}
		m := Match{ID: x.id(e), Seq: e.seq, Share: c.share, ShareOfOther: c.other, Relation: x.relation(q, e)}
		switch {
		case c.doc == of:
		case v.Kind == Unique && m.Share >= x.p.Duplicate:
			v.Kind, v.Of = Contained, m
			if m.ShareOfOther >= x.p.Duplicate {
				v.Kind = Near
			}
		case len(q.overlaps) < x.p.MaxMatches:
			q.overlaps = append(q.overlaps, m)
		}
	}
	if f := q.entry.first; f != 0 && f < x.low { // the first document was forgotten
		if of == 0 {
			of = q.found[0].doc
		}
		q.entry.first = of
		e := x.docs.own(uint64(of))
		e.first, e.link = of, of
	}
	if q.entry.first != 0 {
		v.Cluster = x.id(x.entryOf(q.entry.first))
	}
	v.Overlaps = q.overlaps
	return v
}

// matches reports whether the new document shares copy with c.
func (x *Index) matches(q *query, c *candidate) bool {
	e := x.entryOf(c.doc)
	short := shortAcross
	if e.publisher == q.entry.publisher {
		short = shortWithin
	}
	b := c.best() - short/math.Sqrt(float64(max(1, min(c.mine, c.total))))
	if c.n < minShared || c.n < certain*c.noise || b < x.p.Overlap {
		return false
	}
	if x.p.Window > 0 && !within(e.minute, q.entry.minute, x.p.Window.Minutes()) {
		return false
	}
	apart := distance(e.minute, q.entry.minute)
	if apart > storyMinutes && b < x.p.Overlap+laterShare {
		return false // news is copied while it is new; what comes back later is a form
	}
	if e.url != 0 && e.url == q.entry.url || b >= formShare || c.numbers < 0 {
		return true
	}
	need := numbersAcross
	switch {
	case apart > dayMinutes:
		need = numbersLater
	case e.publisher == q.entry.publisher:
		need = numbersWithin
	}
	return c.numbers >= need*b
}

// distance returns how many minutes two event times are apart, 0 if one is unknown.
func distance(a, b uint32) uint32 {
	if a == 0 || b == 0 {
		return 0
	}
	return max(a, b) - min(a, b)
}

func within(a, b uint32, reach float64) bool {
	return a == 0 || b == 0 || float64(max(a, b)-min(a, b)) <= reach
}

func (x *Index) relation(q *query, e *entry) Relation {
	switch {
	case e.url != 0 && e.url == q.entry.url:
		return Revision
	case e.publisher == q.entry.publisher:
		return Repeat
	}
	return Syndication
}
