package dedupe

// A bucket is two cache lines with 20 slots of an 18-bit tag, the low bits of the key,
// and a 32-bit document; the first line says whether a key is there. Slots fill up from
// the first, in no order; then the oldest document makes room. There are no deletes: a
// document below the window is dead.
type bucket struct {
	tag  [slots]uint16 // the low 16 bits of each tag
	rest uint64        // two more bits of each tag, and above them how many slots are taken
	doc  [slots]uint32
}

const (
	slots     = 20
	tagBits   = 18
	tagMask   = 1<<tagBits - 1
	usedShift = 58
)

// used returns how many slots are taken.
func (b *bucket) used() int { return int(b.rest >> usedShift) }

// push enters a document and reports whether it took a free slot.
func (b *bucket) push(tag, doc uint32) (free bool) {
	if i := b.rest >> usedShift; i < slots {
		b.tag[i], b.doc[i] = uint16(tag), doc
		b.rest += 1<<usedShift | uint64(tag>>16&3)<<(2*i&63)
		return true
	}
	b.replaceOldest(tag, doc)
	return false
}

// replaceOldest enters a document in place of the oldest, unless that is later.
func (b *bucket) replaceOldest(tag, doc uint32) {
	oldest := 0
	for i, d := range b.doc[:] {
		if d < b.doc[oldest] {
			oldest = i
		}
	}
	if b.doc[oldest] <= doc {
		b.tag[oldest], b.doc[oldest] = uint16(tag), doc
		b.rest = b.rest&^(3<<(2*oldest)) | uint64(tag>>16&3)<<(2*oldest)
	}
}

// may reports whether one of the tags seems to be there: wrong once in some thousands.
func (b *bucket) may(tag uint32) bool {
	const tops16 = 0x8000 * ones16
	want, found := uint64(uint16(tag))*ones16, uint64(0)
	for w := range slots / 4 {
		t := b.tag[4*w:][:4]
		v := uint64(t[0]) | uint64(t[1])<<16 | uint64(t[2])<<32 | uint64(t[3])<<48
		v ^= want // a tag that fits is now 0
		found |= (v - ones16) &^ v
	}
	return found&tops16 != 0
}

// is reports whether slot i holds the tag.
func (b *bucket) is(i int, tag uint32) bool {
	return b.tag[i] == uint16(tag) && uint32(b.rest>>(2*i))&3 == tag>>16&3
}

// holds reports whether doc is there under the tag.
func (b *bucket) holds(tag, doc uint32) bool {
	if !b.may(tag) {
		return false
	}
	for i, d := range b.doc[:] {
		if d == doc && b.is(i, tag) {
			return true
		}
	}
	return false
}

// replace enters doc under the tag in place of old, if that is there, and reports whether it was.
func (b *bucket) replace(tag, old, doc uint32) bool {
	for i, d := range b.doc[:] {
		if d == old && b.is(i, tag) {
			b.doc[i] = doc
			return true
		}
	}
	return false
}

// find appends the live documents under the tag to dst, in slot order.
func (b *bucket) find(dst []uint32, tag, low uint32) []uint32 {
	if !b.may(tag) {
		return dst
	}
	for i, d := range b.doc[:] {
		if d >= low && d != 0 && b.is(i, tag) {
			dst = append(dst, d)
		}
	}
	return dst
}
