package ingester

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"iter"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"winnow/internal/bus"
	"winnow/internal/record"
)

// reservation is a request's part of IntakeConfig.InFlight.
type reservation struct {
	in *Intake
	n  int64
}

// grow makes the reservation n bytes, or reports that there is no room.
func (r *reservation) grow(n int64) bool {
	if !r.in.flight.TryAcquire(n - r.n) {
		return false
	}
	r.in.cfg.Metrics.inFlight.Add(float64(n - r.n))
	r.n = n
	return true
}

func (r *reservation) release() {
	r.in.flight.Release(r.n)
	r.in.cfg.Metrics.inFlight.Sub(float64(r.n))
}

// body reads the request's body, decompressed, up to MaxBody. What it takes is reserved first.
func (in *Intake) body(w http.ResponseWriter, r *http.Request, room *reservation) ([]byte, *httpError) {
	if bad := checkType(r); bad != nil {
		return nil, bad
	}
	var body io.Reader = http.MaxBytesReader(w, r.Body, in.cfg.MaxBody)
	var err error
	size := r.ContentLength
	switch encoding := strings.ToLower(r.Header.Get("Content-Encoding")); encoding {
	case "", "identity":
	case "gzip":
		body, err = gzip.NewReader(body)
		size = -1
	case "zstd":
		var d *zstd.Decoder
		if d, err = zstd.NewReader(body, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(8<<20)); err == nil {
			defer d.Close()
			body = d
		}
		size = -1
	default:
		return nil, &httpError{code: http.StatusUnsupportedMediaType, text: fmt.Sprintf("Content-Encoding %q: send gzip, zstd or none", encoding)}
	}
	if err != nil {
		return nil, badBody(err)
	}
	return in.readBody(body, size, room)
}

func badBody(err error) *httpError {
	return &httpError{code: http.StatusBadRequest, text: "the body cannot be read: " + err.Error()}
}

func checkType(r *http.Request) *httpError {
	kind, _, err := mime.ParseMediaType(cmp.Or(r.Header.Get("Content-Type"), "application/x-ndjson"))
	switch {
	case err != nil:
		return &httpError{code: http.StatusUnsupportedMediaType, text: "Content-Type: " + err.Error()}
	case !strings.Contains(kind, "json") && kind != "text/plain" && kind != "application/x-www-form-urlencoded": // curl says so
		return &httpError{code: http.StatusUnsupportedMediaType, text: "Content-Type " + kind + ": send application/x-ndjson (JSON lines) or application/json"}
	}
	return nil
}

// readBody reads to the end; size is the length if it is known, or -1.
func (in *Intake) readBody(body io.Reader, size int64, room *reservation) ([]byte, *httpError) {
	tooLarge := &httpError{code: http.StatusRequestEntityTooLarge, text: fmt.Sprintf("the body has more than %d bytes; send fewer lines at once", in.cfg.MaxBody)}
	if size > in.cfg.MaxBody {
		return nil, tooLarge
	}
	var buf []byte
	for want := cmp.Or(max(size+1, 0), 64<<10); ; want = min(2*want, in.cfg.MaxBody+1) {
		if !room.grow(want) {
			return nil, &httpError{http.StatusTooManyRequests, "too many requests are being handled; try again", true}
		}
		buf = slices.Grow(buf, int(want)-len(buf))[:len(buf)]
		for len(buf) < int(want) {
			n, err := body.Read(buf[len(buf):want])
			buf = buf[:len(buf)+n]
			switch _, large := errors.AsType[*http.MaxBytesError](err); {
			case large || int64(len(buf)) > in.cfg.MaxBody:
				return nil, tooLarge
			case err == io.EOF:
				return buf, nil
			case err != nil:
				return nil, badBody(err)
			}
		}
	}
}

// read makes messages of the body's documents. One that is no record becomes a message all the
// same.
func (in *Intake) read(body []byte, source string) (*group, []Result, *httpError) {
	g := &group{done: make(chan struct{})}
	var results []Result
	now := time.Now()
	for number, line := range documents(body) {
		if len(line) > in.cfg.MaxLine {
			return nil, nil, &httpError{code: http.StatusRequestEntityTooLarge, text: fmt.Sprintf("line %d has %d bytes, more than %d; nothing was stored", number, len(line), in.cfg.MaxLine)}
		}
		res := Result{Line: number, Status: StatusStored}
		var m bus.Message
		if raw, err := record.ParseRaw(line, in.cfg.Mapping); err != nil {
			res.Status, res.Error = StatusMalformed, err.Error()
			m = malformed(source, bytes.Clone(line), int64(len(line)), fmt.Sprintf("line %d of a request", number), now, err)
		} else {
			raw.Complete(source, now)
			res.ID, m = raw.ID, message(&raw)
		}
		g.msgs, results = append(g.msgs, m), append(results, res)
		g.size += len(m.Data)
	}
	switch {
	case len(g.msgs) == 0:
		return nil, nil, &httpError{code: http.StatusBadRequest, text: "the body has no line; send JSON lines"}
	case bytes.HasPrefix(bytes.TrimSpace(body), []byte("[")):
		return nil, nil, &httpError{code: http.StatusBadRequest, text: "the body is a JSON list; send JSON lines: one object a line"}
	}
	return g, results, nil
}

// documents yields the lines that are not blank, with their numbers from 1. A body that is one
// JSON value over several lines is one.
func documents(body []byte) iter.Seq2[int, []byte] {
	return func(yield func(int, []byte) bool) {
		whole := bytes.TrimSpace(body)
		if first, _, more := bytes.Cut(whole, []byte("\n")); more && !isJSON(first) && isJSON(whole) {
			yield(1, whole)
			return
		}
		number := 0
		for line := range bytes.SplitSeq(body, []byte("\n")) {
			number++
			if line = bytes.TrimSpace(line); len(line) > 0 && !yield(number, line) {
				return
			}
		}
	}
}

func isJSON(data []byte) bool {
	return jsontext.Value(data).IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}
