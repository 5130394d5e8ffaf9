// Command boilerplate compares winnow's package boilerplate with the libraries that people
// use in Go to get an article out of an HTML page: one process, one run, the same pages, the
// whole way from bytes to text. It prints one Markdown table: pages per CPU-second, the cost
// in units of parsing alone, allocations and bytes allocated a page, and the quality on each
// set of pages with hand-made texts: F1 and paragraphs as ../shared/eval/score.py has them,
// which reads the texts that -out keeps.
//
//	go run . [-sets DIR] [-speed SET] [-rounds N] [-out DIR]
//	go run . -snippets [-rounds N] [-out DIR]
//	go run . -dates [-rounds N]
//
// The sets are gzipped JSON lines {id, url, html, gold}. With -snippets the pages are those
// of trafilatura's own evaluation, which go-trafilatura carries beside its source, and an
// extractor is judged by strings that its text must and must not hold; with -dates they are
// those of htmldate's, whose days of publication are to be found. It is a module of its own, so that
// the peers never reach winnow's go.mod.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
)

func main() {
	sets := flag.String("sets", "../../../shared/eval/dev/strip-html", "directory of SET.jsonl.gz with pages and their texts")
	speed := flag.String("speed", "scrapinghub", "set on whose pages the speed is measured")
	rounds := flag.Int("rounds", 7, "times that each extractor goes over the pages, in turns, after one that does not count; the median counts")
	out := flag.String("out", "", "directory for each extractor's texts, as score.py reads them")
	snips := flag.Bool("snippets", false, "judge by the strings that trafilatura's own evaluation wants, and does not want, on 983 other pages")
	days := flag.Bool("dates", false, "judge days of publication, by those of htmldate's own evaluation, on 981 other pages")
	flag.Parse()
	var err error
	switch {
	case *rounds < 1:
		err = fmt.Errorf("-rounds %d: want 1 or more", *rounds)
	case *snips:
		err = snippets(os.Stdout, *out, *rounds)
	case *days:
		err = dates(os.Stdout, *rounds)
	default:
		err = run(os.Stdout, *sets, *speed, *out, *rounds)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(w io.Writer, dir, speed, out string, rounds int) error {
	sets, err := readSets(dir)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(sets, func(s set) bool { return s.name == speed })
	if i < 0 {
		return fmt.Errorf("no set %q to measure the speed on", speed)
	}
	costs := measure(sets[i].pages, peers, rounds)
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
		texts := p.texts(s.pages)
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
