package dedupe

// Passage is a run of words that two texts share: byte offsets into each.
type Passage struct {
	AStart, AEnd int // a[AStart:AEnd]
	BStart, BEnd int // b[BStart:BEnd]
	Words        int
}

const (
	passageWords = 6 // shortest passage
	maxPlaces    = 8 // places of a that one shingle of b is compared with
)

// Passages returns the passages of b that stand in a too, at least six words
// long, folded as sketches fold them, in the order of b and without overlaps in b:
// from each place the longest match is taken. It is for showing why two texts
// match; it takes time and memory linear in their lengths.
func Passages(a, b string) []Passage {
	x, y := wordsOf(a), wordsOf(b)
	places := make(map[uint64][]int32)
	for i := range len(x.hash) - passageWords + 1 {
		k := x.shingle(i)
		if p := places[k]; len(p) < maxPlaces {
			places[k] = append(p, int32(i))
		}
	}
	var found []Passage
	for j := 0; j <= len(y.hash)-passageWords; {
		from, length := 0, 0
		for _, i := range places[y.shingle(j)] {
			n := 0
			for int(i)+n < len(x.hash) && j+n < len(y.hash) && x.hash[int(i)+n] == y.hash[j+n] {
				n++
			}
			if n > length {
				from, length = int(i), n
			}
		}
		if length < passageWords {
			j++
			continue
		}
		found = append(found, Passage{
			AStart: x.start[from], AEnd: x.end[from+length-1],
			BStart: y.start[j], BEnd: y.end[j+length-1],
			Words: length,
		})
		j += length
	}
	return found
}

// spans are the words of a text: their hashes and where they stand.
type spans struct {
	hash       []uint64
	start, end []int
}

func wordsOf(text string) spans {
	var s spans
	t := &tokenizer{seed: 1, spans: true}
	from := 0
	t.flush = func(bool) {
		s.hash = append(s.hash, t.hash[from:t.n]...)
		from = min(t.n, carryWords)
	}
	t.run(text)
	s.start, s.end = t.start, t.end
	return s
}

func (s *spans) shingle(i int) (h uint64) {
	for _, v := range s.hash[i : i+passageWords] {
		h = mix((h ^ v) * mul1)
	}
	return h
}
