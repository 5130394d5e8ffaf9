package cleaner

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"winnow/internal/bus"
)

// renewEvery is how often a live cleaner renews its hold. Tests make it shorter.
var renewEvery = bus.HoldFor / 10

// hold is this cleaner's claim on RAW, kept beside the replays' checkpoints: no cleaner trims RAW
// past the state that another one, live or just restarting, would have to continue from. A live one
// renews it, also while it has nothing to fold or cannot fold. It may be used concurrently.
type hold struct {
	checkpoints *bus.Checkpoints
	key         string

	mu    sync.Mutex
	seq   uint64
	rev   uint64 // of the checkpoint; 0: there is none
	known bool   // rev is what the broker has
}

// claim makes the hold that belongs to the state in dir.
func claim(ctx context.Context, b *bus.Bus, dir string) (h *hold, err error) {
	h = &hold{}
	if h.checkpoints, err = b.Checkpoints(ctx); err != nil {
		return nil, err
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	host, err := os.Hostname()
	if err != nil {
		return nil, err
	}
	h.key = bus.CleanerHold(host + ":" + abs)
	return h, nil
}

// set moves the hold: RAW is needed after seq.
func (h *hold) set(ctx context.Context, seq uint64) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seq = seq
	return h.store(ctx)
}

// store writes the hold, which begins its life anew. The caller holds the lock.
func (h *hold) store(ctx context.Context) error {
	if !h.known {
		var err error
		if _, h.rev, err = h.checkpoints.Load(ctx, h.key); err != nil && !errors.Is(err, bus.ErrNotFound) {
			return err
		}
	}
	rev, err := h.checkpoints.Store(ctx, h.key, bus.Checkpoint{Input: h.key, Seq: h.seq, Updated: time.Now().UTC()}, h.rev)
	if h.known = err == nil; h.known {
		h.rev = rev
	}
	if errors.Is(err, bus.ErrConflict) {
		return fmt.Errorf("%w: give each cleaner a state directory of its own", ErrDirInUse)
	}
	return err
}

// renew stores the hold again and again until ctx ends.
func (h *hold) renew(ctx context.Context) error {
	tick := time.NewTicker(renewEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		h.mu.Lock()
		err := h.store(ctx)
		h.mu.Unlock()
		if err != nil && ctx.Err() == nil {
			return err
		}
	}
}

// ErrDirInUse is wrapped when two cleaners keep their state in one directory.
var ErrDirInUse = errors.New("another cleaner keeps its state in this directory")
