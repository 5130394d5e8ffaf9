package source

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"testing"
	"time"

	"winnow/internal/record"
)

// corpus is JSON lines of about 3 KB each, as different from one another as a generator without a
// library makes them.
func corpus(n int) []byte {
	words := bytes.Fields([]byte("the council voted on tuesday to keep lights of old harbour burning ending a quarrel that had run for most year nobody here wants see it dark said mayor who first called plan luxury cost will be met from mooring fees €41,000 “quoted” naïve"))
	var out []byte
	state := uint32(1)
	for i := range n {
		r := record.Raw{ID: fmt.Sprint(i), URL: fmt.Sprintf("https://www.example.org/2026/11/%d/story", i), Title: "Council votes", Published: "2026-11-21T07:30:00Z"}
		var text []byte
		for len(text) < 3000 {
			state = state*1664525 + 1013904223
			text = append(append(text, words[int(state>>16)%len(words)]...), ' ')
			if state>>28 == 0 {
				text = append(text, '\n')
			}
		}
		r.Text = string(text)
		out = append(r.AppendJSON(out), '\n')
	}
	return out
}

// Reading alone, and reading with everything the intake does to a record.
func BenchmarkJSONLines(b *testing.B) {
	data := corpus(10_000)
	for _, ext := range []string{"", ".gz", ".zst"} {
		file := filepath.Join(tree(b, map[string]string{"corpus.jsonl" + ext: string(data)}), "corpus.jsonl"+ext)
		for _, what := range []string{"read", "encode"} {
			b.Run(fmt.Sprintf("format=jsonl%s/%s", ext, what), func(b *testing.B) {
				b.SetBytes(int64(len(data)))
				b.ReportAllocs()
				var buf []byte
				docs := 0
				for b.Loop() {
					s, err := Open(b.Context(), file, Options{})
					if err != nil {
						b.Fatal(err)
					}
					for {
						d, err := s.Next()
						if err == io.EOF {
							break
						}
						if what == "encode" {
							r, err := d.Raw()
							if err != nil {
								b.Fatal(err)
							}
							r.Complete("bench", time.Unix(0, 0))
							buf = r.AppendJSON(buf[:0])
						}
						docs++
					}
					s.Close()
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(docs), "ns/doc")
			})
		}
	}
}
