package source

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
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
							r.Complete("bench", time.Unix(0, 0), time.Time{})
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

// Reading a web archive, however it is stored, and what the gzip and zstd programs need to decompress it. BENCH_WARC
// names files to read instead of invented pages, separated by colons.
func BenchmarkWebArchive(b *testing.B) {
	files := map[string]string{}
	for file := range strings.SplitSeq(os.Getenv("BENCH_WARC"), ":") {
		if file != "" {
			files[filepath.Base(file)] = file
		}
	}
	if len(files) == 0 {
		recs := pages(200)
		for _, p := range packings {
			name := strings.ReplaceAll(strings.ReplaceAll(p.name, ",", ""), " ", "-")
			files[name] = filepath.Join(b.TempDir(), "a"+p.ext)
			if err := os.WriteFile(files[name], p.pack(b, recs), 0o644); err != nil {
				b.Fatal(err)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		file := files[name]
		size := int64(0)
		b.Run("reader=winnow/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s, err := Open(b.Context(), file, Options{})
				if err != nil {
					b.Fatal(err)
				}
				for size = 0; ; {
					d, err := s.Next()
					if err == io.EOF {
						break
					}
					size += d.Size
				}
				s.Close()
			}
			b.SetBytes(size)
		})
		program := map[string]string{".gz": "gzip", ".zst": "zstd"}[filepath.Ext(file)]
		if _, err := exec.LookPath(program); err != nil || strings.Contains(name, "dictionary") {
			continue
		}
		b.Run("reader="+program+"/"+name, func(b *testing.B) {
			for b.Loop() {
				if err := exec.Command(program, "-dc", file).Run(); err != nil { // its output goes nowhere
					b.Fatal(err)
				}
			}
			b.SetBytes(size)
		})
	}
}

// pages returns the records of n pages of some 100 KB, with a request each.
func pages(n int) (recs []string) {
	rnd := rand.New(rand.NewPCG(7, 8))
	words := strings.Fields(string(corpus(1)))
	for i := range n {
		var page strings.Builder
		page.WriteString("<!DOCTYPE html><html><head><title>A page</title></head><body>")
		for page.Len() < 100<<10 {
			fmt.Fprintf(&page, "<div class=\"c%d\"><a href=\"/%x\">%s</a><p>", rnd.IntN(50), rnd.Uint64(), words[rnd.IntN(len(words))])
			for range 40 {
				page.WriteString(words[rnd.IntN(len(words))] + " ")
			}
			page.WriteString("</p></div>\n")
		}
		url := fmt.Sprintf("http://www.example.org/%d", i)
		recs = append(recs, warcRecord("request", url, "GET / HTTP/1.1\r\n\r\n"), warcPage(url, "text/html; charset=utf-8", page.String()))
	}
	return recs
}
