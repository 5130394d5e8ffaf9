package warc

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
)

// Bounds.
const (
	maxHeader = 128 << 10 // bytes of a record's header
	headSize  = 64 << 10  // kept of what is damaged or too large
)

// Members is what a Reader asks of a compressed file that it reads.
type Members interface {
	// Place returns the place in the file of a byte of the decompressed bytes. The Reader asks in
	// ascending order.
	Place(plain int64) Place
	// Failed returns where in the decompressed bytes the member begins that could not be read.
	Failed() int64
	// Resync is called when reading failed with err. Reading goes on with the next member that
	// begins a record: io.EOF when there is none; another error ends everything.
	Resync(err error) error
}

// DamageError says that some bytes of a file are no record. Next goes on behind them.
type DamageError struct {
	Place  Place  // where they begin
	Size   int64  // how many there are, decompressed, as far as they could be read
	Next   Place  // where reading goes on, unless Last
	Last   bool   // nothing follows
	Head   []byte // their beginning; valid until the next call of Next
	Detail string // what is wrong
}

func (e *DamageError) Error() string {
	if e.Last {
		return fmt.Sprintf("offset %v: %s; no record follows", e.Place, e.Detail)
	}
	return fmt.Sprintf("offset %v: %s; the next record is at %v", e.Place, e.Detail, e.Next)
}

// Reader reads the records of one file. One goroutine uses it.
type Reader struct {
	w       window
	members Members
	limit   int
	rec     Record
	fatal   error
}

// NewReader reads src, the decompressed bytes of a file; members is nil for one that is not
// compressed. Of a block over limit bytes the Reader keeps the beginning.
func NewReader(src io.Reader, members Members, limit int) *Reader {
	return &Reader{w: window{src: src}, members: members, limit: limit}
}

// Begin says that the first byte of src is not the file's: at decompressed bytes are before it. Call it before Next.
func (r *Reader) Begin(at int64) { r.w.base = at }

// At returns how many decompressed bytes of the file are before what Next looks at.
func (r *Reader) At() int64 { return r.w.at() }

// Next returns the next record, io.EOF, a [*DamageError], or the error of the file.
func (r *Reader) Next() (*Record, error) {
	if r.fatal != nil {
		return nil, r.fatal
	}
	w := &r.w
	w.skipBlank()
	switch place := r.place(w.at()); {
	case w.start == w.end && w.err == io.EOF:
		return nil, io.EOF
	case w.start == w.end:
		return nil, r.lost(place, 0, "")
	case !bytes.Equal(w.peek(len(magic)), magic):
		return nil, r.garbage(place, "no record begins here")
	default:
		return r.record(place)
	}
}

func (r *Reader) place(plain int64) Place {
	if r.members == nil {
		return Place{plain, plain}
	}
	return r.members.Place(plain)
}

// record reads the record that begins the window.
func (r *Reader) record(place Place) (*Record, error) {
	w := &r.w
	end, next := -1, -1
	for n := 4 << 10; end < 0 && n <= maxHeader; n *= 2 {
		data := w.peek(n)
		if end, next = headerEnd(data); len(data) < n {
			break
		}
	}
	if end < 0 {
		if w.err != nil && w.end-w.start < maxHeader {
			return nil, r.lost(place, len(magic), "the file ends within a record's header")
		}
		return nil, r.garbage(place, "a record's header has no end")
	}
	if at := w.find(1, end); at >= 0 && at < end {
		return nil, r.garbage(place, "a record is cut short")
	}
	_, fields := cutLine(w.peek(end))
	length, err := strconv.ParseInt(Fields(fields).Get("Content-Length"), 10, 64)
	if err != nil || length < 0 {
		return nil, r.garbage(place, "a record has no Content-Length")
	}
	if length > int64(r.limit) {
		return r.oversize(place, next, length)
	}
	whole := next + int(length)
	data := w.peek(whole + 4 + len(magic))
	short := len(data) < whole+4+len(magic) // only then does it matter what w.err is: an error that was met already may lie far behind
	switch {
	case len(data) >= whole && r.closed(data[whole:], w.at()+int64(whole)):
		return r.deliver(place, next, whole, false), nil
	case short && w.err != io.EOF && w.find(next, whole) < 0:
		return nil, r.lost(place, next, "")
	}
	return r.wrongLength(place, next, whole)
}

// closed reports whether what follows a block ends a record, whose last byte is at end. A member that
// holds the record and fails later says that it does not.
func (r *Reader) closed(after []byte, end int64) bool {
	for _, blank := range []string{"\r\n\r\n", "\n\n"} {
		if bytes.HasPrefix(after, []byte(blank)) {
			return len(after) > len(blank) || r.w.err == nil || r.w.err == io.EOF ||
				r.members != nil && r.members.Failed() >= end+int64(len(blank))
		}
	}
	rest := bytes.TrimLeft(after, "\r\n")
	return len(rest) == 0 && r.w.err == io.EOF || bytes.HasPrefix(rest, magic)
}

// wrongLength reads a record that does not end where it says.
func (r *Reader) wrongLength(place Place, next, whole int) (*Record, error) {
	w := &r.w
	end := w.find(next, r.limit)
	block := w.buf[w.start+next : w.end]
	if end >= 0 {
		block = w.buf[w.start+next : w.start+end]
	} else if w.err != io.EOF {
		return nil, r.garbage(place, "a record does not end where its Content-Length says")
	}
	for _, end := range []string{"\r\n\r\n", "\n\n"} {
		if bytes.HasSuffix(block, []byte(end)) && len(block) <= r.limit {
			return r.deliver(place, next, next+len(block)-len(end), true), nil
		}
	}
	detail := "a record is cut short"
	if len(block) > whole-next {
		detail = "a record does not end where its Content-Length says"
	}
	return nil, r.garbage(place, detail)
}

// deliver gives out the record that begins the window and moves behind it.
func (r *Reader) deliver(place Place, next, end int, wrong bool) *Record {
	w := &r.w
	_, fields := cutLine(w.buf[w.start : w.start+next])
	r.rec = Record{Fields: Fields(fields), Block: w.buf[w.start+next : w.start+end], Size: int64(end - next), Place: place, Wrong: wrong}
	w.skip(end)
	return &r.rec
}

// oversize reads past a block over the limit and keeps its beginning. A record that begins within it
// shows that the length is wrong.
func (r *Reader) oversize(place Place, next int, length int64) (*Record, error) {
	w := &r.w
	kept := bytes.Clone(w.peek(next + headSize))
	_, fields := cutLine(kept[:next])
	r.rec = Record{Fields: Fields(fields), Block: kept[next:], Place: place}
	w.skip(next)
	for left := length; left > 0; {
		step := int(min(left, readSize))
		data := w.peek(step)
		switch at := w.find(0, step); {
		case at >= 0 && int64(at) < left:
			return r.cutShort(at), nil
		case len(data) < step && w.err == io.EOF:
			return r.cutShort(len(data)), nil
		case len(data) < step:
			return nil, r.lost(place, 0, "")
		}
		w.skip(step)
		r.rec.Size += int64(step)
		left -= int64(step)
	}
	return &r.rec, nil
}

// cutShort ends a record over the limit after n bytes more.
func (r *Reader) cutShort(n int) *Record {
	r.w.skip(n)
	r.rec.Size += int64(n)
	r.rec.Wrong, r.rec.Block = true, r.rec.Block[:min(int64(len(r.rec.Block)), r.rec.Size)]
	return &r.rec
}

// garbage skips to the next record, which begins behind the window's first byte.
func (r *Reader) garbage(place Place, detail string) error {
	w := &r.w
	e := &DamageError{Place: place, Detail: detail, Head: bytes.Clone(w.peek(headSize))}
	begin, from := w.at(), 1
	for {
		at := w.find(from, readSize)
		if at >= 0 {
			w.skip(at)
			e.Size, e.Next = w.at()-begin, r.place(w.at())
			break
		}
		from = 0
		if w.end-w.start > readSize {
			w.skip(readSize)
			continue
		}
		w.skip(w.end - w.start)
		e.Size = w.at() - begin
		if w.err != io.EOF {
			return r.resync(e, detail)
		}
		e.Last = true
		break
	}
	e.Head = e.Head[:min(int64(len(e.Head)), e.Size)]
	return e
}

// lost makes a DamageError of what cannot be read; from bytes of the window cannot begin the next record.
func (r *Reader) lost(place Place, from int, detail string) error {
	w := &r.w
	if w.err == io.EOF {
		return r.garbage(place, detail)
	}
	if at := w.find(max(from, 1), w.end-w.start); at >= 0 && from > 0 {
		return r.garbage(place, "a record is cut short")
	}
	e := &DamageError{Place: place, Size: int64(w.end - w.start), Head: bytes.Clone(w.peek(headSize))}
	w.skip(w.end - w.start)
	return r.resync(e, detail)
}

// resync lets Members find the next record.
func (r *Reader) resync(e *DamageError, detail string) error {
	w := &r.w
	failure := w.err
	if r.members == nil {
		r.fatal = failure
		return failure
	}
	e.Detail = failure.Error()
	if detail != "" {
		e.Detail = detail + ", and then " + e.Detail
	}
	switch err := r.members.Resync(failure); err {
	case nil:
		w.err = nil
		w.peek(1)
		e.Next = r.place(w.at())
	case io.EOF:
		w.err, e.Last = io.EOF, true
	default:
		r.fatal = err
		return err
	}
	return e
}
