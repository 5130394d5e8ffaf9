package ingester

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"winnow/internal/bus"
)

// How many documents of an input are dead does not depend on where earlier runs were killed, before or after
// their position was stored; a run that finds the input done knows it too.
func TestReplayCountsDead(t *testing.T) {
	b, raw := openBus(t, bus.StreamConfig{})
	path := write(t, filepath.Join(t.TempDir(), "a.jsonl"), strings.Repeat("{\"text\":\"It rained.\"}\nrain\n", 8))
	for kills, done := 0, 0; done < 2; kills++ {
		r := newReplay(t, b, raw, path)
		r.cfg.Batch = 3
		stores := kills % 3 // before this run is killed
		r.failpoint = func() error {
			if stores--; stores < 0 {
				return errKilled
			}
			return nil
		}
		if err := r.Run(t.Context()); errors.Is(err, errKilled) {
			continue
		} else if err != nil {
			t.Fatal(err)
		}
		if done++; r.Progress().Dead.Load() != 8 {
			t.Errorf("run %d finds %d dead documents, want 8", kills, r.Progress().Dead.Load())
		}
	}
	if n := state(t, raw).Messages; n != 16 {
		t.Errorf("%d messages", n)
	}
}
