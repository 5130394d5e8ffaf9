package boilerplate

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// evalFloors are a little under what the built-in model reaches on the halves of the sets that it
// was trained on. Its figures on hosts that it was not trained on are printed by TestTrainHTML.
var evalFloors = map[string]float64{
	"andy-news": 0.945, "cleanportaleval": 0.935, "daniel": 0.95, "fundus": 0.97, "l3s-gn1": 0.98, "scrapinghub": 0.975, "wcxb-article": 0.95,
}

// Single pages, one setting for all: no set below its floor, and no page with an article empty.
func TestParseHTMLOnGold(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 1,300 pages")
	}
	sets := map[string][]goldScore{}
	for _, g := range readGold(t, evalDir) {
		p, err := ParseHTML([]byte(g.HTML), Options{URL: g.URL})
		if err != nil {
			t.Fatal(err)
		}
		s := scorePage(g.Gold, p.Text())
		sets[g.Set] = append(sets[g.Set], s)
		if s.empty && len(p.Blocks) > 60 {
			t.Logf("%s %s: empty", g.Set, g.ID)
		}
	}
	sum := 0.0
	for name, scores := range sets {
		f, _, empty := meanScore(scores)
		sum += f
		if f < evalFloors[name] {
			t.Errorf("%s: F1 %.4f is under %.4f", name, f, evalFloors[name])
		}
		if empty > 1 {
			t.Errorf("%s: %d pages without output", name, empty)
		}
	}
	t.Log(setTable(sets))
	if mean := sum / float64(len(sets)); mean < 0.96 {
		t.Errorf("mean F1 %.4f is under 0.96", mean)
	}
}

// meanScore returns the scorer's F1 of a set, its share of kept paragraphs and its empty pages.
func meanScore(scores []goldScore) (f1, paras float64, empty int) {
	var p, r float64
	all, kept := 0, 0
	for _, s := range scores {
		p += s.p
		r += s.r
		all += s.paras
		kept += s.kept
		if s.empty {
			empty++
		}
	}
	p, r = p/float64(max(len(scores)-empty, 1)), r/float64(len(scores))
	return 2 * p * r / max(p+r, 1e-9), float64(kept) / float64(max(all, 1)), empty
}

// One pass over the bytes shows the same text, in the same order, as golang.org/x/net/html.
func TestTreeEqualsParser(t *testing.T) {
	differ, n := 0, 0
	for _, g := range readGold(t, evalDir) {
		if n++; n%8 != 0 {
			continue
		}
		want, err := parserText(g.HTML)
		if err != nil {
			continue // nested too deep for it
		}
		tr := parseTree([]byte(g.HTML), Options{})
		var b strings.Builder
		for _, l := range tr.leaves {
			b.Write(tr.text[l.from:l.to])
			b.WriteByte(' ')
		}
		if got := strings.Fields(b.String()); !slices.Equal(got, want) {
			differ++
			t.Logf("%s %s: %d words, the parser has %d", g.Set, g.ID, len(got), len(want))
		}
	}
	if differ*50 > n/8 {
		t.Errorf("%d of %d pages differ, more than 2 %%", differ, n/8)
	}
}

// parserText returns the words of a page as html.Parse sees them.
func parserText(page string) ([]string, error) {
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
			return
		}
		name := tOther
		if n.Type == html.ElementNode {
			name = tagByName[n.Data].tag
		}
		if name.is(pRaw) || name.is(pSkip) {
			return
		}
		if name.is(pBlock) || name == tBr {
			b.WriteByte(' ')
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
		if name.is(pBlock) {
			b.WriteByte(' ')
		}
	}
	walk(root)
	clean := strings.NewReplacer("\u200b", "", "\ufeff", "", "\u00ad", "", "\x00", "", "\x07", " ", "\x08", " ").Replace(b.String())
	return strings.Fields(clean), nil
}

func BenchmarkParseHTML(b *testing.B) {
	pages, n := benchPages(b)
	for _, bb := range []struct {
		name  string
		parse func(page []byte) error
	}{
		{"winnow", func(p []byte) error { _, err := ParseHTML(p, Options{}); return err }},
		{"tree", func(p []byte) error { parseTree(p, Options{}); return nil }},
		{"x-net-html", func(p []byte) error { _, err := html.Parse(bytes.NewReader(p)); return err }},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.SetBytes(int64(n))
			allocs := testing.AllocsPerRun(1, func() {
				for _, p := range pages {
					_ = bb.parse(p)
				}
			})
			for b.Loop() {
				for _, p := range pages {
					if err := bb.parse(p); err != nil {
						b.Fatal(err)
					}
				}
			}
			perPage := float64(b.N * len(pages))
			b.ReportMetric(b.Elapsed().Seconds()*1e6/perPage, "us/page")
			b.ReportMetric(allocs/float64(len(pages)), "allocs/page")
		})
	}
}

// benchPages returns the scrapinghub pages, or else an invented one many times over, and their
// bytes.
func benchPages(b *testing.B) (pages [][]byte, n int) {
	if _, err := os.Stat(filepath.Join(evalDir, "strip-html")); err == nil {
		for _, g := range readGold(b, evalDir) {
			if g.Set == "scrapinghub" {
				pages, n = append(pages, []byte(g.HTML)), n+len(g.HTML)
			}
		}
		return pages, n
	}
	page := []byte("<html><body>" + strings.Repeat("<div class=x><a href=/>Home</a></div>", 500) + strings.Repeat(para, 40) + "</body></html>")
	return [][]byte{page}, len(page)
}
