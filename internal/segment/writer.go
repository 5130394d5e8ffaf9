package segment

import (
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

var (
	// ErrGap is wrapped by the errors for a record that is not the next one.
	ErrGap = errors.New("not the next sequence")
	// ErrLocked is wrapped by the error for a store that another writer holds.
	ErrLocked = errors.New("another process writes there; end it, or choose another place")
)

// Position is where a store ends.
type Position struct {
	Last  uint64 // sequence of the last committed record; the one before the first if there is none
	Chain string // its chain; "" if there is none
}

// Writer appends records to a store. One goroutine uses it.
type Writer struct {
	store    Store
	opt      Options
	lock     io.Closer
	enc      *zstd.Encoder
	buf      []byte // a compressed frame
	folder   []byte
	streams  []*zstd.Encoder // for files of one frame; used again
	counted  counted
	pos      Position
	totals   *Totals // of what is committed
	behind   bool    // the dataset's file does not hold them yet
	finished bool    // there is a file _SUCCESS
	kept     []span  // the committed segments, oldest first, once Prune has asked for them; nil before
	orphans  []Data  // of a commit that a crash cut short; removed by the next segment
	seg      *openSegment
	fault    func(step, path string) error // tests end the world here; nil otherwise
}

// Open takes the store, which it makes if need be, for writing, and reads its position from the
// manifests. The errors wrap [ErrLocked] if another writer has it, [ErrNotContiguous] if manifests
// have a gap or overlap, or if data files lie without a manifest where no crash leaves them, and
// [ErrManifest].
func Open(s Store, opt Options) (*Writer, error) {
	l, err := s.Lock()
	if err != nil {
		return nil, err
	}
	w := &Writer{store: s, opt: opt.withDefaults(), lock: l}
	if w.enc, err = newEncoder(w.opt.Level); err == nil {
		err = w.load()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%v: %w", s, err), l.Close())
	}
	return w, nil
}

// Position returns where the committed segments end.
func (w *Writer) Position() Position { return w.pos }

// Last returns the last sequence appended, committed or not.
func (w *Writer) Last() uint64 {
	if w.seg == nil {
		return w.pos.Last
	}
	return w.seg.m.Last
}

// Pending returns the number of records in the open segment.
func (w *Writer) Pending() int { return int(w.Last() - w.pos.Last) }

// Append adds the record with sequence Last()+1 and commits the segment before it if it belongs
// to a later date, or after it if the segment is full: see [Writer.Position]. Of the line it reads
// what it counts; that it is JSON inside is the caller's word. Errors wrap [ErrGap], [ErrRecord] or
// those of the file system. After an error the open segment is abandoned, and the next record that
// Append takes is the one after the position.
func (w *Writer) Append(r Record) error {
	err := w.append(r)
	if err != nil {
		return fmt.Errorf("record %d: %w", r.Seq, errors.Join(err, w.Abandon()))
	}
	return nil
}

func (w *Writer) append(r Record) error {
	if r.Seq != w.Last()+1 {
		return fmt.Errorf("%w: %v is at %d", ErrGap, w.store, w.Last())
	}
	c := &w.counted
	switch err := c.read(r.Line); {
	case err != nil:
		return err
	case int(r.Kind) >= kinds || c.Seq != r.Seq || !validChain(r.Chain):
		return fmt.Errorf("%w: kind %v, seq %d, chain %q", ErrRecord, r.Kind, c.Seq, r.Chain)
	}
	w.folder = w.opt.Partition.appendFolder(w.folder[:0], c)
	if s := w.seg; s != nil && (s.startsNext(c.added) || len(s.files) >= w.opt.Files && s.index[r.Kind][string(w.folder)] == nil) {
		if err := w.Commit(); err != nil {
			return err
		}
	}
	if w.seg == nil {
		if err := w.begin(); err != nil {
			return err
		}
	}
	if err := w.put(r, c); err != nil {
		return err
	}
	if s := w.seg; s.m.Records.Total() >= w.opt.Records || s.raw >= w.opt.Bytes {
		return w.Commit()
	}
	return nil
}

// Abandon gives the open segment up and frees its space. The position does not change.
func (w *Writer) Abandon() error {
	if w.seg == nil {
		return nil
	}
	var errs []error
	for _, d := range w.seg.files {
		d.f.Close() // its bytes are given up
		errs = append(errs, w.discard(d.f.Name()), w.discard(parquetPath(d)))
	}
	w.seg = nil
	return errors.Join(errs...)
}

// Close abandons the open segment and gives the store back.
func (w *Writer) Close() error {
	return errors.Join(w.Abandon(), w.lock.Close())
}
