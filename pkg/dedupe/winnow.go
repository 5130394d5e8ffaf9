package dedupe

import (
	"math"
	"math/bits"
)

// winnow selects the smallest of every window of so many hashes in a row
// (Schleimer, Wilkerson, Aiken 2003): two texts that share a run as long as the
// window and a shingle select at least one hash in common there. What a wide
// window selects, a narrow one selects too, so texts of different windows still
// meet. Only hashes up to limit are looked at: few of the windows, one in a
// million, hold none.
type winnow struct {
	window uint32
	limit  uint64 // no larger hash is selected
	keep   uint32 // of the keys selected, those that mix below this are kept

	// What is up to limit after the hash selected last, in text order, is [from:to].
	hash     [bufWords + maxWindow]uint64 // the high half of the hash over the complement of its place here: of equal ones the last is the smallest
	number   [bufWords + maxWindow]uint32 // its number among all the hashes of the text, from 0
	key      [bufWords + maxWindow]uint32
	gram     [bufWords + maxWindow]uint16 // how many grams there are up to there
	from, to int

	n    uint32 // hashes so far, those beyond limit too
	at   uint32 // number of the hash selected last, or of the last that no window needs
	last uint64 // the high half of the one selected last, over zeros, so that an equal one waits for its window; 0 = none
}

const (
	maxWindow = 64
	perWindow = 12 // hashes up to limit in a window, on average
)

func (w *winnow) reset(window int, keep uint32) {
	w.window, w.keep = uint32(window), keep
	w.limit = math.MaxUint64
	if window > perWindow {
		w.limit = perWindow * (math.MaxUint64 / uint64(window))
	}
	w.from, w.to, w.n, w.at, w.last = 0, 0, 0, math.MaxUint32, 0
}

// room makes room for the hashes of a block after those still needed.
func (w *winnow) room() {
	n := w.to - w.from
	for i := range n {
		w.hash[i] = w.hash[w.from+i] + uint64(w.from) // its place is w.from less
	}
	copy(w.number[:], w.number[w.from:w.to])
	copy(w.key[:], w.key[w.from:w.to])
	copy(w.gram[:], w.gram[w.from:w.to])
	w.from, w.to = 0, n
}

// next returns the place of the next hash selected; not ok when there is none yet.
func (w *winnow) next() (place int, ok bool) {
	for {
		hash, number := w.hash[:w.to], w.number[:w.to]
		best, i, at, last := uint64(math.MaxUint64), w.from, w.at, w.last
		for ; i < len(hash) && number[i]-at <= w.window; i++ {
			less, smaller := bits.Sub64(hash[i], best, 0)
			best += less & -smaller // the smaller of the two, without a guess
			if best < last {
				return w.choose(i), true
			}
		}
		switch {
		case w.n-1-w.at < w.window: // the window is not full
			return 0, false
		case best != math.MaxUint64:
			return w.choose(int(^uint32(best)) - 1), true
		case i < w.to: // a window without hashes: the next begins so that it ends with the next hash
			w.at, w.last = w.number[i]-w.window, 0
		default:
			w.at, w.last = w.n-1-w.window, 0
			return 0, false
		}
	}
}

// choose selects the hash at i.
func (w *winnow) choose(i int) int {
	w.from, w.at, w.last = i+1, w.number[i], w.hash[i]&^math.MaxUint32
	return i
}

// rest returns the place of the smallest hash of a text shorter than a window.
func (w *winnow) rest() (place int, ok bool) {
	if w.n >= w.window || w.to == 0 {
		return 0, false
	}
	least := w.hash[0]
	for _, h := range w.hash[:w.to] {
		least = min(least, h)
	}
	return int(^uint32(least)) - 1, true
}
