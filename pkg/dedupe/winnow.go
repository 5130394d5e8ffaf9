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
	ring   [64]uint64 // hash<<32 | place
	said   int        // place of the hash selected last
}

func (w *winnow) reset(window int, keep uint32) {
	w.window, w.keep, w.n, w.min, w.minAt, w.said = window, keep, 0, math.MaxUint32, -1, -1
}

// push takes the next hash, which stands at place at, and reports whether slide
// must be called.
func (w *winnow) push(v uint32, at int) bool {
	i := w.n
	w.n++
	w.ring[i&63] = uint64(v)<<32 | uint64(uint32(at))
	if v <= w.min {
		w.min, w.minAt = v, i
		return i >= w.window-1
	}
	return i-w.minAt >= w.window || i == w.window-1
}

// slide finds the smallest hash of the window that ends with the hash pushed
// last, and reports whether it is another one than before.
func (w *winnow) slide() bool {
	i := w.n - 1
	if i-w.minAt >= w.window {
		w.min, w.minAt = uint32(w.ring[i&63]>>32), i
		for k := i - 1; k > i-w.window; k-- {
			if h := uint32(w.ring[k&63] >> 32); h < w.min {
				w.min, w.minAt = h, k
			}
		}
	}
	return w.minAt != w.said
}

// selected returns the smallest hash and its place. It is not ok if it is the
// largest of all, which stands for nothing, or beyond what is kept.
func (w *winnow) selected() (uint32, int, bool) {
	w.said = w.minAt
	if w.min == math.MaxUint32 {
		return 0, 0, false
	}
	k := uint32(mix(uint64(w.min)*mul1) >> 16)
	return k, int(int32(w.ring[w.minAt&63])), uint32(mix(uint64(k)*mul2)>>32) <= w.keep
}
