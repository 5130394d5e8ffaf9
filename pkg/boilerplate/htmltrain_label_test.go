package boilerplate

import (
	"compress/gzip"
	"hash/fnv"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"unicode"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// goldPage is one page of an evaluation set: its markup and what people say is its article.
type goldPage struct {
	ID   string `json:"id"`
	Host string `json:"host"`
	HTML string `json:"html"`
	Gold string `json:"gold"`
	Lang string `json:"lang"`
	URL  string `json:"url"`
	Set  string `json:"-"`
}

// site returns the page's host without its first labels.
func (g *goldPage) site() string {
	labels := strings.Split(g.Host, ".")
	return strings.Join(labels[max(len(labels)-2, 0):], ".")
}

// fold returns which of n parts the page's site belongs to, so that no site is in two.
func (g *goldPage) fold(n int) int {
	h := fnv.New32a()
	h.Write([]byte(g.site()))
	return int(h.Sum32()>>7) % n
}

// readGold reads the HTML sets below dir; it skips the test when there are none.
func readGold(tb testing.TB, dir string) []goldPage {
	tb.Helper()
	if pages := goldRead[dir]; pages != nil {
		return pages
	}
	files, _ := filepath.Glob(filepath.Join(dir, "strip-html", "*.jsonl.gz"))
	if len(files) == 0 {
		tb.Skipf("no evaluation sets in %s", dir)
	}
	var out []goldPage
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			tb.Fatal(err)
		}
		z, err := gzip.NewReader(f)
		if err != nil {
			tb.Fatal(err)
		}
		dec := jsontext.NewDecoder(z)
		for dec.PeekKind() == '{' {
			g := goldPage{Set: strings.TrimSuffix(filepath.Base(name), ".jsonl.gz")}
			if err := json.UnmarshalDecode(dec, &g); err != nil {
				tb.Fatal(err)
			}
			out = append(out, g)
		}
		f.Close()
	}
	goldRead[dir] = out
	return out
}

// goldRead keeps the sets that were read: tests of this package run one after another.
var goldRead = map[string][]goldPage{}

// scoreTokens splits a text as the scorer does: words, and ideographs one by one.
func scoreTokens(s string) []string {
	var out []string
	from := -1
	for i, r := range s {
		wide := r >= 0x3400 && r <= 0x9FFF || r >= 0x3040 && r <= 0x30FF || r >= 0x0E00 && r <= 0x0E7F || r >= 0xF900 && r <= 0xFAFF
		word := !wide && (r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r))
		if !word && from >= 0 {
			out = append(out, s[from:i])
			from = -1
		}
		if wide {
			out = append(out, string(r))
		} else if word && from < 0 {
			from = i
		}
	}
	if from >= 0 {
		out = append(out, s[from:])
	}
	return out
}

func grams(tok []string) map[[4]string]int {
	m := make(map[[4]string]int, len(tok))
	if len(tok) > 0 && len(tok) < 4 {
		var k [4]string
		copy(k[:], tok)
		m[k] = 1
	}
	for i := 0; i+4 <= len(tok); i++ {
		m[[4]string(tok[i:i+4])]++
	}
	return m
}

// goldScore is the scorer's precision, recall and paragraph counts of one page.
type goldScore struct {
	p, r        float64
	paras, kept int
	empty       bool
}

func scorePage(gold, text string) goldScore {
	g, o := grams(scoreTokens(gold)), grams(scoreTokens(text))
	tp, gn, on := 0, 0, 0
	for k, n := range g {
		tp += min(n, o[k])
		gn += n
	}
	for _, n := range o {
		on += n
	}
	var s goldScore
	s.empty = on == 0
	if on > 0 {
		s.p = float64(tp) / float64(on)
	}
	if gn > 0 {
		s.r = float64(tp) / float64(gn)
	}
	for para := range strings.SplitSeq(gold, "\n") {
		w := scoreTokens(para)
		if len(w) < 8 {
			continue
		}
		s.paras++
		hit := 0
		for i := 0; i+4 <= len(w); i++ {
			if o[[4]string(w[i:i+4])] > 0 {
				hit++
			}
		}
		if float64(hit) >= 0.8*float64(len(w)-3) {
			s.kept++
		}
	}
	return s
}

// alignGold labels the leaves of a page: true for those whose text is, in order, in the gold.
func alignGold(t *tree, gold string) []bool {
	g := scoreTokens(strings.ToLower(gold))
	index := map[[3]string][]int{}
	for i := 0; i+3 <= len(g); i++ {
		k := [3]string(g[i : i+3])
		if len(index[k]) < 12 {
			index[k] = append(index[k], i)
		}
	}
	type cand struct{ leaf, from, to, weight int }
	var cands []cand
	toks := make([][]string, len(t.leaves))
	for li, l := range t.leaves {
		w := scoreTokens(strings.ToLower(string(t.text[l.from:l.to])))
		toks[li] = w
		if len(w) < 3 {
			continue
		}
		votes := map[int]int{}
		hits := 0
		for i := 0; i+3 <= len(w); i++ {
			at := index[[3]string(w[i:i+3])]
			if len(at) > 0 {
				hits++
			}
			for _, p := range at {
				votes[p-i]++
			}
		}
		if hits*2 < len(w)-2 {
			continue
		}
		diag := make([]int, 0, len(votes))
		for d := range votes {
			diag = append(diag, d)
		}
		sort.Slice(diag, func(a, b int) bool {
			if votes[diag[a]] != votes[diag[b]] {
				return votes[diag[a]] > votes[diag[b]]
			}
			return diag[a] < diag[b]
		})
		for i, d := range diag {
			if i == 6 || votes[d]*3 < votes[diag[0]] {
				break
			}
			cands = append(cands, cand{li, max(d, 0), min(d+len(w), len(g)), min(hits, votes[d]*2) + 2})
		}
	}
	best, prev := make([]int, len(cands)), make([]int, len(cands))
	end := -1
	for i, c := range cands {
		best[i], prev[i] = c.weight, -1
		for j := i - 1; j >= 0; j-- {
			if cands[j].leaf < c.leaf && cands[j].to <= c.from+3 && best[j]+c.weight > best[i] {
				best[i], prev[i] = best[j]+c.weight, j
			}
		}
		if end < 0 || best[i] > best[end] {
			end = i
		}
	}
	label := make([]bool, len(t.leaves))
	pos := make([][2]int, len(t.leaves))
	covered := make([]bool, len(g)+1)
	for ; end >= 0; end = prev[end] {
		c := cands[end]
		label[c.leaf], pos[c.leaf] = true, [2]int{c.from, c.to}
		for i := c.from; i < c.to; i++ {
			covered[i] = true
		}
	}
	for _, c := range cands {
		if label[c.leaf] || c.to-c.from < 12 {
			continue
		}
		free := 0
		for i := c.from; i < c.to; i++ {
			if !covered[i] {
				free++
			}
		}
		if free*5 >= (c.to-c.from)*4 && c.weight*5 >= (c.to-c.from)*4 {
			label[c.leaf] = true
			for i := c.from; i < c.to; i++ {
				covered[i] = true
			}
		}
	}
	labelShort(toks, g, label, pos)
	return label
}

// labelShort labels leaves of one or two words that stand in the gold just where they stand
// between their labelled neighbours.
func labelShort(toks [][]string, g []string, label []bool, pos [][2]int) {
	last := -1
	for li := range toks {
		if pos[li][1] > 0 {
			last = li
			continue
		}
		if n := len(toks[li]); n == 0 || n > 2 || last < 0 {
			continue
		}
		next := -1
		for k := li + 1; k < len(toks) && k < li+12; k++ {
			if pos[k][1] > 0 {
				next = k
				break
			}
		}
		to := min(pos[last][1]+6, len(g))
		if next >= 0 {
			to = min(to, pos[next][0])
		}
		for i := pos[last][1]; i+len(toks[li]) <= to; i++ {
			if equalWords(g[i:i+len(toks[li])], toks[li]) {
				label[li] = true
				pos[li] = [2]int{i, i + len(toks[li])}
				last = li
				break
			}
		}
	}
}

func equalWords(a, b []string) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
