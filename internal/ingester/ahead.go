package ingester

import (
	"context"
	"errors"
	"slices"

	"winnow/internal/bus"
	"winnow/internal/source"
)

// reading is an input that is open. What it gives waits in its feed until it is the input's turn.
type reading struct {
	name  string
	key   string
	stamp string
	src   *source.Source // nil: all of it is in RAW
	feed  *feed          // nil: nothing has been read yet
	from  *bus.Mark      // where src begins; nil: at the beginning
}

// open opens an input unless it is done: within the file that is stored in part if that is what it was, else at its beginning,
// if the files before it are. Nothing is read of a single file before start.
func (r *Replay) open(ctx context.Context, name string) (in *reading, err error) {
	in = &reading{name: name}
	if in.stamp, err = source.Stamp(ctx, name); err != nil {
		return nil, err
	}
	var cp bus.Checkpoint
	if key, ok := source.Key(name); ok && !r.cfg.Restart {
		in.key = key
		if cp, _, err = r.checkpoints.Load(ctx, key); err != nil && !errors.Is(err, bus.ErrNotFound) {
			return nil, err
		}
	}
	if in.isDone(&cp) {
		return in, nil
	}
	opt, marks := r.cfg.Options, map[*source.Mark]*bus.Mark{}
	for _, m := range []*bus.Mark{cp.Within, cp.Mark} {
		if m != nil {
			from := &source.Mark{Path: m.Path, Index: m.Count, Files: m.Files, LeftOut: m.LeftOut, Passed: m.Passed, Place: (*source.Place)(m.Place)}
			opt.From, marks[from] = append(opt.From, from), m
		}
	}
	if in.src, err = source.Open(ctx, name, opt); err != nil {
		return nil, err
	}
	in.key, in.from = in.src.Key(), marks[in.src.Resumed()]
	return in, nil
}

// isDone tells whether an input is what it was when all of it was stored.
func (in *reading) isDone(cp *bus.Checkpoint) bool {
	return cp.Done && in.stamp != "" && in.stamp == cp.Stamp
}

// fits tells whether what is open is what the checkpoint goes on with: somebody may have moved it meanwhile.
func (in *reading) fits(cp *bus.Checkpoint) bool {
	if in.from == nil {
		return in.src != nil || in.isDone(cp)
	}
	return slices.ContainsFunc([]*bus.Mark{cp.Within, cp.Mark}, func(m *bus.Mark) bool {
		return m != nil && m.Count == in.from.Count && m.Digest == in.from.Digest
	})
}

// start begins to read, unless that has begun.
func (r *Replay) start(ctx context.Context, in *reading) *feed {
	if in.feed == nil {
		in.feed = newFeed(ctx, in.src, &r.progress.Bytes)
	}
	return in.feed
}

func (in *reading) close() {
	switch {
	case in.feed != nil:
		in.feed.close()
	case in.src != nil:
		in.src.Close() // nothing was written
	}
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
	if in.src != nil {
		a.r.start(ctx, in)
	}
	return in
}

func (a *ahead) close() {
	for _, in := range a.waiting {
		if in != nil {
			in.close()
		}
	}
}
