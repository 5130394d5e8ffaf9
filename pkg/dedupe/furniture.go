package dedupe

// furniture remembers which grams are a publisher's furniture: a shelf of two
// bitmaps for each publisher, which may share it with others by hash. What has not
// been met again when a shelf has filled up twice is forgotten.
type furniture struct {
	list   [shelves]*shelf // nil = empty
	shared [shelves]bool   // a frozen copy has this shelf too
}

const (
	shelfBits  = 11
	shelves    = 1 << shelfBits // 4 KB each when used
	shelfWords = 256
	shelfFull  = shelfWords * 64 / 6
)

type shelf struct {
	n     uint64             // grams put into fresh
	fresh [shelfWords]uint64 // since the shelf was full
	all   [shelfWords]uint64 // and those of the time before
}

func shelfOf(publisher uint32) uint64 { return uint64(publisher) * mul1 >> (64 - shelfBits) }

// place returns the bit of a publisher's gram.
func place(publisher uint32, gram uint64) (word int, bit uint64) {
	h := (gram ^ uint64(publisher)) * mul2
	return int(h >> 56), h >> 50 & 63
}

// of returns the publisher's shelf for reading, or nil.
func (f *furniture) of(publisher uint32) *shelf { return f.list[shelfOf(publisher)] }

// own returns the publisher's shelf for writing.
func (f *furniture) own(publisher uint32) *shelf {
	i := shelfOf(publisher)
	switch {
	case f.list[i] == nil:
		f.list[i] = new(shelf)
	case f.shared[i]:
		s := *f.list[i]
		f.list[i] = &s
	}
	f.shared[i] = false
	return f.list[i]
}

func (f *furniture) freeze() furniture {
	for i := range f.shared {
		f.shared[i] = true
	}
	return *f
}

// has returns which of up to 64 grams of the publisher are on the shelf.
func (s *shelf) has(publisher uint32, grams []uint64) (set uint64) {
	for i, g := range grams {
		word, bit := place(publisher, g)
		set |= s.all[word&(shelfWords-1)] >> bit & 1 << (i & 63)
	}
	return set
}

// add puts a gram there.
func (s *shelf) add(publisher uint32, gram uint64) {
	word, shift := place(publisher, gram)
	bit := uint64(1) << shift
	if s.fresh[word]&bit != 0 {
		return
	}
	if s.n++; s.n > shelfFull {
		s.all, s.fresh, s.n = s.fresh, [shelfWords]uint64{}, 1
	}
	s.fresh[word] |= bit
	s.all[word] |= bit
}
