package dedupe

import (
	"bufio"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
)

// ErrSnapshot reports a snapshot that is damaged.
var ErrSnapshot = errors.New("dedupe: damaged snapshot")

type snapshot struct {
	Params Params
	Docs   []snapshotDoc
}

type snapshotDoc struct {
	Doc     Doc
	Hashes  []uint64
	Cluster int
}

// WriteTo writes the index; the same index always gives the same bytes.
func (x *Index) WriteTo(w io.Writer) (int64, error) {
	c := &counter{w: w}
	b := bufio.NewWriter(c)
	s := snapshot{Params: x.p}
	for _, e := range x.docs {
		s.Docs = append(s.Docs, snapshotDoc{e.Doc, e.hashes, e.cluster})
	}
	if err := gob.NewEncoder(b).Encode(s); err != nil {
		return c.n, fmt.Errorf("dedupe snapshot: %w", err)
	}
	err := b.Flush()
	return c.n, err
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// ReadIndex restores what WriteTo wrote. It wraps ErrSnapshot, or ErrParams when
// the snapshot was made with other parameters.
func ReadIndex(r io.Reader, p Params) (*Index, error) {
	x, err := NewIndex(p)
	if err != nil {
		return nil, err
	}
	var s snapshot
	if err := gob.NewDecoder(r).Decode(&s); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSnapshot, err)
	}
	if s.Params != p {
		return nil, fmt.Errorf("%w: snapshot has %+v, index has %+v", ErrParams, s.Params, p)
	}
	for i, d := range s.Docs {
		x.docs = append(x.docs, entry{d.Doc, d.Hashes, d.Cluster})
		for _, h := range d.Hashes {
			if l := x.postings[h]; len(l) < maxPostings {
				x.postings[h] = append(l, int32(i))
			}
		}
	}
	return x, nil
}
