package ingester

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"

	"winnow/internal/bus"
	"winnow/internal/record"
)

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
	if bad := in.authorize(r); bad != nil {
		return nil, bad
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")) // what is wrong shows when the body is read
	query, bad := parseQuery(r.URL.RawQuery, isPage(kind))
	if bad != nil {
		return nil, bad
	}
	source := cmp.Or(query.Get("source"), in.cfg.Source)
	if len(source) > record.MaxSource || !utf8.ValidString(source) {
		return nil, &httpError{code: http.StatusBadRequest, text: fmt.Sprintf("source: more than %d bytes, or not UTF-8", record.MaxSource)}
	}
	room := &reservation{in: in}
	defer room.release()
	body, bad := in.body(w, r, room)
	if bad != nil {
		return nil, bad
	}
	read := in.read
	if isPage(kind) {
		read = func(body []byte, source string, _ *reservation) (*group, []Result, *httpError) {
			return in.page(r, query, body, source)
		}
	}
	g, results, bad := read(body, source, room)
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
	case errors.Is(g.err, ErrTooLarge):
		in.cfg.Metrics.refused.Add(float64(len(results) - len(g.seqs)))
		return &httpError{code: http.StatusRequestEntityTooLarge, text: g.err.Error()}
	case errors.Is(g.err, bus.ErrFull):
		in.cfg.Metrics.refused.Add(float64(len(results) - len(g.seqs)))
		return &httpError{http.StatusTooManyRequests, g.err.Error(), true}
	}
	in.cfg.Log.Error("documents from HTTP not stored", "documents", len(results)-len(g.seqs), "error", g.err)
	return &httpError{http.StatusServiceUnavailable, g.err.Error(), true}
}

// authorize compares the bearer token in constant time. What it answers says nothing of either token.
func (in *Intake) authorize(r *http.Request) *httpError {
	if in.cfg.Token == "" {
		return nil
	}
	header := r.Header.Get("Authorization")
	if header == "" {
		return &httpError{code: http.StatusUnauthorized, text: "no token: send the header Authorization: Bearer TOKEN"}
	}
	scheme, token, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return &httpError{code: http.StatusUnauthorized, text: "no bearer token: send the header Authorization: Bearer TOKEN"}
	}
	got := sha256.Sum256([]byte(strings.TrimSpace(token)))
	if subtle.ConstantTimeCompare(got[:], in.token[:]) != 1 {
		return &httpError{code: http.StatusUnauthorized, text: "wrong token: it is not the one of the intake's -http-token-file"}
	}
	return nil
}

// parseQuery reads the query of a request, of one page or of JSON lines. A key that means nothing there is refused:
// what its sender meant by it would be lost without a word.
func parseQuery(raw string, page bool) (url.Values, *httpError) {
	q, err := url.ParseQuery(raw)
	if err != nil {
		return nil, &httpError{code: http.StatusBadRequest, text: "the query cannot be read: " + err.Error()}
	}
	for _, key := range slices.Sorted(maps.Keys(q)) {
		if key == "source" || page && (key == "url" || key == "id") {
			continue
		}
		return nil, &httpError{code: http.StatusBadRequest, text: fmt.Sprintf("query key %q: there are source and, of a page (Content-Type: text/html), url and id; nothing was stored", key)}
	}
	return q, nil
}
