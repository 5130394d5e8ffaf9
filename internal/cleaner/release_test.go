package cleaner

import (
	"context"
	"errors"
	"testing"
	"time"

	"winnow/internal/bus"
)

// RAW that was kept for somebody is trimmed when he is gone, though the fold does not move: while RAW is full
// nothing comes that would move it.
func TestTrimWhenHoldEnds(t *testing.T) {
	for name, restart := range map[string]bool{"running": false, "restarted": true} {
		t.Run(name, func(t *testing.T) {
			p, dir := openPipeline(t, t.TempDir()), t.TempDir()
			cfg := testConfig(t, p.bus, dir)
			cfg.Snapshot, cfg.Trim = 50*time.Millisecond, true
			checkpoints, err := p.bus.Checkpoints(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := checkpoints.Store(t.Context(), "replay", bus.Checkpoint{Input: "replay", Seq: 2}, 0); err != nil {
				t.Fatal(err)
			}
			first := func() uint64 {
				st, err := p.raw.State(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				return st.First
			}
			stop := start(t, cfg)
			for _, last := range []uint64{5, 10} { // two snapshots
				p.publish(texts(int(last)-4, int(last)))
				eventually(t, "a snapshot", func() bool {
					seqs, err := snapshots(dir)
					return err == nil && len(seqs) > 0 && seqs[0] == last
				})
			}
			eventually(t, "RAW trimmed up to the replay", func() bool { return first() == 2 })
			if restart {
				if err := stop(); err != nil {
					t.Fatal(err)
				}
				stop = start(t, cfg)
			}
			if err := checkpoints.Delete(t.Context(), "replay"); err != nil {
				t.Fatal(err)
			}
			seqs, err := snapshots(dir) // 10 and 5, or between them what a slow machine got of a batch at once
			if err != nil || len(seqs) != 2 {
				t.Fatalf("snapshots %v, error %v", seqs, err)
			}
			eventually(t, "RAW trimmed up to the older snapshot", func() bool { return first() == seqs[1] })
			if err := stop(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// A RAW that one batch fills is trimmed behind the one snapshot there is: nothing would come that makes another.
func TestTrimOfSmallRaw(t *testing.T) {
	p := openPipeline(t, t.TempDir())
	if _, err := p.bus.Raw(t.Context(), bus.StreamConfig{MaxBytes: 32 << 10, Update: true}); err != nil {
		t.Fatal(err)
	}
	next := 1
	for ; ; next++ {
		_, err := p.raw.Publish(t.Context(), texts(next, next))
		if errors.Is(err, bus.ErrFull) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	cfg := testConfig(t, p.bus, t.TempDir())
	cfg.Trim = true
	stop := start(t, cfg)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for end := next + 1000; next < end; next += 50 {
		if err := p.raw.PublishAfterWait(ctx, ctx, uint64(next-1), texts(next, next+49)); err != nil {
			t.Fatal("RAW stays full: ", err)
		}
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
}

// A batch of records that NEWS has no room for at once goes in parts.
func TestSmallNews(t *testing.T) {
	p := openPipeline(t, t.TempDir())
	if _, err := p.bus.News(t.Context(), bus.StreamConfig{MaxBytes: 64 << 10, Update: true}); err != nil {
		t.Fatal(err)
	}
	p.publish(texts(1, 400)) // 150 KiB of records
	stop := start(t, testConfig(t, p.bus, t.TempDir()))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	r := p.news.Reader(1, 0)
	defer r.Close()
	for have := 0; have < 400; {
		msgs, err := r.Next(ctx, 0)
		if err != nil {
			t.Fatal("the cleaner waits for ever: ", err)
		}
		have += len(msgs)
		if err := p.news.Trim(ctx, msgs[len(msgs)-1].Seq); err != nil {
			t.Fatal(err)
		}
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
}

// A cleaner that waits for room in NEWS stops at once, since nobody may ever make any, and the next one writes what
// had no room.
func TestStopWhileNewsFull(t *testing.T) {
	p := openPipeline(t, t.TempDir())
	limit := func(bytes int64) {
		if _, err := p.bus.News(t.Context(), bus.StreamConfig{MaxBytes: bytes, Update: true}); err != nil {
			t.Fatal(err)
		}
	}
	limit(64 << 10)
	p.publish(texts(1, 400)) // 150 KiB of records
	cfg := testConfig(t, p.bus, t.TempDir())
	cfg.Drain = patience
	stop := start(t, cfg)
	eventually(t, "NEWS is full", func() bool {
		st, err := p.news.State(t.Context())
		return err == nil && st.Bytes > 40<<10
	})
	begun := time.Now()
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begun); took >= cfg.Drain {
		t.Errorf("it took %v", took)
	}
	limit(1 << 20)
	if err := p.fold(cfg.Dir); err != nil {
		t.Fatal(err)
	}
}
