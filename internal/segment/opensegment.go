package segment

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/klauspost/compress/zstd"
)

// openSegment is the segment being written; it lies in the store's spool.
type openSegment struct {
	*tally
	raw      int64
	gathered int64 // bytes of lines that are not compressed yet
	files    []*dataFile
	index    [kinds]map[string]*dataFile // by folder
}

// maxGathered bounds the lines that wait to be compressed, in bytes.
const maxGathered = 64 << 20

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
