package segment

import (
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/klauspost/compress/zstd"
)

// Scan returns the records of s that q asks for, in the order of their sequences. Segments and
// frames that cannot hold one are not read. Record.Line is valid until the next step. An error
// ends the sequence: it wraps [ErrNotContiguous], [ErrManifest], [ErrDamaged] or [ErrRecord]; hashes
// are not checked.
func Scan(from Store, q Query) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		list, err := List(from)
		if err == nil {
			err = list.Check()
		}
		if err != nil {
			yield(Record{}, err)
			return
		}
		s := newScanner(from, q)
		defer s.dec.Close()
		for _, n := range list.Segments {
			if !s.segment(n, yield) {
				return
			}
		}
	}
}

// scanner reads segments one after the other.
type scanner struct {
	from Store
	q    Query
	dec  *zstd.Decoder
}

func newScanner(from Store, q Query) *scanner {
	return &scanner{from: from, q: q, dec: newDecoder()}
}

// segment yields the records of segment n and returns false when the caller has had enough, or
// an error.
func (s *scanner) segment(n Name, yield func(Record, error) bool) bool {
	if n.Last < s.q.First || n.First > s.q.last() {
		return true
	}
	err := s.read(n, yield)
	if errors.Is(err, errEnough) {
		return false
	}
	return err == nil || yield(Record{}, fmt.Errorf("segment %s: %w", n, err)) && false
}

var errEnough = errors.New("enough") // the caller ended the loop

// cursor stands at a record of one data file.
type cursor struct {
	lineReader
	meta *File
	kind Kind
	seq  uint64
	text []byte
	end  bool
}

// read merges the data files of segment n, each of which is in order.
func (s *scanner) read(n Name, yield func(Record, error) bool) (err error) {
	m, err := ReadManifest(s.from, n)
	if err != nil || !s.q.mayHold(m) {
		return err
	}
	var cursors []*cursor
	defer func() {
		for _, c := range cursors {
			err = errors.Join(err, c.close())
		}
	}()
	for i := range m.Files {
		meta := &m.Files[i]
		k, _ := ParseKind(meta.Kind) // the manifest was checked
		if !m.readable(i) || !s.q.wantsFile(k, meta.Folder) {
			continue
		}
		r, err := openFile(s.from, meta, s.dec)
		if err != nil {
			return err
		}
		r.seek(s.q.First)
		c := &cursor{lineReader: r, meta: meta, kind: k}
		cursors = append(cursors, c)
		if err := s.advance(c); err != nil {
			return err
		}
	}
	for {
		var c *cursor
		for _, o := range cursors {
			if !o.end && (c == nil || o.seq < c.seq) {
				c = o
			}
		}
		if c == nil || c.seq > s.q.last() {
			return nil
		}
		r := Record{Kind: c.kind, Seq: c.seq, Line: c.text}
		ok, err := s.q.match(&r)
		if err != nil {
			return fmt.Errorf("%s: record %d: %w", c.meta.Name, c.seq, err)
		}
		if ok && !yield(r, nil) {
			return errEnough
		}
		if err := s.advance(c); err != nil {
			return err
		}
	}
}

// advance moves c to its next record within the query's range.
func (s *scanner) advance(c *cursor) error {
	for {
		line, err := c.line()
		if err == io.EOF {
			c.end = true
			return nil
		}
		if err != nil {
			return err
		}
		seq, err := sequence(line)
		if err != nil {
			return fmt.Errorf("%s: after record %d: %w", c.meta.Name, c.seq, err)
		}
		if seq <= c.seq {
			return fmt.Errorf("%s: %w: record %d after record %d", c.meta.Name, ErrDamaged, seq, c.seq)
		}
		c.seq, c.text = seq, line
		if seq >= s.q.First {
			return nil
		}
	}
}
