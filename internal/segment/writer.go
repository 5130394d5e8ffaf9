package segment

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/zstd"
)

var (
	// ErrGap is wrapped by the errors for a record that is not the next one.
	ErrGap = errors.New("not the next sequence")
	// ErrLocked is wrapped by the error for a directory that another writer holds.
	ErrLocked = errors.New("another process writes this directory; end it, or choose another directory")
)

// Options shape the segments. They may change from one run to the next; segments that are
// committed stay as they are.
type Options struct {
	First   uint64            // sequence that an empty directory begins with; default 1
	Records int               // a segment is full at so many records; default 65536
	Bytes   int64             // ... or so many bytes of lines, of all kinds together; default 256 MiB
	Frame   int               // a zstd frame is full at so many bytes of lines; default 256 KiB; -1 = one frame a file
	Level   zstd.EncoderLevel // default [zstd.SpeedFastest]

	Committed func(*Manifest) // called after each commit; it must not keep or change the manifest
}

func (o Options) withDefaults() Options {
	if o.First == 0 {
		o.First = 1
	}
	if o.Records <= 0 {
		o.Records = 1 << 16
	}
	if o.Bytes <= 0 {
		o.Bytes = 256 << 20
	}
	if o.Frame == 0 {
		o.Frame = 256 << 10
	}
	if o.Level == 0 {
		o.Level = zstd.SpeedFastest
	}
	return o
}

// Position is where a directory ends.
type Position struct {
	Last  uint64 // sequence of the last committed record; the one before the first if there is none
	Chain string // its chain; "" if there is none
}

// Writer appends records to a directory. One goroutine uses it.
type Writer struct {
	dir     string
	opt     Options
	lock    *os.File
	encs    [kinds]*zstd.Encoder
	pos     Position
	orphans []Orphan // of a commit that a crash cut short; removed by the next segment
	seg     *openSegment
	fault   func(step, path string) error // tests end the world here; nil otherwise
}

// openSegment is the segment being written; it lies in the folder .open.
type openSegment struct {
	*tally
	raw   int64
	files [kinds]*dataFile
}

// Open takes the directory, which it creates if need be, for writing, and reads its position
// from the manifests. The errors wrap [ErrLocked] if another writer has it, [ErrNotContiguous] if
// manifests have a gap or overlap, or if data files lie without a manifest where no crash leaves
// them, and [ErrManifest].
func Open(dir string, opt Options) (*Writer, error) {
	if err := os.MkdirAll(filepath.Join(dir, openDir), 0o755); err != nil {
		return nil, err
	}
	l, err := lock(dir)
	if err != nil {
		return nil, err
	}
	w := &Writer{dir: dir, opt: opt.withDefaults(), lock: l}
	if err := w.load(); err != nil {
		return nil, errors.Join(fmt.Errorf("directory %s: %w", dir, err), l.Close())
	}
	return w, nil
}

// load reads the position and removes what an abandoned segment left in the open folder.
func (w *Writer) load() error {
	list, err := List(w.dir)
	if err != nil {
		return err
	}
	if err := list.Check(); err != nil {
		return err
	}
	w.pos = Position{Last: w.opt.First - 1}
	if n := len(list.Segments); n > 0 {
		m, err := ReadManifest(w.dir, list.Segments[n-1])
		if err != nil {
			return err
		}
		w.pos = Position{Last: m.Last, Chain: m.Chain}
	}
	for _, o := range list.Orphans {
		switch {
		case o.Name.First == w.pos.Last+1:
			w.orphans = append(w.orphans, o)
		case !list.pruned(o):
			return fmt.Errorf("%w: %s has no manifest and does not follow sequence %d; restore its manifest or move it away",
				ErrNotContiguous, o.Path, w.pos.Last)
		}
	}
	for _, t := range list.Temps {
		if err := os.RemoveAll(filepath.Join(w.dir, t)); err != nil {
			return err
		}
	}
	return nil
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
// to a later date, or after it if the segment is full: see [Writer.Position]. Errors wrap [ErrGap],
// [ErrRecord] or those of the file system. After an error the open segment is abandoned, and the
// next record that Append takes is the one after the position.
func (w *Writer) Append(r Record) error {
	err := w.append(r)
	if err != nil {
		return fmt.Errorf("record %d: %w", r.Seq, errors.Join(err, w.Abandon()))
	}
	return nil
}

func (w *Writer) append(r Record) error {
	if r.Seq != w.Last()+1 {
		return fmt.Errorf("%w: the directory is at %d", ErrGap, w.Last())
	}
	c, err := parseCounted(r.Line)
	switch {
	case err != nil:
		return err
	case int(r.Kind) >= kinds || c.Seq != r.Seq || !validChain(r.Chain):
		return fmt.Errorf("%w: kind %v, seq %d, chain %q", ErrRecord, r.Kind, c.Seq, r.Chain)
	}
	if w.seg != nil && w.seg.startsNext(c.added) {
		if err := w.Commit(); err != nil {
			return err
		}
	}
	if w.seg == nil {
		if err := w.begin(); err != nil {
			return err
		}
	}
	s := w.seg
	d := s.files[r.Kind]
	if d == nil {
		if d, err = w.create(r.Kind); err != nil {
			return err
		}
		s.files[r.Kind] = d
	}
	if err := w.step("write", d.f.Name()); err != nil {
		return err
	}
	if err := d.append(r.Seq, r.Line, w.opt.Frame); err != nil {
		return err
	}
	s.add(r.Kind, &c)
	s.m.Chain = r.Chain
	s.raw += int64(len(r.Line)) + 1
	if s.m.Records.Total() >= w.opt.Records || s.raw >= w.opt.Bytes {
		return w.Commit()
	}
	return nil
}

// begin opens a segment, once the files of a commit that never came are out of its way and the
// directory no longer says that it is complete.
func (w *Writer) begin() error {
	for ; len(w.orphans) > 0; w.orphans = w.orphans[1:] {
		if err := w.remove(filepath.Join(w.dir, w.orphans[0].Path)); err != nil {
			return err
		}
	}
	if _, err := os.Stat(filepath.Join(w.dir, successFile)); err == nil {
		if err := errors.Join(w.remove(filepath.Join(w.dir, successFile)), w.syncDirs([]string{w.dir})); err != nil {
			return err
		}
	}
	w.seg = &openSegment{tally: newTally(w.pos.Last + 1)}
	return nil
}

// create opens the data file for records of kind k.
func (w *Writer) create(k Kind) (*dataFile, error) {
	path := filepath.Join(w.dir, openDir, k.String()+dataSuffix)
	if err := w.step("create", path); err != nil {
		return nil, err
	}
	if w.encs[k] == nil {
		enc, err := newEncoder(w.opt.Level)
		if err != nil {
			return nil, err
		}
		w.encs[k] = enc
	}
	return newDataFile(path, k, w.encs[k])
}

// Abandon gives the open segment up and frees its space. The position does not change.
func (w *Writer) Abandon() error {
	if w.seg == nil {
		return nil
	}
	var errs []error
	for _, d := range w.seg.files {
		if d != nil {
			d.f.Close() // its bytes are given up
			errs = append(errs, w.remove(d.f.Name()))
		}
	}
	w.seg = nil
	return errors.Join(errs...)
}

// Close abandons the open segment and gives the directory back.
func (w *Writer) Close() error {
	return errors.Join(w.Abandon(), w.lock.Close())
}
