package dedupe

import (
	"encoding/binary"
	"math"
	"math/bits"
)

const (
	sureHits   = 6  // a candidate with that many keys in common is compared in full
	farLevel   = 99 // level of a candidate that shares nothing worth counting
	minNumbers = 4  // fewer numbers than these say nothing
	longText   = 3  // a text that many times as long as another is compared by runs
)

// compare fills in what the new document and c share.
func (x *Index) compare(q *query, c *candidate) {
	e := x.entryOf(c.doc)
	s := x.log.signature(e)
	c.level, c.total = int(e.level&^repeats), int(e.grams)
	size, set := q.bits.load(s.bitmap)
	c.chance = float64(min(set, c.total)) / float64(size) // no more than the grams set, unless a snapshot was made up
	c.at = q.newMask()
	m := q.mask(c.at)
	if c.hits < sureHits && len(m) >= 4 && q.unlike(c, size) {
		c.level = farLevel
		return
	}
	for w := range m {
		m[w] = q.bits.probe(q.grams(w), size)
		if c.level > 0 {
			m[w] &= atLevel(q.grams(w), c.level)
		}
	}
	c.numbers = sharedNumbers(q.sk.numbers, s.numbers)
	c.weigh(q)
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
func (q *query) unlike(c *candidate, size uint64) bool {
	n, hits := 0, 0
	for w := 0; w < q.words; w += 4 {
		g := q.grams(w)
		hits += bits.OnesCount64(q.bits.probe(g, size))
		n += len(g)
	}
	p := c.chance
	found := (float64(hits) - p*float64(n)) / (1 - p)
	noise := math.Sqrt(float64(n) * p * (1 - p))
	return c.level == 0 && found+4*noise < 0.1*float64(min(n, c.total*n/len(q.sk.grams)))
}

// weigh estimates what is shared, without furniture.
func (c *candidate) weigh(q *query) {
	if c.level == farLevel {
		return
	}
	m := q.mask(c.at)
	dropped := q.drop.count()
	mine := len(q.sk.grams) - dropped
	scale := 1.0 // of its grams to the grams compared
	if c.level > 0 || q.sk.level > 0 {
		if mine, dropped = q.above(c.level); c.level < q.sk.level {
			scale = 1 / float64(uint(1)<<(q.sk.level-c.level))
		}
	}
	chance, over := c.chance, 1.0
	if mine > longText*c.total {
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
	gone := max(0, (float64(furniture)-chance*float64(dropped))/(1-chance))
	c.share = min(1, c.n/float64(max(1, mine)))
	c.other = min(1, c.n/max(1, float64(c.total)*scale-gone))
}

// above counts the grams that have that level or more: those that are no furniture, and those that are.
func (q *query) above(level int) (mine, dropped int) {
	for i, g := range q.sk.grams {
		switch {
		case g > ^uint64(0)>>level:
		case q.dropped(i):
			dropped++
		default:
			mine++
		}
	}
	return mine, dropped
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
