package dedupe

// A bucket is two cache lines with 20 slots of an 18-bit tag, the low bits of the key,
// and a 32-bit document: a ring, where a new posting overwrites the oldest. There are
// no deletes; a document below the window is dead.
type bucket struct {
	tag  [slots / 4]uint64 // the low 16 bits of four tags each, the first lowest
	doc  [slots]uint32     // 0 = free; the oldest at next once the ring is full
	rest uint64            // two more bits of each tag, and above them where the next posting goes, +slots once the ring is full
}

const (
	slots     = 20
	tagBits   = 18
	nextShift = 58
)

func (b *bucket) tagOf(i int) uint32 {
	return uint32(b.tag[i/4]>>(i%4*16))&0xFFFF | uint32(b.rest>>(2*i)&3)<<16
}

func (b *bucket) next() int { return int(b.rest >> nextShift) }

// used returns how many slots are in use, the first ones.
func (b *bucket) used() int { return min(b.next(), slots) }

// push enters a document no older than those it holds and reports whether it took
// a free slot.
func (b *bucket) push(key, doc uint32) (free bool) {
	next := b.next()
	free, i := next < slots, next
	if !free {
		i -= slots
	}
	low, high := i%4*16, 2*i
	b.tag[i/4] = b.tag[i/4]&^(0xFFFF<<low) | uint64(key&0xFFFF)<<low
	b.doc[i] = doc
	rest := b.rest&(1<<nextShift-1)&^(3<<high) | uint64(key>>16&3)<<high
	if next++; next == 2*slots {
		next = slots
	}
	b.rest = rest | uint64(next)<<nextShift
	return free
}

// holds reports whether doc is among the latest postings under key.
func (b *bucket) holds(key, doc uint32) bool {
	i := b.next()
	if i >= slots {
		i -= slots
	}
	for range b.used() {
		if i--; i < 0 {
			i = slots - 1
		}
		if b.doc[i] != doc {
			return false
		}
		if b.tagOf(i) == key&(1<<tagBits-1) {
			return true
		}
	}
	return false
}

// find appends the live documents under key to dst, in slot order.
func (b *bucket) find(dst []uint32, key, low uint32) []uint32 {
	const low16, top16 = 0x0001000100010001, 0x8000800080008000
	tags := uint64(uint16(key)) * low16
	for i, t := range b.tag {
		t ^= tags // a tag that fits is now 0
		if (t-low16)&^t&top16 == 0 {
			continue
		}
		for k := 4 * i; k < 4*i+4; k++ {
			if uint16(t) == 0 && b.doc[k] >= low && b.doc[k] != 0 && uint32(b.rest>>(2*k)&3) == key>>16&3 {
				dst = append(dst, b.doc[k])
			}
			t >>= 16
		}
	}
	return dst
}
