package ingester

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"winnow/internal/bus"
)

// patience is longer than anything here takes on a machine that is slow and busy with something else, and than the
// answer to a publish may take, which the broker sometimes keeps to itself.
const patience = 5 * time.Minute

// trimmer makes room in RAW, once it ends behind from, as a cleaner does that has folded everything: it trims up to
// where replays stand.
func trimmer(t testing.TB, b *bus.Bus, raw *bus.Stream, from uint64) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		checkpoints, err := b.Checkpoints(ctx)
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for ; err == nil && ctx.Err() == nil; <-tick.C {
			var st bus.State
			if st, err = raw.State(ctx); err != nil {
				break
			}
			before := st.Last
			if before < from {
				continue
			}
			var seq uint64
			var held bool
			if seq, held, err = checkpoints.Hold(ctx); held {
				before = min(before, seq)
			}
			if err == nil {
				err = raw.Trim(ctx, before)
			}
		}
		if ctx.Err() == nil {
			t.Error(err)
		}
	}()
	return func() { cancel(); <-done }
}

// eventually waits until there is what a replay does by itself.
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

// fill publishes what others do until RAW is full.
func fill(t testing.TB, raw *bus.Stream) {
	t.Helper()
	for _, size := range []int{3000, 1} { // to the last byte
		for {
			_, err := raw.Publish(t.Context(), []bus.Message{{Subject: "raw.others", Data: []byte(`{"text":"` + strings.Repeat("x", size) + `"}`)}})
			if errors.Is(err, bus.ErrFull) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}

// A replay that others overtook until RAW was full goes on: RAW is kept for it, and so would be full for ever.
func TestReplayGivesWay(t *testing.T) {
	b, raw := openBus(t, bus.StreamConfig{MaxBytes: 64 << 10})
	large := fmt.Sprintf(`{"text":"%s"}`+"\n", strings.Repeat("x", 5000))
	path := write(t, filepath.Join(t.TempDir(), "a.jsonl"), jsonLines(0, 3)+large+large)
	r := newReplay(t, b, raw, path)
	r.cfg.Batch = 1
	stored := 0
	r.failpoint = func() error {
		if stored++; stored == 3 {
			fill(t, raw)
		}
		return nil
	}
	defer trimmer(t, b, raw, 20)()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := r.Run(ctx); err != nil {
		t.Fatal("the replay waits for ever: ", err)
	}
	if n := r.Progress().Documents.Load(); n != 5 {
		t.Errorf("%d documents stored, want 5", n)
	}
}

// An input that gives nothing for a while does not keep RAW full meanwhile, and its replay is resumed where it was.
func TestSilentReplayGivesWay(t *testing.T) {
	defer func(was time.Duration) { idleWait = was }(idleWait)
	idleWait = 10 * time.Millisecond
	b, raw := openBus(t, bus.StreamConfig{MaxBytes: 64 << 10})
	pipe, in := io.Pipe()
	r := newReplay(t, b, raw, "-")
	r.cfg.Options.Stdin = pipe
	ctx, kill := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	defer trimmer(t, b, raw, 0)()
	line := func(i int) string { return fmt.Sprintf(`{"id":"%d","text":"%s"}`+"\n", i, strings.Repeat("x", 1<<20)) } // small when compressed
	var whole strings.Builder
	for i := range 8 {
		io.WriteString(io.MultiWriter(in, &whole), line(i))
	}
	// None is on its way when it is killed.
	eventually(t, "all documents stored", func() bool { return r.Progress().Documents.Load() == 8 })
	for range 100 { // three times what RAW may hold
		eventually(t, "room for others beside a silent replay", func() bool {
			_, err := raw.Publish(t.Context(), []bus.Message{{Subject: "raw.others", Data: []byte(`{"text":"` + strings.Repeat("x", 2000) + `"}`)}})
			if err != nil && !errors.Is(err, bus.ErrFull) {
				t.Fatal(err)
			}
			return err == nil
		})
	}
	kill()
	in.Close()
	<-done
	again := newReplay(t, b, raw, "-")
	again.cfg.Options.Stdin = strings.NewReader(whole.String())
	run(t, again)
	if first, second := r.Progress().Documents.Load(), again.Progress().Documents.Load(); first+second != 8 {
		t.Errorf("%d and %d documents stored, want 8 together", first, second)
	}
}

// Documents that take two atomic batches are stored once each though others publish between the two.
func TestReplayOfTwoBatchesAmongOthers(t *testing.T) {
	b, raw := openBus(t, bus.StreamConfig{})
	var lines strings.Builder
	for i := range 800 { // a little more than 8 MiB as messages
		fmt.Fprintf(&lines, `{"id":"%d","text":"%s"}`+"\n", i, strings.Repeat("x", 10_440))
	}
	ctx, cancel := context.WithCancel(t.Context())
	theirs, err := b.Raw(t.Context(), bus.StreamConfig{})
	if err != nil {
		t.Fatal(err)
	}
	others, begun := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(others)
		for first := true; ctx.Err() == nil; first = false {
			theirs.Publish(ctx, []bus.Message{{Subject: "raw.others", Data: []byte(`{"text":"x"}`)}})
			if first {
				close(begun)
			}
		}
	}()
	<-begun
	r := newReplay(t, b, raw, "-")
	r.cfg.Options.Stdin = strings.NewReader(lines.String())
	err = r.Run(t.Context())
	cancel()
	<-others
	if err != nil {
		t.Fatal(err)
	}
	if st := state(t, raw); st.Last == 800 {
		t.Fatal("nobody else published")
	}
	if got := ids(t, raw, 0); !slices.Equal(got, numbers(800)) {
		t.Errorf("RAW holds %d documents of the input", len(got))
	}
}

// A RAW that holds less than a replay reads at once is enough for it.
func TestReplayThroughSmallRaw(t *testing.T) {
	b, raw := openBus(t, bus.StreamConfig{MaxBytes: 16 << 10})
	path := write(t, filepath.Join(t.TempDir(), "a.jsonl"), jsonLines(0, 400))
	defer trimmer(t, b, raw, 0)()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	r := newReplay(t, b, raw, path)
	if err := r.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if n := r.Progress().Documents.Load(); n != 400 {
		t.Errorf("%d documents stored, want 400", n)
	}
}
