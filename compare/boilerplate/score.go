package main

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// result is what the measure of the article-extraction benchmark says about a set: runs of
// four words, mean precision and recall over the pages and their harmonic mean.
type result struct {
	f1    float64
	paras float64 // share of the paragraphs of eight words and more of which 80 % of the runs are there
	empty int     // pages without a text
}

// score compares texts with the gold of their pages, as ../shared/eval/score.py does.
func score(pages []page, texts []string) result {
	var r result
	var precision, recall float64
	found, paras := 0, 0
	withText, withGold := 0, 0
	for i := range pages {
		text := leaveOut(texts[i], pages[i].Optional)
		gold, have := count(words(pages[i].Gold)), count(words(text))
		if strings.TrimSpace(text) == "" {
			r.empty++
		}
		hit := 0
		for k, n := range gold.runs {
			hit += min(n, have.runs[k])
		}
		if have.all > 0 {
			withText++
			precision += float64(hit) / float64(have.all)
		}
		if gold.all > 0 {
			withGold++
			recall += float64(hit) / float64(gold.all)
		}
		for para := range strings.SplitSeq(pages[i].Gold, "\n") {
			if w := words(para); len(w) >= 8 {
				paras++
				if have.holds(w) {
					found++
				}
			}
		}
	}
	p, q := precision/float64(max(withText, 1)), recall/float64(max(withGold, 1))
	if p+q > 0 {
		r.f1 = 2 * p * q / (p + q)
	}
	r.paras = float64(found) / float64(max(paras, 1))
	return r
}

// runs counts the runs of four words of a text; one of fewer words is one run.
type runs struct {
	runs map[[4]string]int
	all  int
}

func count(w []string) runs {
	r := runs{runs: map[[4]string]int{}}
	for i := range max(1, len(w)-3) {
		if len(w) > 0 {
			var k [4]string
			copy(k[:], w[i:])
			r.runs[k]++
			r.all++
		}
	}
	return r
}

// holds reports whether 80 % of a paragraph's runs are there.
func (r runs) holds(w []string) bool {
	n := 0
	for i := range len(w) - 3 {
		if r.runs[[4]string(w[i:])] > 0 {
			n++
		}
	}
	return 10*n >= 8*(len(w)-3)
}

// leaveOut returns the text without the lines that are optional.
func leaveOut(text string, optional []string) string {
	if len(optional) == 0 {
		return text
	}
	fold := func(s string) string { return strings.ToLower(strings.Join(words(s), " ")) }
	may := map[string]bool{}
	for _, o := range optional {
		may[fold(o)] = true
	}
	var kept []string
	for line := range strings.SplitSeq(text, "\n") {
		if !may[fold(line)] {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

// words cuts a text into words: runs of letters and digits, and each rune by itself of the
// scripts that are written without spaces.
func words(s string) (w []string) {
	start := -1
	for i, r := range s {
		alone := r >= 0x0e00 && r <= 0x0e7f || r >= 0x3040 && r <= 0x30ff || r >= 0x3400 && r <= 0x9fff || r >= 0xf900 && r <= 0xfaff
		inside := !alone && (unicode.IsLetter(r) || unicode.IsNumber(r) || r == '_')
		if inside && start < 0 {
			start = i
		}
		if !inside && start >= 0 {
			w = append(w, s[start:i])
			start = -1
		}
		if alone {
			w = append(w, s[i:i+utf8.RuneLen(r)])
		}
	}
	if start >= 0 {
		w = append(w, s[start:])
	}
	return w
}
