// Command dedupe compares winnow's package dedupe with the libraries that people use
// for near-duplicate detection in Go: one run, one corpus, the whole way from text to
// pairs. It prints documents per CPU-second, bytes a document and the recall of each
// kind of planted copy.
//
//	go run . [-docs FILE.jsonl[.gz]] [-originals N] [-copies N] [-rounds N]
//
// Without -docs the texts are invented. It is a module of its own, so that the peers
// never reach winnow's go.mod.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"syscall"
	"text/tabwriter"
	"time"
)

// detector takes texts in order and says which earlier ones each is a copy of, by
// number. Peers that cannot answer while they are filled answer at the end.
type detector interface {
	run(texts []string, pair func(later, earlier int))
}

func main() {
	file := flag.String("docs", "", "JSON lines with a text each; invented texts if empty")
	originals := flag.Int("originals", 40_000, "documents that are not copies")
	copies := flag.Int("copies", 1000, "copies of each kind")
	rounds := flag.Int("rounds", 2, "runs of each library; the fastest counts")
	flag.Parse()
	texts, err := load(*file, *originals)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	c := plant(texts, *copies)
	size := 0
	for _, t := range c.texts {
		size += len(t)
	}
	fmt.Printf("%d texts of %d bytes, %d copies of each kind\n\n", len(c.texts), size/len(c.texts), *copies)

	peers := []struct {
		name string
		new  func() detector
	}{
		{"winnow/pkg/dedupe", func() detector { return newWinnow() }},
		{"ekzhu/minhash-lsh, threshold .5", func() detector { return newEkzhu(0.5) }},
		{"ekzhu/minhash-lsh, threshold .3", func() detector { return newEkzhu(0.3) }},
		{"dgryski/go-minhash, 25 bands of 5", func() detector { return &dgryski{} }},
		{"simhash 64, 6 bits", func() detector { return &simhash{} }},
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "\tdocs/CPU-s\tbytes/doc")
	for _, k := range kinds {
		fmt.Fprint(w, "\t", k.name)
	}
	fmt.Fprintln(w, "\tother pairs\t")
	for _, p := range peers {
		r := measure(c, p.new)
		for range *rounds - 1 {
			r.rate = max(r.rate, measure(c, p.new).rate)
		}
		fmt.Fprintf(w, "%s\t%.0f\t%d", p.name, r.rate, r.bytes)
		for _, k := range kinds {
			fmt.Fprintf(w, "\t%.3f", float64(r.found[k.name])/float64(*copies))
		}
		fmt.Fprintf(w, "\t%d\t\n", r.other)
	}
	w.Flush()
}

// result is what one detector did.
type result struct {
	rate  float64 // documents per CPU-second
	bytes int64   // of memory kept for each document
	found map[string]int
	other int // pairs that were not planted
}

func measure(c corpus, create func() detector) result {
	before, start := heap(), cpu()
	d := create()
	var pairs [][2]int
	d.run(c.texts, func(later, earlier int) { pairs = append(pairs, [2]int{later, earlier}) })
	spent := cpu() - start
	after := heap()
	runtime.KeepAlive(d)
	r := result{rate: float64(len(c.texts)) / spent.Seconds(), found: map[string]int{}}
	r.bytes = (after - before - int64(cap(pairs)*16)) / int64(len(c.texts))
	slices.SortFunc(pairs, func(a, b [2]int) int { return (a[0]-b[0])<<32 + a[1] - b[1] })
	seen := map[int]bool{}
	for _, p := range slices.Compact(pairs) {
		k, ok := c.copies[p[0]]
		switch {
		case ok && slices.Contains(k.of, p[1]):
			if !seen[p[0]] {
				r.found[k.kind]++
			}
			seen[p[0]] = true
		case !c.related(p[0], p[1]):
			r.other++
		}
	}
	return r
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
