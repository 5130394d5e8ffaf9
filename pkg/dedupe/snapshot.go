package dedupe

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"

	"github.com/cespare/xxhash/v2"
)

// ErrSnapshot reports a snapshot that is damaged, cut short, of another format or not one
// at all.
var ErrSnapshot = errors.New("dedupe: damaged snapshot")

// ParamsError reports a snapshot made with other parameters. It wraps ErrParams.
type ParamsError struct {
	Fields []string // the fields that differ
	Want   Params   // what ReadIndex was asked for
	Have   Params   // what the snapshot was made with
}

// Error names the fields that differ, with both values.
func (e *ParamsError) Error() string {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%v: the snapshot was made with others:", ErrParams)
	have, want := reflect.ValueOf(e.Have), reflect.ValueOf(e.Want)
	for _, f := range e.Fields {
		fmt.Fprintf(&b, " %s %v, not %v;", f, have.FieldByName(f), want.FieldByName(f))
	}
	return string(bytes.TrimSuffix(b.Bytes(), []byte(";")))
}

// Unwrap returns ErrParams.
func (e *ParamsError) Unwrap() error { return ErrParams }

func differ(a, b Params) (fields []string) {
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	for i := range x.NumField() {
		if !x.Field(i).Equal(y.Field(i)) {
			fields = append(fields, x.Type().Field(i).Name)
		}
	}
	return fields
}

// Snapshot is a frozen copy of an index. It may be written from another
// goroutine while the index goes on.
type Snapshot struct{ s state }

// Freeze returns the index as it is now. It copies no documents: from then on
// the index copies what it changes, a part at a time.
func (x *Index) Freeze() *Snapshot {
	s := x.state
	s.posts = x.posts.freeze()
	s.docs = x.docs.freeze()
	s.known = x.known.freeze()
	s.log.pages = append([][]byte(nil), x.log.pages...)
	return &Snapshot{s}
}

// WriteTo writes the index; the same index always gives the same bytes.
func (x *Index) WriteTo(w io.Writer) (int64, error) { return (&Snapshot{x.state}).WriteTo(w) }

const (
	magic      = "winnow dedupe 3\n"
	entryBytes = 48
)

// WriteTo writes the snapshot: a header, the parameters as JSON, documents,
// records, postings, furniture, and the xxHash64 of all that. Integers are
// little endian.
func (snap *Snapshot) WriteTo(w io.Writer) (int64, error) {
	s := &snap.s
	o := &output{w: bufio.NewWriterSize(w, 1<<20), sum: xxhash.New()}
	params, err := json.Marshal(s.p)
	if err != nil {
		return 0, fmt.Errorf("dedupe snapshot: %w", err)
	}
	o.write(append(binary.LittleEndian.AppendUint32([]byte(magic), uint32(len(params))), params...))
	o.write(appendInts(nil, s.next, s.low, uint32(s.clock.n), s.clock.now))
	o.write(appendInts(nil, s.clock.last[:]...))
	var buf []byte
	for d := s.low; d < s.next; d++ {
		if buf = s.docs.at(uint64(d)).append(buf); len(buf) >= 1<<16 || d == s.next-1 {
			o.write(buf)
			buf = buf[:0]
		}
	}
	from := s.logStart()
	o.write(binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, from), s.log.end))
	for at := from; at < s.log.end; at += pageUnits {
		o.write(s.log.page(at)[:4*min(pageUnits, s.log.end-at)])
	}
	for i := range s.posts.parts {
		s.posts.parts[i].write(o)
	}
	buf = buf[:0]
	for _, shelf := range s.known.list {
		buf = shelf.append(buf)
	}
	o.write(buf)
	o.write(binary.LittleEndian.AppendUint64(nil, o.sum.Sum64()))
	if o.err == nil {
		o.err = o.w.Flush()
	}
	if o.err != nil {
		return o.n, fmt.Errorf("dedupe snapshot: %w", o.err)
	}
	return o.n, nil
}

// logStart returns the page of the log where the records still needed begin.
func (s *state) logStart() uint64 {
	if s.low == s.next {
		return s.log.end &^ (pageUnits - 1)
	}
	return s.log.place(s.docs.at(uint64(s.low)).at) &^ (pageUnits - 1)
}

// ReadIndex restores what WriteTo wrote. It wraps ErrSnapshot when the data is
// damaged, and returns a *ParamsError when it was made with other parameters.
func ReadIndex(r io.Reader, p Params) (*Index, error) {
	x, err := NewIndex(p)
	if err != nil {
		return nil, err
	}
	in := &input{r: bufio.NewReaderSize(r, 1<<20), sum: xxhash.New()}
	if head := in.next(len(magic)); string(head) != magic {
		if bytes.HasPrefix(head, []byte(magic[:len(magic)-2])) {
			return nil, fmt.Errorf("%w: its format is %q, this version of the package reads %q", ErrSnapshot, head[:len(magic)-1], magic[:len(magic)-1])
		}
		return nil, fmt.Errorf("%w: no such header", ErrSnapshot)
	}
	var have Params
	n := in.uint32()
	if n > 1<<16 || json.Unmarshal(in.next(int(n)), &have) != nil {
		return nil, fmt.Errorf("%w: parameters cannot be read", ErrSnapshot)
	}
	if f := differ(have, p); f != nil {
		return nil, &ParamsError{Fields: f, Want: p, Have: have}
	}
	x.state.read(in)
	want := in.sum.Sum64()
	if got := in.uint64(); in.err == nil && got != want {
		in.err = errors.New("checksum does not match")
	}
	if in.err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSnapshot, in.err)
	}
	return x, nil
}

func (s *state) read(in *input) {
	s.next, s.low = in.uint32(), in.uint32()
	s.clock.n, s.clock.now = int(in.uint32()%63), in.uint32()
	for i := range s.clock.last {
		s.clock.last[i] = in.uint32()
	}
	if s.low == 0 || s.low > s.next {
		in.fail("documents out of order")
	}
	for d := s.low; d < s.next && in.err == nil; {
		n := min(s.next-d, groupLen)
		b := in.next(int(n) * entryBytes)
		for ; len(b) > 0; b = b[entryBytes:] {
			s.docs.reach(uint64(d))
			s.docs.own(uint64(d)).read(b)
			d++
		}
	}
	from, end := in.uint64(), in.uint64()
	if from%pageUnits != 0 || from > end || end-from > 1<<32 || end > 1<<62 {
		in.fail("log out of order")
		return
	}
	s.log = log{first: from >> pageBits, end: end}
	d, left := s.low, end-from
	for at := from; at < end && in.err == nil; at += pageUnits {
		page := make([]byte, 4*pageUnits)
		copy(page, in.next(int(4*min(pageUnits, end-at))))
		s.log.pages = append(s.log.pages, page)
		d, left = s.check(in, d, left) // while the page is in the cache
	}
	if d < s.next {
		in.fail("records out of order")
	}
	for i := range s.posts.parts {
		s.posts.parts[i].read(in, s.next)
	}
	for i := range s.known.list {
		s.known.list[i] = readShelf(in)
	}
}

// check goes over the documents from d on whose records are on the pages read so far, and fails if one has
// sizes or neighbours that none can have, or a record that does not lie behind the one before, left units
// or less from the end, on one page: a checksum does not say who made the snapshot. It returns the d and
// the left to go on with.
func (s *state) check(in *input, d uint32, left uint64) (uint32, uint64) {
	for ; d < s.next && in.err == nil; d++ {
		e := s.docs.at(uint64(d))
		if e.grams > gramMax || e.numbers > numberMax || e.level&^repeats > maxLevel ||
			e.first == 0 || e.first >= s.next || e.link == 0 || e.link >= s.next {
			in.fail("documents out of range")
			break
		}
		span := s.log.span(e.at)
		if span == 0 || span > left {
			in.fail("records out of order")
			break
		}
		if (s.log.end-span)>>pageBits-s.log.first >= uint64(len(s.log.pages)) {
			break // that page is to come
		}
		size := e.recordBytes(s.log.record(e.at))
		if size > 4*min(span, pageUnits-uint64(e.at%pageUnits)) {
			in.fail("records out of order")
			break
		}
		left = span - (size+3)/4
	}
	return d, left
}
