package source

import "io"

// tape reads a file and remembers the bytes read last, so that they can be read again.
type tape struct {
	r    io.Reader
	kept []byte
	base int64 // offset of kept[0] in the file
	pos  int   // of the next byte in kept; len(kept) when it comes from r
	off  bool  // nobody will go back
}

const tapeSize = 4 << 20 // bytes remembered, at most twice as many

// at returns the offset of the byte that Read gives next.
func (t *tape) at() int64 { return t.base + int64(t.pos) }

func (t *tape) Read(p []byte) (int, error) {
	if t.pos < len(t.kept) {
		n := copy(p, t.kept[t.pos:])
		t.pos += n
		return n, nil
	}
	n, err := t.r.Read(p)
	if t.off {
		t.base += int64(n)
		return n, err
	}
	if len(t.kept)+n > 2*tapeSize {
		t.forget(t.at() - tapeSize)
	}
	t.kept = append(t.kept, p[:n]...)
	t.pos = len(t.kept)
	return n, err
}

// forget says that nobody goes back behind an offset.
func (t *tape) forget(offset int64) {
	if n := offset - t.base; n > tapeSize/2 {
		rest := copy(t.kept, t.kept[n:])
		t.kept, t.base, t.pos = t.kept[:rest], offset, t.pos-int(n)
	}
}

// rewind makes the byte at an offset the next one: r has been moved there.
func (t *tape) rewind(offset int64) { t.kept, t.base, t.pos = t.kept[:0], offset, 0 }

// seek goes back to an offset, or as far as the tape goes.
func (t *tape) seek(offset int64) { t.pos = int(max(offset-t.base, 0)) }
