package boilerplate

import (
	"bufio"
	"compress/gzip"
	"flag"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
)

var (
	trainLines    = flag.String("train-lines", "", "folder of labelled texts (*.jsonl.gz) to train the line trees on")
	trainPages    = flag.String("train-pages", "", "folder above the HTML sets whose pages the line trees are trained on besides")
	trainLinesOut = flag.String("train-lines-out", "", "file for the trees trained on everything, such as textforest.bin")
)

// maxArticleLines is the longest article, in lines: labels that keep more take the comments for it.
const maxArticleLines = 1000

const trainFoldCount = 4 // of the cross-validation; a registered domain is in one of them

// textSample is a labelled page: a row for each block.
type textSample struct {
	set, host string
	doc       *textDoc
	labels    []byte // of the blocks: k keep, d drop, o either
	first     int    // number of the first block's row
}

// labelledText is a line of the data.
type labelledText struct {
	ID     string   `json:"id"`
	Host   string   `json:"host"`
	Lines  []string `json:"lines"`
	Labels string   `json:"labels"`
}

// TestTrainLines trains the line trees: first without each fold in turn, which says what they are
// worth on hosts they have not seen, then on everything. Whole pages are also shown cut down to the
// article and a few lines around it, in the shape that rough extractors leave.
//
//	go test ./pkg/boilerplate -run TestTrainLines -v -train-lines DIR/strip-text -train-pages DIR -train-lines-out textforest.bin
func TestTrainLines(t *testing.T) {
	if *trainLines == "" {
		t.Skip("no -train-lines")
	}
	samples := readSamples(t, *trainLines)
	if *trainPages != "" {
		samples = append(samples, pageSamples(t, *trainPages)...)
	}
	b := &lineBooster{trees: 128, rate: 0.25}
	fold, use := addRows(b, samples)
	b.prepare()
	scores := make([]int32, len(b.rows))
	for f := range trainFoldCount {
		var in []int
		for _, i := range use {
			if fold[i] != f {
				in = append(in, i)
			}
		}
		b.seed = uint64(f)
		trees := b.train(in)
		for i := range b.rows {
			if fold[i] == f {
				scores[i] = trees.score(b.rows[i])
			}
		}
	}
	reportLines(t, samples, scores)
	if *trainLinesOut != "" {
		b.seed = 99
		if err := os.WriteFile(*trainLinesOut, b.train(use).appendTo(nil), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// readSamples reads every set of a folder.
func readSamples(t *testing.T, dir string) []*textSample {
	names, err := filepath.Glob(filepath.Join(dir, "*.jsonl.gz"))
	if err != nil || len(names) == 0 {
		t.Fatal("no sets in ", dir)
	}
	var out []*textSample
	for _, name := range names {
		set := strings.TrimSuffix(filepath.Base(name), ".jsonl.gz")
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		z, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		sc := bufio.NewScanner(z)
		sc.Buffer(nil, 64<<20)
		for sc.Scan() {
			var g labelledText
			if err := json.Unmarshal(sc.Bytes(), &g, json.RejectUnknownMembers(false)); err != nil {
				t.Fatal(err)
			}
			if strings.Count(g.Labels, "k") > maxArticleLines {
				continue
			}
			out = append(out, newSample(g, set))
			if wholePages(set) {
				if cut, ok := cropSample(g); ok {
					out = append(out, newSample(cut, "cut "+set))
				}
			}
		}
		f.Close()
	}
	return out
}

func wholePages(set string) bool { return set == "site" || strings.HasSuffix(set, "-html") }

func newSample(g labelledText, set string) *textSample {
	d := &textDoc{text: strings.Join(g.Lines, "\n"), rules: DefaultRules()}
	d.split(defaultMaxBlocks)
	d.scanBlocks()
	d.contextOf()
	s := &textSample{set: set, host: g.Host, doc: d}
	line, end := 0, len(g.Lines[0])
	for i := range d.blocks {
		for d.blocks[i].start > end {
			line++
			end += 1 + len(g.Lines[line])
		}
		s.labels = append(s.labels, g.Labels[line])
	}
	return s
}

// cropSample cuts a whole page down to its article and a few lines around it.
func cropSample(g labelledText) (labelledText, bool) {
	first, last := strings.IndexByte(g.Labels, 'k'), strings.LastIndexByte(g.Labels, 'k')
	if first < 0 {
		return g, false
	}
	h := fnv.New64a()
	h.Write([]byte(g.ID))
	rng := rand.New(rand.NewPCG(h.Sum64(), 5))
	before, after := 0, 0
	if rng.IntN(4) > 0 {
		before = rng.IntN(8)
	}
	if rng.IntN(4) > 0 {
		after = rng.IntN(16)
	}
	from, to := max(0, first-before), min(len(g.Lines), last+1+after)
	g.Lines, g.Labels = g.Lines[from:to], g.Labels[from:to]
	return g, true
}

// addRows fills the booster. It returns the fold of every row and the rows to train on: of the
// furniture of whole pages a quarter, with four times the weight.
func addRows(b *lineBooster, samples []*textSample) (fold, use []int) {
	for _, s := range samples {
		s.first = len(b.rows)
		page := 1.0
		if n := len(s.doc.blocks); n > 60 {
			page = math.Pow(60/float64(n), 0.4)
		}
		if strings.HasPrefix(s.set, "cut ") {
			page *= 0.5
		}
		if wholePages(s.set) || strings.HasPrefix(s.set, "human") {
			page *= 0.35
		}
		for i := range s.doc.blocks {
			x := &s.doc.blocks[i]
			n, w := len(b.rows), page
			switch {
			case s.labels[i] != 'k':
				w *= 1 + min(float64(x.scan.runes)/150, 3)
			case x.scan.size() >= longLine:
				w *= 3
			}
			taken := s.labels[i] != 'o'
			if s.labels[i] == 'd' && (wholePages(s.set) || strings.HasPrefix(s.set, "human")) {
				taken = uint64(n)*wordSeed>>62 == 0
				w *= 4
			}
			b.rows = append(b.rows, &x.f)
			b.right = append(b.right, s.labels[i] == 'k')
			b.weight = append(b.weight, w)
			fold = append(fold, int(domainHash(s.host)%trainFoldCount))
			if taken {
				use = append(use, n)
			}
		}
	}
	return fold, use
}

// domainHash is equal for hosts of one registered domain, as far as the length of labels tells.
func domainHash(host string) uint64 {
	p := strings.Split(strings.TrimPrefix(host, "www."), ".")
	n := 2
	if len(p) > 2 && len(p[len(p)-2]) <= 3 {
		n = 3
	}
	h := fnv.New64a()
	h.Write([]byte(strings.Join(p[max(0, len(p)-n):], ".")))
	x := h.Sum64()
	return x ^ x>>33
}

// reportLines logs, set by set, what the scores and the rules keep.
func reportLines(t *testing.T, samples []*textSample, scores []int32) {
	type sum struct{ right, wrong, lost, stayed, all, left, pages float64 }
	sums := map[string]*sum{}
	for _, s := range samples {
		for i := range s.doc.blocks {
			s.doc.blocks[i].score = scores[s.first+i]
		}
		s.doc.verdicts()
		x := sums[s.set]
		if x == nil {
			x = &sum{}
			sums[s.set] = x
		}
		x.pages++
		for i := range s.doc.blocks {
			b := &s.doc.blocks[i]
			kept, n := b.reason == "", float64(b.scan.runes)
			if s.labels[i] == 'k' && b.scan.size() >= longLine {
				x.all++
				if kept {
					x.stayed++
				}
			}
			switch {
			case s.labels[i] == 'k' && kept:
				x.right += n
			case s.labels[i] == 'k':
				x.lost += n
			case s.labels[i] == 'd' && kept:
				x.wrong += n
				x.left++
			}
		}
	}
	for set, x := range sums {
		p, r := x.right/(x.right+x.wrong), x.right/(x.right+x.lost)
		t.Logf("%-32s P %.3f R %.3f F1 %.4f paragraphs %.4f noise %.2f", set, p, r, 2*p*r/(p+r), x.stayed/max(x.all, 1), x.left/x.pages)
	}
}
