package cleaner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"winnow/internal/bus"
	"winnow/pkg/boilerplate"
)

// Config says where a cleaner reads, writes and keeps its state.
type Config struct {
	Bus *bus.Bus
	Dir string //  of the snapshots; this process alone may write it

	Params   Params             // see DefaultParams
	Rules    *boilerplate.Rules // whose digest is Params.Rules
	Raw      bus.StreamConfig   // used when the stream does not exist yet
	News     bus.StreamConfig   // used when the stream does not exist yet
	Batch    int                // largest batch, in documents; default and most that is read at once 1,000
	Workers  int                // goroutines for the pure steps; default the number of CPUs
	TakeOver time.Duration      // how long NEWS must stand still, with RAW ahead, before this cleaner writes; 0 = at once
	Snapshot time.Duration      // between snapshots; default a minute
	Trim     bool               // trim RAW behind the snapshots
	Drain    time.Duration      // after a soft stop the batch in flight has this long; default 30 s
	Metrics  *Metrics           // nil = not exported
	Log      *slog.Logger       // nil = slog.Default()
}

// readBytes bounds what of RAW is read ahead.
const readBytes = 16 << 20

// Service is one cleaner. It runs once.
type Service struct {
	cfg      Config
	raw      *bus.Stream
	news     *bus.Stream
	rawLimit int64         // bytes RAW may hold; <= 0: nobody knows
	newsRoom int64         // bytes NEWS may hold; <= 0: nobody knows
	folded   atomic.Uint64 // sequence of the fold, for the lag
	lock     *os.File      // of the state directory
	due      chan struct{} // holds a token when it may be time for a snapshot

	state    sync.Mutex // held while a batch is folded and published, and while the state is frozen
	fold     *Fold
	half     bool      // the fold has taken in half a batch and is not to be saved
	newsLast uint64    // NEWS's last sequence, as far as we know
	moved    time.Time // when NEWS was last seen to move
	writer   bool      // we wrote NEWS's last message, or are about to
	saved    saved

	saving  sync.Mutex // held while a snapshot is taken and written, and RAW trimmed
	covered uint64     // sequence behind which this cleaner may have to read RAW again
	hold    *hold

	ready chan struct{} // closed when the state is open
}

// saved is when, where and after how many bytes of RAW the last snapshot was taken.
type saved struct {
	at    time.Time
	seq   uint64
	bytes int64 // folded since
}

// New checks cfg and returns a cleaner; nothing is read or written before Run.
func New(cfg Config) (*Service, error) {
	if cfg.Bus == nil || cfg.Dir == "" || cfg.Rules == nil || cfg.Params == (Params{}) {
		return nil, errors.New("cleaner: Bus, Dir, Params and Rules are required")
	}
	cfg.Batch = cmp.Or(cfg.Batch, 1000)
	cfg.Workers = cmp.Or(cfg.Workers, runtime.GOMAXPROCS(0))
	cfg.Snapshot = cmp.Or(cfg.Snapshot, time.Minute)
	cfg.Drain = cmp.Or(cfg.Drain, 30*time.Second)
	cfg.Log = cmp.Or(cfg.Log, slog.Default())
	if cfg.Metrics == nil {
		cfg.Metrics = NewMetrics(nil)
	}
	return &Service{cfg: cfg, due: make(chan struct{}, 1), ready: make(chan struct{})}, nil
}

// Ready is closed when Run has restored the state and found that it belongs to the streams and to
// Config.Params.
func (s *Service) Ready() <-chan struct{} { return s.ready }

// Check returns nil once the service is ready, and before that why not.
func (s *Service) Check(context.Context) error {
	select {
	case <-s.ready:
		return nil
	default:
		return errors.New("the state is being read")
	}
}

// Run folds RAW into NEWS until ctx ends, then finishes the batch in flight, writes a snapshot
// and returns nil. Any other return is a broken world, said in the error: nothing is lost, and
// the next Run goes on where NEWS ends.
func (s *Service) Run(ctx context.Context) error {
	work, cancel := drainContext(ctx, s.cfg.Drain)
	defer cancel()
	defer s.unlock()
	if err := s.open(ctx); err != nil {
		return stopped(ctx, err)
	}
	close(s.ready)
	group, loop := errgroup.WithContext(ctx)
	group.Go(func() error { s.watchLag(loop); return nil })
	group.Go(func() error { return s.hold.renew(loop) })
	group.Go(func() error { return s.foldAll(loop, work) })
	group.Go(func() error { return s.saveWhenDue(loop, work) })
	return group.Wait()
}

// foldAll folds RAW into NEWS until ctx ends, and then writes a snapshot.
func (s *Service) foldAll(ctx, work context.Context) error {
	reader := s.raw.Reader(s.fold.Seq+1, readBytes)
	defer func() { reader.Close() }()
	for {
		msgs, err := reader.Next(ctx, s.cfg.Batch)
		if gap, ok := errors.AsType[bus.ErrGap](err); ok && gap.Missing() {
			msgs, err = []bus.Message{{Seq: gap.Want}}, nil // deleted by hand: a dead record says so
			reader.Close()
			reader = s.raw.Reader(gap.Want+1, readBytes)
		}
		if errors.Is(err, bus.ErrRewritten) {
			err = fmt.Errorf("%w: %w", ErrHistory, err)
		}
		if err != nil {
			_, unsaved := s.save(work)
			return errors.Join(stopped(ctx, err), unsaved)
		}
		for rest := msgs; len(rest) > 0; {
			n := fitting(rest)
			if err := s.foldBatch(ctx, work, rest[:n]); err != nil {
				return stopped(ctx, err)
			}
			rest = rest[n:]
		}
	}
}

// foldBatch folds messages that fit a batch, and publishes what they became.
func (s *Service) foldBatch(ctx, work context.Context, msgs []bus.Message) error {
	s.state.Lock()
	defer s.state.Unlock()
	out, err := s.fold.Batch(work, msgs)
	if err != nil {
		s.half = true
		return err
	}
	s.folded.Store(s.fold.Seq)
	if err := s.commit(ctx, work, out); err != nil {
		return err
	}
	for i := range msgs {
		const overhead = 128 // bytes a message takes beside its payload
		s.saved.bytes += int64(len(msgs[i].Data)) + overhead
	}
	if s.isDue() {
		select {
		case s.due <- struct{}{}:
		default:
		}
	}
	return nil
}

// drainContext returns a context that outlives ctx by at most d.
func drainContext(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	work, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(d, func() { cancel(fmt.Errorf("not finished %v after the stop", d)) })
		context.AfterFunc(work, func() { timer.Stop() })
	})
	return work, func() { stop(); cancel(nil) }
}

// stopped turns the error of a call that ended with ctx into the nil of a soft stop.
func stopped(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return err
}

// commit makes NEWS hold the batch: it publishes behind NEWS's last sequence what is not there
// yet, or, while another cleaner writes, waits until that one has. Either way NEWS's chain is
// compared with ours, so two histories never mix.
func (s *Service) commit(ctx, work context.Context, out []bus.Message) error {
	end, since := out[len(out)-1], time.Now()
	for s.newsLast < end.Seq {
		if s.newsLast+1 < out[0].Seq {
			return fmt.Errorf("%w: NEWS ends at %d while the record of RAW %d is to be written: it was emptied, or lost its tail (a power cut "+
				"with -sync interval, a restored backup); a restart goes on from the newest snapshot that NEWS still covers, if there is one",
				ErrHistory, s.newsLast, out[0].Seq)
		}
		if s.newsLast >= out[0].Seq { // another one wrote a part of the batch
			if err := s.compare(work, out[s.newsLast-out[0].Seq]); err != nil {
				return err
			}
		}
		rest := out[max(out[0].Seq, s.newsLast+1)-out[0].Seq:]
		if !s.writer {
			if err := s.standBy(ctx, since); err != nil {
				return err
			}
			if !s.writer {
				continue
			}
			s.cfg.Log.Info("writing NEWS", "from", rest[0].Seq)
			s.cfg.Metrics.writer.Set(1)
		}
		rest = rest[:roomy(rest, s.newsRoom/4)]
		last := rest[len(rest)-1].Seq
		err := s.news.PublishAfterWait(work, ctx, rest[0].Seq-1, rest)
		switch {
		case err == nil && last == end.Seq:
			s.newsLast = last
			return nil
		case err == nil:
			s.newsLast = last
		case errors.Is(err, bus.ErrFenced):
			s.writer = false
			s.cfg.Log.Warn("another cleaner wrote first: standing by", "sequence", rest[0].Seq)
			s.cfg.Metrics.writer.Set(0)
			s.cfg.Metrics.fenced.Inc()
			if err := s.refresh(work); err != nil {
				return err
			}
		default:
			return fmt.Errorf("publishing NEWS %d-%d: %w", rest[0].Seq, last, err)
		}
	}
	return s.compare(work, end)
}

// roomy returns how many of the first messages, at least one, take at most so many bytes; most <= 0: all.
func roomy(msgs []bus.Message, most int64) int {
	var sum int64
	for i := range msgs {
		if sum += int64(len(msgs[i].Data)); i > 0 && most > 0 && sum > most {
			return i
		}
	}
	return len(msgs)
}

// standBy returns when NEWS has moved, or sets writer when it has stood still for TakeOver while,
// since the given time, RAW had more.
func (s *Service) standBy(ctx context.Context, since time.Time) error {
	const poll = 50 * time.Millisecond
	for {
		before := s.newsLast
		if err := s.refresh(ctx); err != nil || s.newsLast > before {
			return err
		}
		if since.Before(s.moved) {
			since = s.moved
		}
		if wait := s.cfg.TakeOver - time.Since(since); wait <= 0 {
			s.writer = true
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(min(poll, s.cfg.TakeOver)):
		}
	}
}

// refresh asks where NEWS ends.
func (s *Service) refresh(ctx context.Context) error {
	st, err := s.news.State(ctx)
	if err != nil {
		return err
	}
	if st.Last != s.newsLast || s.moved.IsZero() {
		s.newsLast, s.moved = st.Last, time.Now()
	}
	return nil
}

// compare checks that NEWS at the sequence of ours was made from the same history, if it still
// has that message.
func (s *Service) compare(ctx context.Context, ours bus.Message) error {
	theirs, err := s.news.Get(ctx, ours.Seq)
	if errors.Is(err, bus.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	a, b := ours.Header[bus.HeaderChain], theirs.Header[bus.HeaderChain]
	switch {
	case a == b:
		return nil
	case b == "":
		return fmt.Errorf("%w: NEWS %d (%s) was published by something that is no cleaner, in the place of RAW %d's record: let cleaners alone "+
			"publish to clean.>, dup.> and dead.> (permissions in deploy/users.conf), and begin a new -namespace, state and output directory with a replay of RAW",
			ErrHistory, ours.Seq, theirs.Subject, ours.Seq)
	}
	return fmt.Errorf("%w: NEWS %d was made from another history of RAW, or with other parameters, rules or version (chain %s there, %s here): "+
		"give every cleaner of a pipeline the same flags and program; if RAW was restored, reused its sequences after a power cut, or belongs to "+
		"another pipeline, use a new -namespace, state and output directory, or restore RAW, NEWS and the state together", ErrHistory, ours.Seq, b, a)
}

// watchLag keeps the metric of what RAW has and the fold has not, until ctx ends.
func (s *Service) watchLag(ctx context.Context) {
	tick := time.NewTicker(lagEvery)
	defer tick.Stop()
	for {
		if st, err := s.raw.State(ctx); err == nil {
			folded := s.folded.Load()
			s.cfg.Metrics.lag.Set(float64(max(st.Last, folded) - folded))
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// lagEvery is the time between two looks at RAW's end.
const lagEvery = 2 * time.Second

// damaged puts a snapshot that cannot be read out of the way, loudly.
func (s *Service) damaged(seq uint64, cause error) error {
	name := filepath.Join(s.cfg.Dir, snapshotName(seq))
	s.cfg.Log.Error("snapshot is damaged; going back to an older state, which costs time and loses nothing",
		"file", name, "kept_as", name+".damaged", "error", cause)
	return os.Rename(name, name+".damaged")
}
