package dedupe

import (
	"cmp"
	"math"
	"slices"
)

// What makes a match. Measured on the labelled sets; results move little when one
// of these is moved by a third.
const (
	minShared   = 4    // least grams shared
	certain     = 4    // least grams shared, in standard deviations of the estimate
	shortAcross = 0.2  // a share counts less by that over the square root of the grams ...
	shortWithin = 0.8  // ... within one publisher: short texts share phrases and forms
	evenCopy    = 1.15 // a share both ways counts that much more: an edited copy has it, a quotation does not
	laterShare  = 0.1  // how much more must be shared days apart, and half as much the next day by texts with numbers

	// Texts made from a form share words but not numbers; copies share both. Below
	// formShare the share of common numbers must be that many times the share of text,
	// and more in short texts, which have few numbers and are forms most often.
	formShare     = 0.7
	numbersAcross = 0.6  // between publishers
	numbersWithin = 0.75 // within one
	numbersLater  = 0.9  // when they are more than laterMinutes apart
	numbersShort  = 2    // the share counts as more by that many times what shortness took off it
	laterMinutes  = 20 * 60
)

// decide turns what was found into a verdict.
func (x *Index) decide(q *query) (v Verdict) {
	of := x.exact(q)
	if of != 0 {
		e := x.entryOf(of)
		v.Kind, v.Of = Exact, x.match(q, e, 1, 1)
		q.entry.first = e.first
	}
	x.keepMatches(q, &v, of)
	for i := range q.found {
		c := &q.found[i]
		e := x.entryOf(c.doc)
		if q.entry.first < x.low { // none, or of a story that was lost
			q.entry.first = e.first
		}
		if of != 0 || e.level&repeats != 0 { // what only a duplicate holds is new to who drops those
			continue
		}
		if c.share >= x.p.Near && c.other >= x.p.Near {
			of, v.Kind, v.Of = c.doc, Near, x.match(q, e, c.share, c.other)
		} else if c.share >= x.p.Contained {
			of, v.Kind, v.Of = c.doc, Contained, x.match(q, e, c.share, c.other)
		}
	}
	x.list(q, of)
	if f := q.entry.first; f != 0 && f < x.low { // the first document was forgotten: the match takes its place
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

// list fills in the overlaps: the best match of each story but that of the document of,
// and then the further ones, as far as there is room.
func (x *Index) list(q *query, of uint32) {
	listed := q.stories[:0] // first documents of the stories named so far
	if of != 0 {
		listed = append(listed, x.entryOf(of).first)
	}
	for _, again := range []bool{false, true} {
		for i := range q.found {
			c := &q.found[i]
			if c.doc == of || c.listed || len(q.overlaps) == x.p.MaxMatches {
				continue
			}
			e := x.entryOf(c.doc)
			if !again && slices.Contains(listed, e.first) {
				continue
			}
			q.overlaps = append(q.overlaps, x.match(q, e, c.share, c.other))
			listed, c.listed = append(listed, e.first), true
		}
	}
	q.stories = listed
}

// exact returns the first remembered document with the same words, or 0.
func (x *Index) exact(q *query) (of uint32) {
	if q.sk.Words == 0 {
		return 0
	}
	q.hits = x.posts.find(q.hits[:0], exactKey(q.sk), x.low)
	for _, d := range q.hits {
		if e := x.entryOf(d); e.exact == q.sk.Exact && x.inWindow(q, e) && (of == 0 || d < of) {
			of = d
		}
	}
	return of
}

// keepMatches leaves the candidates that share copy with the new document, best
// first, and notes the best that only shares a form.
func (x *Index) keepMatches(q *query, v *Verdict, of uint32) {
	kept := q.found[:0]
	form := 0.0
	for i := range q.found {
		c := q.found[i]
		switch match, formal := x.matches(q, &c); {
		case match || c.doc == of:
			kept = append(kept, c)
		case formal && c.best() > form:
			form = c.best()
			v.Form = x.match(q, x.entryOf(c.doc), c.share, c.other)
		}
	}
	q.found = kept
	slices.SortFunc(q.found, func(a, b candidate) int {
		return cmp.Or(
			cmp.Compare(b.best(), a.best()),
			cmp.Compare(min(b.share, b.other), min(a.share, a.other)),
			cmp.Compare(a.doc, b.doc),
		)
	})
}

// matches reports whether the new document shares copy with c, and if not,
// whether the two are made from one form.
func (x *Index) matches(q *query, c *candidate) (match, form bool) {
	e := x.entryOf(c.doc)
	within := e.publisher == q.entry.publisher
	short := shortAcross
	if within {
		short = shortWithin
	}
	b := c.best()
	if !within && distance(e.minute, q.entry.minute) <= laterMinutes {
		b = max(b, evenCopy*(c.share+c.other)/2)
	}
	short /= math.Sqrt(float64(max(1, min(c.mine, c.total))))
	b -= short
	if c.n < minShared || c.n < certain*c.noise || b < x.p.Overlap || !x.inWindow(q, e) {
		return false, false
	}
	if e.url != 0 && e.url == q.entry.url {
		return true, false
	}
	apart := distance(e.minute, q.entry.minute)
	later := 0.0 // news is copied while it is new, forms are filled in every day
	switch {
	case apart > storyMinutes:
		later = laterShare
	case apart > laterMinutes && c.numbers >= 0:
		later = laterShare / 2
	}
	if b < x.p.Overlap+later {
		return false, true
	}
	need := numbersAcross
	switch {
	case b >= formShare || c.numbers < 0:
		return true, false
	case apart > laterMinutes:
		need = numbersLater
	case within:
		need = numbersWithin
	}
	need *= c.best() + numbersShort*short
	return c.numbers >= need, c.numbers < need
}

// inWindow reports whether the new document and e are near enough in event time to be compared.
func (x *Index) inWindow(q *query, e *entry) bool {
	return x.p.Window == 0 || float64(distance(e.minute, q.entry.minute)) <= x.p.Window.Minutes()
}

// distance returns how many minutes two event times are apart, 0 if one is unknown.
func distance(a, b uint32) uint32 {
	if a == 0 || b == 0 {
		return 0
	}
	return max(a, b) - min(a, b)
}

func (x *Index) match(q *query, e *entry, share, other float64) Match {
	m := Match{ID: x.id(e), Seq: e.seq, Share: share, ShareOfOther: other}
	switch {
	case e.url != 0 && e.url == q.entry.url:
		m.Relation = Revision
	case e.publisher == q.entry.publisher:
		m.Relation = Repeat
	}
	return m
}
