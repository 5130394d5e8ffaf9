package ingester

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"winnow/internal/bus"
	"winnow/internal/record"
)

// MaxLine is the default of IntakeConfig.MaxLine, in bytes.
const MaxLine = 32 << 20

// IntakeConfig says what an intake accepts.
type IntakeConfig struct {
	Raw *bus.Stream

	Source   string         // of records that name none; default "http"
	Token    string         // bearer token that requests must carry; "" = none is asked for
	Mapping  record.Mapping // of the producers' key names; nil = the built-in aliases
	MaxBody  int64          // bytes of a request's body after decompression; default 64 MiB
	MaxLine  int            // bytes of one line; a longer one becomes a dead record; default MaxLine
	InFlight int64          // bytes of all requests being handled: bodies, decompressed, and the messages made of them; default 512 MiB, and never less than four times MaxBody
	Linger   time.Duration  // how long a request waits for others to share its batch; default 3 ms
	Timeout  time.Duration  // from a request's first byte until it is stored; default a minute
	Metrics  *Metrics       // nil = not exported
	Log      *slog.Logger   // nil = slog.Default()
}

// Intake is the HTTP side of RAW:
//
//	POST /v1/documents[?source=NAME]   JSON lines, or one JSON object; plain, gzip or zstd
//	POST /v1/documents?url=URL         Content-Type text/html: one page
//
// answers, when all are stored, one JSON line for each: line, id, seq, status, error. Requests
// that come at the same time share one atomic batch.
type Intake struct {
	cfg      IntakeConfig
	token    [sha256.Size]byte
	queue    chan *group
	flight   atomic.Int64 // bytes of all reservations
	paceTime time.Duration
}

// Status of one line of a request.
const (
	StatusStored    = "stored"    // it is in RAW
	StatusMalformed = "malformed" // it is in RAW, and will become a dead record
	StatusRefused   = "refused"   // it is not in RAW; send it again
)

// Result is the answer to one line.
type Result struct {
	Line   int    `json:"line"` // from 1
	ID     string `json:"id"`
	Seq    uint64 `json:"seq"` // in RAW; 0 when it was refused
	Status string `json:"status"`
	Error  string `json:"error"`
}

// group is one request on its way to storage.
type group struct {
	msgs []bus.Message
	size int
	done chan struct{} // closed when seqs and err are set
	seqs []uint64      // of msgs[:len(seqs)], which are stored
	err  error
}

// NewIntake checks cfg. Requests are answered while Run runs.
func NewIntake(cfg IntakeConfig) (*Intake, error) {
	if cfg.Raw == nil {
		return nil, errors.New("ingester: Raw is required")
	}
	cfg.Source = cmp.Or(cfg.Source, "http")
	cfg.MaxBody = cmp.Or(cfg.MaxBody, 64<<20)
	cfg.MaxLine = cmp.Or(cfg.MaxLine, MaxLine)
	cfg.InFlight = max(cmp.Or(cfg.InFlight, 512<<20), (mostWindow+4*cfg.MaxBody+1)*keptShare/(keptShare-1)+keptShare)
	cfg.Linger = cmp.Or(cfg.Linger, 3*time.Millisecond)
	cfg.Timeout = cmp.Or(cfg.Timeout, time.Minute)
	cfg.Log = cmp.Or(cfg.Log, slog.Default())
	if cfg.Metrics == nil {
		cfg.Metrics = NewMetrics(nil)
	}
	return &Intake{
		cfg: cfg, token: sha256.Sum256([]byte(cfg.Token)), queue: make(chan *group), paceTime: paceTime,
	}, nil
}

// Run stores what the requests bring until ctx ends; stop the HTTP server first, so that its last
// requests are stored.
func (in *Intake) Run(ctx context.Context) error {
	for {
		select {
		case first := <-in.queue:
			in.store(ctx, in.gather(first))
		case <-ctx.Done():
			return nil
		}
	}
}

// gather waits a little for requests that can share a batch with first.
func (in *Intake) gather(first *group) []*group {
	groups, docs, size := []*group{first}, len(first.msgs), first.size
	linger := time.After(in.cfg.Linger)
	for docs < batchDocs && size < batchBytes {
		select {
		case g := <-in.queue:
			groups, docs, size = append(groups, g), docs+len(g.msgs), size+g.size
		case <-linger:
			return groups
		}
	}
	return groups
}

// store publishes the groups' messages and tells each what became of its own. When RAW has no room for all of
// them together, each is tried alone.
func (in *Intake) store(ctx context.Context, groups []*group) {
	ctx, cancel := context.WithTimeout(ctx, in.cfg.Timeout)
	defer cancel()
	seqs, err := in.publish(ctx, groups)
	for _, g := range groups {
		g.seqs, seqs = seqs[:min(len(g.msgs), len(seqs))], seqs[min(len(g.msgs), len(seqs)):]
		if len(g.seqs) < len(g.msgs) {
			if len(g.seqs) == 0 && len(groups) > 1 && errors.Is(err, bus.ErrFull) {
				g.seqs, g.err = in.publish(ctx, []*group{g})
			} else {
				g.err = err
			}
		}
		if errors.Is(g.err, bus.ErrFull) {
			g.err = in.hopeless(ctx, g)
		}
		close(g.done)
	}
}

func (in *Intake) publish(ctx context.Context, groups []*group) (seqs []uint64, err error) {
	var msgs []bus.Message
	for _, g := range groups {
		msgs = append(msgs, g.msgs...)
	}
	err = fitting(msgs, func() (err error) {
		seqs, err = in.cfg.Raw.Publish(ctx, msgs)
		return err
	})
	return seqs, err
}

// hopeless returns g.err, or [ErrTooLarge] when what is left of g takes more than RAW may hold at all.
func (in *Intake) hopeless(ctx context.Context, g *group) error {
	st, err := in.cfg.Raw.State(ctx)
	if err != nil || st.Room <= 0 {
		return g.err
	}
	var size int64
	for i := range g.msgs[len(g.seqs):] {
		size += int64(len(g.msgs[len(g.seqs)+i].Data)) + overhead
	}
	if size <= st.Room {
		return g.err
	}
	return fmt.Errorf("the documents take %d bytes: %w, %d bytes: send fewer at once, or give RAW more (-raw-bytes, -store)", size, ErrTooLarge, st.Room)
}
