package dedupe

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// A text is an exact duplicate of itself, however it is dressed, and the verdict
// names the first.
func TestSameTextIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`([a-zA-Z0-9]{1,12}[ ,.;:\n-]{1,3}){1,80}`).Draw(t, "text")
		v := judge(DefaultParams(), text, invent(1, 200), " "+text+"\n", text+"!")
		for _, i := range []int{2, 3} {
			if v[i].Kind != Exact || v[i].Of.ID != "a" || v[i].Of.Share != 1 || v[i].Cluster != "a" {
				t.Fatalf("copy %d: %+v", i, v[i].Verdict)
			}
		}
	})
}

// Texts without words are not duplicates of each other.
func TestNothingIsNotADuplicate(t *testing.T) {
	for i, v := range judge(DefaultParams(), "", " ", "...", "—") {
		if v.Kind != Unique || len(v.Overlaps) > 0 {
			t.Errorf("text %d: %+v", i, v.Verdict)
		}
	}
}

// A text cut from an earlier one is contained in it; one that embeds an earlier
// text is new and names what it embeds.
func TestPartsAreContained(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(150, 900).Draw(t, "words")
		whole := invent(rapid.Uint64().Draw(t, "seed"), n)
		from := rapid.IntRange(0, n/3).Draw(t, "from")
		part := cut(whole, from, from+rapid.IntRange(80, n/2+20).Draw(t, "length"))

		v := judge(DefaultParams(), whole, part)[1]
		if v.Kind != Contained && v.Kind != Near || v.Of.ID != "a" || v.Of.Share < 0.95 {
			t.Fatalf("part after whole: %+v", v.Verdict)
		}
		want := float64(len(part)) / float64(len(whole))
		if got := v.Of.ShareOfOther; got < want-0.12 || got > want+0.12 {
			t.Fatalf("share of the whole %.2f, want about %.2f", got, want)
		}
		v = judge(DefaultParams(), part, whole)[1]
		if !slices.Contains(partners(v.Verdict), "a") {
			t.Fatalf("whole after part: %+v", v.Verdict)
		}
		if v.Kind == Contained {
			t.Fatalf("the whole is not contained in its part: %+v", v.Verdict)
		}
	})
}

// Texts that share nothing match nothing.
func TestUnrelatedTextsDoNotMatch(t *testing.T) {
	var texts []string
	for i := range uint64(300) {
		texts = append(texts, invent(i, 30+int(i)*5))
	}
	for _, v := range judge(DefaultParams(), texts...) {
		if v.Kind != Unique || len(v.Overlaps) > 0 || v.Cluster != v.ID {
			t.Errorf("%s: %+v", v.ID, v.Verdict)
		}
	}
}

// The order of arrival decides which text is first, not which pairs are found.
func TestOrderDoesNotChangePairs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var texts []string
		for story := range uint64(3) {
			base := invent(rapid.Uint64().Draw(t, "seed")*3+story, 300)
			texts = append(texts, base, cut(base, 20, 300), change(base, 7, 15), invent(story+99, 60)+" "+base)
		}
		forward := pairs(t, texts, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})
		order := rapid.Permutation([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}).Draw(t, "order")
		if d := cmp.Diff(forward, pairs(t, texts, order)); d != "" {
			t.Fatalf("order %v:\n%s", order, d)
		}
		if len(forward) != 3*6 {
			t.Fatalf("%d pairs, want 18: %v", len(forward), forward)
		}
	})
}

// pairs judges texts in that order and returns the pairs found, by their numbers.
func pairs(t *rapid.T, texts []string, order []int) (found []string) {
	x, err := NewIndex(DefaultParams())
	if err != nil {
		t.Fatal(err)
	}
	for i, n := range order {
		d := Doc{ID: fmt.Sprint(n), Seq: uint64(i), Publisher: fmt.Sprint(n)}
		for _, id := range partners(ask(x, d, texts[n])) {
			p := []string{d.ID, id}
			sort.Strings(p)
			found = append(found, fmt.Sprint(p))
		}
	}
	sort.Strings(found)
	return found
}

// Matches name documents that are there, the text itself excepted, once each.
func TestMatchesAreRealAndDistinct(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, _ := NewIndex(DefaultParams())
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 3))
		seen := map[string]uint64{}
		for i := range 40 {
			d := Doc{ID: fmt.Sprintf("%04x", r.IntN(1<<16)*64+i), Seq: uint64(i), Publisher: fmt.Sprint(r.IntN(4))}
			text := change(invent(uint64(r.IntN(5)), 200), r.Uint64(), 12)
			v := ask(x, d, text)
			named := map[string]bool{}
			for _, m := range append(v.Overlaps, v.Of) {
				if m == (Match{}) {
					continue
				}
				if seq, ok := seen[m.ID]; !ok || seq != m.Seq || named[m.ID] {
					t.Fatalf("document %d: %+v", i, v)
				}
				if m.Share < 0 || m.Share > 1 || m.ShareOfOther < 0 || m.ShareOfOther > 1 {
					t.Fatalf("shares of %+v", m)
				}
				named[m.ID] = true
			}
			if _, ok := seen[v.Cluster]; !ok && v.Cluster != d.ID {
				t.Fatalf("cluster %q is no document", v.Cluster)
			}
			seen[d.ID] = d.Seq
		}
	})
}
