package dedupe

import "slices"

// postings is the inverted index: a hash table from 32-bit keys to the documents
// that hold them. It is cut into parts by the first bits of the key; each part grows
// alone, by a quarter, and their sizes are spread over that quarter, so that the whole
// grows evenly and no single document waits long, however many there are.
type postings struct{ parts [partCount]part }

// part is the buckets of the keys that begin with the same bits. A key's bucket is
// key*buckets/2^22, so that buckets are in key order, and no bucket spans more than
// 2^18 keys: with its number an 18-bit tag gives the whole key back.
type part struct {
	blocks []block // of blockLen buckets each, the last of those that are left
	n      uint64  // buckets
	used   uint64  // slots taken, dead ones too
}

// block is buckets in a row. A frozen copy may share it, and then the owner copies it
// before it first writes to it.
type block struct {
	buckets []bucket
	shared  bool
}

const (
	partBits  = 10
	partCount = 1 << partBits
	partKeys  = 32 - partBits // bits of a key within its part

	minBuckets = 1 << (partKeys - tagBits) // of a part
	maxLoad    = 16                        // slots a bucket before its part grows, on average

	blockBits = 8
	blockLen  = 1 << blockBits

	pageBuckets = 4096 / bucketBytes // of a page of memory: one that is read before it is written costs the kernel twice
)

func newPostings() postings {
	var p postings
	for i := range p.parts {
		p.parts[i].reach(sizeAbove(0, i))
	}
	return p
}

func (p *postings) part(key uint32) *part { return &p.parts[key>>partKeys] }

// home returns the number of the key's bucket among n.
func home(key uint32, n uint64) uint64 { return uint64(key&(1<<partKeys-1)) * n >> partKeys }

// at returns bucket i, for reading.
func (p *part) at(i uint64) *bucket { return &p.blocks[i>>blockBits].buckets[i%blockLen] }

// own returns bucket i, for writing.
func (p *part) own(i uint64) *bucket {
	b := &p.blocks[i>>blockBits]
	if b.shared {
		*b = block{buckets: slices.Clone(b.buckets)}
	}
	return &b.buckets[i%blockLen]
}

// bucket returns the key's bucket, for reading.
func (p *postings) bucket(key uint32) *bucket {
	part := p.part(key)
	return part.at(home(key, part.n))
}

// find appends the live documents of key to dst, in slot order.
func (p *postings) find(dst []uint32, key, low uint32) []uint32 {
	return p.bucket(key).find(dst, key, low)
}

// touch brings both lines of the key's bucket into the cache, so that the misses of many
// keys overlap.
func (p *postings) touch(key uint32) uint64 {
	b := p.bucket(key)
	return b.rest + uint64(b.doc[slots-1])
}

// add enters doc under key, once. Documents come in ascending order; those below low
// are dead.
func (p *postings) add(key, doc, low uint32) {
	part := p.part(key)
	if part.used >= part.n*maxLoad {
		part.grow(low, int(key>>partKeys))
	}
	b := part.own(home(key, part.n))
	if !b.holds(key, doc) && b.push(key, doc) {
		part.used++
	}
}

// replace enters doc under key in place of old, if that is there, and reports whether it was.
func (p *postings) replace(key, old, doc uint32) bool {
	part := p.part(key)
	return part.own(home(key, part.n)).replace(key, old, doc)
}

// freeze returns a copy that stays as it is.
func (p *postings) freeze() (frozen postings) {
	for i := range p.parts {
		part := &p.parts[i]
		for j := range part.blocks {
			part.blocks[j].shared = true
		}
		frozen.parts[i] = *part
		frozen.parts[i].blocks = slices.Clone(part.blocks)
	}
	return frozen
}

// sizeAbove returns the first of a part's sizes, in buckets, above n. Each is a quarter more than the one
// before; the first sizes of the parts are spread over a quarter, in fractions of a bucket.
func sizeAbove(n uint64, part int) uint64 {
	size := minBuckets<<partBits + minBuckets/4*uint64(part)
	for size>>partBits <= n {
		size += size / 4
	}
	return size >> partBits
}

// grow leaves out the dead, and gives the part its next size if they were few. It does so in place,
// from the last bucket on: what is in a bucket goes to the same or a later one, and those are empty by then.
func (p *part) grow(low uint32, number int) {
	old, n := p.n, p.n
	if p.live(low) > n*maxLoad*3/4 {
		n = sizeAbove(n, number)
	}
	p.reach(n)
	p.used = 0
	for i := old; i > 0; {
		i--
		from := p.own(i)
		b := *from
		*from = bucket{}
		first := uint32((i<<partKeys + old - 1) / old) // the first key of the bucket, within the part
		for j := range b.used() {
			tag := uint32(b.tag[j]) | uint32(b.rest>>(2*j)&3)<<16
			key := (first + (tag-first)&tagMask) & (1<<partKeys - 1) // the only one in the bucket that ends so
			if doc := b.doc[j]; doc >= low && p.own(home(key, n)).push(tag, doc) {
				p.used++
			}
		}
	}
}

// reach makes room for n buckets.
func (p *part) reach(n uint64) {
	for p.n < n {
		if p.n%blockLen == 0 {
			p.blocks = append(p.blocks, block{})
		}
		last := &p.blocks[len(p.blocks)-1]
		buckets := newBuckets(int(min(blockLen, n-p.n+p.n%blockLen)))
		copy(buckets, last.buckets)
		p.n += uint64(len(buckets) - len(last.buckets))
		*last = block{buckets: buckets}
	}
}

// newBuckets returns empty buckets. Their memory is written before it is read.
func newBuckets(n int) []bucket {
	buckets := make([]bucket, n)
	for i := 0; i < len(buckets); i += pageBuckets {
		buckets[i].rest = 0
	}
	return buckets
}

// live counts the postings of documents from low on.
func (p *part) live(low uint32) (n uint64) {
	for _, b := range p.blocks {
		for i := range b.buckets {
			for _, d := range b.buckets[i].doc {
				if d >= low && d != 0 {
					n++
				}
			}
		}
	}
	return n
}
