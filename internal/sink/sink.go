package sink

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"winnow/internal/bus"
	"winnow/internal/segment"
)

var (
	// ErrHistory says that the directory was written from another history of NEWS than the one it has now.
	ErrHistory = errors.New("the directory belongs to another history of the stream")
	// ErrTrimmed says that NEWS no longer has the messages that the directory needs next.
	ErrTrimmed = errors.New("the stream was trimmed past the directory's position")
	// ErrAhead says that a bounded run ended before the directory's position.
	ErrAhead = errors.New("the directory is ahead of the stream")
)

// Config says what a sink reads and where it writes.
type Config struct {
	News  *bus.Stream
	Store segment.Store // made if absent; this process alone may write there

	From    uint64          // sequence an empty Store begins with; default the one the stream was made to begin with
	Segment segment.Options // when a segment is full; First is ignored
	Age     time.Duration   // a segment is also full so long after its first record came; default never

	// Until ends a bounded run: when a sequence arrives, the sink commits everything up to it, marks
	// the directory as complete (see [segment.Writer.Finish]) and Run returns nil. nil = run until
	// ctx ends.
	Until <-chan uint64

	Trim bool   // remove from NEWS what is committed, but for the last committed message
	Keep uint64 // with Trim: keep so many committed messages more, or as many as fit into half of NEWS's room

	Retain segment.Retention // which old segments to remove; default none

	Metrics *Metrics     // nil = not exported
	Log     *slog.Logger // nil = slog.Default()
}

// readBytes bounds what of NEWS is read ahead; batch the messages between two looks at the clock.
const (
	readBytes = 8 << 20
	batch     = 500
)

// Service is one sink. It runs once.
type Service struct {
	cfg      Config
	w        *segment.Writer
	until    *uint64       // nil until it has arrived
	finished bool          // and everything up to it is written
	old      *time.Timer   // fires when the open segment is due
	timed    uint64        // position behind which the segment lies that old was set for
	checked  uint64        // the position was compared with NEWS
	looked   time.Time     // at NEWS's state, for the lag
	end      uint64        // of NEWS, when we looked
	pause    time.Duration // the last one while the target cannot be written; 0 when it can

	slowTold time.Time // the last line about a slow target

	reason atomic.Pointer[error] // why it cannot write; see Ready
}

// New checks cfg and returns a sink; nothing is read or written before Run.
func New(cfg Config) (*Service, error) {
	if cfg.News == nil || cfg.Store == nil {
		return nil, errors.New("sink: News and Store are required")
	}
	cfg.Log = cmp.Or(cfg.Log, slog.Default())
	if cfg.Metrics == nil {
		cfg.Metrics = NewMetrics(nil)
	}
	s := &Service{cfg: cfg}
	s.unready(errStarting)
	return s, nil
}

// Run writes segments until ctx ends, or up to the sequence from Config.Until, and returns nil
// then. The segment that is open when ctx ends is given up: the next Run reads its records again.
// Any other return is a broken world, said in the error: nothing is lost. Errors wrap [ErrHistory],
// [ErrTrimmed], [ErrAhead] and those of package segment. While the disk is full Run waits.
func (s *Service) Run(ctx context.Context) error {
	err := s.run(ctx)
	if ctx.Err() != nil && errors.Is(err, context.Cause(ctx)) {
		return nil
	}
	return err
}

func (s *Service) run(ctx context.Context) (err error) {
	if err := s.open(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.w.Close()) }()
	for {
		if err := s.place(ctx); err != nil {
			return err
		}
		err := s.follow(ctx)
		gap, isGap := errors.AsType[bus.ErrGap](err)
		switch {
		case isGap && gap.Ahead():
			s.cfg.Log.Warn("NEWS lost its tail; its records will be read again", "lost_from", gap.Last+1, "lost_to", gap.Want-1)
			err = s.w.Abandon()
		case errors.Is(err, bus.ErrRewritten):
			return fmt.Errorf("%w: %w; write to a new directory, or restore the streams that belong to this one", ErrHistory, err)
		case mends(err):
			err = s.resume(ctx, err)
		}
		if err != nil || s.done() && s.finished {
			return err
		}
	}
}

// resume waits until the store can be read again and goes on behind the position that it has then:
// it may have done what it said it could not do.
func (s *Service) resume(ctx context.Context, cause error) error {
	for cause != nil {
		if !mends(cause) {
			return cause
		}
		if err := s.wait(ctx, cause); err != nil {
			return err
		}
		cause = s.w.Resume()
	}
	return nil
}

// open takes the store, and waits for it if it cannot be reached or has no space.
func (s *Service) open(ctx context.Context) error {
	st, err := s.cfg.News.State(ctx)
	if err != nil {
		return err
	}
	opt := s.cfg.Segment
	opt.First = cmp.Or(s.cfg.From, st.Begin)
	if quarter := st.Room / 4; s.cfg.Trim && quarter > 0 { // NEWS is trimmed behind whole segments alone
		opt.Bytes = min(cmp.Or(opt.Bytes, segment.DefaultBytes), quarter)
	}
	opt.Committed = s.committed
	for {
		if s.w, err = segment.Open(s.cfg.Store, opt); err == nil {
			break
		}
		if !errors.Is(err, segment.ErrUnavailable) && !isFull(err) {
			return err
		}
		if err := s.wait(ctx, err); err != nil {
			return err
		}
	}
	pos := s.w.Position()
	if pos.Chain == "" && s.cfg.From == 0 && st.Begin > 1 {
		s.cfg.Log.Warn("NEWS was made anew and the directory is empty: the records before it will be missing here; where they are in segments, go on in that directory",
			"to", s.cfg.Store.String(), "news_begins", st.Begin, "missing_from", 1, "missing_to", st.Begin-1)
	}
	s.cfg.Metrics.setCommitted(pos.Last)
	s.old = time.NewTimer(never)
	s.cfg.Log.Info("writing segments", "to", s.cfg.Store.String(), "from", pos.Last+1)
	return nil
}

// never is longer than any process runs.
const never = 1 << 62

// follow appends what NEWS has behind the position. It returns nil when a bounded run is done.
func (s *Service) follow(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	s.timed = 0
	in := make(chan fetched)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel(nil)
	from := s.w.Last() + 1
	wg.Go(func() { s.read(ctx, from, in) })
	for !s.done() {
		select {
		case f := <-in:
			if err := s.append(ctx, f); err != nil {
				return err
			}
		case <-s.old.C:
			if err := s.w.Commit(); err != nil {
				return err
			}
		case seq := <-s.cfg.Until:
			s.until = &seq
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if err := s.settle(ctx); err != nil {
			return err
		}
	}
	if err := s.w.Finish(); err != nil {
		return err
	}
	s.finished = true
	return s.settle(ctx)
}

// done tells whether everything that a bounded run asked for is appended.
func (s *Service) done() bool { return s.until != nil && s.w.Last() >= *s.until }

// fetched is the next messages of NEWS, or why there are none.
type fetched struct {
	msgs []bus.Message
	err  error
}

// read sends what NEWS has behind the position to out until ctx ends or an error was sent.
func (s *Service) read(ctx context.Context, from uint64, out chan<- fetched) {
	r := s.cfg.News.Reader(from, readBytes)
	defer r.Close() // gives up what was read ahead
	for {
		msgs, err := r.Next(ctx, batch)
		select {
		case out <- fetched{msgs, err}:
		case <-ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}

// append hands the messages to the writer, which commits the segments that are full.
func (s *Service) append(ctx context.Context, f fetched) error {
	if f.err != nil {
		return f.err
	}
	for i := range f.msgs {
		m := &f.msgs[i]
		if s.done() {
			break
		}
		kind, err := kindOf(m.Subject)
		if err != nil {
			return fmt.Errorf("message %d of NEWS: %w", m.Seq, err)
		}
		began := time.Now()
		err = s.w.Append(segment.Record{Kind: kind, Seq: m.Seq, Chain: m.Header[bus.HeaderChain], Line: m.Data})
		if errors.Is(err, segment.ErrRecord) {
			return fmt.Errorf("message %d of NEWS (%s) is no cleaner's record: let cleaners alone publish to clean.>, dup.> and dead.> "+
				"(permissions in deploy/users.conf), and begin a new -namespace, state and output directory: %w", m.Seq, m.Subject, err)
		}
		if err != nil {
			return err
		}
		s.watch(began)
	}
	return s.observe(ctx)
}

func kindOf(subject string) (segment.Kind, error) {
	switch bus.KindOf(subject) {
	case bus.Clean:
		return segment.Clean, nil
	case bus.Dup:
		return segment.Dup, nil
	case bus.Dead:
		return segment.Dead, nil
	}
	return 0, fmt.Errorf("subject %q is no verdict; something that is not a cleaner writes to NEWS", subject)
}

// settle sets the clock for a new segment and, when one was committed, makes sure that it belongs
// to NEWS as it is and trims NEWS behind it.
func (s *Service) settle(ctx context.Context) error {
	pos := s.w.Position()
	switch {
	case s.w.Pending() == 0:
		s.old.Reset(never)
	case s.cfg.Age > 0 && s.timed != pos.Last+1:
		s.old.Reset(s.cfg.Age)
		s.timed = pos.Last + 1
	}
	if s.checked == pos.Last {
		return nil
	}
	s.mended()
	if err := s.compare(ctx); err != nil {
		return err
	}
	if err := s.prune(); err != nil {
		return err
	}
	return s.trim(ctx)
}

// committed is called by the writer behind each segment.
func (s *Service) committed(m *segment.Manifest) {
	s.cfg.Metrics.count(m)
	s.cfg.Log.Debug("segment", "name", m.Name().String(), "clean", m.Records.Clean, "dup", m.Records.Dup, "dead", m.Records.Dead)
	if s.cfg.Segment.Committed != nil {
		s.cfg.Segment.Committed(m)
	}
}
