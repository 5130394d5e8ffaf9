//go:build unix

package dedupe

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// benchTexts returns texts of about 3 KB: real ones if they lie beside the
// repository, else invented ones.
func benchTexts(b *testing.B) (texts []string) {
	dir := filepath.Join("..", "..", "..", "shared", "eval", "dev", "dedupe")
	if _, err := os.Stat(dir); err == nil {
		for _, set := range []string{"german2021", "reutersc50", "usnews2016"} {
			for _, d := range readLines[evalDoc](b, filepath.Join(dir, set+".docs.jsonl.gz")) {
				if len(d.Text) > 2000 && len(d.Text) < 4500 {
					texts = append(texts, d.Text)
				}
			}
		}
		return texts
	}
	for i := range uint64(5000) {
		texts = append(texts, invent(i, 350+int(i%300)))
	}
	return texts
}

// cpuTime returns the CPU time spent by the process: on a shared machine the clock on
// the wall says little.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkStream is the whole way from text to verdict, on one core. Every round
// over the texts is made new by another seed, so that the index grows as it would
// with new texts.
func BenchmarkStream(b *testing.B) {
	texts := benchTexts(b)
	p := DefaultParams()
	x, _ := NewIndex(p)
	s := NewSketcher(p)
	var sk Sketch
	size, n := 0, 0
	runtime.GC() // what loading the texts left behind is not the work
	start := cpuTime()
	b.ReportAllocs()
	for b.Loop() {
		if n%len(texts) == 0 {
			p.Seed++
			s = NewSketcher(p)
		}
		text := texts[n%len(texts)]
		s.Sketch(&sk, text)
		x.Judge(Doc{ID: "0123456789abcdef0123456789abcdef", Seq: uint64(n), Publisher: publishers[n%len(publishers)], Time: int64(n)}, &sk)
		size += len(text)
		n++
	}
	b.SetBytes(int64(size / n))
	b.ReportMetric(float64(n)/(cpuTime()-start).Seconds(), "docs/cpu-s")
	b.ReportMetric(float64(x.Size())/float64(n), "bytes/doc")
}

// BenchmarkSketch is the pure half of that.
func BenchmarkSketch(b *testing.B) {
	texts := benchTexts(b)
	s := NewSketcher(DefaultParams())
	var sk Sketch
	size, n := 0, 0
	b.ReportAllocs()
	for b.Loop() {
		text := texts[n%len(texts)]
		s.Sketch(&sk, text)
		size += len(text)
		n++
	}
	b.SetBytes(int64(size / n))
}

// BenchmarkIndex is query and insert in an index of that many synthetic documents, 500 at a
// time, in turn with an index of 100,000 that the larger ones are compared with: the same
// state of the machine for both. The largest takes minutes and 6 GB: WINNOW_BENCH_LARGE=1.
func BenchmarkIndex(b *testing.B) {
	for _, n := range []int{100_000, 1_000_000, 10_000_000} {
		b.Run(fmt.Sprintf("docs=%d", n), func(b *testing.B) {
			if n > 100_000 && os.Getenv("WINNOW_BENCH_LARGE") == "" {
				b.Skip("WINNOW_BENCH_LARGE is not set")
			}
			small, large := newGrowing(100_000), newGrowing(n)
			b.ReportAllocs()
			for b.Loop() {
				small.judge(500)
				large.judge(500)
			}
			b.ReportMetric(mean(large.spent), "cpu-ns/doc")
			b.ReportMetric(mean(large.spent)/mean(small.spent), "times-100k")
			slices.Sort(large.spent)
			slices.Sort(small.spent)
			b.ReportMetric(large.spent[len(large.spent)/2]/small.spent[len(small.spent)/2], "times-100k-median")
			b.ReportMetric(float64(large.x.Size())/float64(large.next-1), "bytes/doc")
		})
	}
}

// growing is an index of synthetic documents, and what judging further ones took.
type growing struct {
	x     *Index
	next  int // document
	made  []Sketch
	spent []float64 // CPU ns a document, of each call of judge
}

func newGrowing(n int) *growing {
	p := DefaultParams()
	p.MaxDocs = 2 * n
	x, _ := NewIndex(p)
	var sk Sketch
	fill(x, 1, n, &sk)
	return &growing{x: x, next: n + 1}
}

// judge judges n more documents.
func (g *growing) judge(n int) {
	g.made = slices.Grow(g.made[:0], n)[:n]
	for i := range g.made {
		synthesize(&g.made[i], g.next+i)
	}
	start := cpuTime()
	for i := range g.made {
		g.x.Judge(Doc{ID: "0123456789abcdef0123456789abcdef", Seq: uint64(g.next), Publisher: publishers[g.next%len(publishers)], Time: int64(g.next)}, &g.made[i])
		g.next++
	}
	g.spent = append(g.spent, float64((cpuTime()-start).Nanoseconds())/float64(n))
}

func mean(v []float64) (m float64) {
	for _, x := range v {
		m += x / float64(len(v))
	}
	return m
}

// BenchmarkSnapshot freezes, writes and restores an index of a million synthetic
// documents, and reports how long the index stood still.
func BenchmarkSnapshot(b *testing.B) {
	n := 100_000
	if os.Getenv("WINNOW_BENCH_LARGE") != "" {
		n = 1_000_000
	}
	x, _ := NewIndex(DefaultParams())
	var sk Sketch
	fill(x, 1, n, &sk)
	var file bytes.Buffer
	var freeze, slowest, write, read time.Duration
	rounds := 0
	at := n + 1
	for b.Loop() {
		t := time.Now()
		s := x.Freeze()
		freeze += time.Since(t)
		for range 2000 { // each may have to copy parts that the frozen copy shares
			t = time.Now()
			fill(x, at, 1, &sk)
			slowest = max(slowest, time.Since(t))
			at++
		}
		t = time.Now()
		file.Reset()
		if _, err := s.WriteTo(&file); err != nil {
			b.Fatal(err)
		}
		write += time.Since(t)
		size := file.Len()
		t = time.Now()
		if _, err := ReadIndex(&file, DefaultParams()); err != nil {
			b.Fatal(err)
		}
		read += time.Since(t)
		rounds++
		b.ReportMetric(float64(size)/float64(n), "bytes/doc")
	}
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	b.ReportMetric(ms(freeze)/float64(rounds), "ms-freeze")
	b.ReportMetric(ms(slowest), "ms-slowest-judge")
	b.ReportMetric(ms(write)/float64(rounds), "ms-write")
	b.ReportMetric(ms(read)/float64(rounds), "ms-read")
}

// BenchmarkPassages is what explaining a pair costs.
func BenchmarkPassages(b *testing.B) {
	x := invent(1, 500)
	y := change(x, 2, 20)
	b.SetBytes(int64(len(x) + len(y)))
	for b.Loop() {
		Passages(x, y)
	}
}

// BenchmarkHostile is the cost of documents made to be expensive: a page of one word
// a million times, a text of 50 MB, and, each of them, documents that all share one
// shingle.
func BenchmarkHostile(b *testing.B) {
	for _, text := range []struct{ name, text string }{
		{"one-word", strings.Repeat("word ", 1_000_000)},
		{"size=50MB", strings.Repeat(invent(1, 200_000), 41)[:50_000_000]},
	} {
		b.Run(text.name, func(b *testing.B) {
			x, _ := NewIndex(DefaultParams())
			s := NewSketcher(x.p)
			var sk Sketch
			n := 0
			b.SetBytes(int64(len(text.text)))
			b.ReportAllocs()
			for b.Loop() {
				s.Sketch(&sk, text.text)
				x.Judge(Doc{ID: "0123456789abcdef", Seq: uint64(n)}, &sk)
				n++
			}
		})
	}
	n := 100_000
	if os.Getenv("WINNOW_BENCH_LARGE") != "" {
		n = 10_000_000
	}
	b.Run(fmt.Sprintf("shared-shingle/docs=%d", n), func(b *testing.B) {
		for b.Loop() {
			shareShingle(b, n)
		}
	})
}

// shareShingle judges n short documents that share one shingle and nothing else, and
// reports what one costs among the first and the last tenth.
func shareShingle(b *testing.B, n int) {
	p := DefaultParams()
	p.MaxDocs = n
	x, _ := NewIndex(p)
	var sk Sketch
	var spent [10]time.Duration
	for tenth := range spent {
		start := cpuTime()
		for i := tenth * n / 10; i < (tenth+1)*n/10; i++ {
			r := rand.NewPCG(uint64(i), 8)
			sk.Exact, sk.Words, sk.grams, sk.keys, sk.keyAt = r.Uint64(), 62, sk.grams[:0], append(sk.keys[:0], 42), append(sk.keyAt[:0], 0)
			sk.grams = append(sk.grams, 42)
			for k := range uint16(60) {
				sk.grams = append(sk.grams, r.Uint64())
				if k%20 == 10 {
					sk.keys, sk.keyAt = append(sk.keys, uint32(r.Uint64())), append(sk.keyAt, k)
				}
			}
			x.Judge(Doc{ID: "0123456789abcdef", Seq: uint64(i), Publisher: publishers[i%len(publishers)]}, &sk)
		}
		spent[tenth] = cpuTime() - start
	}
	b.ReportMetric(float64(spent[0].Nanoseconds())/float64(n/10), "cpu-ns/first-doc")
	b.ReportMetric(float64(spent[9].Nanoseconds())/float64(n/10), "cpu-ns/last-doc")
	b.ReportMetric(float64(x.Size())/float64(n), "bytes/doc")
}
