package dedupe

import (
	"math/rand/v2"
	"strings"
)

// invent returns n invented words, different for every seed, in sentences.
func invent(seed uint64, n int) string {
	r := rand.New(rand.NewPCG(seed, 1))
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString([]string{" ", " ", " ", " ", ", ", ". "}[r.IntN(6)])
		}
		for range 1 + r.IntN(3) {
			b.WriteString([]string{"ka", "lo", "mir", "ten", "sa", "vu", "ro", "pel", "din", "ost", "ar", "eb", "zun", "fi", "gra"}[r.IntN(15)])
		}
	}
	return b.String()
}

// judged is a document and what the index said of it.
type judged struct {
	Doc
	Verdict
}

// judge runs texts through a new index, in order. Each has its own publisher.
func judge(p Params, texts ...string) []judged {
	x, err := NewIndex(p)
	if err != nil {
		panic(err)
	}
	var out []judged
	for i, t := range texts {
		id := string(rune('a' + i%26))
		if i >= 26 {
			id += string(rune('a' + i/26%26))
		}
		d := Doc{ID: id, Seq: uint64(i + 1), Publisher: "publisher of " + id}
		out = append(out, judged{d, ask(x, d, t)})
	}
	return out
}

// ask judges one text; the verdict stays valid.
func ask(x *Index, d Doc, text string) Verdict {
	var sk Sketch
	NewSketcher(x.p).Sketch(&sk, text)
	v := x.Judge(d, &sk)
	v.Overlaps = append([]Match(nil), v.Overlaps...)
	return v
}

// partners returns the ids of all documents a verdict names.
func partners(v Verdict) (ids []string) {
	if v.Kind != Unique {
		ids = append(ids, v.Of.ID)
	}
	for _, m := range v.Overlaps {
		ids = append(ids, m.ID)
	}
	return ids
}

// change replaces about one word in every so many by another.
func change(text string, seed uint64, every int) string {
	r := rand.New(rand.NewPCG(seed, 2))
	w := strings.Fields(text)
	for i := range w {
		if r.IntN(every) == 0 {
			w[i] = "changed" + string(rune('a'+r.IntN(26)))
		}
	}
	return strings.Join(w, " ")
}

// cut returns words from to to of text.
func cut(text string, from, to int) string {
	return strings.Join(strings.Fields(text)[from:to], " ")
}
