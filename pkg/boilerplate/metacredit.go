package boilerplate

import (
	"bytes"
	"slices"
	"strings"
)

// credit is the text of an element that is marked as naming the author: by rel or itemprop, by a
// link to an author's page, or by its class or id.
type credit struct {
	node     int32
	from, to uint32 // span in tree.text
}

const maxCredits = 200 // of a page

// authorWords are the words in names of elements that say who wrote.
var authorWords = wordHashes("byline author authors autor autoren autores autora auteur auteurs autore autori autorenzeile auteursnaam författare forfatter")

// otherWords are the words in names of elements that hold other people than the article's author, asideWords
// those that may hold the author too where they stand by the headline.
var (
	otherWords = wordHashes("comment comments commentlist kommentare respond reply replies responses related caption copyright recommended nav menu signup newsletter zitat quote license")
	asideWords = wordHashes("sidebar teaser teasers recent popular trending slider carousel listing card cards image photo more next previous")
)

// authorPaths lead to what a site says about an author. All of them begin with authorRoot.
var authorPaths = [...][]byte{[]byte("/author/"), []byte("/authors/"), []byte("/autor/"), []byte("/autoren/"), []byte("/auteur/"), []byte("/auteurs/"), []byte("/autores/")}

var authorRoot = []byte("/aut")

// toAuthor reports whether a link leads to one author's page.
func toAuthor(href []byte) bool {
	i := bytes.Index(href, authorRoot)
	if i < 0 {
		return false
	}
	for _, p := range authorPaths {
		if bytes.HasPrefix(href[i:], p) && i+len(p) < len(href) {
			return true
		}
	}
	return false
}

// authorSlots has the last byte of each of authorWords, so that most words are told at one look.
var authorSlots = func() (slots [256]bool) {
	for _, w := range authorWords {
		slots[uint8(w)] = true
	}
	return slots
}()

// namesAuthor reports whether an element is named after the author.
func (t *tree) namesAuthor(n int32) bool {
	for _, w := range t.names(n) {
		if authorSlots[uint8(w)] && slices.Contains(authorWords, w) {
			return true
		}
	}
	return false
}

// openCredit notes where the text of an element that is marked begins.
func (t *tree) openCredit(n int32) {
	e := &t.nodes[n]
	if e.flags&nodeCredit == 0 && !t.namesAuthor(n) || t.skip > 0 || len(t.credits) >= maxCredits {
		return
	}
	e.flags |= nodeCredited
	t.credits = append(t.credits, credit{n, uint32(len(t.text)), 0})
}

// closeCredit notes where the text of a marked element ends.
func (t *tree) closeCredit(n int32) {
	for i := len(t.credits) - 1; i >= 0 && t.credits[i].node >= n; i-- {
		if t.credits[i].node == n {
			t.credits[i].to = uint32(len(t.text))
		}
	}
}

// named reports whether one of the words is in the names of an element.
func (t *tree) named(n int32, words []uint32) bool {
	for _, w := range t.names(n) {
		if slices.Contains(words, w) {
			return true
		}
	}
	return false
}

// names returns the hashes of the words of an element's names.
func (t *tree) names(n int32) []uint32 {
	e := &t.nodes[n]
	return t.words[e.words : e.words+uint32(e.nwords)]
}

// credited returns the authors whom the page marks nearest to the headline; else those whom it marks
// further down, if all marks there say the same: then sure is false unless they stand at the article's end.
func (x *extractor) credited() (names string, sure bool) {
	t := x.tree
	title, end := x.storyTop(), x.storyEnd()
	best, nearest := "", maxNear+1
	far, clash := "", false
	last := credit{}
	for i := 0; i < len(t.credits); {
		name, next := x.creditAt(i)
		c := &t.credits[i]
		i = next
		d := x.leafAt(c.from) - title
		away := d > maxNear || end > title && d+title > end+1
		if name == "" || x.isForeign(c.node, title, away) || d+title > end+maxBehind {
			continue
		}
		switch beside := nearest <= maxNear && c.from <= last.to+maxBeside && x.areSiblings(c.node, last.node); {
		case away:
			clash = clash || far != "" && lettersOf(far) != lettersOf(name)
			far, sure = name, d+title <= end+4
		case beside && !strings.Contains(best, name) && len(best) < maxByline/2:
			best += ", " + name
			last = *c
		case d < 0 && -3*d < nearest:
			best, nearest, last = name, -3*d, *c
		case d >= 0 && d < nearest:
			best, nearest, last = name, d, *c
		}
	}
	if best == "" && !clash {
		return far, sure
	}
	return best, true
}

const (
	maxNear   = 15 // leaves
	maxBehind = 20 // leaves from the end of the story
	maxBeside = 8  // bytes between two authors of one list
)

// areSiblings reports whether two marked elements are alike and in one element, or each in its own item of one.
func (x *extractor) areSiblings(a, b int32) bool {
	t := x.tree
	up := func(n int32) int32 { return t.nodes[n].parent }
	return t.nodes[a].tag == t.nodes[b].tag && slices.Equal(t.names(a), t.names(b)) && (up(a) == up(b) || up(up(a)) == up(up(b)))
}

// storyTop returns the leaf with the article's headline, 0 if none is known: where the headline that is
// found only quotes one above it, as "3 responses to ..." does, that one.
func (x *extractor) storyTop() int {
	found := max(x.headline(), 0)
	if len(x.rows) == 0 || !tag(x.rows[found][fTag]).isHeading() || x.text(found)[0] < '0' || x.text(found)[0] > '9' {
		return found
	}
	full := lettersOf(string(x.text(found)))
	for i := range found {
		if tag(x.rows[i][fTag]).isHeading() && x.stats[i].words < 40 {
			if s := lettersOf(string(x.text(i))); len(s)*2 > len(full) && len(s) < len(full) && strings.HasSuffix(full, s) {
				return i
			}
		}
	}
	return found
}

// storyEnd returns the last leaf of running text that is the article's.
func (x *extractor) storyEnd() int {
	th := x.threshold(x.cut())
	for i := len(x.score) - 1; i > 0; i-- {
		if x.score[i] > th && x.stats[i].good > 0 {
			return i
		}
	}
	return 0
}

// creditAt returns the names in the marked element i, "" if it has none, and the first marked element that
// is not inside it or beside it. The elements inside it that are marked themselves know better.
func (x *extractor) creditAt(i int) (string, int) {
	t := x.tree
	c := &t.credits[i]
	next := i + 1
	var names []string
	one := int32(-1)
	for next < len(t.credits) && t.credits[next].from < c.to {
		name, n := x.creditAt(next)
		if one < 0 || x.areSiblings(one, t.credits[next].node) {
			names = appendName(names, name)
		}
		if one < 0 && name != "" {
			one = t.credits[next].node
		}
		next = n
	}
	if len(names) > 0 {
		return strings.Join(names, ", "), next
	}
	begin := x.leafAt(c.from)
	for k := begin; k < min(begin+5, len(t.leaves)) && t.leaves[k].from < c.to && x.stats[k].words <= 25; k++ {
		l := &t.leaves[k]
		from, to := max(l.from, c.from), min(l.to, c.to)
		if from >= to {
			continue
		}
		line := string(t.text[from:to])
		alone := t.nodes[c.node].flags&nodeCredit != 0 || leadsIn(string(t.text[l.from:from])) || slices.Contains(agencies, strings.ToLower(line))
		if s := namesIn(line, alone, true); s != "" {
			return s, next
		}
	}
	return "", next
}

// leafAt returns the leaf that holds byte at of the page's text.
func (x *extractor) leafAt(at uint32) int {
	i, _ := slices.BinarySearchFunc(x.tree.leaves, at, func(l leaf, at uint32) int {
		if l.to <= at {
			return -1
		}
		return 1
	})
	return i
}

// appendName appends a name unless it is there, in another form too.
func appendName(names []string, name string) []string {
	if name == "" || len(names) >= 8 {
		return names
	}
	for i, s := range names {
		if strings.HasPrefix(name, s) {
			return names
		}
		if strings.HasPrefix(s, name) {
			names[i] = name
			return names
		}
	}
	return append(names, name)
}

// isForeign reports whether an element stands in a part of the page, apart from its headline, that
// is not the article's. far says that it is far from the headline.
func (x *extractor) isForeign(n int32, title int, far bool) bool {
	t := x.tree
	for own := n; n > 0; n = t.nodes[n].parent {
		if s := &x.nodes[n]; int(s.first) <= title && title < int(s.last) {
			return false
		}
		switch t.nodes[n].tag {
		case tNav, tFigure, tFigcaption, tBlockquote:
			return true
		case tAside:
			if far {
				return true
			}
		}
		if t.named(n, otherWords) || far && n != own && t.named(n, asideWords) {
			return true
		}
	}
	return false
}
