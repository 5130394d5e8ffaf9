package dedupe

import (
	"math"
	"slices"
)

// Index remembers the sketches of earlier documents and judges new ones against
// them. One goroutine owns it; a frozen copy (Freeze) may be written out beside it.
type Index struct {
	state
	q query // the document being judged
}

// state is everything about an index that a snapshot holds.
type state struct {
	p     Params
	posts postings
	docs  chunks[entry]
	log   log
	known furniture
	next  uint32 // number of the next document
	low   uint32 // number of the oldest document still remembered
	clock clock
}

// NewIndex returns an empty index. It wraps ErrParams.
func NewIndex(p Params) (*Index, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	return &Index{state: newState(p)}, nil
}

func newState(p Params) state { return state{p: p, posts: newPostings(), next: 1, low: 1} }

// Len returns how many documents the index remembers.
func (x *Index) Len() int { return int(x.next - x.low) }

// Judge compares doc with the documents before it and remembers it. The
// verdict's Overlaps are valid until the next call.
func (x *Index) Judge(doc Doc, sk *Sketch) Verdict {
	q := &x.q
	q.begin(&doc, sk)
	x.makeRoom(q.entry.minute)
	x.leaveOutFurniture(q)
	x.lookUp(q)
	x.verify(q)
	x.findFurniture(q)
	v := x.decide(q)
	x.insert(q, v.Kind)
	if x.Len() > x.p.MaxDocs {
		x.forget()
	}
	q.sk = nil
	if v.Cluster == "" {
		v.Cluster = doc.ID
	}
	return v
}

// entryOf returns the entry of a live document.
func (x *Index) entryOf(n uint32) *entry { return x.docs.at(uint64(n)) }

func (x *Index) id(e *entry) string { return decodeID(x.log.record(e.at)) }

// insert stores the document and posts the keys its story does not have yet, so
// that a story told a hundred times does not fill the lists. Postings go with their
// documents: where that is to be expected, a new text takes the places of those its
// story has, and keeps them until a later one does.
func (x *Index) insert(q *query, kind Kind) {
	self := x.next
	x.next++
	e := q.entry
	if e.first == 0 {
		e.first, e.link = self, self
	} else {
		first := x.docs.own(uint64(e.first))
		e.link, first.link = first.link, self
	}
	if e.story == 0 {
		e.story = self
	}
	rec, grams := q.record()
	e.grams = uint16(grams)
	if kind != Unique {
		e.level |= repeats
	}
	e.at = x.log.append(rec)
	x.docs.reach(uint64(self))
	*x.docs.own(uint64(self)) = e

	middle := x.low // a posting that will go soon does not stand in for this one
	if x.next-x.low > uint32(x.p.MaxDocs/2) {
		middle += (self - x.low) / 2
	}
	takes := kind == Unique && (x.p.Window > 0 || x.Len() > x.p.MaxDocs/early)
	for i, k := range q.sk.keys {
		l := &q.lists[i]
		if l.skip {
			continue
		}
		holder := uint32(0) // of the key in this story, the oldest if its place is taken
		for _, d := range q.postings[l.from:l.to] {
			if x.entryOf(d).first != e.first || d < middle && !takes {
				continue
			}
			if holder == 0 || d < holder {
				holder = d
			}
			if !takes {
				break
			}
		}
		if holder != 0 && (!takes || x.posts.replace(k, holder, self)) {
			continue
		}
		x.posts.add(k, self, x.low)
	}
	if kind != Exact && q.sk.Words > 0 {
		x.posts.add(exactKey(q.sk), self, x.low)
	}
}

// early: an index that is no fuller than that part of MaxDocs and has no window expects to forget nothing.
const early = 16

// makeRoom forgets what a document of that time leaves no room for. After 2^32 documents the numbers
// are used up, and the index begins anew.
func (x *Index) makeRoom(minute uint32) {
	if x.next == math.MaxUint32 {
		x.state = newState(x.p)
	}
	x.shorten(maxLog)
	if now, ok := x.clock.tick(minute); ok && x.p.Window > 0 {
		x.expire(now)
	}
}

// shorten forgets documents until the records of the others span so many units at most.
func (x *Index) shorten(most uint64) {
	if x.log.end-x.log.first<<pageBits <= most {
		return // not even with those that went already
	}
	for x.low < x.next && x.log.span(x.entryOf(x.low).at) > most {
		x.forget()
	}
}

// forget drops the oldest document.
func (x *Index) forget() {
	x.low++
	x.passOn(x.low - 1)
	low := x.low
	if low%chunkLen == 0 && low < x.next {
		x.docs.drop(uint64(low))
		x.log.drop(x.entryOf(low).at)
	}
}

// expire drops documents from the old end while their event time is out of the
// window. Those of unknown or impossible time go with the ones after them.
func (x *Index) expire(now uint32) {
	reach := uint32(min(x.p.Window.Minutes(), math.MaxInt32))
	for n := x.low; n < x.next && n-x.low < lookAhead; n++ {
		m := x.entryOf(n).minute
		if m == 0 || m > now && m-now > reach {
			continue
		}
		if m+reach >= now {
			return
		}
		for x.low <= n {
			x.forget()
		}
	}
}

// lookAhead is how many documents without a usable time may stand in a row before
// the window waits for MaxDocs to remove them.
const lookAhead = 256

// clock follows event time. It moves to the median of every 63 known times, so
// that a few wrong dates do not empty the index.
type clock struct {
	last [63]uint32
	n    int
	now  uint32
}

// tick takes an event time and reports the current one when it may have moved.
func (c *clock) tick(minute uint32) (now uint32, moved bool) {
	if minute == 0 {
		return c.now, false
	}
	c.last[c.n] = minute
	if c.n++; c.n < len(c.last) {
		return c.now, false
	}
	c.n = 0
	slices.Sort(c.last[:])
	c.now = max(c.now, c.last[len(c.last)/2])
	return c.now, true
}
