package ingester

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"runtime"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"winnow/internal/batch"
	"winnow/internal/bus"
	"winnow/internal/source"
)

var (
	// ErrChanged is wrapped when an input is not what it was when a part of it was stored.
	ErrChanged = errors.New("input has changed since it was replayed")
	// ErrInput is wrapped when an input cannot be read: its format is unknown, the disk fails.
	ErrInput = errors.New("input cannot be read")
	// ErrConcurrent is wrapped when two replays of one input run at once.
	ErrConcurrent = errors.New("another replay of this input is running")
	// ErrLost is wrapped when RAW does not hold what the input's checkpoint says it should.
	ErrLost = errors.New("RAW is not what this replay left")
)

// ReplayConfig says what a replay reads.
type ReplayConfig struct {
	Bus    *bus.Bus
	Raw    *bus.Stream
	Inputs []string // in this order, which is RAW's order, however many are read at once

	Source  string         // of records that name none; default the input's name without its endings
	Added   time.Time      // time of intake of the records that bring none; default the clock's
	Restart bool           // forget what earlier runs stored and replay every input from its beginning
	Options source.Options // how inputs are read; Skipped may be called by several goroutines at once
	Rate    float64        // most documents a second; 0 = as fast as it goes
	Batch   int            // largest batch, in documents; default and most 1,000
	Workers int            // goroutines that encode; default the number of CPUs
	Log     *slog.Logger   // nil = slog.Default()
	Metrics *Metrics       // nil = not exported
}

// Replay brings a list of inputs into RAW. It runs once.
type Replay struct {
	cfg         ReplayConfig
	checkpoints *bus.Checkpoints
	progress    Progress
	rate        *rate.Limiter
	room        int64           // bytes RAW may take at all; 0: nobody says
	restarted   map[string]bool // the keys of the inputs that this run has begun
	failpoint   func() error    // tests kill a replay between storing documents and its position
}

// Bounds of one published batch.
const (
	batchDocs  = 1000
	batchBytes = 8 << 20
)

// batchWait is how long a batch waits for a slow input. A variable for the tests.
var batchWait = 100 * time.Millisecond

// idleWait is how long an input may be silent before its replay lets RAW be trimmed meanwhile. A variable for the tests.
var idleWait = 10 * time.Second

// NewReplay checks cfg; nothing is read before Run.
func NewReplay(cfg ReplayConfig) (*Replay, error) {
	if cfg.Bus == nil || cfg.Raw == nil || len(cfg.Inputs) == 0 {
		return nil, errors.New("ingester: Bus, Raw and Inputs are required")
	}
	if cfg.Rate < 0 {
		return nil, fmt.Errorf("ingester: Rate is %v documents a second", cfg.Rate)
	}
	if cfg.Batch < 0 || cfg.Batch > batchDocs {
		return nil, fmt.Errorf("ingester: Batch is %d, the broker takes %d", cfg.Batch, batchDocs)
	}
	cfg.Batch = cmp.Or(cfg.Batch, batchDocs)
	cfg.Workers = cmp.Or(cfg.Workers, runtime.GOMAXPROCS(0))
	cfg.Log = cmp.Or(cfg.Log, slog.Default())
	if cfg.Metrics == nil {
		cfg.Metrics = NewMetrics(nil)
	}
	r := &Replay{cfg: cfg, rate: rate.NewLimiter(rate.Inf, 0), restarted: map[string]bool{}}
	if cfg.Rate > 0 { // batches of a tenth of a second, or one document
		r.cfg.Batch = min(cfg.Batch, max(1, int(cfg.Rate/10)))
		r.rate = rate.NewLimiter(rate.Limit(cfg.Rate), r.cfg.Batch)
	}
	r.cfg.Options.Skipped = func(path, reason string) {
		r.cfg.Metrics.leftOut.Inc()
		if cfg.Options.Skipped != nil {
			cfg.Options.Skipped(path, reason)
		} else {
			r.cfg.Log.Warn("file left out", "path", path, "reason", reason)
		}
	}
	r.cfg.Options.Passed = func(path string, kinds map[string]int) {
		for kind, n := range kinds {
			r.cfg.Metrics.passed.WithLabelValues(kind).Add(float64(n))
		}
		r.cfg.Log.Info("records passed over that are no pages", "path", path, "kinds", kinds)
	}
	return r, nil
}

// Progress returns the running counts.
func (r *Replay) Progress() *Progress { return &r.progress }

// Run stores the inputs one after the other, reads several of them at once, and returns when all are
// stored. Ended by ctx, or killed, it continues at the next Run with the first document that is not in
// RAW. While RAW is full it waits. Errors wrap [ErrChanged], [ErrConcurrent], [ErrLost] and those of package source.
func (r *Replay) Run(ctx context.Context) (err error) {
	if r.checkpoints, err = r.cfg.Bus.Checkpoints(ctx); err != nil {
		return err
	}
	st, err := r.cfg.Raw.State(ctx)
	if err != nil {
		return err
	}
	r.room = max(st.Room, 0)
	if err := r.check(ctx); err != nil {
		return err
	}
	var sizes sync.WaitGroup
	defer sizes.Wait()
	sizes.Go(func() { r.measure(ctx) })
	inputs := &ahead{r: r}
	defer inputs.close()
	for _, name := range r.cfg.Inputs {
		in, err := inputs.take(ctx)
		if err == nil {
			err = r.input(ctx, in)
		}
		for try := 0; errors.Is(err, errMoved); try++ {
			if try == maxMoves {
				return fmt.Errorf("%s: %w", name, ErrConcurrent)
			}
			if in, err = r.open(ctx, name); err == nil {
				err = r.input(ctx, in)
			}
		}
		if err != nil {
			return err
		}
		r.progress.Inputs.Add(1)
	}
	return nil
}

// check looks for inputs that are missing or cannot be read before anything of the others is
// stored.
func (r *Replay) check(ctx context.Context) error {
	var bad []error
	for _, name := range r.cfg.Inputs {
		if err := source.Check(ctx, name, r.cfg.Options); err != nil {
			bad = append(bad, err)
		}
	}
	return errors.Join(bad...)
}

// input stores one input from where it was, and closes it. Its errors name the input.
func (r *Replay) input(ctx context.Context, in *reading) error {
	defer in.close()
	ours := func(err error) error { return fmt.Errorf("%s: %w", in.name, err) } // a source's errors do so themselves
	pos, err := r.position(ctx, in.key, in.name)
	switch {
	case err != nil:
		return ours(err)
	case !in.fits(&pos.Checkpoint):
		return ours(errMoved)
	case in.isDone(&pos.Checkpoint):
		r.progress.Skipped.Add(int64(pos.Count))
		r.progress.finish(&pos.Checkpoint)
		if size, err := source.Size(ctx, in.name); err == nil {
			r.progress.Bytes.Add(size)
		}
		return nil
	}
	feed := r.start(ctx, in)
	stored, digest, err := r.stored(ctx, pos)
	if err != nil {
		return ours(err)
	}
	switch err := r.skip(ctx, in, pos, stored, digest); {
	case errors.Is(err, ErrChanged):
		return ours(err)
	case err != nil:
		return err
	}
	if pos.Done {
		if err := r.reopen(ctx, pos); err != nil {
			return ours(err)
		}
	}
	for !pos.Done {
		chunk, end, err := r.take(ctx, feed)
		if err != nil {
			return err
		}
		if end {
			pos.LeftOut, pos.Passed = uint64(in.src.LeftOut()), in.src.Passed()
		}
		if end || len(chunk) > 0 {
			err = r.store(ctx, pos, chunk, end, cmp.Or(in.stamp, noStamp))
		} else {
			err = r.giveWay(ctx, pos)
		}
		if errors.Is(err, errMoved) {
			feed.takeBack()
			if in.stamp == "" {
				return fmt.Errorf("%s: %w, and this input cannot be read twice", in.name, ErrConcurrent)
			}
		}
		if err != nil {
			return ours(err)
		}
		feed.release(chunk...)
	}
	r.progress.finish(&pos.Checkpoint)
	return nil
}

// take returns what makes a batch once the rate allows to store it.
func (r *Replay) take(ctx context.Context, feed *feed) (chunk []source.Document, end bool, err error) {
	if chunk, end, err = feed.collect(ctx, r.cfg.Batch); err != nil {
		return nil, false, fmt.Errorf("%w: %w", ErrInput, err)
	}
	if err := r.rate.WaitN(ctx, len(chunk)); err != nil {
		return nil, false, cmp.Or(context.Cause(ctx), err)
	}
	return chunk, end, nil
}

// store publishes a chunk in parts, each an atomic batch that RAW has room for, and moves the checkpoint behind each.
func (r *Replay) store(ctx context.Context, pos *position, chunk []source.Document, end bool, stamp string) error {
	msgs, err := r.encode(ctx, pos, chunk)
	if err != nil {
		return err
	}
	for {
		n, err := fits(msgs[:r.cfg.Raw.Fitting(msgs)], r.room)
		if err != nil {
			return err
		}
		if err := r.storePart(ctx, pos, chunk[:n], msgs[:n], end && n == len(msgs), stamp); err != nil || n == len(msgs) {
			return err
		}
		chunk, msgs = chunk[n:], msgs[n:]
	}
}

func (r *Replay) storePart(ctx context.Context, pos *position, chunk []source.Document, msgs []bus.Message, end bool, stamp string) error {
	next := pos.Checkpoint
	for i := range chunk {
		pos.pass(&next, &chunk[i])
		msgs[i].Header[bus.HeaderDigest] = digestText(next.Digest)
	}
	var seqs []uint64
	if len(msgs) > 0 {
		var err error
		if seqs, err = r.publish(ctx, pos, msgs); err != nil {
			return err
		}
	}
	if r.failpoint != nil {
		if err := r.failpoint(); err != nil {
			return err
		}
	}
	if len(seqs) > 0 {
		next.Seq, next.Stamp = seqs[len(seqs)-1], stamp
	}
	if end {
		next.Done, next.Stamp = true, stamp
	}
	bad := r.cfg.Metrics.replayed(msgs)
	next.Count += uint64(len(chunk))
	next.Dead += uint64(bad)
	next.Added = r.cfg.Added
	pos.Checkpoint = next
	r.progress.Documents.Add(int64(len(chunk)))
	r.progress.Malformed.Add(int64(bad))
	return r.checkpoint(ctx, pos)
}

// encode makes the chunk's messages.
func (r *Replay) encode(ctx context.Context, pos *position, chunk []source.Document) ([]bus.Message, error) {
	clock := time.Now()
	now := r.cfg.Added
	if now.IsZero() {
		now = clock
	}
	name := cmp.Or(r.cfg.Source, source.Name(pos.Path))
	return batch.Map(ctx, r.cfg.Workers, chunk, func(d source.Document) bus.Message {
		var m bus.Message
		if raw, err := d.Raw(); err != nil {
			m = malformed(name, d.Data, d.Size, d.Where(), now, err)
		} else {
			raw.Complete(name, now, clock)
			m = message(&raw)
		}
		m.Header[bus.HeaderInput] = pos.Input
		if pos.Secret != "" {
			m.Header[bus.HeaderReplay] = pos.Secret
		}
		m.Header[bus.HeaderIndex] = strconv.FormatUint(d.Index, 10)
		m.Header[bus.HeaderDigest] = digestText(math.MaxUint64) // storePart has the digest; the message must not grow by it
		return m
	})
}
