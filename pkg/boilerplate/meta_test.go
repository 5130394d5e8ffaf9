package boilerplate

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestCutSite(t *testing.T) {
	tests := []struct{ name, title, site, host, want string }{
		{"bar and site name", "Bridge closed | The Courier", "The Courier", "", "Bridge closed"},
		{"dash and host", "Bridge closed - Salt Marsh Courier", "", "saltmarshcourier.example", "Bridge closed"},
		{"site name in front", "The Courier: Bridge closed", "The Courier", "", "The Courier: Bridge closed"},
		{"site name in front with a bar", "The Courier | Bridge closed", "The Courier", "", "Bridge closed"},
		{"section and site", "Bridge closed - Courier - The Courier", "The Courier", "", "Bridge closed"},
		{"dash of the title itself", "Closed for two weeks - and then for a year", "The Courier", "courier.example", "Closed for two weeks - and then for a year"},
		{"site with more words than its host", "Bridge closed | The Salt Marsh Post Online", "", "saltmarshpost.example", "Bridge closed"},
		{"a place in the title that the host has too", "Rain in Marsham - Marsham braces for floods", "", "marsham.example", "Rain in Marsham - Marsham braces for floods"},
		{"bar without blanks", "Bridge closed|The Courier", "The Courier", "", "Bridge closed"},
		{"bar with one blank", "Bridge closed| The Courier", "The Courier", "", "Bridge closed"},
		{"wide bar", "橋が閉鎖された｜塩沼新聞", "塩沼新聞", "", "橋が閉鎖された"},
		{"underscore", "大桥关闭_盐沼新闻", "盐沼新闻", "", "大桥关闭"},
		{"section and site with underscores", "大桥关闭_要闻_盐沼新闻", "盐沼新闻", "", "大桥关闭_要闻"},
		{"bar of the title itself", "P(A|B) explained", "The Courier", "", "P(A|B) explained"},
		{"host with a motto", "Bridge closed | Courier.example - news of the marsh", "", "courier.example", "Bridge closed"},
		{"nothing but the site", "The Courier", "The Courier", "", "The Courier"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, cutSite(tt.title, tt.site, tt.host)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReadDate(t *testing.T) {
	tests := []struct{ in, want string }{
		{"2026-03-04T08:15:00+01:00", "2026-03-04T07:15:00Z"},
		{"2026-03-04T08:15:00.123Z", "2026-03-04T08:15:00Z"},
		{"2026-03-04T08:15:00+0100", "2026-03-04T07:15:00Z"},
		{"2026-03-04 08:15:00", "2026-03-04T08:15:00Z"},
		{"2026-03-04", "2026-03-04T00:00:00Z"},
		{"Wed, 04 Mar 2026 08:15:00 GMT", "2026-03-04T08:15:00Z"},
		{"Wed, 4 Mar 2026 08:15:00 -0500", "2026-03-04T13:15:00Z"},
		{"March 4, 2026", "2026-03-04T00:00:00Z"},
		{"04.03.2026 08:15", "2026-03-04T08:15:00Z"},
		{"1772612100", "2026-03-04T08:15:00Z"},
		{"1772612100000", "2026-03-04T08:15:00Z"},
		{"20260304", "2026-03-04T00:00:00Z"},
		{"2026-03-04 08:15:00 +01:00", "2026-03-04T07:15:00Z"},
		{"2026-03-04 08:15:00 +0000 UTC", "2026-03-04T08:15:00Z"}, // Go, Ruby
		{"2026-03-04 08:15:00 UTC", "2026-03-04T08:15:00Z"},
		{"2026-03-04 08:15:00+01", "2026-03-04T07:15:00Z"}, // PostgreSQL
		{"2026-03-04T08:15:00+01", "2026-03-04T07:15:00Z"},
		{"2026-03-04 08:15 +0100", "2026-03-04T07:15:00Z"},
		{"2026/03/04 08:15", "2026-03-04T08:15:00Z"},
		{"Wed, 4 Mar 2026 08:15:00 GMT", "2026-03-04T08:15:00Z"},
		{"4 Mar 2026 08:15:00 +0100", "2026-03-04T07:15:00Z"},
		{"Wed, 04 Mar 2026 08:15:00 EST", "2026-03-04T13:15:00Z"},                                      // RFC 5322
		{"Wed Mar 04 2026 08:15:00 GMT+0100 (Central European Standard Time)", "2026-03-04T07:15:00Z"}, // JavaScript
		{"Wed Mar 04 08:15:00 UTC 2026", "2026-03-04T08:15:00Z"},                                       // Java
		{"Wed Mar 04 08:15:00 PST 2026", "2026-03-04T16:15:00Z"},
		{"Wednesday, March 4, 2026 - 08:15", "2026-03-04T08:15:00Z"}, // Drupal
		{"Wednesday, 4 March 2026", "2026-03-04T00:00:00Z"},
		{"March 4, 2026 at 8:15 pm", "2026-03-04T20:15:00Z"},
		{"Mar 4, 2026, 8:15 AM EST", "2026-03-04T13:15:00Z"},
		{"Sept. 4, 2026", "2026-09-04T00:00:00Z"},
		{"4th March 2026", "2026-03-04T00:00:00Z"},
		{"2026-03-04T24:00:00Z", "2026-03-05T00:00:00Z"}, // ISO 8601: the end of the day
		{"2026-12-31 24:00", "2027-01-01T00:00:00Z"},
		{"2026-03-04T23:30:24:00", ""},
		{"2026-03-04T08:15GMT", "2026-03-04T08:15:00Z"},
		{"2026-03-04T08:15:00.123456Z EST", "2026-03-04T08:15:00Z"},
		{`"2026-03-04T08:15:00Z"`, "2026-03-04T08:15:00Z"},
		{"2026-03-04 08:15:00.000+0100", "2026-03-04T07:15:00Z"},
		{"2026-3-4 8:15", "2026-03-04T08:15:00Z"},
		{"2026-3-4", "2026-03-04T00:00:00Z"},
		{"torsdag 04. mars 2026 - 13:26", "2026-03-04T13:26:00Z"},
		{"4. März 2026, 08:15 Uhr", "2026-03-04T08:15:00Z"},
		{"mercredi 1er avril 2026 à 08:15", "2026-04-01T08:15:00Z"},
		{"martes, 3 de marzo de 2026", "2026-03-03T00:00:00Z"},
		{"4 agosto 2026", "2026-08-04T00:00:00Z"},
		{"4 de março de 2026 às 08:15", "2026-03-04T08:15:00Z"},
		{"maandag 2 mrt. 2026", "2026-03-02T00:00:00Z"},
		{"4 października 2026", "2026-10-04T00:00:00Z"},
		{"4 července 2026", "2026-07-04T00:00:00Z"},
		{"4 июля 2026 г., 08:15", "2026-07-04T08:15:00Z"},
		{"4 листопада 2026", "2026-11-04T00:00:00Z"},
		{"4 Μαΐου 2026", "2026-05-04T00:00:00Z"},
		{"4 Ağustos 2026", "2026-08-04T00:00:00Z"},
		{"4 marraskuuta 2026", "2026-11-04T00:00:00Z"},
		{"4 Maybe 2026 or so", ""},
		{"0001-01-01T00:00:00Z", ""},
		{"March 44, 2026", ""},
		{"yesterday at noon", ""},
		{"", ""},
	}
	for _, tt := range tests {
		t.Run(tt.in, func(t *testing.T) {
			if got := readDate(tt.in); got != tt.want {
				t.Errorf("readDate(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

// What a date means does not depend on where the program runs: a zone's abbreviation is not looked up there.
func TestReadDateAnywhere(t *testing.T) {
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Skip("no zones here: ", err)
	}
	dates := []string{"Wed, 04 Mar 2026 08:15:00 EST", "Wed, 04 Mar 2026 08:15:00 CET", "Wed Mar 04 08:15:00 PST 2026", "2026-03-04 08:15"}
	var want []string
	for _, s := range dates {
		want = append(want, readDate(s))
	}
	local := time.Local
	defer func() { time.Local = local }()
	for _, zone := range []*time.Location{newYork, time.FixedZone("CET", 3600)} {
		time.Local = zone
		for i, s := range dates {
			if got := readDate(s); got != want[i] {
				t.Errorf("%s in %s: %s, elsewhere %s", s, zone, got, want[i])
			}
		}
	}
}

func TestCleanByline(t *testing.T) {
	tests := []struct{ in, want string }{
		{"By Imogen Vale", "Imogen Vale"},
		{"  Von Jörg Klein | ", "Jörg Klein"},
		{"Автор: Анна Ким", "Анна Ким"},
		{"https://social.example/imogen", ""},
		{"@imogen", ""},
		{"21 minutes", ""},
		{"www.social.example/imogen", ""},
		{"//social.example/imogen", ""},
		{"undefined", ""},
		{"[object Object]", ""},
		{"Null", ""},
		{"By Imogen Vale and Jörg Klein", "Imogen Vale and Jörg Klein"},
		{"Nina Undefinedova", "Nina Undefinedova"},
		{"—", ""},
	}
	for _, tt := range tests {
		t.Run(tt.in, func(t *testing.T) {
			if got := cleanByline(tt.in); got != tt.want {
				t.Errorf("cleanByline(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestLinkedArticle(t *testing.T) {
	tests := []struct {
		name, script string
		want         linkedArticle
	}{
		{
			"one object", `{"@type":"NewsArticle","headline":"Bridge &amp; ferry","author":{"name":"Imogen Vale"},"datePublished":"2026-03-04"}`,
			linkedArticle{headline: "Bridge & ferry", author: "Imogen Vale", published: "2026-03-04"},
		},
		{
			"a graph, several authors", `{"@graph":[{"@type":"WebPage"},{"@type":["Article","Report"],"headline":"A","author":[{"name":"X"},"Y"]}]}`,
			linkedArticle{headline: "A", author: "X, Y"},
		},
		{
			"authors by reference", `{"@graph":[{"@type":"Article","headline":"A","author":[{"@id":"#x"},{"@id":"#y"},{"@id":"#z","name":"Z"}]},{"@type":"Person","@id":"#x","name":"X"}]}`,
			linkedArticle{headline: "A", author: "X, Z"},
		},
		{"escapes", `{"@type":"BlogPosting","headline":"\u0041\ud83d\ude00\"\n"}`, linkedArticle{headline: "A😀\""}},
		{"raw line feeds, stray commas, comment marks", "<!--\n{\"@type\":\"Article\",,\"headline\":\"A\nB\",}\n-->", linkedArticle{headline: "A B"}},
		{"cut off", `{"@type":"Article","headline":"A","articleBody":"b c`, linkedArticle{headline: "A", body: "b c"}},
		{"not an article", `{"@type":"Product","headline":"A"}`, linkedArticle{}},
		{
			"the one with a body", `[{"@type":"Article","headline":"A","datePublished":"2026-01-02"},{"@type":"Article","headline":"B","articleBody":"c"}]`,
			linkedArticle{headline: "B", body: "c", published: "2026-01-02"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := head{linked: [][]byte{[]byte(tt.script)}}
			if diff := cmp.Diff(tt.want, *h.article(), cmp.AllowUnexported(linkedArticle{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCanonical(t *testing.T) {
	tests := []struct{ name, base, link, want string }{
		{"absolute", "https://a.example/x", "https://b.example/y", "https://b.example/y"},
		{"relative", "https://a.example/x/y?z=1", "/w", "https://a.example/w"},
		{"relative, base unknown", "", "/w", ""},
		{"not the web", "https://a.example/", "android-app://b/c", ""},
		{"a place in the page", "https://a.example/x", "https://a.example/x#comments", "https://a.example/x"},
		{"a page behind a hash", "https://a.example/", "https://a.example/#!/x", "https://a.example/#!/x"},
		{"the machine that made the page", "https://a.example/x", "http://localhost:3000/x", ""},
		{"an address of bytes", "", "http://192.0.2.7/x", "http://192.0.2.7/x"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := canonical(tt.base, tt.link); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// Deep and broken linked data comes to an end.
func FuzzLooseJSON(f *testing.F) {
	f.Add([]byte(`{"@type":"Article","author":[{"name":"a"}],"headline":"\ud83d\u0041"}`))
	f.Add([]byte(`[[[[{"a":[}]`))
	f.Fuzz(func(t *testing.T, b []byte) {
		h := head{linked: [][]byte{b}}
		h.article()
	})
}

// A day alone gives way to the time that another source has for that day, and what cannot be read to what can.
func TestFirstDate(t *testing.T) {
	for _, tt := range []struct {
		dates []string
		want  string
	}{
		{[]string{"2026-03-04", "2026-03-04T08:15:00Z", "2026-03-04T09:15:00Z"}, "2026-03-04T08:15:00Z"},
		{[]string{"2026-03-04", "2026-03-05T08:15:00Z"}, "2026-03-04T00:00:00Z"},
		{[]string{"2026-03-04T08:15:00Z", "2026-03-04T07:15:00Z"}, "2026-03-04T08:15:00Z"},
		{[]string{"", "soon enough", "2026-03-04"}, "2026-03-04T00:00:00Z"},
		{nil, ""},
	} {
		if got := firstDate(tt.dates...); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.dates, got, tt.want)
		}
	}
}

func TestSignatory(t *testing.T) {
	for _, tt := range []struct{ line, want string }{
		{"By Imogen Vale", "Imogen Vale"},
		{"BY IMOGEN VALE AND JÖRG KLEIN", "IMOGEN VALE AND JÖRG KLEIN"},
		{"By Imogen Vale, Staff writer", "Imogen Vale"},
		{"By Imogen de la Vale and Jörg Klein", "Imogen de la Vale and Jörg Klein"},
		{"By Imogen Vale March 4, 2026", "Imogen Vale"},
		{"By Imogen Vale Monday, March 4", "Imogen Vale"},
		{"By Imogen May | The Courier", "Imogen May"},
		{"Von Jörg Klein, Hamburg", "Jörg Klein"},
		{"Текст: Анна Ким", "Анна Ким"},
		{"By the end of the year", ""},
		{"By Monday", ""},
		{"By 2030", ""},
		{"Standing By The Bridge", ""},
		{"", ""},
	} {
		if got := signatory(tt.line); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.line, got, tt.want)
		}
	}
}

// The fields of a page come from what it says to readers where what it says to machines is another thing.
func TestParseHTMLFieldsThatDisagree(t *testing.T) {
	const (
		story = `<p>Two keepers moved into the lighthouse on Gull Rock on Monday, thirty-one years after the lamp was handed over to a machine, because the machine has failed nine times since the spring.</p>`
		head  = `<title>Keepers return to Gull Rock | Isle Weekly</title><meta property="og:title" content="You will not believe who lives here now">`
	)
	for _, tt := range []struct{ name, page, title, byline, published string }{
		{"headline and og:title", head + `<h1>Keepers return to Gull Rock</h1>` + story, "Keepers return to Gull Rock", "", ""},
		{"signature", `<h1>Keepers return to Gull Rock</h1><span>By Agnes Thole, Isle Weekly</span>` + story, "Keepers return to Gull Rock", "Agnes Thole", ""},
		{"site's account", `<link rel=canonical href="https://www.isleweekly.example/keepers"><meta name=author content=isleweekly><h1>Keepers return to Gull Rock</h1><div>By Agnes Thole</div>` + story, "Keepers return to Gull Rock", "Agnes Thole", ""},
		{"person's site", `<meta name=author content="Isle Weekly"><h1>Keepers return to Gull Rock</h1>` + story, "Keepers return to Gull Rock", "Isle Weekly", ""},
		{"date of which only the second is one", `<meta name=pubdate content=now><meta name=date content="2026-03-04"><h1>Keepers return to Gull Rock</h1>` + story, "Keepers return to Gull Rock", "", "2026-03-04T00:00:00Z"},
		{"month in French", `<h1>Keepers return to Gull Rock</h1><time datetime="4 février 2026">hier</time>` + story, "Keepers return to Gull Rock", "", "2026-02-04T00:00:00Z"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := ParseHTML([]byte(tt.page), Options{URL: "https://www.isleweekly.example/keepers"})
			if err != nil {
				t.Fatal(err)
			}
			if got, want := [...]string{p.Title, p.Byline, p.Published}, [...]string{tt.title, tt.byline, tt.published}; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
			file, err := ParseHTML([]byte(tt.page), Options{}) // with no address but the page's own
			if err != nil || file.Byline != tt.byline || file.Published != tt.published {
				t.Errorf("as a file: %q, %q, error %v", file.Byline, file.Published, err)
			}
		})
	}
}
