package bus_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"

	"winnow/internal/bus"
)

func checkpoints(t *testing.T, b *bus.Bus) *bus.Checkpoints {
	t.Helper()
	c, err := b.Checkpoints(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCheckpoints(t *testing.T) {
	dir := t.TempDir()
	key, cp := "dir/a b.warc.gz", bus.Checkpoint{Input: "id", Path: "a b", Count: 3, Seq: 9, Digest: 1<<63 + 5, Updated: time.Date(2026, 11, 22, 1, 2, 3, 4, time.UTC)}
	b, err := bus.Open(t.Context(), bus.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	c := checkpoints(t, b)
	if _, _, err := c.Load(t.Context(), key); !errors.Is(err, bus.ErrNotFound) {
		t.Errorf("load: error %v, want %v", err, bus.ErrNotFound)
	}
	rev, err := c.Store(t.Context(), key, cp, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, stale := range []uint64{0, rev + 1} {
		if _, err := c.Store(t.Context(), key, cp, stale); !errors.Is(err, bus.ErrConflict) {
			t.Errorf("store over revision %d: error %v, want %v", stale, err, bus.ErrConflict)
		}
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	c = checkpoints(t, open(t, bus.Config{Dir: dir}))
	got, again, err := c.Load(t.Context(), key)
	if d := cmp.Diff(cp, got); d != "" || err != nil || again != rev {
		t.Errorf("load after a restart: revision %d, error %v, want %d: %s", again, err, rev, d)
	}
	if err := c.Delete(t.Context(), key); err != nil {
		t.Error(err)
	}
	if err := c.Delete(t.Context(), "none"); err != nil {
		t.Error(err)
	}
	if list, err := c.List(t.Context()); len(list) != 0 || err != nil {
		t.Errorf("after deletion: %v, error %v", list, err)
	}
	if _, _, err := c.Load(t.Context(), key); !errors.Is(err, bus.ErrNotFound) {
		t.Errorf("load after deletion: error %v, want %v", err, bus.ErrNotFound)
	}
	if _, err := c.Store(t.Context(), key, cp, 0); err != nil {
		t.Errorf("store after deletion: %v", err)
	}
}

// Law: the hold is the smallest position of the replays that are not done.
// What a stranger writes into the bucket is neither a checkpoint nor the end of those that are.
func TestCheckpointsOfStrangers(t *testing.T) {
	b := open(t, bus.Config{Listen: "127.0.0.1:0"})
	c := checkpoints(t, b)
	if _, err := c.Store(t.Context(), "pages", bus.Checkpoint{Input: "pages", Seq: 9}, 0); err != nil {
		t.Fatal(err)
	}
	js := admin(t, b)
	if _, err := js.Publish(t.Context(), "$KV.winnow-checkpoints.foo", []byte("hello")); err != nil {
		t.Fatal(err)
	}
	for _, rollup := range []string{"all", "sub"} {
		_, err := js.PublishMsg(t.Context(), &nats.Msg{Subject: "$KV.winnow-checkpoints.bar", Data: []byte("hello"), Header: nats.Header{"Nats-Rollup": {rollup}}})
		if err == nil {
			t.Error("a message took the place of others: ", rollup)
		}
	}
	if list, err := c.List(t.Context()); err != nil || len(list) != 1 || list[0].Input != "pages" {
		t.Errorf("the checkpoints are %v, error %v", list, err)
	}
	if seq, held, err := c.Hold(t.Context()); seq != 9 || !held || err != nil {
		t.Errorf("held at %d, %v, error %v", seq, held, err)
	}
}

func TestHold(t *testing.T) {
	c := checkpoints(t, open(t, bus.Config{}))
	if _, held, err := c.Hold(t.Context()); held || err != nil {
		t.Errorf("nothing is held: %v, error %v", held, err)
	}
	for i, step := range []struct {
		key  string
		seq  uint64
		done bool
		want uint64 // 0: nothing is held
	}{
		{"a", 50, false, 50}, {"b", 70, false, 50}, {"c", 10, true, 50}, {"d", 20, false, 20}, {"a", 50, true, 20}, {"d", 90, false, 70}, {"b", 70, true, 90}, {"d", 99, true, 0},
	} {
		_, rev, err := c.Load(t.Context(), step.key)
		if err != nil && !errors.Is(err, bus.ErrNotFound) {
			t.Fatal(err)
		}
		if _, err := c.Store(t.Context(), step.key, bus.Checkpoint{Seq: step.seq, Done: step.done}, rev); err != nil {
			t.Fatal(err)
		}
		if seq, held, err := c.Hold(t.Context()); seq != step.want || held != (step.want > 0) || err != nil {
			t.Errorf("step %d: held %v at %d, error %v, want %d", i, held, seq, err, step.want)
		}
	}
}

// A cleaner's hold lasts as long as it is renewed, and some time longer; a replay's does not end.
func TestHoldOfCleaners(t *testing.T) {
	c := checkpoints(t, open(t, bus.Config{}))
	for _, step := range []struct {
		input string
		seq   uint64
		age   time.Duration
		want  uint64
	}{
		{bus.CleanerHold("writer"), 900, 0, 900},
		{bus.CleanerHold("gone"), 100, bus.HoldFor + time.Minute, 900},
		{bus.CleanerHold("standby"), 200, bus.HoldFor - time.Minute, 200},
		{"replay", 50, 1000 * time.Hour, 50},
	} {
		cp := bus.Checkpoint{Input: step.input, Seq: step.seq, Updated: time.Now().Add(-step.age)}
		if _, err := c.Store(t.Context(), step.input, cp, 0); err != nil {
			t.Fatal(err)
		}
		if seq, held, err := c.Hold(t.Context()); seq != step.want || !held || err != nil {
			t.Errorf("with %s: held %v at %d, error %v, want %d", step.input, held, seq, err, step.want)
		}
	}
}

// Law: of those who change a checkpoint from one revision, one succeeds.
func TestCheckpointsCompareAndSwap(t *testing.T) {
	c := checkpoints(t, open(t, bus.Config{}))
	const writers, rounds = 4, 10
	key := strings.Repeat("long/", 100)
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for n := 0; n < rounds; {
				cp, rev, err := c.Load(t.Context(), key)
				if err != nil && !errors.Is(err, bus.ErrNotFound) {
					t.Error(err)
					return
				}
				cp.Count++
				switch _, err = c.Store(t.Context(), key, cp, rev); {
				case err == nil:
					n++
				case !errors.Is(err, bus.ErrConflict):
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	if cp, _, err := c.Load(t.Context(), key); err != nil || cp.Count != writers*rounds {
		t.Errorf("count %d, error %v, want %d", cp.Count, err, writers*rounds)
	}
}

// Law: a checkpoint that was stored although its acknowledgement was lost is no conflict.
func TestCheckpointLostAcknowledgement(t *testing.T) {
	server := open(t, bus.Config{Listen: "127.0.0.1:0"})
	proxy := startProxy(t, strings.TrimPrefix(server.ClientURL(), "nats://"))
	theirs, ours := checkpoints(t, server), checkpoints(t, open(t, bus.Config{URL: proxy.url()}))
	var rev uint64
	for i, damage := range []int32{loseAnswer, losePublish, loseAnswer} {
		cp := bus.Checkpoint{Input: fmt.Sprint(i)}
		var wg sync.WaitGroup
		wg.Go(func() { // cut the connection when the checkpoint is stored
			for got, _, err := theirs.Load(t.Context(), "k"); err != nil || !cmp.Equal(got, cp); got, _, err = theirs.Load(t.Context(), "k") {
				if err != nil && !errors.Is(err, bus.ErrNotFound) {
					t.Error(err)
					return
				}
			}
			if proxy.damage.CompareAndSwap(deaf, none) {
				proxy.cut()
			}
		})
		proxy.damage.Store(damage)
		next, err := ours.Store(t.Context(), "k", cp, rev)
		wg.Wait()
		if _, want, _ := theirs.Load(t.Context(), "k"); err != nil || next != want {
			t.Fatalf("revision %d, error %v, want %d", next, err, want)
		}
		rev = next
	}
}
