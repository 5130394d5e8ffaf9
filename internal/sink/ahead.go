package sink

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"winnow/internal/bus"
	"winnow/internal/segment"
)

// pollAhead is how often a sink that is ahead of NEWS looks at it.
const pollAhead = 200 * time.Millisecond

// remindAhead is how often it says so. A variable for the tests.
var remindAhead = time.Minute

// ahead is the time in which the directory holds more than NEWS: the broker lost its streams, or is
// another one. Nothing can be written then, and perhaps never will, so it is said again and again.
type ahead struct {
	segments []segment.Name // of the directory; read once, since nothing is written
	compared uint64         // the last record of the segment that was compared with NEWS
	told     time.Time
}

// look compares the newest segment that NEWS has got past, and says what is going on.
func (a *ahead) look(ctx context.Context, s *Service, news bus.State) error {
	if err := a.compare(ctx, s, news.Last); err != nil && !errors.Is(err, segment.ErrUnavailable) {
		return err
	}
	at := s.w.Position().Last
	s.unready(fmt.Errorf("%v ends at %d and NEWS at %d: nothing is written until NEWS gets there again", s.cfg.Store, at, news.Last))
	if time.Since(a.told) >= remindAhead {
		a.told = time.Now()
		s.cfg.Log.Warn("the directory is ahead of NEWS; nothing is written until NEWS gets there again: replay what it was written from, or begin a new directory",
			"to", s.cfg.Store.String(), "directory", at, "news", news.Last)
	}
	return nil
}

func (a *ahead) compare(ctx context.Context, s *Service, end uint64) error {
	if a.segments == nil {
		list, err := segment.List(s.cfg.Store)
		if err != nil {
			return err
		}
		a.segments = list.Segments
	}
	i, found := slices.BinarySearchFunc(a.segments, end, func(n segment.Name, end uint64) int { return cmp.Compare(n.Last, end) })
	if !found {
		i--
	}
	if i < 0 || a.segments[i].Last == a.compared {
		return nil
	}
	m, err := segment.ReadManifest(s.cfg.Store, a.segments[i])
	if err != nil {
		return err
	}
	if err := s.compareAt(ctx, m.Last, m.Chain); err != nil {
		return err
	}
	a.compared = m.Last
	return nil
}

// unready notes why the sink cannot write, or nil.
func (s *Service) unready(reason error) { s.reason.Store(&reason) }

// Ready returns nil when the sink follows NEWS, and otherwise why it does not. It may be called at any time.
func (s *Service) Ready(context.Context) error { return *s.reason.Load() }

var errStarting = errors.New("the sink has not found its place in NEWS yet")
