package warc

import (
	"bytes"
	"io"
)

// window is the part of the source's bytes that is looked at.
type window struct {
	src        io.Reader
	buf        []byte
	start, end int
	base       int64 // of buf[0] among the bytes of src
	err        error // of src, behind end
}

const readSize = 256 << 10 // bytes asked for at once

// at returns the place of the window's first byte.
func (w *window) at() int64 { return w.base + int64(w.start) }

// peek returns what is there of the next n bytes: fewer only when w.err is set.
func (w *window) peek(n int) []byte {
	for w.end-w.start < n && w.err == nil {
		w.fill(n)
	}
	return w.buf[w.start:min(w.start+n, w.end)]
}

// fill reads more, with room for n bytes from the window's start.
func (w *window) fill(n int) {
	if free := len(w.buf) - w.end; free < readSize/4 || w.start+n > len(w.buf) {
		copy(w.buf, w.buf[w.start:w.end])
		w.base += int64(w.start)
		w.end -= w.start
		w.start = 0
		if want := max(n, w.end) + readSize; want > len(w.buf) {
			grown := make([]byte, max(want, min(2*len(w.buf), 64<<20)))
			copy(grown, w.buf[:w.end])
			w.buf = grown
		}
	}
	got, err := w.src.Read(w.buf[w.end:])
	w.end += got
	w.err = err
}

func (w *window) skip(n int) { w.start += n }

// skipBlank passes over line ends, and over the zeros that files are padded with.
func (w *window) skipBlank() {
	for {
		for w.start < w.end && (w.buf[w.start] == '\r' || w.buf[w.start] == '\n' || w.buf[w.start] == 0) {
			w.start++
		}
		if w.start < w.end || w.err != nil {
			return
		}
		w.fill(1)
	}
}

// find returns how many bytes lie before the next beginning of a record, from the offset from on and
// before the offset limit; -1 when there is none.
func (w *window) find(from, limit int) int {
	for {
		data := w.buf[w.start:w.end]
		bound := min(len(data), limit+len(magic)-1)
		for from < bound {
			i := bytes.Index(data[from:bound], magic)
			if i < 0 {
				from = max(from, bound-len(magic)+1)
				break
			}
			from += i
			yes, full := recordAt(data[from:])
			if yes {
				return from
			}
			if !full && w.err == nil {
				break
			}
			from++
		}
		if w.err != nil || from >= limit {
			return -1
		}
		w.fill(min(len(data)+readSize, limit+readSize))
	}
}
