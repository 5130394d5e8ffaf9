package ingester

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"winnow/internal/bus"
	"winnow/internal/fsync"
	"winnow/internal/lockfile"
	"winnow/internal/source"
)

// SpoolConfig says which directory is watched.
type SpoolConfig struct {
	Dir    string        // files that appear in it are stored, in the order of their names
	Every  time.Duration // between two looks; default a second
	Replay ReplayConfig  // how they are read; its Inputs are not used
}

// Spool stores the files that appear in a directory. A file is taken when it looks the same at two looks in a
// row; write under a name that begins with a dot, or ends in .tmp or .part, and rename, and nothing is
// taken before it is whole. Stored, it moves to the folder .done, and what cannot be read as anything to
// .failed; a name that is taken there gets a number. A file is stored exactly once, whenever the process is
// killed.
//
// It looks instead of being notified: notifications are lost on overflow and do not come from network file
// systems, so one would have to look all the same.
type Spool struct {
	cfg  SpoolConfig
	log  *slog.Logger
	sync func(dir string) error // makes a folder's entries durable; tests cut the power there
	seen map[string]fileState   // as of the last look
	told map[string]bool        // what is no file, and was said to be
	grew map[string]bool        // files that changed while they were stored
	lock io.Closer              // nil: others may take files from the directory

	failpoint func() error // of its replays
}

// fileState is what says that a file has changed.
type fileState struct {
	size int64
	time time.Time
}

// Folders of a spool directory.
const (
	spoolDone   = ".done"
	spoolFailed = ".failed"
)

// NewSpool checks cfg and makes the directory's folders.
func NewSpool(cfg SpoolConfig) (*Spool, error) {
	if cfg.Dir == "" || cfg.Replay.Bus == nil || cfg.Replay.Raw == nil {
		return nil, errors.New("ingester: Dir, Bus and Raw are required")
	}
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return nil, err
	}
	cfg.Dir, cfg.Every = dir, cmp.Or(cfg.Every, time.Second)
	for _, folder := range []string{spoolDone, spoolFailed} {
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o755); err != nil {
			return nil, fmt.Errorf("spool directory: %w", err)
		}
	}
	return &Spool{cfg: cfg, log: cmp.Or(cfg.Replay.Log, slog.Default()), sync: fsync.Dir, seen: map[string]fileState{}, told: map[string]bool{}, grew: map[string]bool{}}, nil
}

// Hold keeps other processes from the directory until Close is called or Run returns. An error wraps
// [lockfile.ErrHeld] when one of them stores what appears in it.
func (s *Spool) Hold() error {
	if s.lock != nil {
		return nil
	}
	lock, err := lockfile.Hold(filepath.Join(s.cfg.Dir, ".lock"))
	if errors.Is(err, lockfile.ErrHeld) {
		return fmt.Errorf("spool directory: another ingester takes files from it: give each a -spool of its own: %w", err)
	}
	if err != nil {
		return fmt.Errorf("spool directory: %w", err)
	}
	s.lock = lock
	return nil
}

// Close lets others have the directory. It may be called when nobody holds it.
func (s *Spool) Close() error {
	if s.lock == nil {
		return nil
	}
	lock := s.lock
	s.lock = nil
	return lock.Close()
}

// Run holds the directory and stores what appears until ctx ends, or the broker is gone for good. Its errors are also Hold's.
func (s *Spool) Run(ctx context.Context) error {
	if err := s.Hold(); err != nil {
		return err
	}
	defer s.Close()
	tick := time.NewTicker(s.cfg.Every)
	defer tick.Stop()
	for {
		if err := s.look(ctx); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// look stores the files that have not changed since the last look.
func (s *Spool) look(ctx context.Context) error {
	entries, err := os.ReadDir(s.cfg.Dir)
	if err != nil {
		return fmt.Errorf("spool directory: %w", err)
	}
	now := map[string]fileState{}
	for _, e := range entries { // sorted by name
		name := e.Name()
		if strings.HasPrefix(name, ".") || slices.Contains([]string{".tmp", ".part"}, filepath.Ext(name)) {
			continue
		}
		if !e.Type().IsRegular() {
			if !s.told[name] {
				s.told[name] = true
				if e.Type()&fs.ModeSymlink != 0 {
					s.log.Warn("left where it is in the spool directory: a link", "name", name)
				} else {
					s.log.Warn("left where it is in the spool directory: no file", "name", name)
				}
			}
			continue
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("spool directory: %w", err)
		}
		state := fileState{info.Size(), info.ModTime()}
		if before, ok := s.seen[name]; !ok || before != state {
			now[name] = state
			continue
		}
		if err := s.take(ctx, name); err != nil {
			return err
		}
	}
	s.seen = now
	return nil
}

// take stores one file and moves it aside.
func (s *Spool) take(ctx context.Context, name string) error {
	path := filepath.Join(s.cfg.Dir, name)
	cfg := s.cfg.Replay
	cfg.Inputs = []string{path}
	r, err := NewReplay(cfg)
	if err != nil {
		return err
	}
	r.failpoint = s.failpoint
	if !s.grew[name] {
		if err := s.forgetOther(ctx, path); err != nil {
			return err
		}
	}
	before, _ := source.Stamp(ctx, path) // what is wrong shows when it is read
	if err = source.Check(ctx, path, cfg.Options); err == nil {
		err = r.Run(ctx)
	} else {
		err = fmt.Errorf("%w: %w", ErrInput, err)
	}
	if after, gone := source.Stamp(ctx, path); err == nil && gone == nil && after != before {
		s.grew[name] = true
		s.log.Warn("spool file changed while it was stored: its rest is stored when it has come to rest; write under another name and rename", "file", name)
		return nil
	}
	delete(s.grew, name)
	folder := spoolDone
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, ErrInput), errors.Is(err, ErrChanged), errors.Is(err, ErrTooLarge):
		s.log.Error("spool file not stored, or not all of it", "file", name, "moved_to", spoolFailed, "error", err)
		folder = spoolFailed
	case err != nil:
		return err
	default:
		level, p := slog.LevelInfo, r.Progress()
		if p.Dead.Load()+p.LeftOut.Load() > 0 {
			level = slog.LevelWarn
		}
		s.log.Log(ctx, level, "spool file stored", "file", name, "documents", p.Documents.Load()+p.Skipped.Load(), "malformed", p.Dead.Load(), "files_left_out", p.LeftOut.Load())
	}
	switch err := aside(path, filepath.Join(s.cfg.Dir, folder)); {
	case errors.Is(err, fs.ErrNotExist):
		s.log.Warn("spool file was taken away while it was stored", "file", name)
	case err != nil:
		return err
	}
	for _, dir := range []string{filepath.Join(s.cfg.Dir, folder), s.cfg.Dir} { // or a power cut brings the file back, unknown
		if err := s.sync(dir); err != nil {
			return fmt.Errorf("spool directory: %w", err)
		}
	}
	return s.forget(ctx, path)
}

// forgetOther forgets a file of the same name that was stored, and moved aside when this process, or another,
// was killed: what lies there now is a new one.
func (s *Spool) forgetOther(ctx context.Context, path string) error {
	checkpoints, err := s.cfg.Replay.Bus.Checkpoints(ctx)
	if err != nil {
		return err
	}
	key := source.FileKey(path)
	cp, _, err := checkpoints.Load(ctx, key)
	if errors.Is(err, bus.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	stamp, err := source.Stamp(ctx, path)
	if err != nil || !cp.Done || cp.Stamp == stamp {
		return err
	}
	return checkpoints.Delete(ctx, key)
}

func (s *Spool) forget(ctx context.Context, path string) error {
	checkpoints, err := s.cfg.Replay.Bus.Checkpoints(ctx)
	if err != nil {
		return err
	}
	return checkpoints.Delete(ctx, source.FileKey(path))
}

// aside moves a file into a folder, under a name that is free there.
func aside(path, folder string) error {
	base := filepath.Base(path)
	for n := 1; ; n++ {
		to := filepath.Join(folder, base)
		if n > 1 {
			to = filepath.Join(folder, fmt.Sprintf("%s.%d", base, n))
		}
		if _, err := os.Lstat(to); errors.Is(err, fs.ErrNotExist) {
			return os.Rename(path, to)
		} else if err != nil {
			return err
		}
	}
}
