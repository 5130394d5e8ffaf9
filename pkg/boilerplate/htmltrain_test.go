package boilerplate

import (
	"cmp"
	"flag"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

var (
	trainDir    = flag.String("train", "", "directory of labelled sets: TestTrainHTML trains the model on them")
	trainOut    = flag.String("train-out", "", "file for the trained model; \"\" only cross-validates")
	trainTrees  = flag.Int("train-trees", 320, "trees of each part of the first forest; later ones have half as many")
	trainBag    = flag.Int("train-bag", 3, "parts of a forest that differ in chance")
	trainRate   = flag.Float64("train-rate", 0.085, "learning rate")
	trainL2     = flag.Float64("train-l2", 25, "penalty of leaf values")
	trainFolds  = flag.Int("train-folds", 8, "folds by host")
	trainWorst  = flag.Int("train-worst", 0, "worst pages to print")
	trainRounds = flag.Int("train-rounds", 2, "forests, each of which sees what those before said")
	trainDump   = flag.String("train-dump", "", "file for every page's verdicts")
)

// sample is one page of the training sets.
type sample struct {
	gold  *goldPage
	tree  *tree
	label []bool
	fold  int
	base  int     // index of its first row
	trust float64 // weight in training
	mates float64 // pages of its site
}

// TestTrainHTML makes htmlmodel.bin: the labels are the gold texts aligned with the page's
// leaves, the folds are by host, and every word weight and first score that a forest is trained
// on comes from the other folds. It prints what the scorer gives for pages of hosts that were
// not trained on.
//
//	go test ./pkg/boilerplate -run TestTrainHTML -v -timeout 2h -train ../../../shared/eval/dev -train-out htmlmodel.bin
func TestTrainHTML(t *testing.T) {
	if *trainDir == "" {
		t.Skip("no -train directory")
	}
	tr := newTraining(readGold(t, *trainDir))
	tr.distrustShortGold()

	m := tr.tables[*trainFolds]
	all := func(int) bool { return true }
	for k := range *trainRounds {
		b := tr.round(k)
		report(t, fmt.Sprint("forest ", k+1), tr, 0)
		if *trainOut != "" {
			use := all
			if k > 0 {
				use = tr.doubtful
			}
			m.forests = append(m.forests, b.train(use)...)
		}
		tr.remember()
	}
	report(t, "all", tr, *trainWorst)
	if *trainDump != "" {
		dump(t, *trainDump, tr)
	}
	if *trainOut == "" {
		return
	}
	if err := os.WriteFile(*trainOut, m.append(nil), 0o644); err != nil {
		t.Fatal(err)
	}
}

// training holds the rows of all pages. What stands in the row of a page in fold k comes from
// the pages of the other folds.
type training struct {
	samples    []*sample
	extractors []*extractor
	tables     []htmlModel // word weights without fold k; the last, of all folds

	rows   []features
	label  []bool
	weight []float64
	fold   []int
	scores []int32   // by the forests so far; empty before the first
	cuts   [][]int16 // of the features that forests ask for
}

func newTraining(pages []goldPage) *training {
	tr := &training{tables: make([]htmlModel, *trainFolds+1)}
	perSet, perSite := map[string]int{}, map[string]int{}
	for i := range pages {
		perSite[pages[i].site()]++
	}
	for i := range pages {
		g := &pages[i]
		perSet[g.Set]++
		page := parseTree([]byte(g.HTML), Options{})
		s := &sample{gold: g, tree: page, label: alignGold(page, g.Gold), fold: g.fold(*trainFolds)}
		s.trust, s.mates = labelTrust(s), float64(perSite[g.site()])
		tr.samples = append(tr.samples, s)
	}
	for k := range tr.tables {
		tr.tables[k] = trainWords(tr.samples, k)
	}
	for _, s := range tr.samples {
		x := &extractor{model: &tr.tables[s.fold]}
		x.extract(s.tree)
		tr.extractors = append(tr.extractors, x)
		s.base = len(tr.rows)
		tr.add(s, x, min(math.Sqrt(200/float64(perSet[s.gold.Set])), 1.6))
	}
	sum := 0.0
	for _, w := range tr.weight {
		sum += w
	}
	for i := range tr.weight {
		tr.weight[i] *= float64(len(tr.weight)) / sum
	}
	return tr
}

// add appends the rows of a page. A leaf weighs as much as its text does in the page's score.
func (tr *training) add(s *sample, x *extractor, setWeight float64) {
	gold := 200.0
	for k, yes := range s.label {
		if yes {
			gold += float64(x.stats[k].size)
		}
	}
	for k := range x.rows {
		tr.rows, tr.label, tr.fold = append(tr.rows, x.rows[k]), append(tr.label, s.label[k]), append(tr.fold, s.fold)
		tr.weight = append(tr.weight, s.trust*setWeight*(15+float64(min(x.stats[k].size, 1200)))/gold)
	}
}

func (tr *training) booster(width, trees int, seed uint64) *booster {
	b := &booster{rows: tr.rows, label: tr.label, weight: tr.weight, width: width, trees: trees, rate: *trainRate, l2: *trainL2, seed: seed}
	b.prepare(tr.cuts)
	tr.cuts = b.cuts // so that all forests ask for the same limits
	return b
}

// round adds what forest k says, cross-validated, to the scores of every page, and returns the
// booster that made it. Every forest is the mean of a few that differ in chance, each later one half as
// large: a large one learns by heart which pages have odd gold texts.
func (tr *training) round(k int) *booster {
	if k == 0 {
		b := tr.booster(numFeatures, *trainTrees, 1)
		b.bag = *trainBag
		tr.score(tr.cross(b))
		return b
	}
	for i, x := range tr.extractors {
		x.context()
		copy(tr.rows[tr.samples[i].base:], x.rows)
	}
	b := tr.booster(numAll, *trainTrees/2, uint64(k)+1)
	b.bag = *trainBag
	forests := tr.cross(b)
	for i, x := range tr.extractors {
		said := make([]int32, len(x.rows))
		forests[tr.samples[i].fold].scores(said, x.rows)
		x.settle(said, int32(k))
	}
	return b
}

// cross trains a forest for each fold on the other folds.
func (tr *training) cross(b *booster) []forest {
	others := make([]func(i int) bool, *trainFolds)
	for k := range others {
		others[k] = func(i int) bool { return tr.fold[i] != k && tr.doubtful(i) }
	}
	return b.train(others...)
}

// remember keeps the scores of every page for doubtful.
func (tr *training) remember() {
	tr.scores = tr.scores[:0]
	for _, x := range tr.extractors {
		tr.scores = append(tr.scores, x.score...)
	}
}

// doubtful reports whether the forests after the first have a say in row i.
func (tr *training) doubtful(i int) bool { return len(tr.scores) == 0 || tr.scores[i] > doubtScore }

// score sets the scores of every page to those of the forest that was not trained on it.
func (tr *training) score(forests []forest) {
	for i, x := range tr.extractors {
		x.score = make([]int32, len(x.rows))
		forests[tr.samples[i].fold].scores(x.score, x.rows)
	}
}

// distrustShortGold lowers the weights of the pages of which a pilot model keeps all that the
// gold text has and much more: their gold texts were most likely cut short.
func (tr *training) distrustShortGold() {
	pilot := tr.booster(numFeatures, 80, 3)
	pilot.rate = 0.15
	tr.score(tr.cross(pilot))
	for i, s := range tr.samples {
		var b strings.Builder
		for k, l := range s.tree.leaves {
			if tr.extractors[i].score[k] > 0 {
				b.Write(s.tree.text[l.from:l.to])
				b.WriteByte('\n')
			}
		}
		if sc := scorePage(s.gold.Gold, b.String()); sc.p < 0.62 && sc.r > 0.88 {
			for k := range s.label {
				tr.weight[s.base+k] *= 0.15
			}
		}
	}
}

// labelTrust returns how far the labels of a page can be trusted: 0 when they miss much of the
// gold text, as where the page is not the one that the text was taken from.
func labelTrust(s *sample) float64 {
	var b strings.Builder
	for i, l := range s.tree.leaves {
		if s.label[i] {
			b.Write(s.tree.text[l.from:l.to])
			b.WriteByte('\n')
		}
	}
	sc := scorePage(s.gold.Gold, b.String())
	if sc.r < 0.6 {
		return 0.02
	}
	return 1
}

// report prints what the scorer gives for the leaves that are kept.
func report(t *testing.T, name string, tr *training, worst int) {
	type row struct {
		f float64
		s string
	}
	var rows []row
	sets, bare := map[string][]goldScore{}, map[string][]goldScore{}
	for i, s := range tr.samples {
		x := tr.extractors[i]
		p := &Page{Blocks: x.blocks()}
		bare[s.gold.Set] = append(bare[s.gold.Set], scorePage(s.gold.Gold, p.Text()))
		p.useLinked(s.tree.head.articleBody())
		p.applyRules(nil)
		sc := scorePage(s.gold.Gold, p.Text())
		sets[s.gold.Set] = append(sets[s.gold.Set], sc)
		rows = append(rows, row{2 * sc.p * sc.r / max(sc.p+sc.r, 1e-9), fmt.Sprintf("%.3f %.3f %s %s %s", sc.p, sc.r, s.gold.Set, s.gold.ID, s.gold.URL)})
	}
	fmt.Printf("%s: %s\n", name, setTable(bare))
	fmt.Printf("%s page: %s\n", name, setTable(sets))
	slices.SortFunc(rows, func(a, b row) int { return cmp.Compare(a.f, b.f) })
	for _, r := range rows[:min(worst, len(rows))] {
		fmt.Println("   ", r.s)
	}
}

func setTable(sets map[string][]goldScore) string {
	var names []string
	for k := range sets {
		names = append(names, k)
	}
	slices.Sort(names)
	var b strings.Builder
	sum, paraSum := 0.0, 0.0
	for _, k := range names {
		var p, r, n, np float64
		paras, kept, empty := 0, 0, 0
		for _, s := range sets[k] {
			if !s.empty {
				p += s.p
				np++
			} else {
				empty++
			}
			r += s.r
			n++
			paras += s.paras
			kept += s.kept
		}
		p, r = p/np, r/n
		f := 2 * p * r / (p + r)
		sum += f
		paraSum += float64(kept) / float64(paras)
		fmt.Fprintf(&b, "%s %.4f (%.3f/%.3f) ", k[:4], f, p, r)
		if empty > 0 {
			fmt.Fprintf(&b, "empty %d ", empty)
		}
	}
	return fmt.Sprintf("mean %.4f para %.4f | ", sum/float64(len(names)), paraSum/float64(len(names))) + b.String()
}

func dump(t *testing.T, name string, tr *training) {
	var b strings.Builder
	for i, s := range tr.samples {
		x := tr.extractors[i]
		fmt.Fprintf(&b, "=== %s %s %s\n", s.gold.Set, s.gold.ID, s.gold.URL)
		keep := x.threshold(x.cut())
		for k, l := range s.tree.leaves {
			text := string(s.tree.text[l.from:l.to])
			mark := " "
			if kept := x.score[k] > keep; kept && !s.label[k] {
				mark = "+"
			} else if !kept && s.label[k] {
				mark = "-"
			} else if kept {
				mark = "="
			}
			if len(text) > 160 {
				text = text[:160]
			}
			fmt.Fprintf(&b, "%s %6d %s %s\n", mark, x.score[k], tagNames[tag(x.rows[k][fTag])], text)
		}
	}
	if err := os.WriteFile(name, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}
