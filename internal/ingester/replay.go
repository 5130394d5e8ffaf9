package ingester

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/cespare/xxhash/v2"

	"winnow/internal/batch"
	"winnow/internal/bus"
	"winnow/internal/source"
)

var (
	// ErrChanged is wrapped when an input is not what it was when a part of it was stored.
	ErrChanged = errors.New("input has changed since it was replayed")
	// ErrConcurrent is wrapped when two replays of one input run at once.
	ErrConcurrent = errors.New("another replay of this input is running")
)

// ReplayConfig says what a replay reads.
type ReplayConfig struct {
	Bus    *bus.Bus
	Raw    *bus.Stream
	Inputs []string // in this order, which is RAW's order

	Source  string         // of records that name none; default the input's name without its endings
	Added   time.Time      // time of intake of every record; default the clock's
	Options source.Options // how inputs are read
	Workers int            // goroutines that encode; default the number of CPUs
	Log     *slog.Logger   // nil = slog.Default()
	Metrics *Metrics       // nil = not exported
}

// Replay brings a list of inputs into RAW. It runs once.
type Replay struct {
	cfg         ReplayConfig
	checkpoints *bus.Checkpoints
	progress    Progress
}

// Progress counts what a running replay has done; it may be read at any time.
type Progress struct {
	Inputs    atomic.Int64 // finished
	Documents atomic.Int64 // stored by this run
	Skipped   atomic.Int64 // stored by an earlier run
}

// Bounds of one published batch.
const (
	batchDocs  = 1000
	batchBytes = 8 << 20
	batchWait  = 100 * time.Millisecond // for a slow input
)

// NewReplay checks cfg; nothing is read before Run.
func NewReplay(cfg ReplayConfig) (*Replay, error) {
	if cfg.Bus == nil || cfg.Raw == nil || len(cfg.Inputs) == 0 {
		return nil, errors.New("ingester: Bus, Raw and Inputs are required")
	}
	cfg.Workers = cmp.Or(cfg.Workers, runtime.GOMAXPROCS(0))
	cfg.Log = cmp.Or(cfg.Log, slog.Default())
	if cfg.Metrics == nil {
		cfg.Metrics = NewMetrics(nil)
	}
	if cfg.Options.Skipped == nil {
		cfg.Options.Skipped = func(path, reason string) { cfg.Log.Warn("file left out", "path", path, "reason", reason) }
	}
	return &Replay{cfg: cfg}, nil
}

// Progress returns the running counts.
func (r *Replay) Progress() *Progress { return &r.progress }

// Run replays the inputs one after the other and returns when all are stored. Ended by ctx, or
// killed, it continues at the next Run with the first document that is not in RAW. While RAW is
// full it waits. Errors wrap [ErrChanged], [ErrConcurrent] and those of package source.
func (r *Replay) Run(ctx context.Context) (err error) {
	if r.checkpoints, err = r.cfg.Bus.Checkpoints(ctx); err != nil {
		return err
	}
	for _, name := range r.cfg.Inputs {
		if err := r.input(ctx, name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		r.progress.Inputs.Add(1)
	}
	return nil
}

// position is the place in one input.
type position struct {
	bus.Checkpoint
	rev uint64
}

// input replays one input from where it was.
func (r *Replay) input(ctx context.Context, name string) error {
	stamp, err := source.Stamp(ctx, name)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	src, err := source.Open(ctx, name, r.cfg.Options)
	if err != nil {
		return err
	}
	defer src.Close()
	pos, err := r.resume(ctx, src.Key(), name)
	if err != nil {
		return err
	}
	if pos.Done && stamp != "" && stamp == pos.Stamp {
		r.progress.Skipped.Add(int64(pos.Count))
		return nil
	}
	stored, err := r.stored(ctx, pos)
	if err != nil {
		return err
	}
	docs := stream(ctx, src)
	if err := r.skip(ctx, docs, pos, stored); err != nil {
		return err
	}
	pos.Stamp, pos.Done = stamp, false
	for !pos.Done {
		chunk, end, err := collect(ctx, docs)
		if err != nil {
			return err
		}
		if err := r.store(ctx, pos, chunk, end); err != nil {
			return err
		}
	}
	return nil
}

// resume loads the input's checkpoint, or makes one that keeps RAW from being trimmed past here.
func (r *Replay) resume(ctx context.Context, key, name string) (*position, error) {
	cp, rev, err := r.checkpoints.Load(ctx, key)
	if err == nil {
		return &position{cp, rev}, nil
	}
	if !errors.Is(err, bus.ErrNotFound) {
		return nil, err
	}
	st, err := r.cfg.Raw.State(ctx)
	if err != nil {
		return nil, err
	}
	pos := &position{Checkpoint: bus.Checkpoint{Input: key, Path: name, Seq: st.Last}}
	return pos, r.checkpoint(ctx, pos)
}

func (r *Replay) checkpoint(ctx context.Context, pos *position) (err error) {
	pos.Updated = time.Now().UTC()
	if pos.rev, err = r.checkpoints.Store(ctx, pos.Input, pos.Checkpoint, pos.rev); errors.Is(err, bus.ErrConflict) {
		return fmt.Errorf("%w: stop one of them", ErrConcurrent)
	}
	return err
}

// stored returns how many documents of the input RAW holds: those of the checkpoint, and what a
// killed run published after it.
func (r *Replay) stored(ctx context.Context, pos *position) (uint64, error) {
	count := pos.Count
	if pos.Done {
		return count, nil
	}
	st, err := r.cfg.Raw.State(ctx)
	if err != nil {
		return 0, err
	}
	if st.First > pos.Seq+1 && st.Last > pos.Seq {
		return 0, fmt.Errorf("RAW begins at %d, but what this replay stored last lies behind %d: it was trimmed by hand, and whether "+
			"more was stored cannot be told; delete the checkpoint %q to replay the input from its beginning", st.First, pos.Seq, pos.Input)
	}
	reader := r.cfg.Raw.Reader(pos.Seq+1, 0)
	defer reader.Close()
	for seq := pos.Seq; seq < st.Last; {
		msgs, err := reader.Next(ctx, 0)
		if gap, ok := errors.AsType[bus.ErrGap](err); ok && gap.Missing() {
			reader.Close()
			seq = gap.Want
			reader = r.cfg.Raw.Reader(seq+1, 0)
			continue
		}
		if err != nil {
			return 0, err
		}
		for i := range msgs {
			seq = msgs[i].Seq
			if msgs[i].Header[bus.HeaderInput] != pos.Input {
				continue
			}
			if n, err := strconv.ParseUint(msgs[i].Header[bus.HeaderIndex], 10, 64); err == nil && n >= count {
				count, pos.Seq = n+1, seq
			}
		}
	}
	return count, nil
}

// skip reads past the documents that are stored and checks on the way that they are those of the
// checkpoint.
func (r *Replay) skip(ctx context.Context, docs <-chan item, pos *position, stored uint64) error {
	digest, recorded := uint64(0), pos.Count
	for n := uint64(0); n < stored; n++ {
		it, ok := <-docs
		if !ok && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if it.err != nil || !ok {
			return fmt.Errorf("%w: document %d of %d that were stored cannot be read again (%w); put the input back as it was, "+
				"or replay it under another name", ErrChanged, n+1, stored, cmp.Or(it.err, io.ErrUnexpectedEOF))
		}
		digest = chain(digest, &it.doc)
		if n+1 == recorded && digest != pos.Digest {
			return fmt.Errorf("%w: its first %d documents are not those that were stored; put the input back as it was, "+
				"or replay it under another name", ErrChanged, recorded)
		}
	}
	pos.Count, pos.Digest = stored, digest
	r.progress.Skipped.Add(int64(stored))
	return nil
}

// chain extends the digest of an input's documents by one.
func chain(digest uint64, d *source.Document) uint64 {
	var h xxhash.Digest
	h.ResetWithSeed(digest)
	h.WriteString(d.Path)
	h.Write([]byte{0})
	h.Write(d.Data)
	return h.Sum64()
}

// store publishes a chunk and then moves the checkpoint behind it.
func (r *Replay) store(ctx context.Context, pos *position, chunk []source.Document, end bool) error {
	first := pos.Count
	for i := range chunk {
		pos.Digest = chain(pos.Digest, &chunk[i])
	}
	now := r.cfg.Added
	if now.IsZero() {
		now = time.Now()
	}
	name := cmp.Or(r.cfg.Source, source.Name(pos.Path))
	msgs, err := batch.Map(ctx, r.cfg.Workers, chunk, func(d source.Document) bus.Message {
		raw, err := d.Raw()
		if err != nil {
			return malformed(name, d.Data, d.Where(), err)
		}
		raw.Complete(name, now)
		return message(&raw)
	})
	if err != nil {
		return err
	}
	for i := range msgs {
		msgs[i].Header[bus.HeaderInput] = pos.Input
		msgs[i].Header[bus.HeaderIndex] = strconv.FormatUint(first+uint64(i), 10)
	}
	seqs, err := publish(ctx, r.cfg.Raw, msgs, true)
	if err != nil {
		return err
	}
	if len(seqs) > 0 {
		pos.Seq = seqs[len(seqs)-1]
	}
	pos.Count, pos.Done = first+uint64(len(chunk)), end
	r.progress.Documents.Add(int64(len(chunk)))
	r.cfg.Metrics.replayed(msgs)
	return r.checkpoint(ctx, pos)
}

// item is a document, or why there is none.
type item struct {
	doc source.Document
	err error
}

// stream reads src ahead of whoever takes the documents. The channel is closed at the end.
func stream(ctx context.Context, src *source.Source) <-chan item {
	docs := make(chan item, 64)
	go func() {
		defer close(docs)
		for {
			doc, err := src.Next()
			doc.Data = bytes.Clone(doc.Data) // the source reads on while the batch waits
			if errors.Is(err, io.EOF) {
				return
			}
			select {
			case docs <- item{doc, err}:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return docs
}

// collect takes what makes a batch; end says that the input is at its end.
func collect(ctx context.Context, docs <-chan item) (chunk []source.Document, end bool, err error) {
	size := 0
	var patience <-chan time.Time
	for len(chunk) < batchDocs && size < batchBytes {
		select {
		case it, ok := <-docs:
			if !ok {
				return chunk, ctx.Err() == nil, ctx.Err()
			}
			if it.err != nil {
				return nil, false, it.err
			}
			if len(chunk) == 0 {
				patience = time.After(batchWait)
			}
			chunk = append(chunk, it.doc)
			size += len(it.doc.Data)
		case <-patience:
			return chunk, false, nil
		case <-ctx.Done():
			return nil, false, ctx.Err()
		}
	}
	return chunk, false, nil
}
