package ingester

import (
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"winnow/internal/bus"
	"winnow/internal/record"
	"winnow/internal/source"
)

// What takes more than all of RAW is refused for good; what only has to wait is told to.
func TestLargerThanRaw(t *testing.T) {
	_, raw := openBus(t, bus.StreamConfig{MaxBytes: 64 << 10})
	_, url := serve(t, IntakeConfig{Raw: raw})
	line := func(n int) string { return fmt.Sprintf(`{"text":%q}`+"\n", strings.Repeat("x", n)) }
	if a := post(t, url, strings.NewReader(line(20<<10)+line(20<<10)+line(20<<10)+line(20<<10))); a.code != http.StatusRequestEntityTooLarge || !strings.Contains(a.results[0].Error, "-raw-bytes") {
		t.Errorf("a batch: %d %+v", a.code, a.results)
	}
	if a := post(t, url, strings.NewReader(line(20<<10))); a.code != http.StatusOK {
		t.Errorf("what fits: %d %s", a.code, a.text)
	}
	if a := post(t, url, strings.NewReader(line(30<<10)+line(28<<10))); a.code != http.StatusTooManyRequests || a.header.Get("Retry-After") == "" {
		t.Errorf("what would fit: %d %s", a.code, a.text)
	}
	if _, err := fits(make([]bus.Message, 3), 1); !errors.Is(err, ErrTooLarge) {
		t.Errorf("fits: %v", err)
	}
}

// The store of an embedded broker limits RAW as its own limit does: over HTTP and for a replay, whose batches are parts of it.
func TestLargerThanStore(t *testing.T) {
	b, err := bus.Open(t.Context(), bus.Config{Dir: t.TempDir(), MaxStore: 128 << 10, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}()
	raw, err := b.Raw(t.Context(), bus.StreamConfig{})
	if err != nil {
		t.Fatal(err)
	}
	_, url := serve(t, IntakeConfig{Raw: raw})
	noise := rand.NewChaCha8([32]byte{})
	line := func(id, n int) string { // of n bytes that nothing can compress
		data := make([]byte, n)
		noise.Read(data)
		return fmt.Sprintf("{\"id\":\"%d\",\"text\":%q}\n", id, base64.StdEncoding.EncodeToString(data))
	}
	if a := post(t, url, strings.NewReader(line(0, 60<<10)+line(1, 60<<10))); a.code != http.StatusRequestEntityTooLarge || !strings.Contains(a.text, "-store") {
		t.Errorf("a batch: %d %s", a.code, a.text)
	}
	var lines strings.Builder
	for i := range 9 {
		lines.WriteString(line(i, 6000))
	}
	small := newReplay(t, b, raw, write(t, filepath.Join(t.TempDir(), "a.jsonl"), lines.String()))
	run(t, small)
	if got := ids(t, raw, 0); !slices.Equal(got, numbers(9)) || small.room != 96<<10 {
		t.Errorf("RAW, which may hold %d bytes, holds %v", small.room, got)
	}
	large := newReplay(t, b, raw, write(t, filepath.Join(t.TempDir(), "b.jsonl"), line(0, 100<<10)))
	if err := large.Run(t.Context()); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a document that never fits: %v", err)
	}
}

// A replay's batches are parts of RAW's limit, however large its documents are.
func TestReplayInParts(t *testing.T) {
	sizes := func(n ...int) (msgs []bus.Message) {
		for _, n := range n {
			msgs = append(msgs, bus.Message{Data: make([]byte, n)})
		}
		return msgs
	}
	for _, tt := range []struct {
		msgs []bus.Message
		room int64
		want int
	}{
		{sizes(1, 2, 3), 0, 3}, {sizes(1000, 1000, 1000), 10000, 3}, {sizes(3000, 3000, 3000), 10000, 1}, {sizes(9000, 1), 10000, 1}, {sizes(1, 9000), 10000, 1}, {nil, 10, 0},
	} {
		if n, err := fits(tt.msgs, tt.room); n != tt.want || err != nil {
			t.Errorf("%d messages, room %d: %d, %v", len(tt.msgs), tt.room, n, err)
		}
	}
	b, raw := openBus(t, bus.StreamConfig{MaxBytes: 64 << 10})
	var lines strings.Builder
	for i := range 9 {
		fmt.Fprintf(&lines, `{"id":"%d","text":"%s"}`+"\n", i, strings.Repeat("x", 6000))
	}
	run(t, newReplay(t, b, raw, write(t, filepath.Join(t.TempDir(), "a.jsonl"), lines.String())))
	if got := ids(t, raw, 0); !slices.Equal(got, numbers(9)) {
		t.Errorf("RAW holds %v", got)
	}
}

// A limited replay takes its time.
func TestReplayRate(t *testing.T) {
	b, raw := openBus(t, bus.StreamConfig{})
	path := write(t, filepath.Join(t.TempDir(), "a.jsonl"), jsonLines(0, 40))
	r, err := NewReplay(ReplayConfig{Bus: b, Raw: raw, Inputs: []string{path}, Rate: 100})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	run(t, r)
	if took := time.Since(start); took < 250*time.Millisecond {
		t.Errorf("40 documents, 100 a second: %v", took)
	}
	if got := ids(t, raw, 0); !slices.Equal(got, numbers(40)) {
		t.Errorf("RAW holds %v", got)
	}
	if p := r.Progress(); p.Total() != 40 || p.Size.Load() != p.Bytes.Load() {
		t.Errorf("total %d, %d of %d bytes", p.Total(), p.Bytes.Load(), p.Size.Load())
	}
}

// The law of a rate: no document is stored before its time, and none after it, however few there are a second.
func TestRateIsExact(t *testing.T) {
	for _, rate := range []float64{0.5, 1, 3, 5, 9.9, 10, 33, 100, 5000} {
		t.Run(fmt.Sprint(rate), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const docs = 200
				src, err := source.Open(t.Context(), "-", source.Options{Stdin: strings.NewReader(jsonLines(0, docs))})
				if err != nil {
					t.Fatal(err)
				}
				r, err := NewReplay(ReplayConfig{Bus: &bus.Bus{}, Raw: &bus.Stream{}, Inputs: []string{"-"}, Rate: rate})
				if err != nil {
					t.Fatal(err)
				}
				f := newFeed(t.Context(), src, &r.progress.Bytes)
				defer f.close()
				at := max(1, int(rate/10)) // so many at once
				begin, stored := time.Now(), 0
				for end := false; !end; {
					var chunk []source.Document
					if chunk, end, err = r.take(t.Context(), f); err != nil {
						t.Fatal(err)
					}
					if stored += len(chunk); len(chunk) > at {
						t.Fatalf("%d documents at once", len(chunk))
					}
					want := time.Duration(float64(max(0, stored-at)) / rate * float64(time.Second))
					if took := time.Since(begin); (took - want).Abs() > time.Millisecond {
						t.Fatalf("%d documents after %v, want %v", stored, took, want)
					}
					f.release(chunk...)
				}
				if stored != docs {
					t.Errorf("%d documents", stored)
				}
			})
		})
	}
}

// A page by itself comes with its address, and in the charset that it was sent in.
func TestIntakePage(t *testing.T) {
	_, raw := openBus(t, bus.StreamConfig{})
	_, url := serve(t, IntakeConfig{Raw: raw})
	page := "<p>\xc4\xee\xe6\xe4\xfc"
	russian := "text/html; charset=windows-1251"
	for name, a := range map[string]answer{
		"query":      post(t, url+"?url=http%3A%2F%2Fa.example%2F1&id=one", strings.NewReader(page), "Content-Type", russian),
		"header":     post(t, url, strings.NewReader(page), "Content-Type", russian, "Content-Location", "http://a.example/1"),
		"undeclared": post(t, url+"?url=http%3A%2F%2Fa.example%2F1", strings.NewReader("<p>\xcf\xee\xf1\xeb\xe5 \xe4\xee\xe6\xe4\xff \xef\xe0\xf0\xee\xec \xed\xe5 \xf8\xb8\xeb"), "Content-Type", "text/html"),
	} {
		if a.code != http.StatusOK || len(a.results) != 1 || a.results[0].Seq == 0 {
			t.Errorf("%s: %d %s", name, a.code, a.text)
		}
	}
	for _, m := range messages(t, raw, 0) {
		r, err := record.ParseRaw(m.Data, nil)
		if err != nil || r.HTML != "<p>Дождь" && r.HTML != "<p>После дождя паром не шёл" || r.URL != "http://a.example/1" || r.ID == "" {
			t.Errorf("%v %+v", err, r)
		}
	}
	if a := post(t, url, strings.NewReader(" "), "Content-Type", "text/html"); a.code != http.StatusBadRequest {
		t.Errorf("an empty page: %d", a.code)
	}
	if a := post(t, url, strings.NewReader(page), "Content-Type", "image/png"); a.code != http.StatusUnsupportedMediaType {
		t.Errorf("an image: %d", a.code)
	}
}
