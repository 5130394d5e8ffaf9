package dedupe

import (
	"cmp"
	"slices"
)

const (
	storyCap     = 3           // other stories of one publisher that make a gram furniture
	sameStory    = 0.8         // share from which two texts of a publisher are one story ...
	storyMinutes = 3 * 24 * 60 // ... if their event times are no farther apart
)

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
		if b := c.best(); b > best && (same || b >= sameStory && distance(e.minute, q.entry.minute) <= storyMinutes) {
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
			shelf.add(q.entry.publisher, g)
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
