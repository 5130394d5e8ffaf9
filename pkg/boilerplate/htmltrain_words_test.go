package boilerplate

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
)

// trainWords weighs the words of names and of short texts by what they say of their leaves, over the
// samples that are not in the fold; a site's pages together weigh as much as one.
func trainWords(samples []*sample, fold int) htmlModel {
	names, texts := newWordLearner(), newWordLearner()
	pairs := map[uint32]bool{}
	for _, s := range samples {
		if s.fold == fold || s.trust < 1 {
			continue
		}
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
			}
			names.add(s.tree.nameWords(l.node), s.label[i], w, s.gold.site())
			if l.to-l.from > 400 {
				continue
			}
			seen, before := map[uint32]bool{}, uint32(0)
			eachWord(s.tree.text[l.from:l.to], func(h uint32) {
				pair := pairHash(before, h)
				seen[h], seen[pair], pairs[pair] = true, true, true
				before = h
			})
			texts.add(seen, s.label[i], w, s.gold.site())
		}
	}
	// The words of texts are many and rare, in languages of few sites: there the odds of each word alone,
	// which are larger by their nature, help the regression.
	text, odds := texts.regress(), texts.odds()
	// Pairs are rarer still and lean on their words, so they have the regression alone.
	for h, v := range text {
		switch {
		case !pairs[h]:
			text[h] = v/2 + odds[h]/4
		case len(texts.sites[texts.id[h]]) < pairSites:
			delete(text, h)
		default:
			text[h] = v * pairShare
		}
	}
	return htmlModel{name: wordWeights(names.regress()), text: wordWeights(text)}
}

// nameWords returns the words of the names of an element and of those around it.
func (t *tree) nameWords(n int32) map[uint32]bool {
	seen := map[uint32]bool{}
	for ; n > 0; n = t.nodes[n].parent {
		e := &t.nodes[n]
		for _, h := range t.words[e.words : e.words+uint32(e.nwords)] {
			seen[h] = true
		}
	}
	return seen
}

// wordWeights rounds log-odds to the weights of a table.
func wordWeights(logit map[uint32]float64) wordTable {
	out := map[uint32]int8{}
	for h, v := range logit {
		if q := math.Round(v * 40); math.Abs(q) >= 3 {
			out[h] = int8(min(max(q, -127), 127))
		}
	}
	return newWordTable(out)
}

// wordLearner estimates what the words of leaves say for their being part of the article.
type wordLearner struct {
	id     map[uint32]int32
	hashes []uint32
	sites  []map[string]bool // where a word stands, up to pairSites
	rows   []wordRow
	words  []int32 // of all rows
}

type wordRow struct {
	from, to int32
	weight   float64
	yes      bool
}

const (
	minSites   = 3 // that a word must stand on to count
	pairSites  = 4 // ... a pair of words
	pairShare  = 0.7
	wordL2     = 2
	wordEpochs = 8
	wordRate   = 0.3
)

func newWordLearner() *wordLearner { return &wordLearner{id: map[uint32]int32{}} }

// add adds a leaf with these words.
func (w *wordLearner) add(words map[uint32]bool, yes bool, weight float64, site string) {
	from := int32(len(w.words))
	for _, h := range slices.Sorted(maps.Keys(words)) {
		id, ok := w.id[h]
		if !ok {
			id = int32(len(w.hashes))
			w.id[h] = id
			w.hashes, w.sites = append(w.hashes, h), append(w.sites, map[string]bool{})
		}
		if m := w.sites[id]; len(m) < pairSites {
			m[site] = true
		}
		w.words = append(w.words, id)
	}
	w.rows = append(w.rows, wordRow{from, int32(len(w.words)), weight, yes})
}

// odds returns the log-odds of each word alone.
func (w *wordLearner) odds() map[uint32]float64 {
	var all [2]float64
	count := make([][2]float64, len(w.hashes))
	for _, r := range w.rows {
		k := 0
		if r.yes {
			k = 1
		}
		all[k] += r.weight
		for _, id := range w.words[r.from:r.to] {
			count[id][k] += r.weight
		}
	}
	out := map[uint32]float64{}
	for id, h := range w.hashes {
		if len(w.sites[id]) >= minSites {
			out[h] = math.Log((count[id][1] + 1) / (count[id][0] + 1) * (all[0] / all[1]))
		}
	}
	return out
}

// regress returns the weights of a logistic regression over all words together: a word that says
// nothing that others do not say weighs little. Source: AdaGrad (Duchi, Hazan, Singer, JMLR 2011).
func (w *wordLearner) regress() map[uint32]float64 {
	n := len(w.hashes)
	seen := make([]float64, n)
	for _, id := range w.words {
		seen[id]++
	}
	weight, squares := make([]float64, n), slices.Repeat([]float64{1}, n)
	bias, biasSquares := 0.0, 1.0
	rng := rand.New(rand.NewPCG(11, 13))
	for epoch := range wordEpochs {
		rate := wordRate / float64(1+epoch)
		for _, i := range rng.Perm(len(w.rows)) {
			r := &w.rows[i]
			z := bias
			for _, id := range w.words[r.from:r.to] {
				z += weight[id]
			}
			g := 1 / (1 + math.Exp(-z))
			if r.yes {
				g--
			}
			g *= r.weight
			biasSquares += g * g
			bias -= rate * g / math.Sqrt(biasSquares)
			for _, id := range w.words[r.from:r.to] {
				if len(w.sites[id]) < minSites {
					continue
				}
				d := g + wordL2*weight[id]/seen[id]
				squares[id] += d * d
				weight[id] -= rate * d / math.Sqrt(squares[id])
			}
		}
	}
	out := map[uint32]float64{}
	for id, h := range w.hashes {
		if len(w.sites[id]) >= minSites {
			out[h] = weight[id]
		}
	}
	return out
}
