package dedupe

// postings is the inverted index: a hash table from 32-bit keys to the documents
// that hold them. A bucket is two cache lines with 20 slots of a 16-bit tag and a
// 32-bit document. There are no deletes: a document below the window is dead, and
// its slots are taken first. When a bucket is full its oldest slot is.
//
// A key's bucket is key*buckets/2^32, so that buckets are in key order, and a
// bucket never spans more than 2^16 keys: with its number a 16-bit tag gives the
// whole key back. The table therefore grows in place, a quarter at a time, from
// the last bucket to the first, at a load that stays near 80 %.
type postings struct {
	chunks chunks[bucket]
	n      uint64 // buckets
	used   uint64 // slots taken, dead ones too
}

const (
	slots      = 20
	minBuckets = 1 << 16
	maxLoad    = 17 // slots a bucket before the table grows, on average
)

type bucket struct {
	tag [slots]uint16
	doc [slots]uint32 // 0 = free
	_   [2]uint32
}

func newPostings() postings {
	var p postings
	p.grow(minBuckets)
	return p
}

func (p *postings) home(key uint32) uint64 { return uint64(key) * p.n >> 32 }

// find appends the live documents of key to dst, in slot order.
func (p *postings) find(dst []uint32, key, low uint32) []uint32 {
	b := p.chunks.at(p.home(key))
	tag := uint16(key)
	for i, t := range b.tag {
		if t == tag && b.doc[i] >= low && b.doc[i] != 0 {
			dst = append(dst, b.doc[i])
		}
	}
	return dst
}

// add enters doc under key, over a free, dead or else the oldest slot.
func (p *postings) add(key, doc, low uint32) {
	if p.used >= p.n*maxLoad {
		p.grow(p.n/4 + p.n)
	}
	b := p.chunks.own(p.home(key))
	at := 0
	for i, d := range b.doc {
		if d < low || d == 0 {
			at = i
			break
		}
		if d < b.doc[at] {
			at = i
		}
	}
	if b.doc[at] == 0 {
		p.used++
	}
	b.tag[at], b.doc[at] = uint16(key), doc
}

// grow makes the table n buckets, more than it has.
func (p *postings) grow(n uint64) {
	old := p.n
	p.chunks.extend(n)
	p.n = n
	if old == 0 {
		return
	}
	for to := n; to > 0; {
		to--
		first := to << 32 / n
		last := ((to+1)<<32 - 1) / n
		var b bucket
		k := 0
		for from := first * old >> 32; from <= last*old>>32 && from < old; from++ {
			src := *p.chunks.at(from)
			base := from << 32 / old
			for i, d := range src.doc {
				if d == 0 {
					continue
				}
				key := base&^0xFFFF | uint64(src.tag[i])
				if key < base {
					key += 1 << 16
				}
				if key*n>>32 == to && k < slots {
					b.tag[k], b.doc[k] = src.tag[i], d
					k++
				}
			}
		}
		*p.chunks.own(to) = b
	}
}
