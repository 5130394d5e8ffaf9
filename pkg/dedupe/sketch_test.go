package dedupe

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// Sketching is a pure function: a sketcher that has seen other texts gives the
// same sketch as a new one.
func TestSketchIsPure(t *testing.T) {
	used := NewSketcher(DefaultParams())
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.Custom(func(t *rapid.T) string {
			return invent(rapid.Uint64().Draw(t, "seed"), rapid.IntRange(0, 3000).Draw(t, "words"))
		})).Draw(t, "text")
		var a, b Sketch
		used.Sketch(&a, text)
		NewSketcher(DefaultParams()).Sketch(&b, text)
		if a.Exact != b.Exact || a.Words != b.Words || len(a.grams) != len(b.grams) || len(a.keys) != len(b.keys) {
			t.Fatalf("%+v, then %+v", a, b)
		}
		for i := range a.keys {
			if a.keys[i] != b.keys[i] || int(a.keyAt[i]) >= max(1, len(a.grams)) {
				t.Fatalf("key %d", i)
			}
		}
	})
}

// Two texts that share a run as long as the widest window and a key share a key.
func TestSharedRunGivesSharedKey(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		run := invent(seed, keyWindow+keyWords)
		a := exactOf(invent(seed+1, rapid.IntRange(0, 900).Draw(t, "before")) + " " + run + " " + invent(seed+2, 200))
		b := exactOf(invent(seed+3, rapid.IntRange(0, 900).Draw(t, "before")) + " " + run)
		for _, k := range a.keys {
			if slices.Contains(b.keys, k) {
				return
			}
		}
		t.Fatal("no key in common")
	})
}

// A seed that is not known gives other hashes: collisions cannot be prepared.
func TestSeedChangesHashes(t *testing.T) {
	p := DefaultParams()
	p.Seed++
	var a, b Sketch
	NewSketcher(DefaultParams()).Sketch(&a, invent(1, 100))
	NewSketcher(p).Sketch(&b, invent(1, 100))
	for _, g := range a.grams {
		for _, h := range b.grams {
			if g == h {
				t.Fatal("a gram has the same hash under two seeds")
			}
		}
	}
}

// Once warm, neither sketching nor judging allocates.
func TestNoAllocations(t *testing.T) {
	x, _ := NewIndex(DefaultParams())
	s := NewSketcher(x.p)
	var sk Sketch
	var texts []string
	for i := range uint64(400) {
		texts = append(texts, invent(i, 400))
	}
	i := 0
	step := func() {
		s.Sketch(&sk, texts[i])
		x.Judge(Doc{ID: "0123456789abcdef", Seq: uint64(i), Publisher: "p", URL: "https://www.paper.example:443/a/?p=1#top", Time: 1}, &sk)
		i++
	}
	for range 100 {
		step()
	}
	if n := testing.AllocsPerRun(200, step); n > 0 {
		t.Errorf("%v allocations a document", n)
	}
}

// FuzzSketch: any bytes give a bounded sketch, and its spans lie in the text.
func FuzzSketch(f *testing.F) {
	f.Add("The quick brown fox — “jumps” über 1,234 langweilige Hunde")
	f.Add("à¸ à ¸ âÃ¢â‚¬â„¢ \xff\xfe\x80 ﬁ ½ ﷺ 漢字かな ไทย")
	f.Add(strings.Repeat("a ", 3000))
	f.Add("zażółć gęślą jaźń “André’s” naïve ÃŸ Ã’ éé éü½² so\u00adft 语言 \xc3 \xe2\x80")
	f.Fuzz(func(t *testing.T, text string) {
		a := exactOf(text)
		if len(a.grams) > gramMax || len(a.numbers) > numberMax || len(a.keys) > len(text) {
			t.Fatalf("%d grams, %d numbers, %d keys of %d bytes", len(a.grams), len(a.numbers), len(a.keys), len(text))
		}
		if !slices.Equal(tokens(text, true), tokens(text, false)) {
			t.Fatal("the two paths find other words")
		}
		w := wordsOf(text)
		if len(w.hash) != a.Words || len(w.start) != a.Words {
			t.Fatalf("%d words, %d spans, %d hashes", a.Words, len(w.start), len(w.hash))
		}
		end := 0
		for i := range w.start {
			if w.start[i] < end || w.end[i] <= w.start[i] || w.end[i] > len(text) {
				t.Fatalf("word %d is [%d:%d] after %d of %d", i, w.start[i], w.end[i], end, len(text))
			}
			if utf8.ValidString(text) && !utf8.ValidString(text[w.start[i]:w.end[i]]) {
				t.Fatalf("word %d cuts a character", i)
			}
			end = w.start[i]
		}
	})
}

// FuzzPassages: what is reported as shared is the same words in both.
func FuzzPassages(f *testing.F) {
	f.Add("one two three four five six seven eight", "zero one two three four five six seven")
	f.Add("x", "")
	f.Fuzz(func(t *testing.T, a, b string) {
		last := 0
		for _, p := range Passages(a, b) {
			x, y := wordsOf(a[p.AStart:p.AEnd]), wordsOf(b[p.BStart:p.BEnd])
			if p.BStart < last || p.Words < passageWords || len(x.hash) == 0 || len(y.hash) == 0 {
				t.Fatalf("%+v", p)
			}
			last = p.BStart
		}
	})
}

// Passages finds each copied run, with offsets into both texts.
func TestPassages(t *testing.T) {
	a := invent(1, 50) + " THE QUICK — brown fox jumps over the lazy dog. " + invent(2, 50)
	b := invent(3, 20) + " the quick brown fox jumps, over the lazy dog " + invent(4, 20)
	p := Passages(a, b)
	if len(p) != 1 || p[0].Words != 9 ||
		a[p[0].AStart:p[0].AEnd] != "THE QUICK — brown fox jumps over the lazy dog" ||
		b[p[0].BStart:p[0].BEnd] != "the quick brown fox jumps, over the lazy dog" {
		t.Errorf("%+v", p)
	}
	if p := Passages(strings.Repeat("word ", 20000), strings.Repeat("word ", 20000)); len(p) != 1 || p[0].Words != 20000 {
		t.Errorf("%d passages in a page of one word", len(p))
	}
}

// Texts prepared to share a key under a seed that is known share none under another.
func TestPreparedCollisionsNeedTheSeed(t *testing.T) {
	p := DefaultParams()
	s := NewSketcher(p)
	var a, b Sketch
	first := map[uint32]uint64{}
	found := 0
	for i := range uint64(150_000) {
		s.Sketch(&a, invent(i, 5))
		for _, k := range a.keys {
			j, ok := first[k]
			if !ok {
				first[k] = i
				continue
			}
			q := p
			q.Seed++
			other := NewSketcher(q)
			other.Sketch(&a, invent(i, 5))
			other.Sketch(&b, invent(j, 5))
			if a.Exact == b.Exact { // the same words
				continue
			}
			if slices.Equal(a.keys, b.keys) {
				t.Errorf("%q and %q share a key under two seeds", invent(i, 5), invent(j, 5))
			}
			found++
		}
	}
	if found == 0 {
		t.Error("no collision was found under the known seed")
	}
}
