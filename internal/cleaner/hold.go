package cleaner

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"winnow/internal/bus"
)

// hold is this cleaner's claim on RAW, kept beside the replays' checkpoints: no cleaner trims RAW
// past the state that another one, live or just restarting, would have to continue from.
type hold struct {
	checkpoints *bus.Checkpoints
	key         string
	rev         uint64
}

// claim makes the hold that belongs to the state in dir.
func claim(ctx context.Context, b *bus.Bus, dir string) (h hold, err error) {
	if h.checkpoints, err = b.Checkpoints(ctx); err != nil {
		return h, err
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return h, err
	}
	host, err := os.Hostname()
	if err != nil {
		return h, err
	}
	h.key = bus.CleanerHold(host + ":" + abs)
	_, h.rev, err = h.checkpoints.Load(ctx, h.key)
	if errors.Is(err, bus.ErrNotFound) {
		err = nil
	}
	return h, err
}

// set moves the hold: RAW is needed after seq.
func (h *hold) set(ctx context.Context, seq uint64) (err error) {
	h.rev, err = h.checkpoints.Store(ctx, h.key, bus.Checkpoint{Input: h.key, Seq: seq, Updated: time.Now().UTC()}, h.rev)
	if errors.Is(err, bus.ErrConflict) {
		return fmt.Errorf("%w: give each cleaner a state directory of its own", ErrDirInUse)
	}
	return err
}

// ErrDirInUse is wrapped when two cleaners keep their state in one directory.
var ErrDirInUse = errors.New("another cleaner keeps its state in this directory")
