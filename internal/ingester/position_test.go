package ingester

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"winnow/internal/bus"
)

// An input that is no longer what it was is refused, with the way out; -restart is that way.
func TestReplayChangedInput(t *testing.T) {
	for name, content := range map[string]string{
		"altered":   strings.Replace(jsonLines(0, 10), "document 3", "document X", 1),
		"shortened": jsonLines(0, 9),
		"put first": jsonLines(90, 91) + jsonLines(0, 10),
	} {
		t.Run(name, func(t *testing.T) {
			b, raw := openBus(t, bus.StreamConfig{})
			path := write(t, filepath.Join(t.TempDir(), "a.jsonl"), jsonLines(0, 10))
			run(t, newReplay(t, b, raw, path))
			write(t, path, content)
			err := newReplay(t, b, raw, path).Run(t.Context())
			if !errors.Is(err, ErrChanged) || !strings.Contains(err.Error(), "-restart") || !strings.Contains(err.Error(), path) {
				t.Fatalf("got %v", err)
			}
			if n := state(t, raw).Messages; n != 10 {
				t.Fatalf("RAW holds %d messages", n)
			}
			anew := newReplay(t, b, raw, path)
			anew.cfg.Restart = true
			run(t, anew)
			if got := uint64(len(ids(t, raw, 10))); got != state(t, raw).Messages-10 || got != uint64(anew.Progress().Documents.Load()) {
				t.Errorf("RAW holds %d of the input from its beginning", got)
			}
		})
	}
}

// RAW that does not hold what the checkpoint says is refused, never guessed about.
func TestReplayLostRaw(t *testing.T) {
	for name, harm := range map[string]func(*testing.T, *bus.Stream, *bus.Checkpoint){
		"the tail is gone":     func(_ *testing.T, _ *bus.Stream, cp *bus.Checkpoint) { cp.Seq += 5 },
		"sequences used again": func(_ *testing.T, _ *bus.Stream, cp *bus.Checkpoint) { cp.Seq -= 1 },
		"a document is missing": func(t *testing.T, raw *bus.Stream, cp *bus.Checkpoint) {
			cp.Seq, cp.Count, cp.Digest = 4, 4, 0
			if err := raw.Delete(t.Context(), 6); err != nil {
				t.Fatal(err)
			}
		},
		"trimmed": func(t *testing.T, raw *bus.Stream, cp *bus.Checkpoint) {
			cp.Seq, cp.Count, cp.Digest = 4, 4, 0
			if err := raw.Trim(t.Context(), 8); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			b, raw := openBus(t, bus.StreamConfig{})
			path := write(t, filepath.Join(t.TempDir(), "a.jsonl"), jsonLines(0, 10))
			run(t, newReplay(t, b, raw, path))
			alter(t, b, func(cp *bus.Checkpoint) { harm(t, raw, cp) })
			if err := newReplay(t, b, raw, path).Run(t.Context()); !errors.Is(err, ErrLost) || !strings.Contains(err.Error(), "-restart") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// alter changes the only checkpoint to one that is not done.
func alter(t *testing.T, b *bus.Bus, f func(*bus.Checkpoint)) {
	t.Helper()
	cps, err := b.Checkpoints(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	list, err := cps.List(t.Context())
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	cp, rev, err := cps.Load(t.Context(), list[0].Input)
	if err != nil {
		t.Fatal(err)
	}
	cp.Done = false
	f(&cp)
	if _, err := cps.Store(t.Context(), cp.Input, cp, rev); err != nil {
		t.Fatal(err)
	}
}

// A copy of an earlier document behind the position, however it came there, moves nothing.
func TestReplayLateCopy(t *testing.T) {
	b, raw := openBus(t, bus.StreamConfig{})
	path := write(t, filepath.Join(t.TempDir(), "a.jsonl"), jsonLines(0, 10))
	run(t, newReplay(t, b, raw, path))
	late := messages(t, raw, 2)[0]
	if _, err := raw.Publish(t.Context(), []bus.Message{{Subject: late.Subject, Data: late.Data, Header: late.Header}}); err != nil {
		t.Fatal(err)
	}
	alter(t, b, func(*bus.Checkpoint) {})
	r := newReplay(t, b, raw, path)
	run(t, r)
	if n := r.Progress().Skipped.Load(); n != 10 || state(t, raw).Messages != 11 {
		t.Errorf("%d documents skipped", n)
	}
}
