package cleaner

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cespare/xxhash/v2"

	"winnow/internal/bus"
)

// ErrHistory is wrapped when RAW, NEWS and the state do not belong together.
var ErrHistory = errors.New("streams and state do not belong together")

// open connects the streams, restores the newest state that is sound and checks that it belongs
// to them.
func (s *Service) open(ctx context.Context) (err error) {
	if s.raw, s.news, err = s.cfg.Bus.Streams(ctx, s.cfg.Raw, s.cfg.News); err != nil {
		return err
	}
	if s.hold, err = claim(ctx, s.cfg.Bus, s.cfg.Dir); err != nil {
		return err
	}
	oldest, err := prune(s.cfg.Dir)
	if err != nil {
		return err
	}
	if err := s.hold.set(ctx, oldest); err != nil {
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
	s.rawLimit = raw.MaxBytes
	if err := s.restore(ctx, raw); err != nil {
		return err
	}
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
	base := news.Begin - 1
	if s.fold, err = NewFold(s.cfg.Params, s.cfg.Rules, s.cfg.Workers, base, s.cfg.Metrics, s.cfg.Log); err != nil {
		return err
	}
	seqs, err := snapshots(s.cfg.Dir)
	if err != nil {
		return err
	}
	for _, seq := range seqs {
		if seq > news.Last {
			s.cfg.Log.Warn("snapshot is ahead of NEWS: trying an older one", "snapshot", seq, "news", news.Last)
			continue
		}
		err := s.fold.load(s.cfg.Dir, seq)
		if errors.Is(err, ErrParams) {
			return err
		}
		if err != nil {
			if err := s.damaged(seq, err); err != nil {
				return err
			}
			continue
		}
		break
	}
	if raw.First > s.fold.Seq+1 {
		return fmt.Errorf("%w: the state in %s ends at %d and RAW begins at %d: the messages between are gone; "+
			"copy the newest state-*.snapshot of the cleaner that trimmed RAW into that directory", ErrHistory, s.cfg.Dir, s.fold.Seq, raw.First)
	}
	return s.identify(ctx)
}

// identify compares the restored state with RAW and NEWS at its sequence, as far as they still
// have it.
func (s *Service) identify(ctx context.Context) error {
	at := s.fold.Position
	if at.Digest == 0 && at.Chain == 0 {
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
