package dedupe

import (
	"cmp"
	"slices"
)

// Bounds on the work for one document.
const (
	commonPostings = 8  // a key with that many live postings says nothing
	rarePostings   = 3  // a key with no more than these says enough alone
	maxCandidates  = 32 // most documents verified by their keys
	maxMembers     = 32 // most members of a story verified beside them
)

// leaveOutFurniture drops the grams and keys known as the publisher's furniture.
func (x *Index) leaveOutFurniture(q *query) {
	if s := x.known.of(q.entry.publisher); s != nil {
		for w := range q.drop {
			q.drop[w] = s.has(q.entry.publisher, q.grams(w))
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
	touched := x.posts.touch(exactKey(q.sk))
	for _, k := range q.sk.keys {
		touched += x.posts.touch(k)
	}
	q.touched = touched
	for i, k := range q.sk.keys {
		l := &q.lists[i]
		if l.skip {
			continue
		}
		l.from = int32(len(q.postings))
		q.postings = x.posts.find(q.postings, k, x.low)
		if x.p.Window > 0 && len(q.postings)-int(l.from) >= commonPostings {
			q.postings = q.postings[:int(l.from)+x.leaveOutFar(q, q.postings[l.from:])]
		}
		l.to = int32(len(q.postings))
		docs := q.postings[l.from:l.to]
		switch {
		case len(docs) >= commonPostings:
			l.skip = true
		case len(docs) >= storyCap && x.stories(q, docs) >= storyCap:
			l.skip = true
		default:
			q.hits = append(q.hits, docs...)
			if len(docs) <= rarePostings {
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

// leaveOutFar moves the documents within the window to the front, and returns how many they are: those
// of other times do not make a key common.
func (x *Index) leaveOutFar(q *query, docs []uint32) (n int) {
	for _, d := range docs {
		if x.inWindow(q, x.entryOf(d)) {
			docs[n] = d
			n++
		}
	}
	return n
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
