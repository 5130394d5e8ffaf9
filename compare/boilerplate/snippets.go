package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"winnow/pkg/boilerplate"
)

// trafilaturaModule carries the pages with their snippets.
const trafilaturaModule = "github.com/markusmobius/go-trafilatura"

// readSnippets reads the pages that trafilatura is evaluated with, each with strings that
// its text must and must not hold, from where the go command keeps go-trafilatura.
func readSnippets() (set, error) {
	dir, err := moduleDir(trafilaturaModule)
	if err != nil {
		return set{}, err
	}
	file := filepath.Join(dir, "scripts", "comparison", "data.go")
	entries, err := readList(file, "comparisonData")
	if err != nil {
		return set{}, err
	}
	pages, err := snippetPages(os.DirFS(filepath.Join(dir, "test-files")), entries)
	if err != nil {
		return set{}, fmt.Errorf("%s: %w", file, err)
	}
	return set{"snippets", pages}, nil
}

// snippetPages returns the entries with their pages, which lie in some folder of files.
func snippetPages(files fs.FS, entries []entry) ([]page, error) {
	var pages []page
	for _, e := range entries {
		p := page{ID: e.only("File"), URL: e.only("")}
		for _, s := range e["With"] {
			p.With = append(p.With, plain(s))
		}
		for _, s := range e["Without"] {
			p.Without = append(p.Without, plain(s))
		}
		if p.ID == "" || p.URL == "" || len(p.With) == 0 {
			return nil, fmt.Errorf("%q: no File, or nothing in With", p.URL)
		}
		var err error
		if p.HTML, err = readPage(files, p.ID, "comparison", "mock", "simple"); err != nil {
			return nil, err
		}
		pages = append(pages, p)
	}
	return pages, nil
}

// readPage returns the file of that name in the first of the folders that has one.
func readPage(files fs.FS, name string, folders ...string) (string, error) {
	for _, folder := range folders {
		html, err := fs.ReadFile(files, path.Join(folder, name))
		if !errors.Is(err, fs.ErrNotExist) {
			return string(html), err
		}
	}
	return "", fmt.Errorf("no file %s in the folders %s", name, strings.Join(folders, ", "))
}

// plain returns s with its white space folded and without soft hyphens. Texts and snippets
// are compared like that: where lines break is not what is asked, and the peers' parser
// removes soft hyphens, so that some snippets have them and others, of the same words, do
// not.
func plain(s string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(s, "\u00ad", "")), " ")
}

// snippets writes the table of all extractors over the pages with snippets. Counts are summed
// over the pages, as go-trafilatura's own comparison does, and an extractor that fails on a
// page has an empty text there, where that leaves the page out.
func snippets(w io.Writer, out string, rounds int) error {
	s, err := readSnippets()
	if err != nil {
		return err
	}
	judges := append(peers[1:len(peers):len(peers)], more...)
	costs := measure(s.pages, judges, rounds)
	texts := make([][]string, len(judges))
	for k, p := range judges {
		texts[k] = p.texts(s.pages)
		if err := dump(out, p.name, s, texts[k]); err != nil {
			return err
		}
	}
	seen, err := everything(s.pages, texts)
	if err != nil {
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 1, ' ', 0)
	fmt.Fprint(t, "|\t| precision\t| recall\t| of those on the page\t| accuracy\t| F\t| empty\t| pages/CPU-s\t|\n|"+strings.Repeat(" ---\t|", 8)+"\n")
	var n tally
	for k, p := range judges {
		n = tally{}
		for i, text := range texts[k] {
			n.add(&s.pages[i], text, seen[i])
		}
		right, wrong := n.tp+n.tn, n.fp+n.fn
		fmt.Fprintf(t, "| %s\t| %.3f\t| %.3f\t| %.3f\t| %.3f\t| %.3f\t| %d\t| %.0f\t|\n", p.name, ratio(n.tp, n.tp+n.fp), ratio(n.tp, n.tp+n.fn),
			ratio(n.tp, n.there), ratio(right, right+wrong), ratio(2*n.tp, 2*n.tp+wrong), n.empty, 1/costs[k].seconds)
	}
	fmt.Fprintf(t, "\n%d pages; %d snippets that belong to the text, %d of them on the page, and %d that do not\n", len(s.pages), n.tp+n.fn, n.there, n.fp+n.tn)
	return t.Flush()
}

// everything returns, for each page, the text of every block that winnow sees, kept or not,
// and whatever else one of the extractors makes of the page. Texts are [extractor][page].
func everything(pages []page, texts [][]string) ([]string, error) {
	all := make([]string, len(pages))
	for i := range pages {
		parsed, err := boilerplate.ParseHTML([]byte(pages[i].HTML), boilerplate.Options{URL: pages[i].URL})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", pages[i].ID, err)
		}
		var b strings.Builder
		for k := range parsed.Blocks {
			b.WriteString(plain(parsed.Blocks[k].Text) + " ")
		}
		for k := range texts {
			b.WriteString("\n" + plain(texts[k][i]))
		}
		all[i] = b.String()
	}
	return all, nil
}

// tally counts snippets: of those wanted, in the text or not, and of those not wanted.
type tally struct {
	tp, fn, fp, tn int
	there          int // of those wanted, the ones that the page holds as far as anybody saw
	empty          int // pages without a text
}

// add counts a page, given the text that was extracted and everything that was seen there.
func (t *tally) add(p *page, text, seen string) {
	text = plain(text)
	for _, s := range p.With {
		in := strings.Contains(text, s)
		t.tp, t.fn = t.tp+one(in), t.fn+one(!in)
		t.there += one(strings.Contains(seen, s))
	}
	for _, s := range p.Without {
		in := strings.Contains(text, s)
		t.fp, t.tn = t.fp+one(in), t.tn+one(!in)
	}
	t.empty += one(text == "")
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

func ratio(part, all int) float64 { return float64(part) / float64(max(all, 1)) }
