package ingester

import (
	"context"
	"errors"
	"sync/atomic"

	"winnow/internal/bus"
	"winnow/internal/source"
)

// reading is an input that is open. What it gives waits in its feed until it is the input's turn.
type reading struct {
	name  string
	stamp string
	src   *source.Source
	feed  *feed        // nil: nothing has been read yet
	left  atomic.Int64 // files left out

	passed map[string]int // records of web archives that are no documents, by kind, once all is read
}

// open opens an input; nothing is read of a file before start.
func (r *Replay) open(ctx context.Context, name string) (in *reading, err error) {
	in = &reading{name: name, passed: map[string]int{}}
	if in.stamp, err = source.Stamp(ctx, name); err != nil {
		return nil, err
	}
	opt := r.cfg.Options
	opt.Skipped = func(path, reason string) {
		in.left.Add(1)
		r.skipped(path, reason)
	}
	opt.Passed = func(path string, kinds map[string]int) {
		for kind, n := range kinds {
			in.passed[kind] += n
			r.cfg.Metrics.passed.WithLabelValues(kind).Add(float64(n))
		}
		r.cfg.Log.Info("records passed over that are no pages", "path", path, "kinds", kinds)
	}
	in.src, err = source.Open(ctx, name, opt)
	return in, err
}

// start begins to read, unless that has begun.
func (r *Replay) start(ctx context.Context, in *reading) *feed {
	if in.feed == nil {
		in.feed = newFeed(ctx, in.src, &r.progress.Bytes)
	}
	return in.feed
}

func (in *reading) close() {
	if in.feed != nil {
		in.feed.close()
		return
	}
	in.src.Close() // nothing was written
}

// ahead opens the inputs one after the other, and reads those to come while one is stored, as many at once
// as [source.Options].Readers says, each as far as its feed takes. Only files are read ahead: a directory or
// a glob reads several files at once by itself, and standard input is nobody's before its turn.
type ahead struct {
	r       *Replay
	next    int        // input that is to be opened next
	waiting []*reading // of the inputs before it; nil for those that are opened when it is their turn
}

// take returns the input whose turn it is.
func (a *ahead) take(ctx context.Context) (in *reading, err error) {
	inputs := a.r.cfg.Inputs
	if len(a.waiting) == 0 {
		a.waiting, a.next = append(a.waiting, nil), a.next+1
	}
	in, a.waiting = a.waiting[0], a.waiting[1:]
	if in == nil {
		if in, err = a.r.open(ctx, inputs[a.next-1-len(a.waiting)]); err != nil {
			return nil, err
		}
	}
	for a.next < len(inputs) && len(a.waiting)+1 < a.r.cfg.Options.AtOnce() {
		a.waiting, a.next = append(a.waiting, a.begin(ctx, inputs[a.next])), a.next+1
	}
	return in, nil
}

// begin starts to read an input before its turn, if it is a file that is not in RAW already. What goes wrong
// shows when it is its turn.
func (a *ahead) begin(ctx context.Context, name string) *reading {
	if !source.IsFile(name) {
		return nil
	}
	in, err := a.r.open(ctx, name)
	if err != nil {
		return nil
	}
	cp, _, err := a.r.checkpoints.Load(ctx, in.src.Key())
	if done := err == nil && cp.Done && cp.Stamp == in.stamp && !a.r.cfg.Restart; done || err != nil && !errors.Is(err, bus.ErrNotFound) {
		in.close()
		return nil
	}
	a.r.start(ctx, in)
	return in
}

func (a *ahead) close() {
	for _, in := range a.waiting {
		if in != nil {
			in.close()
		}
	}
}
