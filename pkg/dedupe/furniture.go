package dedupe

// furniture remembers which shingles are a publisher's furniture: a bounded
// table of keys made from publisher and shingle. In a bucket the key met last
// stands first, and the last one falls out.
type furniture struct{ chunks chunks[shelf] }

type shelf [16]uint32

const shelves = 1 << 14 // 262,144 keys in 1 MB

func newFurniture() furniture {
	var f furniture
	f.chunks.extend(shelves)
	return f
}

// furnitureKey never returns 0.
func furnitureKey(publisher uint32, shingle uint64) uint64 {
	return mix(shingle^uint64(publisher)*mul1) | 1<<20
}

// has reports whether k is known, and keeps it from being forgotten.
func (f *furniture) has(k uint64) bool {
	at := k >> (64 - 14)
	s := f.chunks.at(at)
	for i, v := range s {
		if v == uint32(k) {
			if i >= len(s)/2 {
				f.front(at, i, v)
			}
			return true
		}
	}
	return false
}

func (f *furniture) add(k uint64) {
	if !f.has(k) {
		f.front(k>>(64-14), len(shelf{})-1, uint32(k))
	}
}

// front moves what stands before slot i up by one and puts v first.
func (f *furniture) front(at uint64, i int, v uint32) {
	s := f.chunks.own(at)
	copy(s[1:i+1], s[:i])
	s[0] = v
}
