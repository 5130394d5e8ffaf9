package dedupe

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A near copy of a clean document that is still within the bound, of documents or of
// time, is no clean one without a match: however many versions and copies of its story
// went before it, and whatever has left the index since. Documents that came while the
// index was all but empty are left out: see early.
func TestNearCopyIsFoundUntilItsOriginalGoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := DefaultParams()
		p.MaxDocs = rapid.IntRange(2, 70).Draw(t, "max docs")
		last, first := p.MaxDocs, p.MaxDocs/early
		if rapid.Bool().Draw(t, "by time") {
			first, p.MaxDocs, p.Window = 0, 100_000, time.Duration(last)*time.Hour
		}
		var (
			x, _    = NewIndex(p)
			r       = rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 8))
			stories = rapid.IntRange(1, 12).Draw(t, "stories")
			update  = rapid.SampledFrom([]int{0, 5, 20}).Draw(t, "documents to an update")
			words   = rapid.SampledFrom([]int{80, 300}).Draw(t, "words")
			texts   [12][]string
			clean   = map[int][]int{} // documents, by story
			sketch  = NewSketcher(p)
			sk      Sketch
		)
		for i := range texts {
			texts[i] = strings.Fields(invent(uint64(i), words))
		}
		text := map[int]string{}
		for i := range 200 {
			s := r.IntN(stories)
			if update > 0 && r.IntN(update) == 0 { // some of the story is new
				at := r.IntN(words / 2)
				copy(texts[s][at:], strings.Fields(invent(r.Uint64(), words/2))[:r.IntN(words/2)])
			}
			w := append([]string(nil), texts[s]...)
			w[r.IntN(len(w))] = "other"
			text[i] = strings.Join(w, " ")
			sketch.Sketch(&sk, text[i])
			v := x.Judge(Doc{ID: fmt.Sprint(i), Seq: uint64(i), Publisher: fmt.Sprint(i), Time: day + int64(i)*3600}, &sk)
			if v.Kind != Unique {
				continue
			}
			for _, d := range clean[s] {
				if d >= first && i-d <= last && apart(text[i], text[d]) <= 2 {
					t.Fatalf("document %d is clean, and %d was: %+v", i, d, v)
				}
			}
			clean[s] = append(clean[s], i)
		}
	})
}

// apart counts the words in which two texts differ.
func apart(a, b string) (n int) {
	w := strings.Fields(b)
	for i, v := range strings.Fields(a) {
		if v != w[i] {
			n++
		}
	}
	return n
}
