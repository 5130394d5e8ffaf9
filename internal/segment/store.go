package segment

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"winnow/internal/fsync"
)

var (
	// ErrUnavailable is wrapped by the errors of a store that cannot be reached at the moment.
	ErrUnavailable = errors.New("cannot be reached")
	// ErrRefused is wrapped by the errors of a store that does not let us do what we ask.
	ErrRefused = errors.New("refused")
)

// outside tells whether err is about reaching a store, or about a context that ended, and so says nothing
// of what lies there.
func outside(err error) bool {
	return errors.Is(err, ErrUnavailable) || errors.Is(err, ErrRefused) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// Store keeps the files of a dataset, under names with slashes. [Dir] is one on a disk, package
// bucket has one in object storage. A file appears whole or not at all and is never changed, so
// that readers of one process and the writer of another need nothing between them.
//
// Errors for a name that is not there wrap [fs.ErrNotExist].
type Store interface {
	String() string                       // where it is, for people
	Names() ([]string, error)             // all files but hidden ones, in no order; an error if the place itself is absent
	ReadFile(name string) ([]byte, error) // a small file
	Open(name string) (Blob, error)

	// For the one writer.
	Spool() string                 // a folder on this machine for the open segment, which is the store's alone
	Lock() (io.Closer, error)      // makes the place and takes it; wraps [ErrLocked] if another writer is seen to have it
	Place(path, name string) error // lets the local file at path, which is synced, appear under name; it may move it
	Sync(names ...string) error    // makes durable that these were placed or removed
	Remove(name string) error      // no error if it is absent
}

// Blob is an open file of a Store. One goroutine uses it.
type Blob interface {
	io.ReaderAt
	io.Closer
	Size() int64 // bytes
}

// Dir returns the directory at path as a Store. It is made when a writer takes it.
func Dir(path string) Store { return &dirStore{root: path, durable: map[string]bool{}} }

type dirStore struct {
	root    string
	durable map[string]bool               // folders below root of which this writer knows that their entries are durable
	fault   func(step, path string) error // tests end the world here; nil otherwise
}

const maxDurable = 1 << 12 // folders of which that is remembered; of others it is seen to again

func (d *dirStore) String() string { return d.root }

func (d *dirStore) path(name string) string { return filepath.Join(d.root, filepath.FromSlash(name)) }

func (d *dirStore) Names() ([]string, error) {
	if st, err := os.Stat(d.root); err != nil {
		return nil, err
	} else if !st.IsDir() {
		return nil, &fs.PathError{Op: "read", Path: d.root, Err: errors.New("not a directory of segments")}
	}
	var names []string
	err := fs.WalkDir(os.DirFS(d.root), ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist) && name != ".": // gone in the meantime
			return nil
		case err != nil:
			return err
		case name != "." && strings.HasPrefix(e.Name(), "."):
			if e.IsDir() {
				return fs.SkipDir
			}
			return nil
		case !e.IsDir():
			names = append(names, name)
		}
		return nil
	})
	return names, err
}

func (d *dirStore) ReadFile(name string) ([]byte, error) { return os.ReadFile(d.path(name)) }

// osBlob is a file of a directory.
type osBlob struct {
	*os.File
	size int64
}

func (b osBlob) Size() int64 { return b.size }

func (d *dirStore) Open(name string) (Blob, error) {
	f, err := os.Open(d.path(name))
	if err != nil {
		return nil, err
	}
	st, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return osBlob{f, st.Size()}, nil
}

func (d *dirStore) Spool() string { return filepath.Join(d.root, openDir) }

func (d *dirStore) Lock() (io.Closer, error) {
	clear(d.durable) // another process may have been there
	if err := d.makeRoot(d.path(".")); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(d.Spool(), 0o755); err != nil {
		return nil, err
	}
	return LockFolder(d.root)
}

// makeRoot creates the directory and what is missing above it, durably. It syncs the entry of one that
// is there, too: a process that made it may have been killed before it did. Where we may not read, we
// have made nothing.
func (d *dirStore) makeRoot(dir string) error {
	parent := filepath.Dir(dir)
	if _, err := os.Stat(dir); err != nil && parent != dir {
		if err := d.makeRoot(parent); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := d.syncDir(parent); !errors.Is(err, fs.ErrPermission) {
		return err
	}
	return nil
}

func (d *dirStore) Place(from, name string) error {
	to := d.path(name)
	if err := d.makeDir(filepath.Dir(to)); err != nil {
		return err
	}
	if err := d.step("rename", to); err != nil {
		return err
	}
	return os.Rename(from, to)
}

// makeDir creates dir and its parents below the directory, durably. A folder that is there may be of a
// process that was killed before it synced the entry.
func (d *dirStore) makeDir(dir string) error {
	if dir == d.path(".") {
		return nil
	}
	_, missing := os.Stat(dir)
	if missing == nil && d.durable[dir] {
		return nil
	}
	parent := filepath.Dir(dir)
	if err := d.makeDir(parent); err != nil {
		return err
	}
	if missing != nil {
		if err := d.step("mkdir", dir); err != nil {
			return err
		}
		if err := os.Mkdir(dir, 0o755); err != nil {
			return err
		}
	}
	if err := d.syncDir(parent); err != nil {
		return err
	}
	if len(d.durable) == maxDurable {
		clear(d.durable)
	}
	d.durable[dir] = true
	return nil
}

func (d *dirStore) Sync(names ...string) error {
	var dirs []string
	for _, name := range names {
		dirs = append(dirs, path.Dir(name))
	}
	slices.Sort(dirs)
	for _, dir := range slices.Compact(dirs) {
		if err := d.syncDir(d.path(dir)); err != nil {
			return err
		}
	}
	return nil
}

// syncDir makes the entries of the folder durable, if it is there.
func (d *dirStore) syncDir(dir string) error {
	if err := d.step("sync", dir); err != nil {
		return err
	}
	if err := fsync.Dir(dir); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Remove removes the file, and its folders if they are empty then.
func (d *dirStore) Remove(name string) error {
	file := d.path(name)
	if err := d.step("remove", file); err != nil {
		return err
	}
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for dir := path.Dir(name); dir != "." && os.Remove(d.path(dir)) == nil; dir = path.Dir(dir) {
	}
	return nil
}

// step is where tests let the world end.
func (d *dirStore) step(step, path string) error {
	if d.fault == nil {
		return nil
	}
	return d.fault(step, path)
}
