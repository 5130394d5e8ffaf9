package dedupe

import "math"

// winnow selects the smallest of every window of so many hashes in a row
// (Schleimer, Wilkerson, Aiken 2003): two texts that share a run as long as the
// window and a shingle select at least one hash in common there. What a wide
// window selects, a narrow one selects too, so texts of different windows still
// meet.
type winnow struct {
	window int
	keep   uint32 // of the hashes selected, those that mix below this are kept
	n      int
	min    uint32
	minAt  int
	hash   [64]uint32
	at     [64]int
	said   int // place of the hash selected last
}

func (w *winnow) reset(window int, keep uint32) {
	w.window, w.keep, w.n, w.min, w.minAt, w.said = window, keep, 0, math.MaxUint32, -1, -1
}

// next takes the next hash, which stands at place at, and returns the one newly
// selected, if any. The largest hash is never selected.
func (w *winnow) next(v uint32, at int) (uint32, int, bool) {
	i := w.n
	w.n++
	w.hash[i&63], w.at[i&63] = v, at
	if v <= w.min {
		w.min, w.minAt = v, i
	} else if i-w.minAt >= w.window {
		w.min = v
		w.minAt = i
		for k := i - 1; k > i-w.window; k-- {
			if h := w.hash[k&63]; h < w.min {
				w.min, w.minAt = h, k
			}
		}
	}
	if i < w.window-1 || w.minAt == w.said {
		return 0, 0, false
	}
	return w.selected()
}

// rest returns the smallest hash of a text shorter than the window.
func (w *winnow) rest() (uint32, int, bool) {
	if w.n == 0 || w.n >= w.window {
		return 0, 0, false
	}
	return w.selected()
}

func (w *winnow) selected() (uint32, int, bool) {
	w.said = w.minAt
	if w.min == math.MaxUint32 {
		return 0, 0, false
	}
	k := uint32(mix(uint64(w.min)*mul1) >> 16)
	return k, w.at[w.minAt&63], uint32(mix(uint64(k)*mul2)>>32) <= w.keep
}
