package sink

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"winnow/internal/bus"
	"winnow/internal/segment"
)

// place makes sure that NEWS goes on where the directory ends, and waits while it is behind.
func (s *Service) place(ctx context.Context) error {
	pos := s.w.Position()
	var a ahead
	for {
		st, err := s.cfg.News.State(ctx)
		if err != nil {
			return err
		}
		s.cfg.Metrics.lag.Set(float64(max(st.Last, pos.Last) - pos.Last))
		s.cfg.Metrics.ahead.Set(float64(max(st.Last, pos.Last) - st.Last))
		switch {
		case pos.Last+1 < st.First:
			return fmt.Errorf("%w: %v ends at %d and NEWS begins at %d: messages %d-%d are gone; "+
				"replay their input, or begin a new directory at %d", ErrTrimmed, s.cfg.Store, pos.Last, st.First, pos.Last+1, st.First-1, st.First)
		case pos.Last <= st.Last:
			if err := s.compare(ctx); err != nil {
				return err
			}
			s.unready(nil)
			return s.trim(ctx)
		}
		if err := a.look(ctx, s, st); err != nil {
			return err
		}
		select {
		case seq := <-s.cfg.Until:
			s.until = &seq
		case <-time.After(pollAhead):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if s.until != nil && *s.until < pos.Last {
			return fmt.Errorf("%w: %v ends at %d, the input at %d: it was written from more, or other, input; use another directory",
				ErrAhead, s.cfg.Store, pos.Last, *s.until)
		}
	}
}

// compare makes sure that NEWS at the position, if it still has that message, is what the directory
// was written from.
func (s *Service) compare(ctx context.Context) error {
	pos := s.w.Position()
	if pos.Chain != "" {
		if err := s.compareAt(ctx, pos.Last, pos.Chain); err != nil {
			return err
		}
	}
	s.checked = pos.Last
	return nil
}

// compareAt makes sure that message seq of NEWS, if it still has that one, has the chain.
func (s *Service) compareAt(ctx context.Context, seq uint64, chain string) error {
	m, err := s.cfg.News.Get(ctx, seq)
	if errors.Is(err, bus.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if has := m.Header[bus.HeaderChain]; has != chain {
		return fmt.Errorf("%w: at sequence %d %v has the chain %s and NEWS has %s: NEWS or RAW was restored, was made anew, or is another "+
			"pipeline's; write to a new directory, or restore the streams that belong to this one", ErrHistory, seq, s.cfg.Store, chain, has)
	}
	return nil
}

// trim removes from NEWS what is committed, but for the last committed message, which the next
// start is compared with, and the Keep before it, or fewer.
func (s *Service) trim(ctx context.Context) error {
	last := s.w.Position().Last
	if !s.cfg.Trim || last == 0 {
		return nil
	}
	st, err := s.cfg.News.State(ctx)
	if err != nil {
		return err
	}
	before := max(min(last, fitting(st)), last-min(last, s.cfg.Keep))
	if before <= st.First {
		return nil
	}
	if err := s.cfg.News.Trim(ctx, before); err != nil {
		return err
	}
	s.cfg.Metrics.trimmed.Set(float64(before))
	return nil
}

// fitting returns the sequence from which on NEWS takes half of its room, by the mean size of its
// messages: whatever is kept for others, the cleaner must be able to go on.
func fitting(st bus.State) uint64 {
	half := uint64(max(st.Room, 0)) / 2
	if half == 0 || st.Bytes <= half {
		return 0
	}
	return st.Last + 1 - uint64(float64(st.Messages)*float64(half)/float64(st.Bytes))
}

// prune removes old segments if that is wanted.
func (s *Service) prune() error {
	removed, err := s.w.Prune(s.cfg.Retain, time.Now())
	if len(removed) > 0 {
		s.cfg.Log.Info("removed old segments", "segments", len(removed), "up_to", removed[len(removed)-1].Last)
	}
	return err
}

// observe updates the metrics; it looks at NEWS's state at most every second.
func (s *Service) observe(ctx context.Context) error {
	last := s.w.Last()
	if time.Since(s.looked) >= time.Second {
		st, err := s.cfg.News.State(ctx)
		if err != nil {
			return err
		}
		s.looked, s.end = time.Now(), st.Last
	}
	s.cfg.Metrics.setRead(last)
	s.cfg.Metrics.lag.Set(float64(max(s.end, last) - last))
	return nil
}

// Pauses between attempts while the target cannot be written.
const (
	firstPause = 500 * time.Millisecond
	lastPause  = 30 * time.Second
)

// isFull tells whether err is about space on a disk.
func isFull(err error) bool { return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) }

// mends tells whether err is about a broken world that mends itself, or that somebody mends: no
// space, or a store that cannot be reached or refuses what it took before.
func mends(err error) bool {
	return isFull(err) || errors.Is(err, segment.ErrUnavailable) || errors.Is(err, segment.ErrRefused)
}

// wait waits for a while, longer each time, and says so once. The open segment is given up, which
// freed its space; what was read comes again.
func (s *Service) wait(ctx context.Context, cause error) error {
	if s.pause == 0 {
		to := s.cfg.Store.String()
		if isFull(cause) {
			s.cfg.Log.Error("the disk is full; waiting for space: nothing is lost, NEWS keeps what is not written", "to", to, "error", cause)
		} else {
			s.cfg.Log.Error("the target cannot be written; trying again: nothing is lost, NEWS keeps what is not written", "to", to, "error", cause)
		}
		s.cfg.Metrics.full.Set(1)
	}
	s.pause = min(max(2*s.pause, firstPause), lastPause)
	select {
	case <-time.After(s.pause):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// mended says, once, that the target takes segments again.
func (s *Service) mended() {
	if s.pause > 0 {
		s.cfg.Log.Info("the target can be written again", "written_up_to", s.w.Position().Last)
		s.cfg.Metrics.full.Set(0)
		s.pause = 0
	}
}

// Segments that take longer to store than slow are worth a line, one in slowEvery.
const (
	slow      = 20 * time.Second
	slowEvery = 10 * time.Minute
)

// watch says when the target took long.
func (s *Service) watch(began time.Time) {
	if took := time.Since(began); took > slow && time.Since(s.slowTold) > slowEvery {
		s.slowTold = time.Now()
		s.cfg.Log.Warn("the target is slow; NEWS waits for it", "to", s.cfg.Store.String(), "seconds", int(took.Seconds()), "written_up_to", s.w.Position().Last)
	}
}
