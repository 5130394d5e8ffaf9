package cleaner

import (
	"context"
	"fmt"
	"time"
)

// saveWhenDue writes snapshots beside the fold, one at a time, until ctx ends. The fold stands
// still only while the state is frozen. It looks when a batch may have made one due, and from time
// to time, since after a burst no batch may follow.
func (s *Service) saveWhenDue(ctx, work context.Context) error {
	const soonest = 50 * time.Millisecond
	tick := time.NewTicker(max(s.cfg.Snapshot, soonest))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.due:
		case <-tick.C:
		}
		s.state.Lock()
		due := s.isDue() // it was, but a snapshot may have been taken since
		s.state.Unlock()
		if !due {
			continue
		}
		saved, err := s.save(work)
		if err == nil && !saved {
			err = stopped(ctx, s.release(ctx))
		}
		if err != nil {
			return err
		}
	}
}

// release trims RAW though the fold has not moved: who held it may be gone, and while it is full nothing comes that
// would move the fold.
func (s *Service) release(ctx context.Context) error {
	s.saving.Lock()
	defer s.saving.Unlock()
	s.state.Lock()
	idle := !s.half && s.fold.Seq == s.saved.seq && s.fold.Seq >= s.newsLast
	s.state.Unlock()
	if !idle || !s.cfg.Trim {
		return nil
	}
	return s.trim(ctx)
}

// isDue says whether it is time for a snapshot: after some time, or, when RAW is bounded, after an
// eighth of it, so that trimming keeps up with a full stream.
func (s *Service) isDue() bool {
	return time.Since(s.saved.at) >= s.cfg.Snapshot || s.rawLimit > 0 && s.saved.bytes >= s.rawLimit/8
}

// save writes a snapshot if the fold has moved, which it returns, and trims RAW behind the older one that is kept.
func (s *Service) save(ctx context.Context) (saved bool, err error) {
	s.saving.Lock()
	defer s.saving.Unlock()
	start := time.Now()
	snap, since, writer := s.freeze()
	if snap == nil {
		return false, nil
	}
	if s.covered, err = snap.save(s.cfg.Dir); err != nil {
		return false, fmt.Errorf("snapshot in %s: %w", s.cfg.Dir, err)
	}
	if s.rawLimit > 0 && since > s.rawLimit/4 { // kept up to the older one, RAW might have no room for what comes next
		s.covered = snap.position.Seq
	}
	s.cfg.Metrics.snapshot.Set(float64(snap.position.Seq))
	s.cfg.Metrics.saving.Set(time.Since(start).Seconds())
	if err := s.hold.set(ctx, s.covered); err != nil {
		return false, err
	}
	if !s.cfg.Trim || !writer {
		return true, nil
	}
	return true, s.trim(ctx)
}

// trim removes from RAW what nobody needs who might resume. The message at the held position stays, to be recognised by.
func (s *Service) trim(ctx context.Context) error {
	held, _, err := s.hold.checkpoints.Hold(ctx)
	if err != nil {
		return err
	}
	return s.raw.Trim(ctx, min(held, s.covered))
}

// freeze returns the state, nil when it is saved or ahead of NEWS, how many bytes of RAW were folded since the last
// one, and whether this cleaner is the one that writes.
func (s *Service) freeze() (snap *snapshot, since int64, writer bool) {
	s.state.Lock()
	defer s.state.Unlock()
	if s.half || s.fold.Seq == s.saved.seq || s.fold.Seq > s.newsLast {
		return nil, 0, false
	}
	since = s.saved.bytes
	s.saved = saved{at: time.Now(), seq: s.fold.Seq}
	return s.fold.freeze(), since, s.writer
}
