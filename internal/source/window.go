package source

import (
	"bytes"
	"io"
)

// window is the part of a file that a reader looks at: what is read and not yet given out. What it gives are
// parts of one buffer, so that a line or value is copied only when it lies across two reads.
type window struct {
	r          io.Reader
	buf        *[]byte // that of the source, or its own
	base       int64   // decompressed bytes of the file before buf
	start, end int     // of what is read and not yet given out
	err        error   // of r
}

func openWindow(r io.Reader, buf *[]byte) window {
	*buf = (*buf)[:cap(*buf)]
	if len(*buf) < readSize {
		*buf = make([]byte, readSize)
	}
	return window{r: r, buf: buf}
}

// at returns the place of what is given out next, in decompressed bytes.
func (w *window) at() int64 { return w.base + int64(w.start) }

// rest returns what is read and not yet given out.
func (w *window) rest() []byte { return (*w.buf)[w.start:w.end] }

// fill reads more behind what there is, for which it makes room.
func (w *window) fill() {
	buf := *w.buf
	if w.start > 0 {
		copy(buf, buf[w.start:w.end])
		w.base += int64(w.start)
		w.end -= w.start
		w.start = 0
	}
	if w.end == len(buf) {
		buf = append(buf, make([]byte, len(buf))...)
		*w.buf = buf
	}
	n, err := w.r.Read(buf[w.end:])
	w.end += n
	w.err = err
}

// skipSpace passes over white space and returns the byte behind it.
func (w *window) skipSpace() (byte, error) {
	for {
		rest := w.rest()
		trimmed := bytes.TrimLeft(rest, " \t\r\n")
		w.start += len(rest) - len(trimmed)
		switch {
		case len(trimmed) > 0:
			return trimmed[0], nil
		case w.err != nil:
			return 0, w.err
		}
		w.fill()
	}
}

// beginning returns a copy of the beginning of what was not given out, as much as is kept of a document.
func (w *window) beginning() []byte {
	for len(w.rest()) < cutSize && w.err == nil {
		w.fill()
	}
	return bytes.Clone(w.rest()[:min(len(w.rest()), cutSize)])
}
