package dedupe

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const day = 24 * 3600

// Furniture of a publisher stops counting once three other stories have it.
func TestFurniture(t *testing.T) {
	x, _ := NewIndex(DefaultParams())
	footer := invent(1000, 150)
	for i := range uint64(40) {
		d := Doc{ID: fmt.Sprint("p", i), Seq: i, Publisher: "paper", Time: int64(i+1) * 5 * day}
		v := ask(x, d, invent(i, 120)+"\n"+footer)
		if i > 3 && (v.Kind != Unique || len(v.Overlaps) > 0) {
			t.Errorf("story %d shares only the footer: %+v", i, v)
		}
	}
	// a copy elsewhere is still found, and so is the same story in the paper again
	copied := ask(x, Doc{ID: "copy", Seq: 100, Publisher: "other", Time: 200 * day}, invent(30, 120))
	if copied.Kind == Unique || copied.Of.ID != "p30" || copied.Of.Relation != Syndication || copied.Of.ShareOfOther < 0.8 {
		t.Errorf("a copy of story 30 without the footer: %+v", copied)
	}
	again := ask(x, Doc{ID: "again", Seq: 101, Publisher: "paper", Time: 196 * day}, invent(39, 120)+"\n"+footer)
	if again.Kind != Exact || again.Of.ID != "p39" || again.Of.Relation != Repeat {
		t.Errorf("story 39 again: %+v", again)
	}
}

// Many versions of one story do not make it furniture.
func TestVersionsOfAStoryStay(t *testing.T) {
	x, _ := NewIndex(DefaultParams())
	text := invent(7, 300)
	for i := range uint64(30) {
		d := Doc{ID: fmt.Sprint("v", i), Seq: i, Publisher: "paper", URL: "https://paper.example/story", Time: day + int64(i)*3600}
		v := ask(x, d, change(text, i, 25))
		if i > 0 && len(partners(v)) == 0 {
			t.Errorf("version %d is not recognised", i)
		}
		if i > 0 && v.Cluster != "v0" {
			t.Errorf("version %d is in the cluster of %s", i, v.Cluster)
		}
		for _, m := range append(v.Overlaps, v.Of) {
			if m.ID != "" && m.Relation != Revision {
				t.Errorf("version %d: %+v is no revision", i, m)
			}
		}
	}
}

// A market report has the words of last week's, but other numbers.
func TestFormsAreToldApart(t *testing.T) {
	report := func(n int) string {
		f := func(k int) string { return fmt.Sprintf("%d.%02d", 20+(n*37+k*11)%70, (n*53+k*29)%100) }
		return "The exchange said the index closed at " + f(1) + " points after opening at " + f(2) +
			" and trading as high as " + f(3) + " on volume of " + f(4) + " mln shares. Copper for delivery in three months was quoted at " +
			f(5) + " dlrs a tonne against " + f(6) + " the day before, and zinc at " + f(7) + " after " + f(8) +
			". Dealers said the session was quiet with most participants waiting for figures due later in the week."
	}
	x, _ := NewIndex(DefaultParams())
	ask(x, Doc{ID: "monday", Seq: 1, Publisher: "agency", Time: 10 * day}, report(1))
	v := ask(x, Doc{ID: "later", Seq: 2, Publisher: "agency", Time: 17 * day}, report(3))
	if v.Kind != Unique || len(v.Overlaps) > 0 || v.Form.ID != "monday" {
		t.Errorf("next week's report: %+v", v)
	}
	v = ask(x, Doc{ID: "copy", Seq: 3, Publisher: "paper", Time: 17 * day}, "Markets this week. "+report(3))
	if v.Kind == Unique || v.Of.ID != "later" {
		t.Errorf("a copy of it: %+v", v)
	}
}

// Beyond MaxDocs the oldest are forgotten, and nothing else.
func TestOldestGoesFirst(t *testing.T) {
	p := DefaultParams()
	p.MaxDocs = 5000
	x, _ := NewIndex(p)
	for i := range uint64(7000) {
		ask(x, Doc{ID: fmt.Sprint(i), Seq: i, Publisher: fmt.Sprint(i)}, invent(i, 40))
		if x.Len() > p.MaxDocs {
			t.Fatalf("%d documents after %d", x.Len(), i)
		}
	}
	for _, c := range []struct {
		n    uint64
		kind Kind
	}{{0, Unique}, {1000, Unique}, {2500, Exact}, {6999, Exact}} {
		v := ask(x, Doc{ID: "copy", Seq: 20000 + c.n, Publisher: "copy"}, invent(c.n, 40))
		if v.Kind != c.kind || v.Kind == Exact && v.Of.ID != fmt.Sprint(c.n) {
			t.Errorf("document %d: %+v", c.n, v)
		}
	}
}

// A text that drifts away version by version is kept again before what is new in it is lost: no
// duplicate rests on another one.
func TestDuplicatesDoNotChain(t *testing.T) {
	x, _ := NewIndex(DefaultParams())
	kept := map[string][]string{}
	text := strings.Fields(invent(1, 600))
	for i := range 40 {
		copy(text[i*15:], strings.Fields(invent(uint64(100+i), 15))[:15])
		id := fmt.Sprint(i)
		v := ask(x, Doc{ID: id, Seq: uint64(i), Publisher: id}, strings.Join(text, " "))
		if v.Kind == Unique {
			kept[id] = slices.Clone(text)
			continue
		}
		of := kept[v.Of.ID]
		if of == nil {
			t.Fatalf("version %d repeats %s, which repeats another", i, v.Of.ID)
		}
		same := 0
		for k := range text {
			if text[k] == of[k] {
				same++
			}
		}
		if same < len(text)*8/10 {
			t.Errorf("version %d repeats %s and has %d of %d words of it", i, v.Of.ID, same, len(text))
		}
	}
	if len(kept) < 3 {
		t.Errorf("%d versions were kept", len(kept))
	}
}

// A story outlives its first document: the cluster passes to another member.
func TestClusterPassesOn(t *testing.T) {
	p := DefaultParams()
	p.MaxDocs = 4
	x, _ := NewIndex(p)
	kept := 0
	for i := range uint64(20) {
		v := ask(x, Doc{ID: fmt.Sprint(i), Seq: i, Publisher: fmt.Sprint(i)}, change(invent(1, 300), i, 60))
		if v.Kind == Unique {
			kept++ // the first, and each that comes when the one that was kept has been forgotten
		}
		if i > 4 && (v.Cluster == "0" || v.Cluster == fmt.Sprint(i)) {
			t.Fatalf("version %d is in the cluster of %s", i, v.Cluster)
		}
	}
	if kept < 4 || kept > 8 {
		t.Errorf("%d of 20 versions were kept", kept)
	}
}

// Texts farther apart in event time than the window are not compared; texts
// without a time are compared with all.
func TestWindow(t *testing.T) {
	p := DefaultParams()
	p.Window = 48 * time.Hour
	x, _ := NewIndex(p)
	text := invent(1, 200)
	ask(x, Doc{ID: "a", Seq: 1, Publisher: "a", Time: 100 * day}, text)
	if v := ask(x, Doc{ID: "b", Seq: 2, Publisher: "b", Time: 103 * day}, text); v.Kind != Unique {
		t.Errorf("three days later: %+v", v)
	}
	if v := ask(x, Doc{ID: "c", Seq: 3, Publisher: "c", Time: 104 * day}, text); v.Kind != Exact || v.Of.ID != "b" {
		t.Errorf("a day after the second: %+v", v)
	}
	if v := ask(x, Doc{ID: "d", Seq: 4, Publisher: "d"}, text); v.Kind != Exact || v.Of.ID != "a" {
		t.Errorf("without a time: %+v", v)
	}
}

// Documents out of the window leave the index; a few wrong dates do not empty it.
func TestWindowForgets(t *testing.T) {
	p := DefaultParams()
	p.Window = 10 * 24 * time.Hour
	x, _ := NewIndex(p)
	for i := range uint64(4000) {
		d := Doc{ID: fmt.Sprint(i), Seq: i, Publisher: fmt.Sprint(i), Time: 1000*day + int64(i)*day/50}
		if i%97 == 0 {
			d.Time = 90000 * day // nonsense
		}
		ask(x, d, invent(i, 30))
	}
	if n := x.Len(); n < 500 || n > 700 {
		t.Errorf("%d documents remembered, want about 500", n)
	}
}

// A page of one word, a huge text and a shingle that everybody shares cost
// bounded time and memory.
func TestRobust(t *testing.T) {
	x, _ := NewIndex(DefaultParams())
	var sk Sketch
	s := NewSketcher(x.p)
	for i, text := range []string{
		strings.Repeat("word ", 1_000_000),
		strings.Repeat("one two three four five six seven ", 100_000),
		strings.Repeat("\u00e9", 200_000),
		strings.Repeat("語", 200_000),
		strings.Repeat("<>", 1_000_000),
		strings.Repeat("12 ", 300_000),
		strings.Repeat("\xff\x80", 200_000),
		invent(1, 300_000),
	} {
		s.Sketch(&sk, text)
		if len(sk.grams) > gramMax || len(sk.keys) > 4*keyMax || len(sk.numbers) > numberMax {
			t.Errorf("text %d: %d grams, %d keys, %d numbers", i, len(sk.grams), len(sk.keys), len(sk.numbers))
		}
		v := x.Judge(Doc{ID: fmt.Sprint(i), Seq: uint64(i)}, &sk)
		if v.Kind != Unique {
			t.Errorf("text %d: %+v", i, v)
		}
		if v := x.Judge(Doc{ID: fmt.Sprint("again", i), Seq: uint64(i)}, &sk); (v.Kind == Exact) != (sk.Words > 0) {
			t.Errorf("text %d again: %+v", i, v)
		}
	}
	if n := len(x.log.pages); n > 1 {
		t.Errorf("%d pages for eight texts", n)
	}
}

// What repeats itself keeps few keys, whatever the seed.
func TestRepetitionKeepsFewKeys(t *testing.T) {
	p := DefaultParams()
	var sk Sketch
	for _, text := range []string{strings.Repeat("語", 20_000), strings.Repeat("one two three four five six seven ", 3000)} {
		for range 100 {
			p.Seed++
			NewSketcher(p).Sketch(&sk, text)
			if len(sk.keys) > keyMax {
				t.Errorf("%d keys of %.30q under the seed %x", len(sk.keys), text, uint64(p.Seed))
			}
		}
	}
}

// However many documents share a shingle, its list is no longer than a bucket.
func TestSharedByAll(t *testing.T) {
	x, _ := NewIndex(DefaultParams())
	x.posts.add(42, 1, 1)
	for d := uint32(2); d < 100_000; d++ {
		x.posts.add(42, d, 1)
	}
	got := x.posts.find(nil, 42, 1)
	slices.Sort(got)
	if len(got) != slots || got[0] != 100_000-slots {
		t.Errorf("%d documents from %d on", len(got), got[0])
	}
	if n := x.posts.part(42).used; n != slots {
		t.Errorf("%d slots used", n)
	}
}

// The table keeps what it holds while it grows.
func TestPostingsGrow(t *testing.T) {
	p := newPostings()
	const n = 1_200_000
	for d := uint32(1); d <= n; d++ {
		p.add(uint32(mix(uint64(d)*mul1)>>32), d, 1)
	}
	buckets := uint64(0)
	for i := range p.parts {
		buckets += p.parts[i].n
	}
	if buckets < n/maxLoad || buckets > n/maxLoad*5/4 {
		t.Errorf("%d buckets", buckets)
	}
	lost := 0
	for d := uint32(1); d <= n; d++ {
		if !slices.Contains(p.find(nil, uint32(mix(uint64(d)*mul1)>>32), 1), d) {
			lost++
		}
	}
	if lost > n*8/100 {
		t.Errorf("%d of %d lost", lost, n)
	}
}

// A text that embeds two stories names each once before it names further copies.
func TestEachStoryIsNamedFirst(t *testing.T) {
	a, b := invent(1, 200), invent(2, 120)
	all := judge(DefaultParams(), a, a+" "+invent(3, 8), a+" "+invent(4, 16), b, a+"\n"+b)
	v, named := all[4], map[string]bool{}
	var first, again []string
	for _, m := range v.Overlaps {
		story := all[m.Seq-1].Cluster
		if named[story] {
			again = append(again, m.ID)
		} else if len(again) > 0 {
			t.Errorf("%s is named after further copies", m.ID)
		} else {
			first = append(first, m.ID)
		}
		named[story] = true
	}
	if len(first) != 2 || !slices.Contains(first, "d") || len(again) != 2 {
		t.Errorf("stories %v, then %v: %+v", first, again, v.Verdict)
	}
}

// An index that forgets as much as it learns does not grow: dead postings make room.
func TestForgettingBoundsMemory(t *testing.T) {
	p := DefaultParams()
	p.MaxDocs = 15_000
	x, _ := NewIndex(p)
	var sk Sketch
	var size [5]int64
	for i := range size {
		fill(x, 1+i*20_000, 20_000, &sk)
		size[i] = x.Size()
	}
	if size[4] > size[1]*21/20 {
		t.Errorf("bytes after every 20,000 documents: %d", size)
	}
	fill(x, 100_001, 9, &sk)
	synthesize(&sk, 100_003)
	if v := x.Judge(Doc{ID: "again", Seq: 1 << 20}, &sk); v.Kind != Exact {
		t.Errorf("a document judged seven before: %+v", v)
	}
}

// Where in the log the records stand makes no difference, be it around the place where 32 bits end.
func TestLogGoesOn(t *testing.T) {
	p := DefaultParams()
	p.MaxDocs = 1000
	const docs = 4000
	x, y := newIndex(t, p), newIndex(t, p)
	y.log.first = maxLog >> pageBits
	y.log.end = maxLog // the last page before 2^32 units
	if d := cmp.Diff(stream(x, 0, docs), stream(y, 0, docs)); d != "" {
		t.Fatal(d)
	}
	if y.log.end <= 1<<32 {
		t.Fatalf("the log ends at %d: the test is too short", y.log.end)
	}
	var snapshot bytes.Buffer
	if _, err := y.WriteTo(&snapshot); err != nil {
		t.Fatal(err)
	}
	z, err := ReadIndex(&snapshot, p)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(stream(x, docs, docs+100), stream(z, docs, docs+100)); d != "" {
		t.Fatal(d)
	}
	if want := int(x.log.end>>pageBits - x.log.first + 1); len(x.log.pages) != want || want > 6 {
		t.Errorf("%d pages are kept, %d are within the window", len(x.log.pages), want)
	}
}

// What the log cannot tell apart is forgotten before.
func TestLogIsShortened(t *testing.T) {
	x := newIndex(t, DefaultParams())
	stream(x, 0, 3000)
	const most = 2 * pageUnits
	x.shorten(most)
	if n := x.Len(); n == 3000 || n < 300 {
		t.Errorf("%d of 3000 documents are left", n)
	}
	if span := x.log.span(x.entryOf(x.low).at); span > most {
		t.Errorf("the records span %d units, want %d at most", span, most)
	}
	stream(x, 3000, 3100)
}

// An index whose numbers are used up begins anew.
func TestNumbersRunOut(t *testing.T) {
	x := newIndex(t, DefaultParams())
	x.next, x.low = math.MaxUint32, math.MaxUint32
	text := invent(1, 100)
	for _, want := range []Kind{Unique, Exact} {
		if v := ask(x, Doc{ID: "a"}, text); v.Kind != want {
			t.Errorf("the verdict is %v, want %v", v.Kind, want)
		}
	}
	if x.Len() != 2 {
		t.Errorf("%d documents are known, want 2", x.Len())
	}
}

func newIndex(t *testing.T, p Params) *Index {
	t.Helper()
	x, err := NewIndex(p)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// The parts grow in turn at every size: as the index grows by a hundredth, about 46 of the 1,024 parts do.
func TestPartsGrowInTurn(t *testing.T) {
	for _, from := range []uint64{1000, 4000, 16_000} { // buckets a part
		for n := from; n < 2*from; n += n / 100 {
			grow := 0
			for part := range partCount {
				if size := sizeAbove(n, part); size <= n+n/100 {
					grow++
				}
			}
			if grow > 60 {
				t.Errorf("%d parts grow between %d and %d buckets", grow, n, n+n/100)
			}
		}
	}
}
