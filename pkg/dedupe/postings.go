package dedupe

import (
	"cmp"
	"slices"
)

// postings is the inverted index: a hash table from 32-bit keys to the documents
// that hold them. A bucket is two cache lines with 20 slots of a 16-bit tag and a
// 32-bit document, a ring: a new posting overwrites the oldest. There are no deletes;
// a document below the window is dead.
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
	maxLoad    = 16 // slots a bucket before the table grows, on average
)

type bucket struct {
	tag  [slots / 4]uint64 // four tags each, the first in the low bits
	doc  [slots]uint32     // 0 = free; a ring, the oldest at next once it is full
	next uint32            // where the next posting goes, +slots once the ring is full
	_    uint32
}

func (b *bucket) tagOf(i int) uint16 { return uint16(b.tag[i/4] >> (i % 4 * 16)) }

func (b *bucket) set(i int, tag uint16, doc uint32) {
	shift := i % 4 * 16
	b.tag[i/4] = b.tag[i/4]&^(0xFFFF<<shift) | uint64(tag)<<shift
	b.doc[i] = doc
}

// used returns how many slots are in use, the first ones.
func (b *bucket) used() int { return min(int(b.next), slots) }

// push enters a document no older than those it holds and reports whether it took
// a free slot.
func (b *bucket) push(tag uint16, doc uint32) (free bool) {
	free = b.next < slots
	b.set(int(b.next%slots), tag, doc)
	if b.next++; b.next == 2*slots {
		b.next = slots
	}
	return free
}

// holds reports whether doc is among the latest postings under tag.
func (b *bucket) holds(tag uint16, doc uint32) bool {
	for k := 1; k <= b.used(); k++ {
		i := (int(b.next) + slots - k) % slots
		if b.doc[i] != doc {
			return false
		}
		if b.tagOf(i) == tag {
			return true
		}
	}
	return false
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
	const low16, top16 = 0x0001000100010001, 0x8000800080008000
	tags := uint64(uint16(key)) * low16
	for i, t := range b.tag {
		t ^= tags // a tag that fits is now 0
		if (t-low16)&^t&top16 == 0 {
			continue
		}
		for k := 4 * i; k < 4*i+4; k++ {
			if uint16(t) == 0 && b.doc[k] >= low && b.doc[k] != 0 {
				dst = append(dst, b.doc[k])
			}
			t >>= 16
		}
	}
	return dst
}

// touch brings the key's bucket into the cache, so that the misses of many keys
// overlap.
func (p *postings) touch(key uint32) uint64 { return p.chunks.at(p.home(key)).tag[0] }

// add enters doc under key, once. Documents come in ascending order.
func (p *postings) add(key, doc uint32) {
	if p.used >= p.n*maxLoad {
		p.grow(p.n/4 + p.n)
	}
	b := p.chunks.own(p.home(key))
	if tag := uint16(key); !b.holds(tag, doc) && b.push(tag, doc) {
		p.used++
	}
}

// grow makes the table n buckets, more than it has.
func (p *postings) grow(n uint64) {
	old := p.n
	p.chunks.extend(n)
	p.n = n
	if old == 0 {
		return
	}
	p.used = 0
	for to := n; to > 0; {
		to--
		first := to << 32 / n
		last := ((to+1)<<32 - 1) / n
		var moved []posting
		var room [3 * slots]posting
		moved = room[:0]
		for from := first * old >> 32; from <= last*old>>32 && from < old; from++ {
			moved = p.chunks.at(from).between(moved, from<<32/old, func(key uint64) bool { return key*n>>32 == to })
		}
		slices.SortStableFunc(moved, func(a, b posting) int { return cmp.Compare(a.doc, b.doc) })
		var b bucket
		for _, m := range moved {
			if b.push(m.tag, m.doc) {
				p.used++
			}
		}
		*p.chunks.own(to) = b
	}
}

type posting struct {
	tag uint16
	doc uint32
}

// between appends the postings whose key is wanted; base is the bucket's first key,
// rounded down.
func (b *bucket) between(dst []posting, base uint64, want func(key uint64) bool) []posting {
	for i, d := range b.doc[:b.used()] {
		key := base&^0xFFFF | uint64(b.tagOf(i))
		if key < base {
			key += 1 << 16
		}
		if want(key) {
			dst = append(dst, posting{b.tagOf(i), d})
		}
	}
	return dst
}
