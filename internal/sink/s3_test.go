package sink_test

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"winnow/internal/bus"
	"winnow/internal/segment"
	"winnow/internal/sink"
)

// moody is a directory that refuses to place or list files while it is in the mood to, as object
// storage does that is down, full or not ours any more.
type moody struct {
	segment.Store
	trouble atomic.Pointer[error]
	lose    atomic.Int32 // at 1 the next file is placed and the answer lost; counts down to that
	deaf    atomic.Bool  // until it is listed again, nothing is removed
}

func (m *moody) err() error {
	if p := m.trouble.Load(); p != nil {
		return fmt.Errorf("moody: %w", *p)
	}
	return nil
}

func (m *moody) Names() ([]string, error) {
	if err := m.err(); err != nil {
		return nil, err
	}
	m.deaf.Store(false)
	return m.Store.Names()
}

func (m *moody) Place(path, name string) error {
	if err := m.err(); err != nil {
		return err
	}
	err := m.Store.Place(path, name)
	if err == nil && m.lose.Add(-1) == 0 {
		m.deaf.Store(true)
		err = fmt.Errorf("the answer was lost: %w", segment.ErrUnavailable)
	}
	return err
}

func (m *moody) Remove(name string) error {
	if err := m.err(); err != nil {
		return err
	}
	if m.deaf.Load() {
		return fmt.Errorf("no answer: %w", segment.ErrUnavailable)
	}
	return m.Store.Remove(name)
}

func (m *moody) Lock() (io.Closer, error) { return m.Store.Lock() }

// A store that cannot be reached, or that refuses, is waited for, is spoken of once, and nothing
// is lost or doubled when it is over.
func TestStoreInTroubleIsWaitedFor(t *testing.T) {
	const last = 600
	news := openNews(t, bus.StreamConfig{})
	publish(t, news, 1, last, 'a')
	for _, trouble := range []error{segment.ErrUnavailable, segment.ErrRefused} {
		t.Run(trouble.Error(), func(t *testing.T) {
			dir := t.TempDir()
			store := &moody{Store: segment.Dir(dir)}
			log := &watcher{f: func(line string) {
				if strings.Contains(line, "cannot be written") {
					time.AfterFunc(700*time.Millisecond, func() { store.trouble.Store(nil) }) // behind the second attempt
				}
			}}
			begun := false
			opt := segment.Options{Records: 50, Committed: func(m *segment.Manifest) {
				if m.Last >= 200 && !begun {
					begun = true
					store.trouble.Store(&trouble)
				}
			}}
			s, err := sink.New(sink.Config{News: news, Store: store, Segment: opt, Until: until(last), Log: slog.New(slog.NewTextHandler(log, nil))})
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			check(t, dir, last, 'a')
			for _, once := range []string{"cannot be written", "written again"} {
				if n := strings.Count(log.all.String(), once); n != 1 {
					t.Errorf("%d lines with %q, want 1:\n%s", n, once, log.all.String())
				}
			}
		})
	}
}

// An upload whose answer is lost, and that cannot be taken back either, has happened: the sink looks
// before it goes on, whichever file it was.
func TestLostAnswers(t *testing.T) {
	const last = 120
	news := openNews(t, bus.StreamConfig{})
	publish(t, news, 1, last, 'a')
	for file := range int32(6) {
		t.Run(fmt.Sprint(file), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			store := &moody{Store: segment.Dir(dir)}
			begun := false
			opt := segment.Options{Records: 40, Committed: func(m *segment.Manifest) {
				if m.Last >= 40 && !begun {
					begun = true
					store.lose.Store(file + 1)
				}
			}}
			if err := run(t, sink.Config{News: news, Store: store, Segment: opt, Until: until(last)}); err != nil {
				t.Fatal(err)
			}
			check(t, dir, last, 'a')
		})
	}
}

// What is wrong from the beginning is said and not waited for.
func TestRefusedAtTheStart(t *testing.T) {
	news := openNews(t, bus.StreamConfig{})
	store := &moody{Store: segment.Dir(t.TempDir())}
	store.trouble.Store(&segment.ErrRefused)
	if err := run(t, sink.Config{News: news, Store: store}); !errors.Is(err, segment.ErrRefused) {
		t.Errorf("error %v, want %v", err, segment.ErrRefused)
	}
}
