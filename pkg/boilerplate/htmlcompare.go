package boilerplate

// pageText compares the leaves with each other, with what the head says in a few words, and with
// the article body of the linked data.
func (x *extractor) pageText() {
	same := make(map[uint32]int32, len(x.stats))
	opening := make(map[uint32]int32, len(x.stats))
	for i := range x.stats {
		same[x.stats[i].hash]++
		if o := x.stats[i].opening; o != 0 {
			opening[o]++
		}
	}
	marks := newMarks(x.tree.head.marked())
	arts := int32(0)
	for i := range x.tree.nodes {
		if x.tree.nodes[i].tag == tArticle {
			arts++
		}
	}
	for i := range x.stats {
		f, s := &x.rows[i], &x.stats[i]
		f[fSame], f[fOpening] = clip(same[s.hash]), clip(opening[s.opening])
		f[fAuthorName], f[fSiteName] = -1, -1
		if s.words < maxMarked {
			marks.compare(f, x.text(i))
		}
		f[fPageArts] = int16(min(arts, 10))
	}
	x.compareLinked()
}

// text returns the text of leaf i.
func (x *extractor) text(i int) []byte {
	l := &x.tree.leaves[i]
	return x.tree.text[l.from:l.to]
}

// compareLinked fills what depends on the article body of the linked data.
func (x *extractor) compareLinked() {
	body := gramSet(x.tree.head.articleBody())
	covered, all := int32(0), int16(-1)
	for i := range x.rows {
		f := &x.rows[i]
		f[fLinked] = -1
		if len(body) == 0 {
			continue
		}
		if f[fLinked] = gramShare(x.text(i), body); f[fLinked] >= 80 {
			covered += x.stats[i].good
		}
	}
	if len(body) > 0 {
		all = percent(covered, x.total.good)
	}
	for i := range x.rows {
		x.rows[i][fLinkedAll] = all
	}
}

// marks are the words of a few short texts that the head of a page gives, and in which of these
// each stands.
type marks struct {
	of    map[uint32]uint8
	count [markedTexts]int32
}

const (
	markedTexts = 4   // the title, the description, the author, the site's name
	maxMarked   = 100 // words of a leaf that is compared with them
)

func newMarks(texts [markedTexts]string) marks {
	m := marks{of: map[uint32]uint8{}}
	for i, s := range texts {
		eachWord([]byte(s), func(h uint32) {
			if m.of[h]&(1<<i) == 0 {
				m.of[h] |= 1 << i
				m.count[i]++
			}
		})
	}
	return m
}

// compare fills the features that say what a leaf's text shares with the marked texts: for title
// and description per cent of the smaller of two shares, of the text in them and of them in the
// text; for the names, how much of them is in the text; -1 where the head gives none.
func (m *marks) compare(f *features, text []byte) {
	n := int32(0)
	var hits [markedTexts]int32
	eachWord(text, func(h uint32) {
		n++
		if in := m.of[h]; in != 0 {
			for i := range hits {
				hits[i] += int32(in >> i & 1)
			}
		}
	})
	for i, v := range [markedTexts]int{fHeadline, fSummary, fAuthorName, fSiteName} {
		switch {
		case m.count[i] == 0:
			f[v] = -1
		case i < 2:
			f[v] = min(percent(hits[i], n), percent(hits[i], m.count[i]))
		default:
			f[v] = percent(min(hits[i], m.count[i]), m.count[i])
		}
	}
}
