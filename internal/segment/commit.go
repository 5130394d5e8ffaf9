package segment

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Commit finishes the open segment, if there is one, and makes it durable. Once it returns nil the
// position includes it, whatever happens to the machine. After an error the segment is abandoned
// and its records come again, but for those that [Writer.Position] includes all the same.
func (w *Writer) Commit() error {
	if w.seg == nil {
		if w.behind {
			return w.describe(datasetFile)
		}
		return nil
	}
	seg := w.seg
	var placed []string
	m, err := w.commit(&placed)
	if err != nil {
		err = fmt.Errorf("commit of segment %s: %w", seg.m.Name(), err)
		for _, name := range slices.Backward(placed) { // the manifest first, as it makes the others count
			if rerr := w.store.Remove(name); rerr != nil {
				err = errors.Join(err, rerr)
				break // data without a manifest counts for nothing; the other way round is damage
			}
		}
		return errors.Join(err, w.Abandon())
	}
	w.pos = Position{Last: m.Last, Chain: m.Chain}
	w.seg = nil
	w.totals.add(m)
	if w.kept != nil {
		w.kept = append(w.kept, spanOf(m))
	}
	w.behind = true
	if w.opt.Committed != nil {
		w.opt.Committed(m)
	}
	return w.describe(datasetFile)
}

// commit moves the open segment into place: all data files, durably, then the manifest.
// It appends the names of the files it makes.
func (w *Writer) commit(placed *[]string) (*Manifest, error) {
	s := w.seg
	m := s.manifest()
	slices.SortFunc(s.files, func(a, b *dataFile) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), strings.Compare(a.folder, b.folder))
	})
	var names []string
	for _, d := range s.files {
		files, err := w.finish(m, d)
		if err != nil {
			return nil, err
		}
		m.Files = append(m.Files, files...)
	}
	for _, d := range s.files {
		for _, f := range m.Files {
			if f.Kind != d.kind.String() || f.Folder != d.folder {
				continue
			}
			path := d.f.Name()
			if f.Format == Parquet {
				path = parquetPath(d)
			}
			*placed = append(*placed, f.Name)
			if err := w.store.Place(path, f.Name); err != nil {
				return nil, err
			}
			names = append(names, f.Name)
		}
		if !slices.Contains(w.opt.Formats, JSONL) {
			if err := w.discard(d.f.Name()); err != nil {
				return nil, err
			}
		}
	}
	if err := w.store.Sync(names...); err != nil {
		return nil, err
	}
	return m, w.placeBytes(m.Name().Manifest(), m.AppendJSON(nil), placed)
}

// finish ends a data file, makes it in the formats that are wanted, and returns what the manifest
// says of these.
func (w *Writer) finish(m *Manifest, d *dataFile) (files []File, err error) {
	if err := w.flush(d); err != nil {
		return nil, err
	}
	if err := w.step("finish", d.f.Name()); err != nil {
		return nil, err
	}
	if err := d.finish(); err != nil {
		return nil, err
	}
	for _, format := range w.opt.Formats {
		f := d.meta
		if format == Parquet {
			if err := w.step("finish", parquetPath(d)); err != nil {
				return nil, err
			}
			if f, err = convert(d); err != nil {
				return nil, err
			}
		}
		f.Name = m.Name().Data(d.kind, d.folder, format)
		files = append(files, f)
	}
	return files, nil
}

// placeBytes makes a small file appear under name, durably, and adds the name to placed.
func (w *Writer) placeBytes(name string, data []byte, placed *[]string) error {
	temp := filepath.Join(w.store.Spool(), "small")
	if err := w.writeFile(temp, data); err != nil {
		return errors.Join(err, w.discard(temp))
	}
	*placed = append(*placed, name)
	if err := w.store.Place(temp, name); err != nil {
		return errors.Join(err, w.discard(temp))
	}
	return w.store.Sync(name)
}

// writeFile writes data to path, durably but for the entry in its folder.
func (w *Writer) writeFile(path string, data []byte) error {
	if err := w.step("write", path); err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if _, err = f.Write(data); err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// discard removes a file of the spool, if it is there.
func (w *Writer) discard(path string) error {
	if err := w.step("discard", path); err != nil {
		return err
	}
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// step is where tests let the world end.
func (w *Writer) step(step, path string) error {
	if w.fault == nil {
		return nil
	}
	return w.fault(step, path)
}
