package boilerplate

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

func parseFile(t *testing.T, name string, opt Options) *Page {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "html", name))
	if err != nil {
		t.Fatal(err)
	}
	p, err := ParseHTML(b, opt)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// keptBlocks returns the kept blocks as "kind: first words", but for the times of a live blog.
func keptBlocks(p *Page) []string {
	var out []string
	for i := range p.Blocks {
		if b := &p.Blocks[i]; b.Kept() && len(b.Text) > len("09.30") {
			w := strings.Fields(b.Text)
			out = append(out, b.Kind.String()+": "+strings.Join(w[:min(len(w), 4)], " "))
		}
	}
	return out
}

func TestParseHTMLPages(t *testing.T) {
	tests := []struct {
		name string
		want []string
	}{
		{"news.html", []string{
			"paragraph: The harbour bridge will",
			"paragraph: The closure, the first",
			"paragraph: “Nobody is in danger,",
			"heading: Ferries every ten minutes",
			"paragraph: Passenger ferries will run",
			"quote: We were told about",
			"paragraph: Shopkeepers on the quay",
			"paragraph: The council said that",
		}},
		{"guide.html", []string{
			"heading: Baking rye bread at",
			"paragraph: Rye flour has little",
			"paragraph: What it needs instead",
			"heading: What you need",
			"item: 600 g of whole",
			"item: 450 ml of water",
			"item: 120 g of active",
			"item: 12 g of salt",
			"heading: How long it takes",
			"table: Step | At 22",
			"table: First rise of the",
			"table: Final rise in the",
			"paragraph: Mix everything with a",
			"paragraph: To work out the",
			"code: hydration = water /",
			"paragraph: Bake it for fifteen",
		}},
		{"tables.html", []string{
			"paragraph: Frost damages half of",
			"paragraph: Three nights of frost",
			"paragraph: The temperature fell to",
			"paragraph: \"We had buds as",
			"paragraph: The growers' association put",
		}},
		{"liveblog.html", []string{
			"heading: Storm Agnes: live updates",
			"heading: Trains stop along the",
			"paragraph: All trains between the",
			"heading: Power is out in",
			"paragraph: About 40,000 homes are",
			"heading: Schools remain closed",
			"paragraph: The schools in all",
		}},
		{"rtl.html", []string{
			"heading: إغلاق جسر الميناء لمدة",
			"paragraph: قالت هيئة الميناء إن",
			"paragraph: وأوضحت شركة Harbour Engineering",
			"paragraph: وقالت كبيرة المهندسين: «لا",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := parseFile(t, tt.name, Options{})
			if diff := cmp.Diff(tt.want, keptBlocks(p)); diff != "" {
				t.Errorf("kept blocks (-want +got):\n%s", diff)
			}
		})
	}
}

// Whatever is not the article says why.
func TestParseHTMLReasons(t *testing.T) {
	p := parseFile(t, "news.html", Options{})
	got := map[string]string{}
	for i := range p.Blocks {
		if b := &p.Blocks[i]; !b.Kept() {
			w := strings.Fields(b.Text)
			got[strings.Join(w[:min(len(w), 3)], " ")] = b.Reason
		}
	}
	want := map[string]string{
		"We use cookies":       "cookie",
		"News":                 "navigation",
		"By Imogen Vale":       "author",
		"The harbour bridge":   "caption",
		"Port authority names": "related",
		"Sign up for":          "newsletter",
		"Imogen Vale has":      "author",
		"About time somebody":  "comments",
		"© 2026 The":           "footer",
		"Share on Facebook":    "share",
	}
	for text, reason := range want {
		if got[text] != reason {
			t.Errorf("%q: reason %q, want %q", text, got[text], reason)
		}
	}
}

// The names of what holds the article, such as its subjects, are not the reasons of what is removed from it.
func TestParseHTMLReasonsInArticle(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("testdata", "html", "news.html"))
	if err != nil {
		t.Fatal(err)
	}
	plain := bytes.ReplaceAll(page, []byte(`<div class="author-box">`), []byte(`<div class="end">`))
	for _, class := range []string{"post tag-harbour category-bridges", "text label-hidden", "sponsored-free premium"} {
		p, err := ParseHTML(bytes.Replace(plain, []byte(`<article class="article">`), []byte(`<article class="`+class+`">`), 1), Options{})
		if err != nil {
			t.Fatal(err)
		}
		for i := range p.Blocks {
			b := &p.Blocks[i]
			if strings.HasPrefix(b.Text, "Imogen Vale has covered") && b.Reason != "furniture" && !strings.HasPrefix(b.Reason, "rule:") {
				t.Errorf("in %q: %q goes as %q", class, b.Text, b.Reason)
			}
		}
	}
}

// What a page holds for readers without scripts stands in for an article that a script draws, and for nothing else.
func TestParseHTMLWithoutScripts(t *testing.T) {
	story := "<p>The council met on Tuesday evening to decide about the future of the old harbour bridge, which had been closed since the spring.</p>\n" +
		"<p>Engineers told the members that the cables had lost a third of their strength, and that repairs would cost four million pounds.</p>\n" +
		"<p>A decision is expected within weeks, the mayor said, because the ferry company has asked for an answer before the summer begins.</p>\n" +
		"<p>Until then the ferries go every twenty minutes, and every ten on market days, as they have since the bridge was closed in April.</p>"
	menu := `<nav><a href="/">Home</a> <a href="/n">News</a></nav><h1>Bridge stays closed</h1>`
	for _, tt := range []struct {
		name, body string
		want       bool
	}{
		{"template", menu + `<div class="post"><script type="text/template">` + story + `</script><noscript>` + story + `</noscript></div>`, true},
		{"teaser", menu + `<p>Engineers warn of the cables.</p><NoScript>` + story + `</NoScript>`, true},
		{"images", menu + story + `<noscript><img src="a.png"></noscript>`, true},
		{"plea", menu + `<noscript>` + strings.Repeat("<p>Please enable JavaScript in your browser.</p>", 3) + `</noscript>`, false},
		{"never closed", menu + `<noscript>` + story, true},
		{"beside the article", menu + story + story + `<noscript><div>` + strings.ReplaceAll(story, "bridge", "tower") + `</div></noscript>`, true},
	} {
		p, err := ParseHTML([]byte("<html><head><title>Bridge stays closed</title></head><body>"+tt.body+"</body></html>"), Options{})
		if err != nil {
			t.Fatal(err)
		}
		text := p.Text()
		if got := strings.Contains(text, "four million pounds"); got != tt.want {
			t.Errorf("%s: the story is kept: %v", tt.name, got)
		}
		if strings.Contains(text, "tower") || strings.Contains(text, "<") {
			t.Errorf("%s: what is for readers without scripts is kept too", tt.name)
		}
	}
}

// A word stands for one reason, so that the order of the lists does not matter.
func TestReasonWordsAreUnique(t *testing.T) {
	of := map[string]string{}
	for why, words := range whyLists {
		for _, w := range words {
			if before, ok := of[w]; ok {
				t.Errorf("%q stands for %s and for %s", w, before, whyNames[why])
			}
			of[w] = whyNames[why]
		}
	}
}

func TestParseHTMLFields(t *testing.T) {
	type fields struct{ Title, Byline, Published, Modified, Lang, Canonical string }
	of := func(p *Page) fields { return fields{p.Title, p.Byline, p.Published, p.Modified, p.Lang, p.Canonical} }
	tests := []struct {
		name string
		opt  Options
		want fields
	}{
		{"news.html", Options{URL: "https://courier.example/news/harbour-bridge-closure?utm=1"}, fields{
			"Harbour bridge to close for a fortnight", "Imogen Vale, Tobias Reeve",
			"2026-03-04T07:15:00Z", "2026-03-04T10:40:00Z", "en", "https://courier.example/news/harbour-bridge-closure",
		}},
		{"guide.html", Options{}, fields{"Baking rye bread at home", "Lena Holt", "2025-11-02T00:00:00Z", "", "en", ""}},
		{"rtl.html", Options{}, fields{"إغلاق جسر الميناء لمدة أسبوعين", "", "", "", "ar", ""}},
		{"tables.html", Options{URL: "http://www.valleypost.example/"}, fields{"Frost damages half of the vineyard harvest", "", "", "", "en", ""}},
		{"liveblog.html", Options{Title: "The producer's own title"}, fields{"The producer's own title", "", "2026-01-11T06:00:00Z", "", "en", ""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, of(parseFile(t, tt.name, tt.opt))); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
		})
	}
}

const russianPage = `<html><head><title>Мост закроют на две недели</title></head><body><div><a href="/">Главная</a> <a href="/news">Новости</a> <a href="/sport">Спорт</a></div>
<h1>Мост закроют на две недели</h1><p>Мост через залив будет закрыт для движения на две недели, сообщила администрация порта, после того как инженеры обнаружили коррозию на двух из четырех главных тросов.</p>
<p>Закрытие, первое с момента открытия моста, заставит около четырнадцати тысяч водителей каждый день пользоваться верхней переправой, которая находится в сорока минутах от старого города.</p>
<p>Паромы будут ходить каждые десять минут с шести утра до полуночи, и для жителей они будут бесплатными, добавили в администрации.</p></body></html>`

// The charset makes no difference, declared or not.
func TestParseHTMLCharsets(t *testing.T) {
	want, err := ParseHTML([]byte(russianPage), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(want.Text(), "\n"); n != 3 {
		t.Fatalf("kept %d lines of the page:\n%s", n+1, want.Text())
	}
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(russianPage)
	if err != nil {
		t.Fatal(err)
	}
	bare, err := unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewEncoder().String(russianPage)
	if err != nil {
		t.Fatal(err)
	}
	encode := func(c *charmap.Charmap) string {
		s, err := c.NewEncoder().String(russianPage)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	tests := []struct{ name, page, contentType string }{
		{"utf-16 with a mark", utf16, ""},
		{"utf-16 without a mark", bare, ""},
		{"windows-1251, undeclared", encode(charmap.Windows1251), ""},
		{"koi8-r, undeclared", encode(charmap.KOI8R), ""},
		{"iso-8859-5, declared by the server", encode(charmap.ISO8859_5), "text/html; charset=ISO-8859-5"},
		{"windows-1251, declared in the head", strings.Replace(encode(charmap.Windows1251), "<head>", `<head><meta http-equiv=content-type content="text/html; charset=windows-1251">`, 1), ""},
		{"utf-8, declared as something else", strings.Replace(russianPage, "<head>", "<head><meta charset=iso-8859-1>", 1), "text/html; charset=windows-1251"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseHTML([]byte(tt.page), Options{ContentType: tt.contentType})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want.Text(), got.Text()); diff != "" {
				t.Errorf("text (-want +got):\n%s", diff)
			}
		})
	}
}

const para = "<p>The ferry company said on Friday that it would add two more boats in the summer, because the bridge will not be ready before the autumn, and nobody wants another queue like last year's.</p>"

// Pages that are meant to hurt come back with the article, and soon.
func TestParseHTMLSpecialPages(t *testing.T) {
	article := strings.Repeat(para, 6)
	tests := []struct{ name, page string }{
		{"200 nested tables", strings.Repeat("<table><tr><td>", 200) + article + strings.Repeat("</td></tr></table>", 200)},
		{"nested far beyond the bound", strings.Repeat("<div><span><b>", 50_000) + article + strings.Repeat("</b></span></div>", 50_000)},
		{"nested and never closed", strings.Repeat("<div class=a><ul><li>", 50_000) + article},
		{"one line", "<html><body><div>" + article + "</div></body></html>"},
		{"unclosed title", "<html><head><title>Ferries in the summer<body><div>" + article + "</div>"},
		{"unclosed frame", "<html><body><iframe src=x><div>" + article + "</div>"},
		{"empty scripts of XHTML", "<html><head><script src=x /><style/></head><body><div>" + article + "</div>"},
		{"unclosed link", "<body><a name=top><div>" + article + "</div>"},
		{"stray end tags", "</div></p></table></a>" + strings.Repeat("</b></td>", 1000) + "<div>" + article + "</div>"},
		{"zero bytes", "<div>" + strings.ReplaceAll(article, " ferry", " \x00ferry") + "</div>"},
		{"20 MB of article", strings.Repeat(para, 20<<20/len(para))},
		{"20 MB of markup", strings.Repeat("<a href=x><b>", 800_000) + article},
		{"20 MB of empty elements", strings.Repeat("<i></i>", 3_000_000) + article},
		{"20 MB of open scripts", strings.Repeat("<script><!--<iframe><title", 400_000) + article},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			start := time.Now()
			p, err := ParseHTML([]byte(tt.page), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if d := time.Since(start); d > 5*time.Minute { // a bound on quadratic time, not on the machine
				t.Errorf("took %v for %d bytes", d, len(tt.page))
			}
			if tt.name == "20 MB of open scripts" || tt.name == "20 MB of markup" {
				return // browsers show none of it
			}
			if !strings.Contains(p.Text(), "add two more boats in the summer") {
				t.Errorf("the article is lost: %d blocks, text %.200q", len(p.Blocks), p.Text())
			}
		})
	}
}

// Of a page that was cut within a script or a style, the code is no text.
func TestParseHTMLCutPages(t *testing.T) {
	for _, open := range []string{"<script>", "<script type=application/json>", "<SCRIPT async src='x'>", "<style media=print>", "<script><!-- "} {
		page := "<html><body><article>" + strings.Repeat(para, 3) + open + `loadPlayer({"title": "The ferry company said on Friday that it would sell its boats.", "width": "100%"}); <p>and more`
		p, err := ParseHTML([]byte(page), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Text(); strings.Contains(got, "loadPlayer") || strings.Contains(got, "and more") || strings.Count(got, "add two more boats") != 3 {
			t.Errorf("cut in %s: %s", open, got)
		}
	}
}

// An article that a page holds twice, for two widths of screen, is there once.
func TestParseHTMLSaysOnce(t *testing.T) {
	const other = "<p>The port authority answered that the boats would be paid for by the state, and that the timetable would be published in all languages that are spoken on the islands before the end of the month, at the latest.</p>"
	long := strings.ReplaceAll(para, "last year's", "last year's, when people slept in their cars and some of them missed a wedding")
	p, err := ParseHTML([]byte("<body><div class=wide>"+long+other+"</div><div class=narrow>"+long+other+"</div></body>"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(p.Text(), "missed a wedding"); n != 1 {
		t.Errorf("the paragraph is there %d times:\n%s", n, p.Text())
	}
}

// The limits of Options hold.
func TestParseHTMLLimits(t *testing.T) {
	page := []byte(strings.Repeat(para, 100))
	p, err := ParseHTML(page, Options{MaxBlocks: 10})
	if err != nil || len(p.Blocks) != 11 || p.Blocks[10].Reason != "too-long" {
		t.Errorf("MaxBlocks 10: %d blocks, %v", len(p.Blocks), err)
	}
	p, err = ParseHTML(page, Options{MaxBytes: 5 * len(para)})
	if err != nil || len(p.Blocks) != 5 {
		t.Errorf("MaxBytes of five paragraphs: %d blocks, %v", len(p.Blocks), err)
	}
}

// Megabytes of raw elements that do not end where they should cost linear time. What looks for their ends
// anew each time takes minutes for the first.
func TestParseHTMLRawElements(t *testing.T) {
	const size = 8 << 20
	for _, unit := range []string{"<script><!--</script>", "<title>", strings.Repeat("<title>", 500) + "<meta></title>", "<style>", "<!--", "<textarea></title>", "<script><!--<script>"} {
		page := strings.Repeat(unit, size/len(unit))
		started := time.Now()
		for _, end := range []string{"", "-->"} {
			if _, err := ParseHTML([]byte(page+end), Options{}); err != nil {
				t.Fatal(err)
			}
		}
		if d := time.Since(started); d > 2*time.Minute {
			t.Errorf("two pages of %d times %.20q took %s", size/len(unit), unit, d)
		}
	}
}

// Where linked data describes another story, the page itself counts.
func TestParseHTMLOtherStory(t *testing.T) {
	const other = `{"@type":"NewsArticle","headline":"A wholly different related story","datePublished":"2020-01-01","author":{"name":"Other Person"}}`
	const own = `{"@type":"NewsArticle","headline":"The town pool closes for winter","datePublished":"2024-03-06","author":{"name":"June Marlow"}}`
	page := func(linked string) string {
		return `<html><head><title>The town pool closes for winter</title><meta property="article:published_time" content="2024-03-05"><meta name="author" content="Jane Doe">
			<script type="application/ld+json">` + linked + `</script></head><body><article><h1>The town pool closes for winter</h1>` + strings.Repeat(para, 4) + `</article></body></html>`
	}
	for _, tt := range []struct{ name, linked, published, byline string }{
		{"other", other, "2024-03-05T00:00:00Z", "Jane Doe"},
		{"own", own, "2024-03-06T00:00:00Z", "June Marlow"},
		{"own behind another", "[" + other + "," + own + "]", "2024-03-06T00:00:00Z", "June Marlow"},
		{"null", `{"@type":"NewsArticle","headline":null,"author":[{"name":null},false]}`, "2024-03-05T00:00:00Z", "Jane Doe"},
	} {
		p, err := ParseHTML([]byte(page(tt.linked)), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if p.Title != "The town pool closes for winter" || p.Published != tt.published || p.Byline != tt.byline {
			t.Errorf("%s: %q by %q, %s; want by %q, %s", tt.name, p.Title, p.Byline, p.Published, tt.byline, tt.published)
		}
	}
}

// A table of data between the paragraphs of an article stays whole; one beside them goes.
func TestParseHTMLTables(t *testing.T) {
	const table = `<table><tr><th>Club</th><th>Won</th><th>Lost</th></tr><tr><td>Corrin Head</td><td>8</td><td>1</td></tr><tr><td>Sandholm</td><td>6</td><td>3</td></tr></table>`
	const rows = "Club | Won | Lost\nCorrin Head | 8 | 1\nSandholm | 6 | 3"
	for name, page := range map[string]string{
		"between paragraphs": "<article><h1>The league after nine weeks</h1>" + para + "<div>" + table + "</div>" + para + "</article>",
		"before a heading":   "<article><h1>The league after nine weeks</h1>" + para + para + table + "<h2>What comes next</h2>" + para + "</article>",
	} {
		p, err := ParseHTML([]byte(page), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if text := p.Text(); strings.Count(text, rows) != 1 {
			t.Errorf("%s:\n%s", name, text)
		}
	}
	p, err := ParseHTML([]byte("<article><h1>The league after nine weeks</h1>"+strings.Repeat(para, 4)+"</article><aside>"+table+"</aside><footer>The Courier</footer>"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if text := p.Text(); strings.Contains(text, "Sandholm") {
		t.Errorf("beside the article:\n%s", text)
	}
}

// A title is bounded and has no control characters, wherever it stands.
func TestParseHTMLTitleBounded(t *testing.T) {
	long := strings.Repeat(`bridge `, 100_000) + "é"
	p, err := ParseHTML([]byte(`<script type="application/ld+json">{"@type":"Article","headline":"`+long+`"}</script><article>`+strings.Repeat(para, 4)+`</article>`), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Title) == 0 || len(p.Title) > maxTitle || strings.ContainsRune(p.Title, 1) {
		t.Errorf("a title of %d bytes: %.40q", len(p.Title), p.Title)
	}
}

// The same bytes give the same page, whatever was parsed before.
func TestParseHTMLDeterministic(t *testing.T) {
	first := parseFile(t, "news.html", Options{})
	parseFile(t, "tables.html", Options{})
	if diff := cmp.Diff(first, parseFile(t, "news.html", Options{})); diff != "" {
		t.Error(diff)
	}
}

func FuzzParseHTML(f *testing.F) {
	files, _ := filepath.Glob("testdata/html/*.html")
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, "text/html")
	}
	f.Add([]byte("<p>a<b>c</p>d<!--e--!>f<svg><title>g</title></svg>&#x41;&bogus;<table><a>x<td>y"), "")
	f.Add([]byte("<title>a<meta><select><option>b<p>c<template><pre>\nd\n</pre>"), "text/html; charset=big5")
	f.Fuzz(func(t *testing.T, page []byte, contentType string) {
		p, err := ParseHTML(page, Options{ContentType: contentType})
		if err != nil {
			t.Fatal(err)
		}
		// The kept text is a subsequence of all of the page's blocks.
		rest := p.Text()
		for i := range p.Blocks {
			b := &p.Blocks[i]
			if b.Text == "" {
				t.Fatalf("block %d is empty", i)
			}
			if b.Kept() {
				if !strings.HasPrefix(rest, b.Text) {
					t.Fatalf("block %d is not where it should be", i)
				}
				rest = strings.TrimPrefix(rest[len(b.Text):], "\n")
			}
		}
		if rest != "" {
			t.Fatalf("%q is in the text and in no block", rest)
		}
	})
}

func ExampleParseHTML() {
	page := `<html lang="en"><head><title>Bridge closed - The Courier</title></head><body>
<nav><a href="/">Home</a> <a href="/news">News</a></nav>
<article><h1>Bridge closed</h1>
<p>The harbour bridge will be closed for two weeks, the port authority said on Tuesday, because two of its cables have to be replaced.</p>
<p>Ferries will run every ten minutes from six in the morning until midnight, and they will be free for residents of the old town.</p>
</article></body></html>`
	p, err := ParseHTML([]byte(page), Options{URL: "https://courier.example/bridge"})
	if err != nil {
		panic(err)
	}
	fmt.Println(p.Title, p.Lang)
	for _, b := range p.Blocks {
		if !b.Kept() {
			fmt.Println("removed:", b.Text, "because:", b.Reason)
		}
	}
	fmt.Println(p.Text())
	// Output:
	// Bridge closed en
	// removed: Home News because: navigation
	// Bridge closed
	// The harbour bridge will be closed for two weeks, the port authority said on Tuesday, because two of its cables have to be replaced.
	// Ferries will run every ten minutes from six in the morning until midnight, and they will be free for residents of the old town.
}

// A page that is drawn by a script gives the text of its linked data.
func TestParseHTMLLinkedData(t *testing.T) {
	text := strings.TrimSuffix(strings.TrimPrefix(para, "<p>"), "</p>")
	page := `<html><head><title>Ferries</title><script type="application/ld+json">{"@type":"NewsArticle","headline":"Ferries","articleBody":"` +
		strings.Repeat(text+`\n`, 3) + `"}</script></head><body><div id=root>Loading the page</div></body></html>`
	p, err := ParseHTML([]byte(page), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.TrimSuffix(strings.Repeat(text+"\n", 3), "\n"); p.Text() != want {
		t.Errorf("got %q", p.Text())
	}
}

// What a rule says holds anywhere holds on a page of short paragraphs too; what it says of the head and the tail does not,
// for such a page has neither.
func TestParseHTMLRulesOfShortPages(t *testing.T) {
	page := "<title>Ferry cancelled for the night</title><body><article><h1>Ferry cancelled for the night</h1>" +
		"<p>The evening ferry to Ennis Point is cancelled today because of fog on the sound.</p>" +
		"<p>Story continues below this advertisement</p>" +
		"<p>The harbour office says that the first boat of the morning will sail at six as usual.</p><p>Share prices of ferries fell.</p></article>"
	p, err := ParseHTML([]byte(page), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if want := "Ferry cancelled for the night\nThe evening ferry to Ennis Point is cancelled today because of fog on the sound.\n" +
		"The harbour office says that the first boat of the morning will sail at six as usual.\nShare prices of ferries fell."; p.Text() != want {
		t.Errorf("got %q", p.Text())
	}
}

// A user's own phrase rules hold for HTML too.
func TestParseHTMLRules(t *testing.T) {
	rules, err := ParseRules("own", []byte("[slogan anywhere]\nthe harbour never sleeps\n+ The harbour never sleeps\n- The harbour sleeps\n"))
	if err != nil {
		t.Fatal(err)
	}
	page := []byte("<body><div>" + para + "<p>The harbour never sleeps</p>" + para + para + "</div></body>")
	p, err := ParseHTML(page, Options{Rules: rules})
	if err != nil {
		t.Fatal(err)
	}
	for i := range p.Blocks {
		if b := &p.Blocks[i]; b.Text == "The harbour never sleeps" && b.Reason != "rule:own/slogan" {
			t.Errorf("reason %q", b.Reason)
		}
	}
	if n := strings.Count(p.Text(), "add two more boats"); n == 0 {
		t.Error("the article is lost")
	}
}
