// Package web is the dashboard of `winnow serve`: one page that loads nothing from
// elsewhere and asks for a [Snapshot] once a second.
package web

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
)

// Snapshot is what the page shows. Counts are since Since. The zero value of a field is
// shown as nothing or 0.
type Snapshot struct {
	Now       time.Time `json:"now"`
	Since     time.Time `json:"since"`     // counts start here
	Version   string    `json:"version"`   // of the program
	Namespace string    `json:"namespace"` // "" = none

	Raw   uint64            `json:"raw"`   // documents taken in
	Clean uint64            `json:"clean"` // verdicts
	Dup   map[string]uint64 `json:"dup"`   // by kind: exact, near, contained
	Dead  map[string]uint64 `json:"dead"`  // by reason

	Removed map[string]uint64 `json:"removed"` // blocks of boilerplate by reason
	Langs   map[string]uint64 `json:"langs"`   // clean documents by language

	Stages []Stage  `json:"stages"` // in the order of the flow
	Store  Store    `json:"store"`  // of RAW
	Recent []Record `json:"recent"` // the last records, newest first; some tens
}

// Stage is one service and where it stands.
type Stage struct {
	Name     string `json:"name"`
	Position uint64 `json:"position"` // last sequence it has finished
	Lag      uint64 `json:"lag"`      // messages it has yet to do
	Ready    bool   `json:"ready"`
	Detail   string `json:"detail"` // why it is not ready, or what it is doing
}

// Store is the room of a stream in bytes. Max 0: no limit.
type Store struct {
	Bytes uint64 `json:"bytes"`
	Max   uint64 `json:"max"`
}

// Record is one verdict.
type Record struct {
	Seq     uint64 `json:"seq"`
	Verdict string `json:"verdict"` // clean, exact, near, contained or dead
	Site    string `json:"site"`
	Lang    string `json:"lang"`
	Title   string `json:"title"`
	URL     string `json:"url"`
	Detail  string `json:"detail"` // of a duplicate: of which record; of a dead one: why
}

//go:embed index.html
var page []byte

// Handler serves the page at / and the snapshot as JSON at /api/snapshot. snapshot is
// called for each poll, concurrently: it returns at once and does not wait for a broker.
func Handler(snapshot func() Snapshot) http.Handler {
	policy := contentPolicy(string(page))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-cache")
		w.Write(page) //nolint:errcheck // the browser went away
	})
	mux.HandleFunc("GET /api/snapshot", func(w http.ResponseWriter, _ *http.Request) {
		body, err := json.Marshal(snapshot(), json.Deterministic(true))
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		w.Write(body) //nolint:errcheck // the browser went away
	})
	return mux
}

// contentPolicy allows the page its own script and style, by their hashes, and requests
// to its own server; nothing else, whatever the titles of scraped pages contain.
func contentPolicy(page string) string {
	hash := func(tag string) string {
		_, rest, ok := strings.Cut(page, "<"+tag+">")
		body, _, closed := strings.Cut(rest, "</"+tag+">")
		if !ok || !closed {
			panic("web: the page has no <" + tag + ">")
		}
		sum := sha256.Sum256([]byte(body))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return fmt.Sprintf("default-src 'none'; script-src %s; style-src %s; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
		hash("script"), hash("style"))
}
