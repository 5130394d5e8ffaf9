package dedupe

import (
	"encoding/binary"
	"math/bits"

	"github.com/cespare/xxhash/v2"
)

const maskWords = (gramMax + 64) / 64

// mask has a bit for each gram of the new document.
type mask [maskWords]uint64

func (m *mask) set(i int)      { m[i>>6] |= 1 << (i & 63) }
func (m *mask) has(i int) bool { return m[i>>6]>>(i&63)&1 != 0 }

// count returns how many of the first n bits are set.
func (m *mask) count(n int) (c int) {
	for i := 0; i < n>>6; i++ {
		c += bits.OnesCount64(m[i])
	}
	if n&63 != 0 {
		c += bits.OnesCount64(m[n>>6] & (1<<(n&63) - 1))
	}
	return c
}

// countWithout returns how many of the first n bits are set in m and not in no.
func (m *mask) countWithout(no *mask, n int) (c int) {
	for i := 0; i < n>>6; i++ {
		c += bits.OnesCount64(m[i] &^ no[i])
	}
	if n&63 != 0 {
		c += bits.OnesCount64(m[n>>6] &^ no[n>>6] & (1<<(n&63) - 1))
	}
	return c
}

// query is the document being judged, and what has been found about it.
type query struct {
	sk       *Sketch
	entry    entry
	id       string
	upTo     [20]int // grams of that level or more
	drop     mask    // grams that do not count: furniture
	lists    []list  // per key
	postings []uint32
	hits     []uint32
	found    []candidate
	overlaps []Match
	where    [1 << 13]uint32 // tag<<16 | position+1 of the gram with that tag
	rec      []byte
}

// list is what the index holds under one key: postings[from:to].
type list struct {
	from, to int32
	skip     bool // furniture, or common everywhere: neither counts nor is posted
}

// candidate is an earlier document that may share text with the new one.
type candidate struct {
	doc     uint32
	hits    int
	shared  mask // the grams of the new document it has
	n       int  // how many, without furniture
	mine    int  // grams of the new document at the common level, without furniture
	theirs  int  // grams of the other
	level   int
	sameURL bool
	numbers float64 // share of the numbers the two have in common, -1 = too few to say
}

func (c *candidate) share() float64        { return ratio(c.n, c.mine) }
func (c *candidate) shareOfOther() float64 { return ratio(c.n, c.theirs) }
func (c *candidate) best() float64         { return max(c.share(), c.shareOfOther()) }

func ratio(a, b int) float64 {
	if b <= 0 {
		return 0
	}
	return float64(a) / float64(b)
}

func hash32(s string) uint32 {
	if s == "" {
		return 0
	}
	return uint32(xxhash.Sum64String(s)>>32) | 1
}

func (q *query) begin(x *Index, doc *Doc, sk *Sketch) {
	q.sk, q.id = sk, doc.ID
	q.entry = entry{seq: doc.Seq, exact: sk.Exact, publisher: hash32(doc.Publisher), url: hash32(doc.URL), level: uint8(sk.level)}
	if doc.Time > 0 {
		q.entry.minute = uint32(min(doc.Time/60+1, 1<<32-1))
	}
	clear(q.drop[:])
	q.lists, q.postings, q.hits, q.found, q.overlaps = q.lists[:0], q.postings[:0], q.hits[:0], q.found[:0], q.overlaps[:0]
	clear(q.upTo[:])
	for i, g := range sk.grams {
		q.upTo[levelOf(g)]++
		slot := &q.where[tagSlot(uint16(g))]
		if *slot != 0 { // met before, or its slot is taken
			q.drop.set(i)
			continue
		}
		*slot = uint32(uint16(g))<<16 | uint32(i+1)
	}
	for l := 14; l >= 0; l-- {
		q.upTo[l] += q.upTo[l+1]
	}
}

func tagSlot(tag uint16) int { return int(tag) & (1<<13 - 1) }

func (q *query) end() {
	for _, g := range q.sk.grams {
		q.where[tagSlot(uint16(g))] = 0
	}
	q.sk = nil
}

// record returns what the log keeps of the document, and how many grams that is.
func (q *query) record() ([]byte, int) {
	rec := appendID(q.rec[:0], q.id)
	counts := len(rec)
	rec = append(rec, make([]byte, countBytes)...)
	n := 0
	var above [3]uint16
	for i, g := range q.sk.grams {
		if q.drop.has(i) {
			continue
		}
		n++
		rec = binary.LittleEndian.AppendUint16(rec, uint16(g))
		for k := range above {
			if levelOf(g) > q.sk.level+k {
				above[k]++
			}
		}
	}
	for k, c := range above {
		binary.LittleEndian.PutUint16(rec[counts+2*k:], c)
	}
	rec = append(rec, byte(len(q.sk.numbers)))
	for _, v := range q.sk.numbers {
		rec = binary.LittleEndian.AppendUint16(rec, v)
	}
	q.rec = rec
	return rec, n
}

// exactKey is the key under which the whole text is posted.
func exactKey(sk *Sketch) uint32 { return uint32(mix(sk.Exact*mul1) >> 32) }
