package ingester

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"winnow/internal/bus"
	"winnow/internal/record"
)

// From a file of JSON lines of 3 KB to storage on the embedded broker, synced.
func BenchmarkReplay(b *testing.B) {
	const docs = 5000
	broker, raw := openBus(b, bus.StreamConfig{})
	text := strings.Repeat("The council voted nine to four on Tuesday to keep the lights of the old harbour burning.\n", 33)
	var lines []byte
	for i := range docs {
		r := record.Raw{ID: fmt.Sprint(i), Text: text}
		lines = append(r.AppendJSON(lines), '\n')
	}
	path := write(b, filepath.Join(b.TempDir(), "a.jsonl"), string(lines))
	b.SetBytes(int64(len(lines)))
	b.ReportAllocs()
	for b.Loop() {
		r := newReplay(b, broker, raw, path)
		r.cfg.Restart = true
		run(b, r)
		if err := raw.Trim(b.Context(), state(b, raw).Last+1); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/docs, "us/doc")
}

// Requests of one 3 KB document each, 64 at a time, which share batches.
func BenchmarkIntake(b *testing.B) {
	_, raw := openBus(b, bus.StreamConfig{})
	in, err := NewIntake(IntakeConfig{Raw: raw})
	if err != nil {
		b.Fatal(err)
	}
	go in.Run(b.Context())
	body := `{"text":"` + strings.Repeat("The council voted nine to four. ", 94) + `"}`
	b.SetParallelism(32)
	b.ReportAllocs()
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			w := httptest.NewRecorder()
			in.ServeHTTP(w, httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/v1/documents", strings.NewReader(body)))
			if w.Code != http.StatusOK {
				b.Error(w.Body.String())
			}
		}
	})
}
