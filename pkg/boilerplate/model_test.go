package boilerplate

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func pageOf(lines ...string) *Page {
	p := &Page{}
	for _, l := range lines {
		p.Blocks = append(p.Blocks, Block{Text: l})
	}
	return p
}

// story returns a paragraph of running text that is told by no other n.
func story(n int) string {
	return fmt.Sprintf("In the year %d the %dth mayor of the town opened a bridge of %d arches, and %d people came to see it although it rained on all of them from %d o'clock until the evening of day %d.", n, n*7, n*3, n*11, n%12, n*13)
}

func keptMarks(p *Page) string {
	var b strings.Builder
	for i := range p.Blocks {
		b.WriteByte(map[bool]byte{true: '+', false: '-'}[p.Blocks[i].Kept()])
	}
	return b.String()
}

// What recurs on pages with different texts is template from the third page on, in any language,
// whatever its case and punctuation.
func TestModelThirdPage(t *testing.T) {
	m := NewModel(ModelParams{})
	for n, want := range []string{"+++", "+++", "-+-", "-+-"} {
		p := pageOf([]string{"Ειδήσεις | Νέα", "ειδησεις νεα!"}[n%2], story(n), "Tilaa uutiskirje")
		m.Learn("gr.example", p)
		if got := keptMarks(p); got != want {
			t.Errorf("page %d: %s, want %s", n, got, want)
		}
		if n == 3 && p.Blocks[0].Reason != reasonTemplate {
			t.Errorf("the reason is %q", p.Blocks[0].Reason)
		}
	}
	p := pageOf("Ειδήσεις | Νέα", story(9))
	m.Learn("gr.other", p)
	if got := keptMarks(p); got != "++" {
		t.Errorf("another site: %s", got)
	}
}

// A story that a site publishes again and again is not template, be its headline changed or not.
func TestModelSameStory(t *testing.T) {
	m := NewModel(ModelParams{})
	for n := range 12 {
		p := pageOf("News", fmt.Sprintf("A headline for the %dth time", n), story(1), story(2), story(3))
		m.Learn("com.example", p)
		if got := keptMarks(p)[1:]; got != "++++" {
			t.Fatalf("page %d: %s", n, got)
		}
	}
}

// The same page again teaches nothing.
func TestModelSamePage(t *testing.T) {
	m := NewModel(ModelParams{})
	for range 12 {
		p := pageOf("News", story(1), "“No comment.”")
		m.Learn("com.example", p)
		if got := keptMarks(p); got != "+++" {
			t.Fatal(got)
		}
	}
}

// A quotation of a few words that comes back after many pages stays; the template goes.
func TestModelShortQuote(t *testing.T) {
	m := NewModel(ModelParams{})
	for n := range 300 {
		quote := story(n + 1000)
		if n%60 == 0 {
			quote = "“No comment,” he said."
		}
		p := pageOf("News", story(n), quote, "Subscribe")
		m.Learn("com.example", p)
		if want := map[bool]string{true: "++++", false: "-++-"}[n < 2]; keptMarks(p) != want {
			t.Fatalf("page %d: %s, want %s", n, keptMarks(p), want)
		}
	}
}

// A column's paragraph that comes back every tenth page stays for longer than a short line does,
// and what is not said any more is forgotten.
func TestModelProseAndForgetting(t *testing.T) {
	m := NewModel(ModelParams{})
	column := "Every week our columnist walks along the river with her dog and tells us what the dog thinks of the council, of its budget, and of the other dogs it meets."
	for n := range 60 {
		second := story(n + 1000)
		if n%12 == 0 {
			second = column
		}
		p := pageOf(story(n), second, "Old menu")
		m.Learn("com.example", p)
		if got := keptMarks(p)[:2]; got != "++" {
			t.Fatalf("page %d: %s", n, got)
		}
	}
	for n := range 60 {
		m.Learn("com.example", pageOf(story(n+100), "New menu"))
	}
	p := pageOf(story(500), "Old menu", "New menu")
	m.Learn("com.example", p)
	if got := keptMarks(p); got != "++-" {
		t.Errorf("after the change of the menu: %s", got)
	}
}

// A paragraph that recurs is template from the third page on, as any block is, unless its page is sure
// about it or most pages of the site lack it.
func TestModelParagraphs(t *testing.T) {
	const bio = "The author of this column has kept bees on the roof of the town hall for twenty years and sells their honey at the market every Saturday."
	for _, tt := range []struct{ score, every, want int }{{0, 1, 3}, {-500, 1, 3}, {2000, 1, 3}, {2500, 1, 14}, {0, 2, 3}, {0, 3, 12}} {
		m, from, carried := NewModel(ModelParams{}), 0, 0
		for n := 0; from == 0 && n < 60; n++ {
			if n%tt.every > 0 {
				m.Learn("com.example", pageOf(story(n)))
				continue
			}
			carried++
			p := pageOf(story(n), bio)
			p.Blocks[1].Score = tt.score
			m.Learn("com.example", p)
			if !p.Blocks[1].Kept() {
				from = carried
			}
		}
		if from != tt.want {
			t.Errorf("score %d, on one page of %d: template from the %dth that carries it, want %d", tt.score, tt.every, from, tt.want)
		}
	}
}

// What a page adds teaches nothing while its address is the same; the address of a whole site is no
// page's.
func TestModelRevisions(t *testing.T) {
	live := func(n int) *Page {
		lines := []string{"News"}
		for k := range n + 1 {
			lines = append(lines, story(k))
		}
		return pageOf(lines...)
	}
	m := NewModel(ModelParams{})
	for n := range 12 {
		p := live(n)
		p.URL = "https://example.com/live"
		m.Learn("com.example", p)
		if got := keptMarks(p); strings.Contains(got, "-") {
			t.Fatalf("version %d: %s", n, got)
		}
	}
	for _, url := range []string{"https://example.com/", "https://example.com", "example.com"} {
		m := NewModel(ModelParams{})
		for n := range 3 {
			p := pageOf("News", story(n))
			p.URL = url
			m.Learn("com.example", p)
			if want := map[bool]string{true: "++", false: "-+"}[n < 2]; keptMarks(p) != want {
				t.Errorf("%s, page %d: %s, want %s", url, n, keptMarks(p), want)
			}
		}
	}
}

// A short block that its own page is unsure about is template from the second page on, one that it
// is sure about later than others.
func TestModelUnsure(t *testing.T) {
	for _, tt := range []struct {
		score, want int // the page from which on it is template
	}{{-500, 2}, {500, 2}, {0, 3}, {1500, 3}, {2500, 5}} {
		m, from := NewModel(ModelParams{}), 0
		for n := 1; from == 0 && n < 20; n++ {
			p := pageOf(story(n), "About the author")
			p.Blocks[1].Score = tt.score
			m.Learn("com.example", p)
			if !p.Blocks[1].Kept() {
				from = n
			}
		}
		if from != tt.want {
			t.Errorf("score %d: template from page %d on, want %d", tt.score, from, tt.want)
		}
	}
}

// A short line alone above a paragraph that is new is of the article, be it on every page: as a heading
// for good, else below another and until as many pages carry it as make a paragraph template.
func TestModelSubheadings(t *testing.T) {
	verdict := Block{Text: "The verdict", Score: 100}
	heading := Block{Text: "The verdict", Score: 100, Kind: Heading}
	doubted := Block{Text: "The verdict", Score: -1500, Kind: Heading}
	caption := Block{Text: "The bridge", Kind: Caption, Reason: "caption"}
	link := Block{Text: "Elsewhere", Reason: "link-list"}
	menu := Block{Text: "All reviews", Score: 100}
	say := func(n int) Block { return Block{Text: story(n)} }
	for _, tt := range []struct {
		name  string
		page  func(n int) []Block // the block that is looked at is the second
		every int                 // one page of so many has the block
		want  int                 // how many had it when it was template first; 0: it never was
	}{
		{"a line", func(n int) []Block { return []Block{say(n), verdict, say(n + 100)} }, 1, 12},
		{"a line of few pages", func(n int) []Block { return []Block{say(n), verdict, say(n + 100)} }, 3, 0},
		{"a heading", func(n int) []Block { return []Block{say(n), heading, say(n + 100)} }, 1, 0},
		{"a heading above a picture", func(n int) []Block { return []Block{say(n), heading, caption, say(n + 100)} }, 1, 0},
		{"a heading below a link", func(n int) []Block { return []Block{link, heading, say(n)} }, 1, 0},
		{"a line below a link", func(n int) []Block { return []Block{link, verdict, say(n)} }, 1, 2},
		{"a heading above a link", func(n int) []Block { return []Block{say(n), heading, link, say(n + 100)} }, 1, 2},
		{"a heading above a menu", func(n int) []Block { return []Block{say(n), heading, menu, say(n + 100)} }, 1, 2},
		{"a heading at the end", func(n int) []Block { return []Block{say(n), heading} }, 1, 2},
		{"a heading that its page doubts", func(n int) []Block { return []Block{say(n), doubted, say(n + 100)} }, 1, 2},
		{"a line above a teaser", func(n int) []Block {
			return []Block{say(n), verdict, {Text: fmt.Sprintf("Bridge %d opens at last", n)}, say(n + 100)}
		}, 1, 2},
		{"a heading above a list", func(n int) []Block {
			return []Block{say(n), heading, {Text: fmt.Sprintf("%d arches", n), Kind: Item}, say(n + 100)}
		}, 1, 0},
		{"a menu of two lines", func(n int) []Block { return []Block{say(n), verdict, menu, say(n + 100)} }, 1, 2},
	} {
		m, from, carried := NewModel(ModelParams{}), 0, 0
		for n := 0; from == 0 && n < 60; n++ {
			p := &Page{Blocks: tt.page(n)}
			if n%tt.every > 0 {
				p.Blocks = slices.Delete(p.Blocks, 1, 2)
			} else {
				carried++
			}
			m.Learn("com.example", p)
			if n%tt.every == 0 && !p.Blocks[1].Kept() {
				from = carried
			}
		}
		if from != tt.want {
			t.Errorf("%s: template from the %dth page that carries it, want %d", tt.name, from, tt.want)
		}
	}
}

// Other pages list a page's headline; on its own page it stays.
func TestModelOwnHeadline(t *testing.T) {
	m := NewModel(ModelParams{})
	for n := range 5 {
		m.Learn("com.example", pageOf("A site", story(n), "A bridge of five arches opens"))
	}
	p := pageOf("A bridge of five arches opens | A site", "A bridge of five arches opens", story(9))
	m.Learn("com.example", p)
	if got := keptMarks(p); got != "+++" {
		t.Error(got)
	}
}

// The model keeps to its bounds and forgets the site not seen for the longest time.
func TestModelBounds(t *testing.T) {
	params := ModelParams{SiteBlocks: 128, MaxBytes: 20_000}
	m := NewModel(params)
	for n := range 2000 {
		lines := []string{"Menu", story(n)}
		for k := range 10 {
			lines = append(lines, fmt.Sprintf("line %d of page %d", k, n))
		}
		m.Learn(fmt.Sprintf("com.example%d", n%40), pageOf(lines...))
		sum := 0
		for _, s := range m.sites {
			if len(s.slots) > 128 {
				t.Fatalf("a site of %d blocks", len(s.slots))
			}
			sum += s.bytes()
		}
		if sum != m.bytes || m.bytes > 20_000 {
			t.Fatalf("%d bytes, said to be %d", sum, m.bytes)
		}
	}
	if m.sites["com.example39"] == nil || m.sites["com.example0"] != nil {
		t.Error("it is not the oldest sites that were forgotten")
	}
}

// A site may have any name: the bytes of all are counted, and a model of long ones can be read back.
func TestModelLongNames(t *testing.T) {
	params := ModelParams{MaxBytes: 50_000}
	m := NewModel(params)
	for n := range 60 {
		m.Learn(fmt.Sprint(n)+strings.Repeat("x", 5000), pageOf("Menu", story(n)))
		names := 0
		for name := range m.sites {
			names += len(name)
		}
		if names > params.MaxBytes {
			t.Fatalf("the names of %d sites take %d bytes", len(m.sites), names)
		}
	}
	var b bytes.Buffer
	if _, err := m.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	back, err := ReadModel(bytes.NewReader(b.Bytes()), params)
	if err != nil {
		t.Fatal(err)
	}
	if back.bytes != m.bytes || len(back.sites) != len(m.sites) || len(m.sites) < 5 {
		t.Errorf("%d sites of %d bytes, read back as %d of %d", len(m.sites), m.bytes, len(back.sites), back.bytes)
	}
	p := pageOf("Menu", story(100))
	for n := range 3 {
		p = pageOf("Menu", story(100+n))
		back.Learn("59"+strings.Repeat("x", 6000), p)
	}
	if got := keptMarks(p); got != "-+" || len(back.sites) != len(m.sites) {
		t.Errorf("a name that begins as one known does: %s, %d sites", got, len(back.sites))
	}
}

// sitePages draws pages of a few sites that share lines.
func sitePages(t *rapid.T) (sites []string, pages [][]string) {
	n := rapid.IntRange(1, 60).Draw(t, "pages")
	for range n {
		sites = append(sites, rapid.SampledFrom([]string{"a", "b", "c", ""}).Draw(t, "site"))
		lines := rapid.SliceOfN(rapid.SampledFrom([]string{"Menu", "Home", "Subscribe now", "All rights reserved", "Vote for us in the poll"}), 0, 4).Draw(t, "menu")
		for range rapid.IntRange(0, 3).Draw(t, "stories") {
			lines = append(lines, story(rapid.IntRange(0, 30).Draw(t, "story")))
		}
		pages = append(pages, lines)
	}
	return sites, pages
}

// A model that was written and read goes on as the one that was not, and writes the same bytes; one
// that was frozen is written as it was.
func TestModelSnapshot(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		params := ModelParams{SiteBlocks: 64, MaxBytes: rapid.SampledFrom([]int{2000, 1 << 20}).Draw(t, "bytes")}
		sites, pages := sitePages(t)
		cut := rapid.IntRange(0, len(pages)).Draw(t, "cut")
		whole, first := NewModel(params), NewModel(params)
		for i := range cut {
			whole.Learn(sites[i], pageOf(pages[i]...))
			first.Learn(sites[i], pageOf(pages[i]...))
		}
		var b bytes.Buffer
		n, err := first.WriteTo(&b)
		if err != nil || n != int64(b.Len()) {
			t.Fatal(n, b.Len(), err)
		}
		second, err := ReadModel(bytes.NewReader(b.Bytes()), params)
		if err != nil {
			t.Fatal(err)
		}
		frozen := first.Freeze()
		for i := cut; i < len(pages); i++ {
			first.Learn(sites[i], pageOf(pages[i]...))
		}
		var late bytes.Buffer
		if frozen.WriteTo(&late); !bytes.Equal(late.Bytes(), b.Bytes()) {
			t.Fatal("what was learnt later is in the snapshot")
		}
		for i := cut; i < len(pages); i++ {
			p, q := pageOf(pages[i]...), pageOf(pages[i]...)
			whole.Learn(sites[i], p)
			second.Learn(sites[i], q)
			if d := cmp.Diff(p, q); d != "" {
				t.Fatalf("page %d: %s", i, d)
			}
		}
		var w1, w2 bytes.Buffer
		whole.WriteTo(&w1)
		second.WriteTo(&w2)
		if !bytes.Equal(w1.Bytes(), w2.Bytes()) {
			t.Fatal("the bytes differ")
		}
	})
}

func TestReadModelErrors(t *testing.T) {
	m := NewModel(ModelParams{})
	m.Learn("com.example", pageOf("Menu", story(1)))
	var b bytes.Buffer
	m.WriteTo(&b)
	for name, data := range map[string][]byte{"empty": nil, "other": []byte("something else entirely, and long"), "short": b.Bytes()[:b.Len()-1]} {
		if _, err := ReadModel(bytes.NewReader(data), ModelParams{}); !errors.Is(err, ErrModel) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ReadModel(bytes.NewReader(b.Bytes()), ModelParams{MinPages: 4}); !errors.Is(err, ErrModel) || !strings.Contains(err.Error(), "MinPages:3") {
		t.Errorf("other params: %v", err)
	}
}

func FuzzReadModel(f *testing.F) {
	m := NewModel(ModelParams{})
	for n := range 4 {
		m.Learn("com.example", pageOf("Menu", story(n)))
	}
	var b bytes.Buffer
	m.WriteTo(&b)
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := ReadModel(bytes.NewReader(data), ModelParams{})
		if err != nil {
			if !errors.Is(err, ErrModel) {
				t.Fatal(err)
			}
			return
		}
		m.Learn("com.example", pageOf("Menu", story(9)))
	})
}

func BenchmarkLearn(b *testing.B) {
	m := NewModel(ModelParams{})
	pages := make([]*Page, 64)
	size := 0
	for i := range pages {
		lines := []string{"Home", "News", "Sport", "Share this article"}
		for k := range 16 {
			lines = append(lines, story(i*100+k))
		}
		pages[i] = pageOf(lines...)
		for _, l := range lines {
			size += len(l)
		}
	}
	b.SetBytes(int64(size / len(pages)))
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		m.Learn("com.example", pages[n%len(pages)])
		n++
	}
}
