// Command boilerplate compares winnow's package boilerplate with the libraries that people
// use in Go to get an article out of an HTML page: one process, one run, the same pages, the
// whole way from bytes to text. It prints one Markdown table: pages per CPU-second, the cost
// in units of parsing alone, allocations and bytes allocated a page, and the quality on each
// set of pages with hand-made texts: F1 and paragraphs as ../shared/eval/score.py has them,
// which reads the texts that -out keeps.
//
//	go run . [-sets DIR] [-speed SET] [-rounds N] [-out DIR]
//
// The sets are gzipped JSON lines {id, url, html, gold}. It is a module of its own, so that
// the peers never reach winnow's go.mod.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
)

func main() {
	sets := flag.String("sets", "../../../shared/eval/dev/strip-html", "directory of SET.jsonl.gz with pages and their texts")
	speed := flag.String("speed", "scrapinghub", "set on whose pages the speed is measured")
	rounds := flag.Int("rounds", 7, "times that each extractor goes over the pages, in turns; the median counts")
	out := flag.String("out", "", "directory for each extractor's texts, as score.py reads them")
	flag.Parse()
	if err := run(os.Stdout, *sets, *speed, *out, *rounds); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(w io.Writer, dir, speed, out string, rounds int) error {
	sets, err := readSets(dir)
	if err != nil {
		return err
	}
	costs, err := measure(sets, speed, rounds)
	if err != nil {
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 1, ' ', 0)
	fmt.Fprint(t, "|\t| pages/CPU-s\t| x parser\t| allocs/page\t| KB/page\t|")
	for _, s := range sets {
		fmt.Fprintf(t, " %s\t|", s.name)
	}
	fmt.Fprint(t, " mean F1\t| paragraphs\t| empty\t|\n|"+strings.Repeat(" ---\t|", len(sets)+8)+"\n")
	for i, p := range peers {
		c := costs[i]
		fmt.Fprintf(t, "| %s\t| %.0f\t| %.2f\t| %.0f\t| %.0f\t|", p.name, 1/c.seconds, c.seconds/costs[0].seconds, c.allocs, c.bytes/1000)
		if !p.judges {
			fmt.Fprint(t, strings.Repeat("\t|", len(sets)+3))
		} else if err := quality(t, p, sets, out); err != nil {
			return err
		}
		fmt.Fprintln(t)
	}
	return t.Flush()
}

// quality writes the columns of one extractor's F1 on each set, their mean, the share of the
// paragraphs that are there, and the pages without a text.
func quality(w io.Writer, p peer, sets []set, out string) error {
	sum, paras, empty := 0.0, 0.0, 0
	for _, s := range sets {
		texts := make([]string, len(s.pages))
		for i := range s.pages {
			texts[i] = p.text(&s.pages[i])
		}
		r := score(s.pages, texts)
		fmt.Fprintf(w, " %.3f\t|", r.f1)
		sum, paras, empty = sum+r.f1, paras+r.paras, empty+r.empty
		if err := dump(out, p.name, s, texts); err != nil {
			return err
		}
	}
	n := float64(len(sets))
	fmt.Fprintf(w, " %.3f\t| %.3f\t| %d\t|", sum/n, paras/n, empty)
	return nil
}
