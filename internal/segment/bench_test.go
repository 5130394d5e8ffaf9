package segment_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"winnow/internal/record"
	"winnow/internal/segment"
)

// articles returns clean records of about 3 KB. The words are drawn from a small vocabulary, so
// they compress better than real text does: compare times, not ratios, with real ones.
func articles(n int) []segment.Record {
	list := make([]segment.Record, n)
	for i := range list {
		r := rand.New(rand.NewPCG(uint64(i), 1))
		text := sentence(r, 460)
		c := record.Clean{
			ID: fmt.Sprintf("%032x", i), URL: "https://www.example.com/news/a-story", Site: "com.example.www", Title: sentence(r, 8),
			Text: text, Lang: "en", Added: "2026-11-21T10:00:00Z", Cluster: fmt.Sprintf("%032x", i),
			Removed: record.Removed{Chars: 300, Blocks: 5, Reasons: map[string]int{"site-template": 4, "caption": 1}},
		}
		list[i] = segment.Record{Line: c.AppendJSON(nil)}
	}
	return list
}

// numbered returns r as the record with sequence seq.
func numbered(r segment.Record, seq uint64, buf []byte) segment.Record {
	r.Seq, r.Chain = seq, "0123456789abcdef"
	r.Line = bytes.Replace(append(buf[:0], r.Line...), []byte(`"seq":0`), fmt.Appendf(nil, `"seq":%d`, seq), 1)
	return r
}

func BenchmarkAppend(b *testing.B) {
	list := articles(1000)
	for _, level := range []zstd.EncoderLevel{zstd.SpeedFastest, zstd.SpeedDefault} {
		b.Run("level="+level.String(), func(b *testing.B) {
			w, err := segment.Open(segment.Dir(b.TempDir()), segment.Options{Level: level})
			if err != nil {
				b.Fatal(err)
			}
			defer w.Close()
			b.SetBytes(int64(len(list[0].Line)))
			b.ReportAllocs()
			for b.Loop() {
				seq := w.Last() + 1
				if err := w.Append(numbered(list[seq%1000], seq, nil)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// filled returns a directory with n articles.
func filled(b *testing.B, n int) string {
	b.Helper()
	dir := b.TempDir()
	list := articles(1000)
	w, err := segment.Open(segment.Dir(dir), segment.Options{Records: 5000})
	if err != nil {
		b.Fatal(err)
	}
	for range n {
		seq := w.Last() + 1
		if err := w.Append(numbered(list[seq%1000], seq, nil)); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Commit(); err != nil {
		b.Fatal(err)
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	return dir
}

func BenchmarkScan(b *testing.B) {
	const n = 10_000
	dir := filled(b, n)
	b.Run("all", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for _, err := range segment.Scan(segment.Dir(dir), segment.Query{}) {
				if err != nil {
					b.Fatal(err)
				}
			}
		}
		perRecord(b, n)
	})
	b.Run("one", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for _, err := range segment.Scan(segment.Dir(dir), segment.Query{First: 7777, Last: 7777}) {
				if err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	const n = 10_000
	dir := filled(b, n)
	b.ReportAllocs()
	for b.Loop() {
		if r, err := segment.Verify(b.Context(), segment.Dir(dir)); err != nil || !r.OK() {
			b.Fatal(r, err)
		}
	}
	perRecord(b, n)
}

func BenchmarkSummarize(b *testing.B) {
	const n = 10_000
	dir := filled(b, n)
	b.ReportAllocs()
	for b.Loop() {
		st, err := segment.Summarize(b.Context(), segment.Dir(dir), 10)
		if err != nil {
			b.Fatal(err)
		}
		if err := st.WriteText(io.Discard); err != nil {
			b.Fatal(err)
		}
	}
	perRecord(b, n)
}

func perRecord(b *testing.B, n int) {
	b.ReportMetric(float64(b.Elapsed())/float64(time.Microsecond)/float64(b.N*n), "us/record")
}

// What the formats cost, from records to committed segments.
func BenchmarkFormats(b *testing.B) {
	const n = 10_000
	list := articles(1000)
	for _, formats := range [][]segment.Format{{segment.JSONL}, {segment.Parquet}, {segment.JSONL, segment.Parquet}} {
		b.Run(fmt.Sprint(formats), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				w, err := segment.Open(segment.Dir(b.TempDir()), segment.Options{Formats: formats})
				if err != nil {
					b.Fatal(err)
				}
				for w.Last() < n {
					seq := w.Last() + 1
					if err := w.Append(numbered(list[seq%1000], seq, nil)); err != nil {
						b.Fatal(err)
					}
				}
				if err := w.Finish(); err != nil {
					b.Fatal(err)
				}
				if err := w.Close(); err != nil {
					b.Fatal(err)
				}
			}
			perRecord(b, n)
		})
	}
}
