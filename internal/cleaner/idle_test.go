package cleaner

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"winnow/internal/bus"
)

// patience is longer than anything here takes on a machine that is slow and busy with something else, and than the
// answer to a publish may take.
const patience = 5 * time.Minute

// eventually waits until there is what a cleaner does by itself.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	late := time.After(patience)
	for !is() {
		select {
		case <-late:
			t.Fatal("never: ", what)
		case <-time.After(time.Millisecond):
		}
	}
}

// After the last batch of a burst a snapshot is written though nothing follows, and a restart that
// finds nothing to do says where it stands, so that no alert takes it for one that does not move.
func TestSnapshotWhenIdle(t *testing.T) {
	p, dir := openPipeline(t, t.TempDir()), t.TempDir()
	cfg := testConfig(t, p.bus, dir)
	cfg.Snapshot, cfg.Metrics = time.Second, NewMetrics(nil)
	stop := start(t, cfg)
	p.publish(texts(1, 10))
	p.until(10)
	eventually(t, "a snapshot at 10", func() bool {
		seqs, err := snapshots(dir)
		return err == nil && len(seqs) > 0 && seqs[0] == 10 && value(cfg.Metrics.snapshot) == 10
	})
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	cfg.Metrics = NewMetrics(nil)
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Check(t.Context()); err == nil {
		t.Error("ready before its state is read")
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	<-s.Ready()
	if err := s.Check(t.Context()); err != nil {
		t.Error("ready, and says: ", err)
	}
	if at, saved := value(cfg.Metrics.position), value(cfg.Metrics.snapshot); at != 10 || saved != 10 {
		t.Errorf("after a restart: position %v, snapshot %v, want 10", at, saved)
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// A live cleaner keeps its hold on RAW though it has nothing to fold: nobody trims what it would need
// after a restart.
func TestHoldIsRenewedWhenIdle(t *testing.T) {
	defer func(was time.Duration) { renewEvery = was }(renewEvery)
	renewEvery = 10 * time.Millisecond
	p, dir := openPipeline(t, t.TempDir()), t.TempDir()
	held, err := claim(t.Context(), p.bus, dir)
	if err != nil {
		t.Fatal(err)
	}
	stop := start(t, testConfig(t, p.bus, dir))
	load := func() bus.Checkpoint {
		cp, _, err := held.checkpoints.Load(t.Context(), held.key)
		if err != nil && !errors.Is(err, bus.ErrNotFound) {
			t.Fatal(err)
		}
		return cp
	}
	for range 3 {
		before := load()
		eventually(t, "another life of the hold", func() bool { return load().Updated.After(before.Updated) })
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
}

// Two cleaners with one hold, on machines that are called the same, find each other out; one whose
// store was given up does not mistake its own for another's.
func TestHoldOfAnother(t *testing.T) {
	p, dir := openPipeline(t, t.TempDir()), t.TempDir()
	one, err := claim(t.Context(), p.bus, dir)
	if err != nil {
		t.Fatal(err)
	}
	two, err := claim(t.Context(), p.bus, dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range []*hold{one, two} {
		if err := h.set(t.Context(), 5); err != nil {
			t.Fatal(err)
		}
	}
	given, cancel := context.WithCancel(t.Context())
	cancel()
	if err := two.set(given, 6); err == nil {
		t.Fatal("stored though there was no time left")
	}
	if err := two.set(t.Context(), 7); err != nil {
		t.Error(err)
	}
	if err := one.set(t.Context(), 8); !errors.Is(err, ErrDirInUse) {
		t.Errorf("error %v, want %v", err, ErrDirInUse)
	}
}

// NEWS that is emptied, or loses its tail, under a running cleaner ends it with what happened: whether
// it writes or stands by, it can do nothing about it.
func TestNewsIsLostMeanwhile(t *testing.T) {
	for _, tt := range []struct {
		name   string
		writer bool
		left   int // messages of NEWS
	}{{"a writer, emptied", true, 0}, {"a standby, emptied", false, 0}, {"a writer, the tail", true, 4}, {"a standby, the tail", false, 4}} {
		t.Run(tt.name, func(t *testing.T) {
			p := openPipeline(t, t.TempDir())
			p.publish(texts(1, 12))
			news := p.plain()
			if tt.left > 0 {
				if _, err := p.news.Publish(t.Context(), news[:tt.left]); err != nil {
					t.Fatal(err)
				}
			}
			cfg := testConfig(t, p.bus, t.TempDir())
			cfg.TakeOver = time.Millisecond
			s, err := New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			s.raw, s.news, s.newsLast, s.writer, s.moved = p.raw, p.news, 10, tt.writer, time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			if err := s.commit(ctx, ctx, news[10:]); !errors.Is(err, ErrHistory) {
				t.Errorf("error %v, want %v", err, ErrHistory)
			}
			if st, err := p.news.State(t.Context()); err != nil || st.Last != uint64(tt.left) {
				t.Errorf("NEWS ends at %d, want %d (%v)", st.Last, tt.left, err)
			}
		})
	}
}

// Snapshots that cannot be read, since their disk is not there, are no damaged ones: they stay what
// they are and the cleaner does not begin from RAW's start.
func TestUnreadableSnapshotIsNoDamage(t *testing.T) {
	p, dir, away := openPipeline(t, t.TempDir()), t.TempDir(), filepath.Join(t.TempDir(), "away")
	p.publish(texts(1, 9))
	if err := p.fold(dir); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, snapshotName(9))
	if err := errors.Join(os.Rename(name, away+".real"), os.Symlink(away, name)); err != nil {
		t.Fatal(err)
	}
	if err := p.refuse(dir, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("error %v, want %v", err, fs.ErrNotExist)
	}
	if err := os.Rename(away+".real", away); err != nil {
		t.Fatal(err)
	}
	p.publish(texts(10, 12))
	if err := p.fold(dir); err != nil {
		t.Fatal(err)
	}
	p.same(p.plain())
	if seqs, err := snapshots(dir); err != nil || !slices.Equal(seqs, []uint64{12, 9}) {
		t.Errorf("snapshots %v, error %v, want 12 and 9", seqs, err)
	}
}
