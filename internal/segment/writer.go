package segment

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/klauspost/compress/zstd"
)

var (
	// ErrGap is wrapped by the errors for a record that is not the next one.
	ErrGap = errors.New("not the next sequence")
	// ErrLocked is wrapped by the error for a store that another writer holds.
	ErrLocked = errors.New("another process writes there; end it, or choose another place")
)

// Options shape the segments. They may change from one run to the next; segments that are
// committed stay as they are.
type Options struct {
	First     uint64            // sequence that an empty store begins with; default 1
	Records   int               // a segment is full at so many records; default 65536
	Bytes     int64             // ... or so many bytes of lines, of all kinds together; default 256 MiB
	Files     int               // ... or when its records need more data files than this; default 256
	Formats   []Format          // default JSONL alone
	Partition Partition         // default by date; not nil but empty = none
	Frame     int               // a zstd frame is full at so many bytes of lines; default 1 MiB; -1 = one frame a file
	Level     zstd.EncoderLevel // default [zstd.SpeedFastest]

	Committed func(*Manifest) // called after each commit; it must not keep or change the manifest
}

func (o Options) withDefaults() Options {
	o.First = cmp.Or(o.First, 1)
	if o.Records <= 0 {
		o.Records = 1 << 16
	}
	if o.Bytes <= 0 {
		o.Bytes = 256 << 20
	}
	if o.Files <= 0 {
		o.Files = 256
	}
	if len(o.Formats) == 0 {
		o.Formats = []Format{JSONL}
	}
	if o.Partition == nil {
		o.Partition = Partition{"date"}
	}
	o.Frame = cmp.Or(o.Frame, 1<<20)
	if o.Frame < 0 {
		o.Files = min(o.Files, 32) // each has an encoder of its own then
	}
	o.Level = cmp.Or(o.Level, zstd.SpeedFastest)
	return o
}

// maxGathered bounds the lines that wait to be compressed, in bytes.
const maxGathered = 64 << 20

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
	orphans  []Data  // of a commit that a crash cut short; removed by the next segment
	seg      *openSegment
	fault    func(step, path string) error // tests end the world here; nil otherwise
}

// openSegment is the segment being written; it lies in the store's spool.
type openSegment struct {
	*tally
	raw      int64
	gathered int64 // bytes of lines that are not compressed yet
	files    []*dataFile
	index    [kinds]map[string]*dataFile // by folder
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

// load reads the position and removes what an abandoned segment left in the spool.
func (w *Writer) load() error {
	list, err := List(w.store)
	if err == nil {
		err = list.Check()
	}
	if err != nil {
		return err
	}
	w.pos = Position{Last: w.opt.First - 1}
	w.finished = list.Finished
	if w.totals, err = sumUp(w.store, list); err != nil {
		return err
	}
	if len(list.Segments) > 0 {
		w.pos = Position{Last: w.totals.Last, Chain: w.totals.Chain}
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
	temps, err := os.ReadDir(w.store.Spool())
	if err != nil {
		return err
	}
	for _, t := range temps {
		if t.Name() == lockFile {
			continue
		}
		if err := os.RemoveAll(filepath.Join(w.store.Spool(), t.Name())); err != nil {
			return err
		}
	}
	if len(list.Segments) > 0 {
		return w.describe(datasetFile) // if a crash came between it and its last segment
	}
	return nil
}

// Resume reads the position again, after an error of a store that may have done what it said it
// could not do. The open segment is abandoned.
func (w *Writer) Resume() error {
	err := w.Abandon()
	w.orphans = nil
	if err == nil {
		err = w.load()
	}
	if err != nil {
		return fmt.Errorf("%v: %w", w.store, err)
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

// put adds the record to its file and compresses what is due.
func (w *Writer) put(r Record, c *counted) (err error) {
	s := w.seg
	d := s.index[r.Kind][string(w.folder)]
	if d == nil {
		if d, err = w.create(r.Kind, string(w.folder)); err != nil {
			return err
		}
	}
	s.gathered -= int64(len(d.lines))
	d.append(r.Seq, r.Line)
	s.gathered += int64(len(d.lines))
	s.add(r.Kind, c)
	s.m.Chain = r.Chain
	s.raw += int64(len(r.Line)) + 1
	frame := w.opt.Frame
	if frame < 0 {
		frame = window
	}
	if len(d.lines) >= frame {
		return w.flush(d)
	}
	if s.gathered >= maxGathered {
		return w.flush(slices.MaxFunc(s.files, func(a, b *dataFile) int { return cmp.Compare(len(a.lines), len(b.lines)) }))
	}
	return nil
}

// flush compresses what a file has gathered.
func (w *Writer) flush(d *dataFile) (err error) {
	if err := w.step("write", d.f.Name()); err != nil {
		return err
	}
	w.seg.gathered -= int64(len(d.lines))
	w.buf, err = d.flush(w.enc, w.buf)
	return err
}

// begin opens a segment, once the files of a commit that never came are out of its way and the
// store no longer says that it is complete.
func (w *Writer) begin() error {
	for ; len(w.orphans) > 0; w.orphans = w.orphans[1:] {
		if err := w.store.Remove(w.orphans[0].Path); err != nil {
			return err
		}
	}
	if w.finished {
		if err := errors.Join(w.store.Remove(successFile), w.store.Sync(successFile)); err != nil {
			return err
		}
		w.finished = false
	}
	w.seg = &openSegment{tally: newTally(w.pos.Last+1, w.opt.Partition.byDate())}
	return nil
}

// create opens the data file for records of kind k in a folder.
func (w *Writer) create(k Kind, folder string) (*dataFile, error) {
	s := w.seg
	name := k.String()
	if folder != "" {
		name = fmt.Sprintf("%s-%d", k, len(s.index[k]))
	}
	path := filepath.Join(w.store.Spool(), name+JSONL.suffix())
	if err := w.step("create", path); err != nil {
		return nil, err
	}
	var stream *zstd.Encoder
	if w.opt.Frame < 0 {
		if len(s.files) == len(w.streams) {
			enc, err := newEncoder(w.opt.Level)
			if err != nil {
				return nil, err
			}
			w.streams = append(w.streams, enc)
		}
		stream = w.streams[len(s.files)]
	}
	d, err := newDataFile(path, k, folder, stream)
	if err != nil {
		return nil, err
	}
	if s.index[k] == nil {
		s.index[k] = map[string]*dataFile{}
	}
	s.index[k][folder] = d
	s.files = append(s.files, d)
	return d, nil
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
