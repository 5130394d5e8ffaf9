package dedupe

// furniture remembers which grams are a publisher's furniture: a shelf of two
// bitmaps for each publisher, which may share it with others by hash. What has not
// been met again when a shelf has filled up twice is forgotten.
type furniture struct {
	list   [shelves]*shelf // nil = empty
	shared [shelves]bool   // a frozen copy has this shelf too
}

const (
	shelfBits = 11
	shelves   = 1 << shelfBits // 4 KB each when used
	shelfFull = uint64(len(bitmap{}) * 64 / 6)
)

type shelf struct {
	n     uint64 // grams put into fresh
	fresh bitmap // since the shelf was full
	all   bitmap // and those of the time before
}

func shelfOf(publisher uint32) uint64 { return uint64(publisher) * mul1 >> (64 - shelfBits) }

// shelfPlace returns the bit of a publisher's gram.
func shelfPlace(publisher uint32, gram uint64) uint64 {
	return (gram>>20 ^ uint64(publisher)) % uint64(64*len(bitmap{}))
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
func (s *shelf) has(publisher uint32, grams []uint64) (v uint64) {
	if vector {
		return shelfVector(&s.all, grams, publisher)
	}
	return s.hasEach(publisher, grams)
}

// hasEach is has for processors without vector instructions. Inlined, its loop does not stay in
// registers.
//
//go:noinline
func (s *shelf) hasEach(publisher uint32, grams []uint64) (v uint64) {
	i := len(grams) - 1
	for ; i > 0; i -= 2 {
		a, b := shelfPlace(publisher, grams[i]), shelfPlace(publisher, grams[i-1])
		v = shiftIn(shiftIn(v, s.all[a/64]&bit[a%64]), s.all[b/64]&bit[b%64])
	}
	if i == 0 {
		a := shelfPlace(publisher, grams[0])
		v = shiftIn(v, s.all[a/64]&bit[a%64])
	}
	return v
}

// add puts a gram there.
func (s *shelf) add(publisher uint32, gram uint64) {
	at := shelfPlace(publisher, gram)
	word, bit := at/64, uint64(1)<<(at%64)
	if s.fresh[word]&bit != 0 {
		return
	}
	if s.n++; s.n > shelfFull {
		s.all, s.fresh, s.n = s.fresh, bitmap{}, 1
	}
	s.fresh[word] |= bit
	s.all[word] |= bit
}
