package apptest

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"winnow/internal/bus"
)

// A replay that was stopped keeps RAW from being trimmed behind the cleaner's snapshots; forgotten, it does so no
// more.
func TestForgottenReplayLetsGo(t *testing.T) {
	p := newPipeline(t)
	in := archives(t, 4)
	stopped := launch(t, "ingester", "replay", "-nats", p.url(), "-rate", "1", in[0]) // it is in the middle for minutes
	b, err := bus.Open(t.Context(), bus.Config{URL: p.url()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	raw, _, err := b.Streams(t.Context(), bus.StreamConfig{}, bus.StreamConfig{})
	if err != nil {
		t.Fatal(err)
	}
	state := func() bus.State {
		st, err := raw.State(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return st
	}
	status := func() string {
		c := launch(t, "ingester", "status", "-nats", p.url())
		c.done(drain)
		return c.out.String()
	}
	poll(t, "a part is stored", func() bool { return strings.Contains(status(), "open") })
	stopped.kill()
	held := state().Last

	p.cleaner("state")
	behind := func(seq uint64) (n int) { // so many snapshots lie there
		names, err := filepath.Glob(filepath.Join(p.dir, "state", "state-*.snapshot"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			var at uint64
			if _, err := fmt.Sscanf(filepath.Base(name), "state-%d.snapshot", &at); err != nil {
				t.Fatal(err)
			}
			if at > seq {
				n++
			}
		}
		return n
	}
	p.replay(in[1]).done(patience)
	poll(t, "a snapshot behind the stopped replay", func() bool { return behind(held) > 0 })
	p.replay(in[2]).done(patience)
	poll(t, "two snapshots behind the stopped replay", func() bool { return behind(held) == 2 })
	if first := state().First; first > held+1 {
		t.Errorf("RAW begins at %d, and the stopped replay needs what follows %d", first, held)
	}
	launch(t, "ingester", "forget", "-nats", p.url(), in[0]).done(drain)
	if got := status(); strings.Contains(got, in[0]) {
		t.Errorf("status:\n%s", got)
	}
	p.replay(in[3]).done(patience)
	poll(t, "RAW is trimmed", func() bool { return state().First > held+1 })
}
