package boilerplate

import (
	"flag"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var (
	trainDir   = flag.String("train", "", "directory of labelled sets: TestTrainHTML trains the model on them")
	trainOut   = flag.String("train-out", "", "file for the trained model; \"\" only cross-validates")
	trainTrees = flag.Int("train-trees", 320, "trees of each forest")
	trainRate  = flag.Float64("train-rate", 0.085, "learning rate")
	trainL2    = flag.Float64("train-l2", 25, "penalty of leaf values")
	trainBags  = flag.Int("train-bags", 1, "forests that are averaged")
	trainDrop  = flag.String("train-drop", "", "features to leave out, by number")
	trainFolds = flag.Int("train-folds", 4, "folds by host")
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
	texts []string
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
	pages := readGold(t, *trainDir)
	perSet := map[string]int{}
	for _, g := range pages {
		perSet[g.Set]++
	}
	samples := make([]*sample, len(pages))
	for i := range pages {
		g := &pages[i]
		tr := parseTree([]byte(g.HTML), Options{})
		s := &sample{gold: g, tree: tr, label: alignGold(tr, g.Gold), fold: g.fold(*trainFolds)}
		s.trust = labelTrust(s)
		samples[i] = s
	}
	var rows []features
	var label []bool
	var weight []float64
	var fold []int
	tables := make([]htmlModel, *trainFolds+1)
	for k := range tables {
		tables[k] = trainWords(samples, k)
	}
	extractors := make([]*extractor, len(samples))
	for i, s := range samples {
		x := &extractor{model: &tables[s.fold]}
		x.extract(s.tree)
		extractors[i] = x
		s.base = len(rows)
		gold := 200.0
		for k := range s.label {
			if s.label[k] {
				gold += float64(x.stats[k].size)
			}
		}
		set := min(math.Sqrt(200/float64(perSet[s.gold.Set])), 1.6)
		for k := range x.rows {
			rows, label, fold = append(rows, x.rows[k]), append(label, s.label[k]), append(fold, s.fold)
			w := s.trust * set * (15 + float64(min(x.stats[k].size, 1200))) / gold
			weight = append(weight, w)
		}
	}
	sum := 0.0
	for _, w := range weight {
		sum += w
	}
	for i := range weight {
		weight[i] *= float64(len(weight)) / sum
	}
	for _, d := range strings.FieldsFunc(*trainDrop, func(r rune) bool { return r == ',' }) {
		n, err := strconv.Atoi(d)
		if err != nil {
			t.Fatal(err)
		}
		for i := range rows {
			rows[i][n] = 0
		}
		for _, x := range extractors {
			for k := range x.rows {
				x.rows[k][n] = 0
			}
		}
	}
	pilot := booster{rows: rows, label: label, weight: slices.Clone(weight), width: numFeatures, trees: 80, rate: 0.15, l2: *trainL2, seed: 3}
	pilot.prepare()
	for k := range *trainFolds {
		f := pilot.train(func(i int) bool { return fold[i] != k })
		for i, s := range samples {
			if s.fold == k {
				distrust(s, extractors[i], &f, weight[s.base:s.base+len(s.label)])
			}
		}
	}
	one := booster{rows: rows, label: label, weight: weight, width: numFeatures, trees: *trainTrees, bags: *trainBags, rate: *trainRate, l2: *trainL2, seed: 1}
	one.prepare()
	firsts := make([]forest, *trainFolds)
	for k := range firsts {
		firsts[k] = one.train(func(i int) bool { return fold[i] != k })
	}
	for i, s := range samples {
		x := extractors[i]
		x.score = make([]int32, len(x.rows))
		for k := range x.rows {
			x.score[k] = firsts[s.fold].score(&x.rows[k])
		}
		x.context()
		copy(rows[s.base:], x.rows)
	}
	report(t, "first", samples, extractors, 0)
	two := booster{rows: rows, label: label, weight: weight, width: numAll, trees: *trainTrees, bags: *trainBags, rate: *trainRate, l2: *trainL2, seed: 2}
	two.prepare()
	seconds := make([]forest, *trainFolds)
	for k := range seconds {
		seconds[k] = two.train(func(i int) bool { return fold[i] != k })
	}
	for i, s := range samples {
		x := extractors[i]
		for k := range x.rows {
			x.score[k] = seconds[s.fold].score(&x.rows[k])
		}
	}
	report(t, "second", samples, extractors, 0)
	for i := range samples {
		x := extractors[i]
		for k := range x.rows {
			x.score[k] = (x.score[k] + int32(x.rows[k][cOwn])) / 2
		}
	}
	report(t, "both", samples, extractors, *trainWorst)
	if *trainDump != "" {
		dump(t, *trainDump, samples, extractors)
	}
	if *trainOut == "" {
		return
	}
	m := tables[*trainFolds]
	all := func(int) bool { return true }
	m.first, m.second = one.train(all), two.train(all)
	if err := os.WriteFile(*trainOut, m.append(nil), 0o644); err != nil {
		t.Fatal(err)
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

// distrust lowers the weights of a page of which a pilot model keeps all that the gold text has
// and much more: its gold text was most likely cut short.
func distrust(s *sample, x *extractor, pilot *forest, weight []float64) {
	var b strings.Builder
	for i, l := range s.tree.leaves {
		if pilot.score(&x.rows[i]) > 0 {
			b.Write(s.tree.text[l.from:l.to])
			b.WriteByte('\n')
		}
	}
	if sc := scorePage(s.gold.Gold, b.String()); sc.p < 0.62 && sc.r > 0.88 {
		for i := range weight {
			weight[i] *= 0.15
		}
	}
}

// trainWords weighs the words of names and of short texts by the log-odds of their leaves being
// kept, over the samples that are not in the fold. A word must stand on several hosts.
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
		labels := strings.Split(s.gold.Host, ".")
		host := strings.Join(labels[max(len(labels)-2, 0):], ".")
		yes := 0
		for _, l := range s.label {
			if l {
				yes++
			}
		}
		wy, wn := 10/float64(yes+5), 10/float64(len(s.label)-yes+5)
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
	return htmlModel{name: table(names, 5), text: table(texts, 6)}
}

// report prints what the scorer gives for the leaves that score above each of some thresholds.
func report(t *testing.T, name string, samples []*sample, xs []*extractor, worst int) {
	for _, s := range samples {
		if s.texts == nil {
			for _, l := range s.tree.leaves {
				s.texts = append(s.texts, string(s.tree.text[l.from:l.to]))
			}
		}
	}
	for _, th := range []int32{-150, -75, 0, 75} {
		sets := map[string][]goldScore{}
		type row struct {
			f float64
			s string
		}
		var rows []row
		for i, s := range samples {
			var b strings.Builder
			for k := range s.texts {
				if xs[i].score[k] > xs[i].threshold(th) {
					b.WriteString(s.texts[k])
					b.WriteByte('\n')
				}
			}
			sc := scorePage(s.gold.Gold, b.String())
			sets[s.gold.Set] = append(sets[s.gold.Set], sc)
			if th == 0 {
				rows = append(rows, row{2 * sc.p * sc.r / max(sc.p+sc.r, 1e-9), fmt.Sprintf("%.3f %.3f %s %s %s", sc.p, sc.r, s.gold.Set, s.gold.ID, s.gold.URL)})
			}
		}
		fmt.Printf("%s > %d: %s\n", name, th, setTable(sets))
		if worst > 0 && th == 0 {
			slices.SortFunc(rows, func(a, b row) int { return int((a.f - b.f) * 1e9) })
			for _, r := range rows[:min(worst, len(rows))] {
				fmt.Println("   ", r.s)
			}
		}
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

func dump(t *testing.T, name string, samples []*sample, xs []*extractor) {
	var b strings.Builder
	for i, s := range samples {
		fmt.Fprintf(&b, "=== %s %s %s\n", s.gold.Set, s.gold.ID, s.gold.URL)
		for k, text := range s.texts {
			mark := " "
			if kept := xs[i].score[k] > 0; kept && !s.label[k] {
				mark = "+"
			} else if !kept && s.label[k] {
				mark = "-"
			} else if kept {
				mark = "="
			}
			if len(text) > 160 {
				text = text[:160]
			}
			fmt.Fprintf(&b, "%s %6d %s %s\n", mark, xs[i].score[k], tagNames[tag(xs[i].rows[k][fTag])], text)
		}
	}
	if err := os.WriteFile(name, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// score returns the score of one row.
func (m *forest) score(row *features) int32 {
	var out [1]int32
	m.scores(out[:], []features{*row})
	return out[0]
}
