package ingester

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/sync/semaphore"

	"winnow/internal/bus"
	"winnow/internal/record"
)

// IntakeConfig says what an intake accepts.
type IntakeConfig struct {
	Raw *bus.Stream

	Source   string         // of records that name none; default "http"
	Token    string         // bearer token that requests must carry; "" = none is asked for
	Mapping  record.Mapping // of the producers' key names; nil = the built-in aliases
	MaxBody  int64          // bytes of a request's body after decompression; default 64 MiB
	MaxLine  int            // bytes of one line; default 32 MiB
	InFlight int64          // bytes of all requests being handled; default 256 MiB
	Linger   time.Duration  // how long a request waits for others to share its batch; default 3 ms
	Timeout  time.Duration  // from a request's first byte until it is stored; default a minute
	Metrics  *Metrics       // nil = not exported
	Log      *slog.Logger   // nil = slog.Default()
}

// Intake is the HTTP side of RAW:
//
//	POST /v1/documents   JSON lines, or one JSON object, plain or in gzip or zstd
//
// answers, when all are stored, one JSON line for each: line, id, seq, status, error. Requests
// that come at the same time share one atomic batch.
type Intake struct {
	cfg    IntakeConfig
	token  [sha256.Size]byte
	queue  chan *group
	flight *semaphore.Weighted
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
	cfg.MaxLine = cmp.Or(cfg.MaxLine, 32<<20)
	cfg.InFlight = max(cmp.Or(cfg.InFlight, 256<<20), cfg.MaxBody)
	cfg.Linger = cmp.Or(cfg.Linger, 3*time.Millisecond)
	cfg.Timeout = cmp.Or(cfg.Timeout, time.Minute)
	cfg.Log = cmp.Or(cfg.Log, slog.Default())
	if cfg.Metrics == nil {
		cfg.Metrics = NewMetrics(nil)
	}
	return &Intake{
		cfg: cfg, token: sha256.Sum256([]byte(cfg.Token)), queue: make(chan *group),
		flight: semaphore.NewWeighted(cfg.InFlight),
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

// store publishes the groups' messages and tells each what became of its own.
func (in *Intake) store(ctx context.Context, groups []*group) {
	var msgs []bus.Message
	for _, g := range groups {
		msgs = append(msgs, g.msgs...)
	}
	ctx, cancel := context.WithTimeout(ctx, in.cfg.Timeout)
	defer cancel()
	seqs, err := publish(ctx, in.cfg.Raw, msgs, false)
	for _, g := range groups {
		n := min(len(g.msgs), len(seqs))
		g.seqs, seqs = seqs[:n], seqs[n:]
		if n < len(g.msgs) {
			g.err = err
		}
		close(g.done)
	}
}

// ServeHTTP answers POST /v1/documents.
func (in *Intake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	results, err := in.handle(w, r)
	code := http.StatusOK
	if err != nil {
		code = err.code
	}
	in.cfg.Metrics.requests.WithLabelValues(strconv.Itoa(code)).Inc()
	h := w.Header()
	if err != nil && err.retry {
		h.Set("Retry-After", "1")
	}
	if code == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", "Bearer")
	}
	if results == nil {
		http.Error(w, err.Error(), code)
		return
	}
	h.Set("Content-Type", "application/x-ndjson")
	w.WriteHeader(code)
	for i := range results {
		line, err := json.Marshal(&results[i])
		if err != nil {
			panic(fmt.Sprintf("ingester: %v", err)) // numbers and valid strings: cannot fail
		}
		if _, err := w.Write(append(line, '\n')); err != nil {
			return // the client went away; it will ask again
		}
	}
}

// httpError is an answer other than 200.
type httpError struct {
	code  int
	text  string
	retry bool // the same request may work later
}

func (e *httpError) Error() string { return e.text }

// handle reads, stores and answers one request. The results are nil when nothing was tried.
func (in *Intake) handle(w http.ResponseWriter, r *http.Request) ([]Result, *httpError) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return nil, &httpError{code: http.StatusMethodNotAllowed, text: "send POST"}
	}
	if !in.authorized(r) {
		return nil, &httpError{code: http.StatusUnauthorized, text: "send the header Authorization: Bearer TOKEN"}
	}
	// What a request may take is reserved before its body is read.
	weight := in.cfg.MaxBody
	if r.ContentLength >= 0 && r.Header.Get("Content-Encoding") == "" {
		weight = min(r.ContentLength, in.cfg.MaxBody)
	}
	if !in.flight.TryAcquire(weight) {
		return nil, &httpError{http.StatusTooManyRequests, "too many requests in flight; try again", true}
	}
	defer in.flight.Release(weight)
	in.cfg.Metrics.inFlight.Add(float64(weight))
	defer in.cfg.Metrics.inFlight.Sub(float64(weight))
	body, bad := in.body(w, r)
	if bad != nil {
		return nil, bad
	}
	source := cmp.Or(r.URL.Query().Get("source"), in.cfg.Source)
	g, results, bad := in.read(body, source)
	if bad != nil {
		return nil, bad
	}
	ctx, cancel := context.WithTimeout(r.Context(), in.cfg.Timeout)
	defer cancel()
	select {
	case in.queue <- g:
	case <-ctx.Done():
		return nil, &httpError{http.StatusServiceUnavailable, "the broker does not answer; nothing was stored, try again", true}
	}
	select {
	case <-g.done:
	case <-ctx.Done():
		return nil, &httpError{http.StatusServiceUnavailable, "the broker does not answer; try again: what was stored already will be a duplicate", true}
	}
	return results, in.settle(g, results)
}

// authorized compares the bearer token in constant time.
func (in *Intake) authorized(r *http.Request) bool {
	if in.cfg.Token == "" {
		return true
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	got := sha256.Sum256([]byte(strings.TrimSpace(token)))
	return subtle.ConstantTimeCompare(got[:], in.token[:]) == 1 && strings.EqualFold(scheme, "Bearer")
}

// body reads the request's body, decompressed, up to MaxBody.
func (in *Intake) body(w http.ResponseWriter, r *http.Request) ([]byte, *httpError) {
	kind, _, err := mime.ParseMediaType(cmp.Or(r.Header.Get("Content-Type"), "application/x-ndjson"))
	switch {
	case err != nil:
		return nil, &httpError{code: http.StatusUnsupportedMediaType, text: "Content-Type: " + err.Error()}
	case !strings.Contains(kind, "json") && kind != "text/plain" && kind != "application/x-www-form-urlencoded":
		return nil, &httpError{code: http.StatusUnsupportedMediaType, text: "Content-Type " + kind + ": send application/x-ndjson (JSON lines) or application/json"}
	}
	var body io.Reader = http.MaxBytesReader(w, r.Body, in.cfg.MaxBody)
	switch encoding := r.Header.Get("Content-Encoding"); encoding {
	case "", "identity":
	case "gzip":
		body, err = gzip.NewReader(body)
	case "zstd":
		var d *zstd.Decoder
		if d, err = zstd.NewReader(body, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(8<<20)); err == nil {
			defer d.Close()
			body = d
		}
	default:
		return nil, &httpError{code: http.StatusUnsupportedMediaType, text: fmt.Sprintf("Content-Encoding %q: send gzip, zstd or none", encoding)}
	}
	if err != nil {
		return nil, &httpError{code: http.StatusBadRequest, text: "body: " + err.Error()}
	}
	data, err := io.ReadAll(io.LimitReader(body, in.cfg.MaxBody+1))
	if _, large := errors.AsType[*http.MaxBytesError](err); large || int64(len(data)) > in.cfg.MaxBody {
		return nil, &httpError{code: http.StatusRequestEntityTooLarge, text: fmt.Sprintf("the body is larger than %d bytes; send fewer lines", in.cfg.MaxBody)}
	}
	if err != nil {
		return nil, &httpError{code: http.StatusBadRequest, text: "body: " + err.Error()}
	}
	return data, nil
}

// read makes messages of the body's lines; an empty line is none. A line that is no record
// becomes a message all the same.
func (in *Intake) read(body []byte, source string) (*group, []Result, *httpError) {
	g := &group{done: make(chan struct{})}
	var results []Result
	now, number := time.Now(), 0
	for line := range lines(body) {
		number++
		if len(line) == 0 {
			continue
		}
		if len(line) > in.cfg.MaxLine {
			return nil, nil, &httpError{code: http.StatusRequestEntityTooLarge, text: fmt.Sprintf("line %d has %d bytes, more than %d; nothing was stored", number, len(line), in.cfg.MaxLine)}
		}
		res := Result{Line: number, Status: StatusStored}
		var m bus.Message
		if raw, err := record.ParseRaw(line, in.cfg.Mapping); err != nil {
			res.Status, res.Error = StatusMalformed, strings.ToValidUTF8(err.Error(), "\uFFFD")
			m = malformed(source, bytes.Clone(line), fmt.Sprintf("line %d of a request", number), err)
		} else {
			raw.Complete(source, now)
			res.ID, m = raw.ID, message(&raw)
		}
		g.msgs, results = append(g.msgs, m), append(results, res)
		g.size += len(m.Data)
	}
	if len(g.msgs) == 0 {
		return nil, nil, &httpError{code: http.StatusBadRequest, text: "the body has no line; send JSON lines"}
	}
	return g, results, nil
}

// lines yields the body's lines. A body that is one JSON object over several lines is one line.
func lines(body []byte) func(yield func([]byte) bool) {
	return func(yield func([]byte) bool) {
		if first, _, more := bytes.Cut(bytes.TrimSpace(body), []byte("\n")); more && len(bytes.TrimSpace(first)) == 1 {
			yield(bytes.TrimSpace(body)) // "{" alone: pretty-printed
			return
		}
		for line := range bytes.SplitSeq(bytes.TrimSuffix(body, []byte("\n")), []byte("\n")) {
			if !yield(bytes.TrimSpace(line)) {
				return
			}
		}
	}
}

// settle fills in the sequences and says why lines are missing, if some are.
func (in *Intake) settle(g *group, results []Result) *httpError {
	for i := range results {
		if i < len(g.seqs) {
			results[i].Seq = g.seqs[i]
			kind := "record"
			if results[i].Status == StatusMalformed {
				kind = "malformed"
			}
			in.cfg.Metrics.documents.WithLabelValues("http", kind).Inc()
			continue
		}
		results[i].Status, results[i].Error = StatusRefused, g.err.Error()
	}
	switch {
	case g.err == nil:
		return nil
	case errors.Is(g.err, bus.ErrFull):
		in.cfg.Metrics.refused.Add(float64(len(results) - len(g.seqs)))
		return &httpError{http.StatusTooManyRequests, g.err.Error(), true}
	}
	in.cfg.Log.Error("documents from HTTP not stored", "documents", len(results)-len(g.seqs), "error", g.err)
	return &httpError{http.StatusServiceUnavailable, g.err.Error(), true}
}
