package segment

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Commit finishes the open segment, if there is one, and makes it durable. Once it returns nil the
// position includes it, whatever happens to the machine. After an error the segment is abandoned
// and its records come again.
func (w *Writer) Commit() error {
	if w.seg == nil {
		return nil
	}
	seg := w.seg
	var placed []string
	m, err := w.commit(&placed)
	if err == nil {
		w.pos = Position{Last: m.Last, Chain: m.Chain}
		w.seg = nil
		if w.opt.Committed != nil {
			w.opt.Committed(m)
		}
		return nil
	}
	err = fmt.Errorf("commit of segment %s: %w", seg.m.Name(), err)
	for _, path := range slices.Backward(placed) { // the manifest first, as it makes the others count
		err = errors.Join(err, w.remove(path))
	}
	return errors.Join(err, w.Abandon())
}

// commit moves the open segment into place: all data files, synced, then the manifest, synced.
// It appends the paths of the files it makes.
func (w *Writer) commit(placed *[]string) (*Manifest, error) {
	m := w.seg.manifest()
	for k, d := range w.seg.files {
		if d == nil {
			continue
		}
		if err := w.step("finish", d.f.Name()); err != nil {
			return nil, err
		}
		file, err := d.finish(m.Name().Data(Kind(k)))
		if err != nil {
			return nil, err
		}
		m.Files = append(m.Files, file)
	}
	dirs := []string{filepath.Join(w.dir, openDir)}
	for i, f := range m.Files {
		dir, err := w.place(filepath.Join(w.dir, openDir, f.Kind+dataSuffix), m.Files[i].Name, placed)
		if err != nil {
			return nil, err
		}
		dirs = append(dirs, dir)
	}
	if err := w.syncDirs(dirs); err != nil {
		return nil, err
	}
	temp := filepath.Join(w.dir, openDir, strings.TrimPrefix(manifestSuffix, "."))
	*placed = append(*placed, temp)
	if err := w.writeFile(temp, m.AppendJSON(nil)); err != nil {
		return nil, err
	}
	dir, err := w.place(temp, m.Name().Manifest(), placed)
	if err != nil {
		return nil, err
	}
	return m, w.syncDirs([]string{dir})
}

// place renames temp to name within the directory, whose folders it creates, and returns the
// folder, which is still to be synced.
func (w *Writer) place(temp, name string, placed *[]string) (dir string, err error) {
	path := filepath.Join(w.dir, filepath.FromSlash(name))
	dir = filepath.Dir(path)
	if err := w.makeDir(dir); err != nil {
		return "", err
	}
	if err := w.step("rename", path); err != nil {
		return "", err
	}
	*placed = append(*placed, path)
	return dir, os.Rename(temp, path)
}

// makeDir creates dir and its parents below the directory, durably.
func (w *Writer) makeDir(dir string) error {
	if _, err := os.Stat(dir); err == nil || dir == w.dir {
		return err
	}
	parent := filepath.Dir(dir)
	if err := w.makeDir(parent); err != nil {
		return err
	}
	if err := w.step("mkdir", dir); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	return w.syncDirs([]string{parent})
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

// syncDirs makes the entries of the folders durable.
func (w *Writer) syncDirs(dirs []string) error {
	slices.Sort(dirs)
	for _, dir := range slices.Compact(dirs) {
		if err := w.step("sync", dir); err != nil {
			return err
		}
		f, err := os.Open(dir)
		if err != nil {
			return err
		}
		if err := errors.Join(f.Sync(), f.Close()); err != nil {
			return err
		}
	}
	return nil
}

// remove removes the file at path, if there is one.
func (w *Writer) remove(path string) error {
	if err := w.step("remove", path); err != nil {
		return err
	}
	if err := os.Remove(path); !errors.Is(err, os.ErrNotExist) {
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
