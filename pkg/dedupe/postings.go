package dedupe

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

	pageBuckets = 4096 / bucketBytes // of a page of memory: one that is read before it is written costs the kernel twice
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
	if part.used >= uint64(len(part.buckets))*maxLoad {
		part.grow(low)
	}
	if part.shared {
		buckets := newBuckets(uint64(len(part.buckets)))
		copy(buckets, part.buckets)
		part.buckets, part.shared = buckets, false
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

// grow leaves out the dead, and makes the part a quarter larger if they were few.
func (p *part) grow(low uint32) {
	n := uint64(len(p.buckets))
	if p.live(low) > n*maxLoad*3/4 {
		n += n / 4
	}
	buckets := newBuckets(n)
	for i := range p.buckets {
		b, first := &p.buckets[i], p.first(uint64(i))
		for j := range b.used() {
			tag := uint32(b.tag[j]) | uint32(b.rest>>(2*j)&3)<<16
			key := (first + (tag-first)&tagMask) & (1<<partKeys - 1) // the only one in the bucket that ends so
			if doc := b.doc[j]; doc >= low {
				buckets[uint64(key)*n>>partKeys].push(tag, doc)
			}
		}
	}
	*p = part{buckets: buckets}
	for i := range buckets {
		p.used += uint64(buckets[i].used())
	}
}

// newBuckets returns empty buckets. Their memory is written before it is read.
func newBuckets(n uint64) []bucket {
	buckets := make([]bucket, n)
	for i := 0; i < len(buckets); i += pageBuckets {
		buckets[i].rest = 0
	}
	return buckets
}

// first returns the first key of bucket i, within the part.
func (p *part) first(i uint64) uint32 {
	n := uint64(len(p.buckets))
	return uint32((i<<partKeys + n - 1) / n)
}

// live counts the postings of documents from low on.
func (p *part) live(low uint32) (n uint64) {
	for i := range p.buckets {
		for _, d := range p.buckets[i].doc {
			if d >= low && d != 0 {
				n++
			}
		}
	}
	return n
}
