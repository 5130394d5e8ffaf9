package dedupe

import "slices"

// shingleWords is the length of a shingle. At 20-30 % edited words longer ones
// lose the pair; shorter ones are shared by chance.
const shingleWords = 3

// sampleBits: one shingle in 2^sampleBits is kept.
const sampleBits = 2

// Sketch is what the index needs to know of a text. The zero value is ready to
// be filled by Sketcher.Sketch and may be reused.
type Sketch struct {
	Exact uint64 // hash of the whole folded text
	Words int    // words of the text

	hashes []uint64 // the sampled shingles, sorted, distinct
}

// Sketcher turns texts into sketches. It is not safe for concurrent use: each
// goroutine has its own. The same text always gives the same sketch.
type Sketcher struct{ p Params }

// NewSketcher returns a sketcher for an index with the same parameters.
func NewSketcher(p Params) *Sketcher { return &Sketcher{p: p} }

// Sketch fills dst from text. It reuses what dst holds and does not allocate
// once dst has grown.
func (s *Sketcher) Sketch(dst *Sketch, text string) {
	dst.hashes = dst.hashes[:0]
	var last [shingleWords]uint64
	n, exact := 0, s.p.Seed
	words(text, s.p.Seed, func(h uint64, _, _ int) {
		exact = mix((exact ^ h) * 0x9E3779B97F4A7C15)
		copy(last[:], last[1:])
		last[shingleWords-1] = h
		if n++; n < shingleWords {
			return
		}
		g := mix(last[0] ^ (last[1]<<21 | last[1]>>43) ^ (last[2]<<42 | last[2]>>22))
		if g>>(64-sampleBits) == 0 {
			dst.hashes = append(dst.hashes, g)
		}
	})
	dst.Exact, dst.Words = exact, n
	slices.Sort(dst.hashes)
	dst.hashes = slices.Compact(dst.hashes)
}
