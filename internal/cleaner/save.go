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
		if err := s.save(work); err != nil {
			return err
		}
	}
}

// isDue says whether it is time for a snapshot: after some time, or, when RAW is bounded, after an
// eighth of it, so that trimming keeps up with a full stream.
func (s *Service) isDue() bool {
	return time.Since(s.saved.at) >= s.cfg.Snapshot || s.rawLimit > 0 && s.saved.bytes >= s.rawLimit/8
}

// save writes a snapshot if the fold has moved, and trims RAW behind the older one that is kept.
func (s *Service) save(ctx context.Context) error {
	s.saving.Lock()
	defer s.saving.Unlock()
	start := time.Now()
	snap, writer := s.freeze()
	if snap == nil {
		return nil
	}
	covered, err := snap.save(s.cfg.Dir)
	if err != nil {
		return fmt.Errorf("snapshot in %s: %w", s.cfg.Dir, err)
	}
	s.cfg.Metrics.snapshot.Set(float64(snap.position.Seq))
	s.cfg.Metrics.saving.Set(time.Since(start).Seconds())
	if err := s.hold.set(ctx, covered); err != nil {
		return err
	}
	if !s.cfg.Trim || !writer {
		return nil
	}
	// The message at the held position stays, to be recognised by.
	held, _, err := s.hold.checkpoints.Hold(ctx)
	if err != nil {
		return err
	}
	return s.raw.Trim(ctx, held)
}

// freeze returns the state, nil when it is saved or ahead of NEWS, and whether this cleaner is the
// one that writes.
func (s *Service) freeze() (snap *snapshot, writer bool) {
	s.state.Lock()
	defer s.state.Unlock()
	if s.half || s.fold.Seq == s.saved.seq || s.fold.Seq > s.newsLast {
		return nil, false
	}
	s.saved = saved{at: time.Now(), seq: s.fold.Seq}
	return s.fold.freeze(), s.writer
}
