package cleaner

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/cespare/xxhash/v2"

	"winnow/internal/bus"
	"winnow/internal/lockfile"
	"winnow/pkg/boilerplate"
	"winnow/pkg/dedupe"
)

// ErrHistory is wrapped when RAW, NEWS and the state do not belong together.
var ErrHistory = errors.New("streams and state do not belong together")

// open connects the streams, restores the newest state that is sound and checks that it belongs
// to them.
func (s *Service) open(ctx context.Context) (err error) {
	if s.raw, s.news, err = s.cfg.Bus.Streams(ctx, s.cfg.Raw, s.cfg.News); err != nil {
		return err
	}
	if err := s.occupy(); err != nil {
		return err
	}
	if s.hold, err = claim(ctx, s.cfg.Bus, s.cfg.Dir); err != nil {
		return err
	}
	if s.covered, err = prune(s.cfg.Dir); err != nil {
		return err
	}
	if err := s.hold.set(ctx, s.covered); err != nil {
		return err
	}
	raw, err := s.raw.State(ctx)
	if err != nil {
		return err
	}
	if err := s.refresh(ctx); err != nil {
		return err
	}
	if raw.Last < s.newsLast {
		return fmt.Errorf("%w: RAW ends at %d and NEWS at %d: RAW lost its tail (a power cut with -sync interval, or a restored backup) and "+
			"would use those sequences again; restore RAW and NEWS from one backup, or begin a new -namespace with a new output "+
			"directory and replay what is in RAW", ErrHistory, raw.Last, s.newsLast)
	}
	s.rawLimit = raw.Room
	if err := s.restore(ctx, raw); err != nil {
		return err
	}
	s.folded.Store(s.fold.Seq)
	s.cfg.Metrics.position.Set(float64(s.fold.Seq))
	s.cfg.Metrics.snapshot.Set(float64(s.fold.Seq))
	s.saved = saved{at: time.Now(), seq: s.fold.Seq}
	s.cfg.Log.Info("cleaner starts", "state", s.fold.Seq, "news", s.newsLast, "raw", raw.Last)
	return nil
}

// restore loads the newest sound snapshot, or begins with empty state where NEWS begins.
func (s *Service) restore(ctx context.Context, raw bus.State) error {
	news, err := s.news.State(ctx)
	if err != nil {
		return err
	}
	s.newsRoom = news.Room
	base := news.Begin - 1
	if s.fold, err = NewFold(s.cfg.Params, s.cfg.Rules, s.cfg.Workers, base, s.cfg.Metrics, s.cfg.Log); err != nil {
		return err
	}
	seqs, err := snapshots(s.cfg.Dir)
	if err != nil {
		return err
	}
	ahead := 0
	for ahead < len(seqs) && seqs[ahead] > news.Last {
		ahead++
	}
	if ahead > 0 && ahead == len(seqs) {
		return fmt.Errorf("%w: NEWS ends at %d and the state in %s at %d: it belongs to another pipeline, or NEWS lost more than the state goes back; "+
			"use another -state directory (and start with an empty one only where RAW is whole), or restore the streams that belong to it",
			ErrHistory, news.Last, s.cfg.Dir, seqs[0])
	}
	for _, seq := range seqs[ahead:] {
		err := s.fold.load(s.cfg.Dir, seq)
		if err == nil {
			break
		}
		if !isDamage(err) {
			return err
		}
		if err := s.damaged(seq, err); err != nil {
			return err
		}
	}
	if raw.First > s.fold.Seq+1 {
		return fmt.Errorf("%w: the state in %s ends at %d and RAW begins at %d: the messages between are gone; "+
			"copy the newest state-*.snapshot of the cleaner that trimmed RAW into that directory", ErrHistory, s.cfg.Dir, s.fold.Seq, raw.First)
	}
	if err := s.identify(ctx); err != nil {
		return err
	}
	return s.setAside(seqs[:ahead])
}

// isDamage tells whether a snapshot was read and is not sound. A file that cannot be read, or a
// mount that is away, is another matter: the next start may find it well.
func isDamage(err error) bool {
	if _, unread := errors.AsType[*fs.PathError](err); unread {
		return false
	}
	return errors.Is(err, ErrSnapshot) || errors.Is(err, boilerplate.ErrModel) || errors.Is(err, dedupe.ErrSnapshot)
}

// occupy takes the state directory for this process and removes what a killed one left half written.
func (s *Service) occupy() (err error) {
	if err := os.MkdirAll(s.cfg.Dir, 0o755); err != nil {
		return err
	}
	s.lock, err = lockfile.Hold(filepath.Join(s.cfg.Dir, ".lock"))
	if errors.Is(err, lockfile.ErrHeld) {
		return fmt.Errorf("%w: give each cleaner a -state of its own: %w", ErrDirInUse, err)
	}
	if err != nil {
		return err
	}
	left, err := fs.Glob(os.DirFS(s.cfg.Dir), snapshotTemp) // the directory's own name may have brackets
	for _, name := range left {
		err = errors.Join(err, os.Remove(filepath.Join(s.cfg.Dir, name)))
	}
	return err
}

// unlock leaves the state directory to the next process.
func (s *Service) unlock() {
	if s.lock != nil {
		s.lock.Close()
	}
}

// setAside renames the snapshots that are ahead of a NEWS that lost its tail: an older one is sound
// and folds the same records again, and their numbers will be used again.
func (s *Service) setAside(seqs []uint64) error {
	for _, seq := range seqs {
		name := filepath.Join(s.cfg.Dir, snapshotName(seq))
		s.cfg.Log.Warn("snapshot is ahead of NEWS: going on from an older one", "file", name, "kept_as", name+".ahead", "news", s.newsLast)
		if err := os.Rename(name, name+".ahead"); err != nil {
			return err
		}
	}
	return nil
}

// identify compares the restored state with RAW and NEWS at its sequence, as far as they still
// have it.
func (s *Service) identify(ctx context.Context) error {
	at := s.fold.Position
	if at.Digest == 0 {
		return nil // nothing folded yet
	}
	msg, err := s.raw.Get(ctx, at.Seq)
	if err == nil && xxhash.Sum64(msg.Data) != at.Digest {
		return fmt.Errorf("%w: RAW %d is not the message the state in %s was made from: RAW was restored or belongs to another pipeline; "+
			"use a new -namespace, or the state directory that belongs to it", ErrHistory, at.Seq, s.cfg.Dir)
	}
	if err != nil && !errors.Is(err, bus.ErrNotFound) {
		return err
	}
	return s.compare(ctx, bus.Message{Seq: at.Seq, Header: map[string]string{bus.HeaderChain: fmt.Sprintf("%016x", at.Chain)}})
}
