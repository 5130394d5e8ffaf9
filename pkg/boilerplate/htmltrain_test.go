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
	trainDir   = flag.String("train", "", "directory of labelled sets: TestTrainHTML trains the model on them")
	trainOut   = flag.String("train-out", "", "file for the trained model; \"\" only cross-validates")
	trainTrees = flag.Int("train-trees", 320, "trees of each forest")
	trainRate  = flag.Float64("train-rate", 0.085, "learning rate")
	trainL2    = flag.Float64("train-l2", 25, "penalty of leaf values")
	trainFolds = flag.Int("train-folds", 8, "folds by host")
	trainWorst = flag.Int("train-worst", 0, "worst pages to print")
	trainDump  = flag.String("train-dump", "", "file for every page's verdicts")
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

	one := tr.booster(numFeatures, *trainTrees, 1)
	tr.score(tr.cross(one))
	report(t, "first", tr, 0)
	for i, x := range tr.extractors {
		x.context()
		copy(tr.rows[tr.samples[i].base:], x.rows)
	}
	two := tr.second()
	tr.settle(tr.cross(two))
	report(t, "second", tr, *trainWorst)
	if *trainDump != "" {
		dump(t, *trainDump, tr)
	}
	if *trainOut == "" {
		return
	}
	m := tr.tables[*trainFolds]
	all := func(int) bool { return true }
	m.first, m.second = one.train(all), two.train(tr.doubtful)
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
	first  []int32 // scores of the first forest
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
	b.prepare()
	return b
}

// cross trains a forest for each fold on the other folds.
func (tr *training) cross(b *booster) []forest {
	out := make([]forest, *trainFolds)
	for k := range out {
		out[k] = b.train(func(i int) bool { return tr.fold[i] != k && tr.doubtful(i) })
	}
	return out
}

// doubtful reports whether the second forest has a say in row i.
func (tr *training) doubtful(i int) bool { return tr.first == nil || tr.first[i] > doubtScore }

// second returns the booster of the second forest, which is two, half as large: a large one learns
// by heart which pages have odd gold texts.
func (tr *training) second() *booster {
	for _, x := range tr.extractors {
		tr.first = append(tr.first, x.score...)
	}
	b := tr.booster(numAll, *trainTrees/2, 2)
	b.bag = 2
	return b
}

// settle sets the scores of every page as judge does.
func (tr *training) settle(forests []forest) {
	for i, x := range tr.extractors {
		second := make([]int32, len(x.rows))
		forests[tr.samples[i].fold].scores(second, x.rows)
		x.settle(second)
	}
}

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

// trainWords weighs the words of names and of short texts by the log-odds of their leaves being
// kept, over the samples that are not in the fold; a site's pages together weigh as much as one.
// A word must stand on several hosts.
func trainWords(samples []*sample, fold int) htmlModel {
	type count struct {
		yes, no float64
		hosts   map[string]bool
	}
	names, texts := map[uint32]*count{}, map[uint32]*count{}
	add := func(m map[uint32]*count, h uint32, yes bool, w float64, host string) {
		c := m[h]
		if c == nil {
			c = &count{hosts: map[string]bool{}}
			m[h] = c
		}
		if yes {
			c.yes += w
		} else {
			c.no += w
		}
		if len(c.hosts) < 8 {
			c.hosts[host] = true
		}
	}
	var tn, ty float64
	for _, s := range samples {
		if s.fold == fold {
			continue
		}
		host := s.gold.site()
		yes := 0
		for _, l := range s.label {
			if l {
				yes++
			}
		}
		wy, wn := 10/float64(yes+5)/s.mates, 10/float64(len(s.label)-yes+5)/s.mates
		for i, l := range s.tree.leaves {
			w := wn
			if s.label[i] {
				w = wy
				ty += w
			} else {
				tn += w
			}
			seen := map[uint32]bool{}
			for a := l.node; a > 0; a = s.tree.nodes[a].parent {
				e := &s.tree.nodes[a]
				for _, h := range s.tree.words[e.words : e.words+uint32(e.nwords)] {
					if !seen[h] {
						seen[h] = true
						add(names, h, s.label[i], w, host)
					}
				}
			}
			if l.to-l.from > 400 {
				continue
			}
			clear(seen)
			eachWord(s.tree.text[l.from:l.to], func(h uint32) {
				if !seen[h] {
					seen[h] = true
					add(texts, h, s.label[i], w, host)
				}
			})
		}
	}
	table := func(m map[uint32]*count, hosts int) wordTable {
		out := map[uint32]int8{}
		for h, c := range m {
			if len(c.hosts) < hosts {
				continue
			}
			v := math.Log((c.yes + 1) / (c.no + 1) * (tn / ty))
			if q := math.Round(v * 20); math.Abs(q) >= 6 {
				out[h] = int8(min(max(q, -100), 100))
			}
		}
		return newWordTable(out)
	}
	return htmlModel{name: table(names, 3), text: table(texts, 3)}
}

// report prints what the scorer gives for the leaves that are kept.
func report(t *testing.T, name string, tr *training, worst int) {
	type row struct {
		f float64
		s string
	}
	var rows []row
	sets := map[string][]goldScore{}
	for i, s := range tr.samples {
		x := tr.extractors[i]
		keep := x.threshold(x.cut())
		var b strings.Builder
		for k, l := range s.tree.leaves {
			if x.score[k] > keep {
				b.Write(s.tree.text[l.from:l.to])
				b.WriteByte('\n')
			}
		}
		sc := scorePage(s.gold.Gold, b.String())
		sets[s.gold.Set] = append(sets[s.gold.Set], sc)
		rows = append(rows, row{2 * sc.p * sc.r / max(sc.p+sc.r, 1e-9), fmt.Sprintf("%.3f %.3f %s %s %s", sc.p, sc.r, s.gold.Set, s.gold.ID, s.gold.URL)})
	}
	fmt.Printf("%s: %s\n", name, setTable(sets))
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
