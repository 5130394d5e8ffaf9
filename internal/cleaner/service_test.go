package cleaner

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"winnow/internal/bus"
	"winnow/pkg/boilerplate"
)

// pipeline is a real embedded broker with the two streams.
type pipeline struct {
	t    testing.TB
	bus  *bus.Bus
	raw  *bus.Stream
	news *bus.Stream
}

func openPipeline(t testing.TB, dir string) *pipeline {
	t.Helper()
	b, err := bus.Open(t.Context(), bus.Config{Dir: dir, Sync: "interval"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	p := &pipeline{t: t, bus: b}
	if p.raw, err = b.Raw(t.Context(), bus.StreamConfig{}); err != nil {
		t.Fatal(err)
	}
	if p.news, err = b.News(t.Context(), bus.StreamConfig{}); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *pipeline) publish(msgs []bus.Message) {
	p.t.Helper()
	if _, err := p.raw.Publish(p.t.Context(), msgs); err != nil {
		p.t.Fatal(err)
	}
}

// all reads a whole stream; nothing of it may have been trimmed.
func (p *pipeline) all(s *bus.Stream) []bus.Message {
	p.t.Helper()
	st, err := s.State(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	var msgs []bus.Message
	r := s.Reader(1, 0)
	defer r.Close()
	for uint64(len(msgs)) < st.Last {
		got, err := r.Next(p.t.Context(), 0)
		if err != nil {
			p.t.Fatal(err)
		}
		msgs = append(msgs, got...)
	}
	return msgs
}

func testConfig(t testing.TB, b *bus.Bus, dir string) Config {
	t.Helper()
	params, err := DefaultParams()
	if err != nil {
		t.Fatal(err)
	}
	return Config{Bus: b, Dir: dir, Params: params, Rules: boilerplate.DefaultRules(), Log: slog.New(slog.DiscardHandler)}
}

// start runs a cleaner beside the test; the returned function stops it softly.
func start(t testing.TB, cfg Config) (stop func() error) {
	t.Helper()
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	return func() error { cancel(); return <-done }
}

// until waits for NEWS to reach a sequence.
func (p *pipeline) until(seq uint64) {
	p.t.Helper()
	r := p.news.Reader(1, 0)
	defer r.Close()
	for have := uint64(0); have < seq; {
		msgs, err := r.Next(p.t.Context(), 0)
		if err != nil {
			p.t.Fatal(err)
		}
		have += uint64(len(msgs))
	}
}

// plain folds all of RAW in one go, without broker and batches.
func (p *pipeline) plain() []bus.Message { return foldAll(p.t, testFold(p.t, 1), p.all(p.raw)) }

// same compares NEWS with what it should hold, but for the time of storage.
func (p *pipeline) same(want []bus.Message) {
	p.t.Helper()
	got := p.all(p.news)
	for i := range got {
		got[i].Time = time.Time{}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		p.t.Fatalf("NEWS is not the fold of RAW (-want +got):\n%s", diff)
	}
}

// The law, on the real broker: NEWS is the fold of RAW, whatever the batch, the workers and the
// restarts, and whether the state found at a restart is the last one, an old one, a damaged one
// or none.
func TestNewsIsTheFoldOfRaw(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		home := t.TempDir()
		defer func() { _ = os.RemoveAll(home) }() // the stores of all cases together would fill a small disk
		p := openPipeline(t, filepath.Join(home, "broker"))
		defer p.bus.Close()
		dir := filepath.Join(home, "state")
		for range rapid.IntRange(1, 3).Draw(rt, "runs") {
			p.publish(rawMessages(rt, 25))
			st, err := p.raw.State(t.Context())
			if err != nil {
				rt.Fatal(err)
			}
			cfg := testConfig(t, p.bus, dir)
			cfg.Batch, cfg.Workers = rapid.IntRange(1, 30).Draw(rt, "batch"), rapid.IntRange(1, 3).Draw(rt, "workers")
			if rapid.Bool().Draw(rt, "often") {
				cfg.Snapshot = time.Nanosecond
			}
			stop := start(t, cfg)
			p.until(rapid.Uint64Range(1, st.Last).Draw(rt, "stop after"))
			if err := stop(); err != nil {
				rt.Fatal(err)
			}
			damage(rt, dir)
		}
		st, _ := p.raw.State(t.Context())
		stop := start(t, testConfig(t, p.bus, dir))
		p.until(st.Last)
		if err := stop(); err != nil {
			rt.Fatal(err)
		}
		p.same(p.plain())
	})
}

// damage does to the newest snapshot what a crash, a restore or a bad disk does.
func damage(t *rapid.T, dir string) {
	seqs, err := snapshots(dir)
	if err != nil || len(seqs) == 0 {
		return
	}
	name := filepath.Join(dir, snapshotName(seqs[0]))
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if len(data) == 0 {
		return // cut to nothing before, and not looked at since
	}
	switch rapid.SampledFrom([]string{"nothing", "lose", "lose all", "cut", "flip"}).Draw(t, "damage") {
	case "lose":
		err = os.Remove(name)
	case "lose all":
		err = os.RemoveAll(dir)
	case "cut":
		err = os.WriteFile(name, data[:rapid.IntRange(0, len(data)-1).Draw(t, "cut at")], 0o644)
	case "flip":
		data[rapid.IntRange(0, len(data)-1).Draw(t, "flip at")] ^= 0x10
		err = os.WriteFile(name, data, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Two cleaners started at once: one writes, the other stands by; the writer goes and the other
// takes over; NEWS is what one alone would have made.
func TestStandbyTakesOver(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	p := openPipeline(t, t.TempDir())
	defer p.bus.Close()
	msgs := rapid.Custom(func(rt *rapid.T) []bus.Message { return rawMessages(rt, 40) }).Example(7)
	var metrics [2]*Metrics
	var stops [2]func() error
	for i := range stops {
		cfg := testConfig(t, p.bus, filepath.Join(t.TempDir(), "state"))
		cfg.TakeOver, cfg.Batch = 100*time.Millisecond, 3
		metrics[i] = NewMetrics(nil)
		cfg.Metrics = metrics[i]
		stops[i] = start(t, cfg)
	}
	p.publish(msgs)
	p.until(uint64(len(msgs)))
	writer := 0
	if value(metrics[1].writer) == 1 {
		writer = 1
	}
	if err := stops[writer](); err != nil {
		t.Fatal(err)
	}
	p.publish(msgs)
	p.until(uint64(2 * len(msgs)))
	if err := stops[1-writer](); err != nil {
		t.Fatal(err)
	}
	if value(metrics[1-writer].writer) != 1 {
		t.Fatal("the standby did not take over")
	}
	p.same(p.plain())
}

// A message deleted from RAW by hand becomes a dead record that says so: the numbering holds.
func TestDeletedMessageIsDead(t *testing.T) {
	p := openPipeline(t, t.TempDir())
	p.publish([]bus.Message{{Subject: "raw.a", Data: []byte(`{"text":"one"}`)}, {Subject: "raw.a", Data: []byte(`{"text":"two"}`)}, {Subject: "raw.a", Data: []byte(`{"text":"three"}`)}})
	if err := p.raw.Delete(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	stop := start(t, testConfig(t, p.bus, t.TempDir()))
	p.until(3)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if m := p.all(p.news)[1]; m.Subject != "dead.raw" || !strings.Contains(string(m.Data), `"reason":"missing"`) {
		t.Fatalf("NEWS 2 is %s %s", m.Subject, m.Data)
	}
}

// What cannot be the same history is refused, with a message that says what to do.
func TestForeignHistoryIsRefused(t *testing.T) {
	doc := func(text string) []bus.Message {
		return []bus.Message{{Subject: "raw.a", Data: []byte(`{"text":"` + text + `"}`)}}
	}
	t.Run("another RAW", func(t *testing.T) {
		a, b, dir := openPipeline(t, t.TempDir()), openPipeline(t, t.TempDir()), t.TempDir()
		a.publish(doc("one"))
		b.publish(doc("two"))
		if err := errors.Join(a.fold(dir), b.fold(t.TempDir())); err != nil {
			t.Fatal(err)
		}
		if err := b.refuse(dir, nil); !errors.Is(err, ErrHistory) || !strings.Contains(err.Error(), "-namespace") {
			t.Fatalf("error %v, want ErrHistory with the way out", err)
		}
	})
	t.Run("other parameters", func(t *testing.T) {
		p, dir := openPipeline(t, t.TempDir()), t.TempDir()
		p.publish(doc("one"))
		if err := p.fold(dir); err != nil {
			t.Fatal(err)
		}
		err := p.refuse(dir, func(c *Config) { c.Params.Learn = false })
		if !errors.Is(err, ErrParams) || !strings.Contains(err.Error(), "learn true, false") {
			t.Fatalf("error %v, want ErrParams that names learn", err)
		}
	})
	t.Run("RAW trimmed past the state", func(t *testing.T) {
		p := openPipeline(t, t.TempDir())
		p.publish(append(doc("one"), doc("two")...))
		if err := p.fold(t.TempDir()); err != nil {
			t.Fatal(err)
		}
		if err := p.raw.Trim(t.Context(), 2); err != nil {
			t.Fatal(err)
		}
		if err := p.refuse(t.TempDir(), nil); !errors.Is(err, ErrHistory) || !strings.Contains(err.Error(), "snapshot") {
			t.Fatalf("error %v, want ErrHistory with the way out", err)
		}
	})
}
