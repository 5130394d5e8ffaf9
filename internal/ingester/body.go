package ingester

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"iter"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"winnow/internal/bus"
	"winnow/internal/record"
	"winnow/internal/source"
)

// body reads the request's body, decompressed, up to MaxBody. What it takes is reserved first.
func (in *Intake) body(w http.ResponseWriter, r *http.Request, room *reservation) ([]byte, *httpError) {
	if bad := checkType(r); bad != nil {
		return nil, bad
	}
	pace := in.pace(w, r.Body)
	data, bad := in.unpack(http.MaxBytesReader(w, io.NopCloser(pace), in.cfg.MaxBody), r, room)
	if pace.stalled {
		bad = pace.errStalled()
	}
	if kind := source.Compression(data); bad == nil && kind != "" {
		return nil, &httpError{code: http.StatusUnsupportedMediaType, text: fmt.Sprintf("the body is %s data: send it with Content-Encoding: %s, once; nothing was stored", kind, kind)}
	}
	return data, bad
}

// unpack undoes the request's Content-Encoding.
func (in *Intake) unpack(body io.Reader, r *http.Request, room *reservation) ([]byte, *httpError) {
	switch encoding := strings.ToLower(r.Header.Get("Content-Encoding")); encoding {
	case "", "identity":
		return in.readBody(body, r.ContentLength, room)
	case "gzip":
		d, err := gzip.NewReader(body)
		if err != nil {
			return nil, badBody(err)
		}
		return in.readBody(d, -1, room)
	case "zstd":
		buffered := bufio.NewReader(body)
		room.fixed = zstdWindow(buffered)
		d, err := zstd.NewReader(buffered, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(uint64(room.fixed)))
		if err != nil {
			return nil, badBody(err)
		}
		defer d.Close()
		return in.readBody(d, -1, room)
	default:
		return nil, &httpError{code: http.StatusUnsupportedMediaType, text: fmt.Sprintf("Content-Encoding %q: send gzip, zstd or none", encoding)}
	}
}

// Bounds of what a zstd frame may ask of its reader, in bytes; the default levels ask for the lesser.
const leastWindow, mostWindow = 2 << 20, 8 << 20

// zstdWindow returns the memory that the first frame asks for, within bounds. A later frame that
// asks for more is refused by the decoder.
func zstdWindow(in *bufio.Reader) int64 {
	head, _ := in.Peek(zstd.HeaderMaxSize) // what is wrong will show when it is read
	var h zstd.Header
	if h.Decode(head) != nil || h.Skippable {
		return mostWindow
	}
	return int64(min(max(h.WindowSize, leastWindow), mostWindow))
}

func badBody(err error) *httpError {
	return &httpError{code: http.StatusBadRequest, text: "the body cannot be read: " + err.Error()}
}

func checkType(r *http.Request) *httpError {
	kind, _, err := mime.ParseMediaType(cmp.Or(r.Header.Get("Content-Type"), "application/x-ndjson"))
	switch {
	case err != nil:
		return &httpError{code: http.StatusUnsupportedMediaType, text: "Content-Type: " + err.Error()}
	case isPage(kind):
	case !strings.Contains(kind, "json") && kind != "text/plain" && kind != "application/x-www-form-urlencoded": // curl says so
		return &httpError{code: http.StatusUnsupportedMediaType, text: "Content-Type " + kind + ": send application/x-ndjson (JSON lines), application/json, or text/html"}
	}
	return nil
}

// isPage tells that the body is one page, and no JSON.
func isPage(kind string) bool { return kind == "text/html" || kind == "application/xhtml+xml" }

// page makes a message of a body that is one page. Its address is the query's url or the header
// Content-Location (RFC 9110, section 8.7), its id the query's id.
func (in *Intake) page(r *http.Request, q url.Values, body []byte, from string) (*group, []Result, *httpError) {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, nil, &httpError{code: http.StatusBadRequest, text: "the body is empty; send a page"}
	}
	if len(body) > record.MaxHTML {
		return nil, nil, &httpError{code: http.StatusRequestEntityTooLarge, text: fmt.Sprintf("the page has %d bytes, more than %d; nothing was stored", len(body), record.MaxHTML)}
	}
	if record.IsBinary(body) {
		return nil, nil, &httpError{code: http.StatusUnsupportedMediaType, text: "the body is neither a page nor a text; nothing was stored"}
	}
	raw := record.Raw{ID: q.Get("id"), URL: cmp.Or(q.Get("url"), r.Header.Get("Content-Location")), Metadata: jsontext.Value("{}")}
	if len(raw.ID) > record.MaxID || len(raw.URL) > record.MaxURL {
		return nil, nil, &httpError{code: http.StatusBadRequest, text: fmt.Sprintf("id or url: more than %d or %d bytes", record.MaxID, record.MaxURL)}
	}
	if !utf8.ValidString(raw.ID) || !utf8.ValidString(raw.URL) {
		return nil, nil, &httpError{code: http.StatusBadRequest, text: "id or url is not UTF-8; nothing was stored"}
	}
	raw.HTML, _ = record.DecodeText(body, r.Header.Get("Content-Type"))
	now := time.Now()
	raw.Complete(from, now, now)
	m := message(&raw)
	g := &group{msgs: []bus.Message{m}, size: len(m.Data), done: make(chan struct{})}
	return g, []Result{{Line: 1, ID: raw.ID, Status: StatusStored}}, nil
}

// readBody reads to the end; size is the length if it is known, or -1. It believes no announcement:
// room is taken for twice what has come.
func (in *Intake) readBody(body io.Reader, size int64, room *reservation) ([]byte, *httpError) {
	tooLarge := &httpError{code: http.StatusRequestEntityTooLarge, text: fmt.Sprintf("the body has more than %d bytes; send fewer lines at once", in.cfg.MaxBody)}
	if size > in.cfg.MaxBody {
		return nil, tooLarge
	}
	var buf []byte
	end := in.cfg.MaxBody + 1
	if size >= 0 {
		end = size + 1
	}
	for want := min(firstRoom, end); ; want = min(2*want, end) {
		if bad := room.grow(want); bad != nil {
			return nil, bad
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

// read makes messages of the body's documents, as far as there is room for them. One that is no record
// becomes a message all the same.
func (in *Intake) read(body []byte, source string, room *reservation) (*group, []Result, *httpError) {
	g := &group{done: make(chan struct{})}
	var results []Result
	now := time.Now()
	for number, line := range in.documents(body) {
		res := Result{Line: number, Status: StatusStored}
		var m bus.Message
		if raw, err := in.parse(line); err != nil {
			res.Status, res.Error = StatusMalformed, err.Error()
			m = malformed(source, bytes.Clone(in.kept(line)), int64(len(line)), fmt.Sprintf("line %d of a request", number), now, err)
		} else {
			raw.Complete(source, now, now)
			res.ID, m = raw.ID, message(&raw)
		}
		if bad := room.add(&m, &res); bad != nil {
			return nil, nil, bad
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

func (in *Intake) parse(line []byte) (record.Raw, error) {
	if len(line) > in.cfg.MaxLine {
		return record.Raw{}, &record.MalformedError{Reason: record.ReasonOversize, Detail: fmt.Sprintf("%d bytes, limit %d", len(line), in.cfg.MaxLine)}
	}
	return record.ParseRaw(line, in.cfg.Mapping)
}

// kept is what is stored of a line that is no record.
func (in *Intake) kept(line []byte) []byte {
	if len(line) > in.cfg.MaxLine {
		return line[:min(len(line), record.MaxDeadBytes)]
	}
	return line
}

// documents yields the lines that are not blank, with their numbers from 1. A body that is one
// JSON value over several lines is one, or a list of articles some of which are none; a line that holds several
// articles is several documents.
func (in *Intake) documents(body []byte) iter.Seq2[int, []byte] {
	return func(yield func(int, []byte) bool) {
		whole := bytes.TrimSpace(body)
		if first, _, more := bytes.Cut(whole, []byte("\n")); more && !isJSON(first) && (isJSON(whole) || record.Split(whole, in.cfg.Mapping) != nil) {
			in.yieldParts(1, whole, yield)
			return
		}
		number := 0
		for line := range bytes.SplitSeq(body, []byte("\n")) {
			number++
			if line = bytes.TrimSpace(line); len(line) > 0 && !in.yieldParts(number, line, yield) {
				return
			}
		}
	}
}

func (in *Intake) yieldParts(number int, line []byte, yield func(int, []byte) bool) bool {
	parts := record.Split(line, in.cfg.Mapping)
	if parts == nil {
		return yield(number, line)
	}
	for _, part := range parts {
		if !yield(number, part) {
			return false
		}
	}
	return true
}

func isJSON(data []byte) bool {
	return jsontext.Value(data).IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}
