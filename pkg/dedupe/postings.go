package dedupe

import "slices"

// postings is the inverted index: a hash table from 32-bit keys to the documents
// that hold them. It is cut into parts by the first bits of the key; each part grows
// alone, by a quarter, and their sizes are spread over that quarter, so that the whole
// grows evenly and no single document waits long. A frozen copy shares the parts, and
// the owner copies one before it first writes to it.
type postings struct{ parts [partCount]part }

// part is the buckets of the keys that begin with the same bits. A key's bucket is
// key*buckets/2^22, so that buckets are in key order, and no bucket spans more than
// 2^18 keys: with its number an 18-bit tag gives the whole key back.
type part struct {
	buckets []bucket
	used    uint64 // slots taken, dead ones too
	shared  bool   // a frozen copy has the buckets too
}

const (
	partBits  = 10
	partCount = 1 << partBits
	partKeys  = 32 - partBits // bits of a key within its part

	minBuckets = 1 << (partKeys - tagBits) // of a part
	maxLoad    = 16                        // slots a bucket before its part grows, on average
)

func newPostings() postings {
	var p postings
	for i := range p.parts {
		p.parts[i].buckets = make([]bucket, minBuckets+i%(minBuckets/4))
	}
	return p
}

func (p *postings) part(key uint32) *part { return &p.parts[key>>partKeys] }

// home returns the number of the key's bucket.
func (p *part) home(key uint32) uint64 {
	return uint64(key&(1<<partKeys-1)) * uint64(len(p.buckets)) >> partKeys
}

// bucket returns the key's bucket, for reading.
func (p *postings) bucket(key uint32) *bucket {
	part := p.part(key)
	return &part.buckets[part.home(key)]
}

// find appends the live documents of key to dst, in slot order.
func (p *postings) find(dst []uint32, key, low uint32) []uint32 {
	return p.bucket(key).find(dst, key, low)
}

// touch brings the key's bucket into the cache, so that the misses of many keys
// overlap.
func (p *postings) touch(key uint32) uint64 {
	b := p.bucket(key)
	return b.tag[0] + b.rest
}

// add enters doc under key, once. Documents come in ascending order.
func (p *postings) add(key, doc uint32) {
	part := p.part(key)
	if part.used >= uint64(len(part.buckets))*maxLoad {
		part.grow()
	}
	if part.shared {
		part.buckets, part.shared = slices.Clone(part.buckets), false
	}
	b := &part.buckets[part.home(key)]
	if !b.holds(key, doc) && b.push(key, doc) {
		part.used++
	}
}

func (p *postings) freeze() {
	for i := range p.parts {
		p.parts[i].shared = true
	}
}

// grow makes the part a quarter larger. A bucket of the new table gets its postings from
// one or two of the old one, in their order of age.
func (p *part) grow() {
	old := p.buckets
	n, count := uint64(len(old)+len(old)/4), uint64(len(old))
	*p = part{buckets: make([]bucket, n)}
	var a, b run
	for to := range n {
		first, last := to<<partKeys/n, ((to+1)<<partKeys-1)/n
		from := first * count >> partKeys
		a.fill(old, from, n, to)
		b.len = 0
		if end := min(last*count>>partKeys, count-1); end > from {
			b.fill(old, end, n, to)
		}
		into := &p.buckets[to]
		for i, j := 0, 0; i < a.len || j < b.len; {
			v := &a.list[min(i, slots-1)]
			if i < a.len && (j == b.len || uint32(*v>>32) <= uint32(b.list[j]>>32)) {
				i++
			} else {
				v = &b.list[j]
				j++
			}
			if into.push(uint32(*v), uint32(*v>>32)) {
				p.used++
			}
		}
	}
}

// run is postings of a bucket from the oldest to the latest: the document over the key.
type run struct {
	list [slots]uint64
	len  int
}

// fill takes from bucket from of old the postings that go into bucket to of n.
func (r *run) fill(old []bucket, from, n, to uint64) {
	b, count := &old[from], uint64(len(old))
	base := uint32((from<<partKeys + count - 1) / count) // its first key
	used := b.used()
	i := b.next() % slots
	if used < slots {
		i = 0
	}
	r.len = 0
	for range used {
		key := base&^(1<<tagBits-1) | b.tagOf(i)
		if key < base {
			key += 1 << tagBits
		}
		r.list[r.len] = uint64(b.doc[i])<<32 | uint64(key)
		if uint64(key)*n>>partKeys == to {
			r.len++
		}
		if i++; i == slots {
			i = 0
		}
	}
}
