package dedupe

import "math"

// winnow selects the smallest of every window of so many hashes in a row
// (Schleimer, Wilkerson, Aiken 2003): two texts that share a run as long as the
// window and a shingle select at least one hash in common there. What a wide
// window selects, a narrow one selects too, so texts of different windows still
// meet. Only hashes up to limit are looked at: few of the windows, one in a
// million, hold none.
type winnow struct {
	window uint32
	limit  uint32 // no larger hash is selected
	keep   uint32 // of the hashes selected, those that mix below this are kept

	// The hashes after the one selected last, in text order, are hash[from:to]. Each
	// stands over the complement of its number, so that of equal ones the last is the
	// smallest.
	hash     [bufWords + maxWindow]uint64
	place    [bufWords + maxWindow]uint16
	from, to int

	n    uint32 // hashes so far, those beyond limit too; they are numbered from 0
	at   uint32 // number of the hash selected last, or of the last that no window needs
	last uint64 // the one selected last; 0 = none
}

const (
	maxWindow = 64
	perWindow = 12 // hashes up to limit in a window, on average
)

func (w *winnow) reset(window int, keep uint32) {
	w.window, w.keep = uint32(window), keep
	w.limit = math.MaxUint32 - 1
	if window > perWindow {
		w.limit = uint32(perWindow * (1 << 32) / window)
	}
	w.from, w.to, w.n, w.at, w.last = 0, 0, 0, math.MaxUint32, 0
}

// room makes room for the hashes of a block after those still needed.
func (w *winnow) room() {
	n := copy(w.hash[:], w.hash[w.from:w.to])
	copy(w.place[:], w.place[w.from:w.to])
	w.from, w.to = 0, n
}

// next returns the next hash selected and its place; not ok when there is none yet.
func (w *winnow) next() (hash uint32, place uint16, ok bool) {
	for {
		best, chosen := uint64(math.MaxUint64), 0
		i := w.from
		for ; i < w.to; i++ {
			h := w.hash[i]
			if ^uint32(h)-w.at > w.window {
				break
			}
			if h < best {
				best, chosen = h, i
				if h < w.last {
					return w.choose(i)
				}
			}
		}
		switch {
		case w.n-1-w.at < w.window: // the window is not full
			return 0, 0, false
		case best != math.MaxUint64:
			return w.choose(chosen)
		case i < w.to: // a window without hashes: the next begins so that it ends with the next hash
			w.at, w.last = ^uint32(w.hash[i])-w.window, 0
		default:
			w.at, w.last = w.n-1-w.window, 0
			return 0, 0, false
		}
	}
}

// choose selects hash[i].
func (w *winnow) choose(i int) (hash uint32, place uint16, ok bool) {
	h := w.hash[i]
	w.from, w.at, w.last = i+1, ^uint32(h), h
	return uint32(h >> 32), w.place[i], true
}

// rest returns the smallest hash of a text shorter than a window.
func (w *winnow) rest() (hash uint32, place uint16, ok bool) {
	if w.n >= w.window || w.to == 0 {
		return 0, 0, false
	}
	least := 0
	for i, h := range w.hash[:w.to] {
		if h < w.hash[least] {
			least = i
		}
	}
	return w.choose(least)
}

// key returns the key a selected hash stands for. It is not ok if it is beyond what
// is kept.
func (w *winnow) key(hash uint32) (key uint32, ok bool) {
	key = uint32(mix(uint64(hash)*mul1) >> 16)
	return key, uint32(mix(uint64(key)*mul2)>>32) <= w.keep
}
