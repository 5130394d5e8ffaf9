package boilerplate

import (
	"cmp"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// maxFurniture is the most lines of furniture in a page that is shown as a rough extractor would
// leave it.
const maxFurniture = 15

// pageSamples makes labelled texts of the HTML pages below dir, most of them of sites that the
// labelled texts do not have: each as a dump of the whole page, and in the shape that rough
// extractors leave, with the article and the furniture that looks most like it. What the labels of
// the lines are follows from the hand-made text; pages of which it cannot be told are left out.
func pageSamples(t *testing.T, dir string) []*textSample {
	var out []*textSample
	for _, g := range readGold(t, dir) {
		p, err := ParseHTML([]byte(g.HTML), Options{URL: g.URL})
		if err != nil {
			t.Fatal(err)
		}
		whole, ok := labelBlocks(&g, p)
		if !ok {
			continue
		}
		out = append(out, newSample(whole, "pages "+g.Set+"-html"))
		if cut, ok := cropSample(whole); ok {
			out = append(out, newSample(cut, "cut pages "+g.Set+"-html"))
		}
		out = append(out, newSample(roughen(whole, p), "rough pages "+g.Set))
	}
	return out
}

// labelBlocks labels the blocks of a page: k what stands in the hand-made text, d what does not, o
// what does in part, and the headline. It returns false when much of that text is in no block.
func labelBlocks(g *goldPage, p *Page) (labelledText, bool) {
	norm := func(s string) []string { return scoreTokens(strings.ToLower(s)) }
	lines := map[string]bool{}
	for line := range strings.SplitSeq(g.Gold, "\n") {
		lines[strings.Join(norm(line), " ")] = true
	}
	gold, found := grams(norm(g.Gold)), map[[4]string]bool{}
	title := strings.Join(norm(p.Title), " ")
	text, labels := labelledText{ID: g.Set + "/" + g.ID, Host: g.Host}, []byte(nil)
	for i := range p.Blocks {
		line := strings.ReplaceAll(p.Blocks[i].Text, "\n", " ")
		words := norm(line)
		all, in := 0, 0
		for gram := range grams(words) {
			all++
			if gold[gram] > 0 {
				in++
				found[gram] = true
			}
		}
		label := byte('d')
		switch same := strings.Join(words, " "); {
		case len(words) > 0 && len(words) < 4 && lines[same], len(words) >= 4 && in*10 >= all*8:
			label = 'k'
		case len(words) >= 4 && in*10 > all*2, same == title:
			label = 'o'
		}
		text.Lines, labels = append(text.Lines, line), append(labels, label)
	}
	text.Labels = string(labels)
	return text, len(found)*10 >= len(gold)*8 && strings.Count(text.Labels, "k") > 1
}

// roughen leaves of the furniture only some lines, those with the highest scores.
func roughen(g labelledText, p *Page) labelledText {
	h := fnv.New64a()
	h.Write([]byte(g.ID))
	rng := rand.New(rand.NewPCG(h.Sum64(), 7))
	var furniture []int
	for i := range g.Lines {
		if g.Labels[i] == 'd' {
			furniture = append(furniture, i)
		}
	}
	slices.SortStableFunc(furniture, func(a, b int) int { return cmp.Compare(p.Blocks[b].Score, p.Blocks[a].Score) })
	stays := furniture[:min(rng.IntN(maxFurniture+1), len(furniture))]
	out := labelledText{ID: g.ID, Host: g.Host}
	for i, line := range g.Lines {
		if g.Labels[i] != 'd' || slices.Contains(stays, i) {
			out.Lines = append(out.Lines, line)
			out.Labels += g.Labels[i : i+1]
		}
	}
	return out
}
