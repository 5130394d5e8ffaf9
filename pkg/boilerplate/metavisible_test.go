package boilerplate

import (
	"strings"
	"testing"
)

func TestAddressDate(t *testing.T) {
	for _, tt := range []struct{ address, want string }{
		{"https://isle.example/2026/03/04/keepers-return", "2026-03-04T00:00:00Z"},
		{"https://isle.example/2026/3/4/keepers-return", "2026-03-04T00:00:00Z"},
		{"https://isle.example/news/2026-03-04-keepers-return.html", "2026-03-04T00:00:00Z"},
		{"https://isle.example/news/20260304/keepers-return", "2026-03-04T00:00:00Z"},
		{"https://isle.example/news/20260304-keepers-return.html", "2026-03-04T00:00:00Z"},
		{"https://isle.example/news/20260304_keepers", "2026-03-04T00:00:00Z"},
		{"https://isle.example/local/2026-03/04/c_117.htm", "2026-03-04T00:00:00Z"},
		{"https://kept.example/web/20270501120000/https://isle.example/2026/03/04/keepers", "2026-03-04T00:00:00Z"},
		{"https://isle.example/2026/03/keepers-return", ""},
		{"https://isle.example/2026/03/3-keepers-return", ""},
		{"https://isle.example/2026/03/04/", ""}, // what came out that day
		{"https://isle.example/2026-03-04", ""},
		{"https://isle.example/2026/02/30/keepers", ""},
		{"https://isle.example/1926/03/04/keepers", ""},
		{"https://isle.example/120260304/keepers", ""},
		{"https://isle.example/keepers?day=2026/03/04/x", ""},
		{"https://isle.example/events/2026/03/04/lamp-night", ""},
		{"https://isle.example/2026/03/04/to/2026/03/09/keepers", ""},
		{"https://isle.example/article/12345678", ""},
		{"", ""},
		{"%", ""},
	} {
		t.Run(tt.address, func(t *testing.T) {
			if got := addressDate(tt.address); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestReadLine(t *testing.T) {
	const day = "2026-11-02T00:00:00Z"
	for _, tt := range []struct {
		line                string
		order               dayOrder
		published, modified string
	}{
		{"02.11.2026", unknownOrder, day, ""},
		{"02.11.26", unknownOrder, day, ""},
		{"2 . 11. 2026", unknownOrder, day, ""},
		{"2026-11-02", unknownOrder, day, ""},
		{"2026/11/2", unknownOrder, day, ""},
		{"2026.11.02.", unknownOrder, day, ""},
		{"2026年11月2日", unknownOrder, day, ""},
		{"2026年11月2日 14:05", unknownOrder, "2026-11-02T14:05:00Z", ""},
		{"입력 2026년 11월 2일", unknownOrder, day, ""},
		{"November 2, 2026", unknownOrder, day, ""},
		{"Monday, Nov. 2nd 2026", unknownOrder, day, ""},
		{"2nd of November, 2026", unknownOrder, day, ""},
		{"2 Nov 2026", unknownOrder, day, ""},
		{"By Imogen Vale | 2 Nov 2026, 2:05 pm", unknownOrder, "2026-11-02T14:05:00Z", ""},
		{"2 Nov 2026 at 2:05 p.m. EST", unknownOrder, "2026-11-02T19:05:00Z", ""},
		{"Montag, 2. November 2026, 14:05 Uhr", unknownOrder, "2026-11-02T14:05:00Z", ""},
		{"Veröffentlicht am 2.November 2026 von imogen", unknownOrder, day, ""},
		{"Publié le lundi 2 novembre 2026 à 14h05", unknownOrder, "2026-11-02T14:05:00Z", ""},
		{"2 de noviembre de 2026", unknownOrder, day, ""},
		{"Publicado em 2 de novembro de 2026 às 14:05", unknownOrder, "2026-11-02T14:05:00Z", ""},
		{"lunedì 2 novembre 2026", unknownOrder, day, ""},
		{"maandag 2 november 2026 om 14:05", unknownOrder, "2026-11-02T14:05:00Z", ""},
		{"Publicerad 2 november 2026", unknownOrder, day, ""},
		{"2. marraskuuta 2026 klo 14:05", unknownOrder, "2026-11-02T14:05:00Z", ""},
		{"Opublikowano: 2 października 2026", unknownOrder, "2026-10-02T00:00:00Z", ""},
		{"2. října 2026", unknownOrder, "2026-10-02T00:00:00Z", ""},
		{"Дата: 2 ноября 2026", unknownOrder, day, ""},
		{"2 Νοεμβρίου 2026", unknownOrder, day, ""},
		{"2 Kasım 2026 Pazartesi", unknownOrder, day, ""},
		{"Juli 12, 2026", unknownOrder, "2026-07-12T00:00:00Z", ""},
		{"13/11/2026", unknownOrder, "2026-11-13T00:00:00Z", ""},
		{"11/13/2026", unknownOrder, "2026-11-13T00:00:00Z", ""},
		{"02/11/2026", dayFirst, day, ""},
		{"02-11-2026", dayFirst, day, ""},
		{"11/02/2026", monthFirst, day, ""},
		{"02/11/2026", unknownOrder, "", ""},
		{"02/02/2026", unknownOrder, "2026-02-02T00:00:00Z", ""},
		{"02/11/26", dayFirst, "", ""},
		{"1.2.10", unknownOrder, "", ""},
		{"02.11.60", unknownOrder, "", ""},
		{"31.11.2026", unknownOrder, "", ""},
		{"November 2026", unknownOrder, "", ""},
		{"Pro 10 2026", unknownOrder, "", ""},
		// what was changed then
		{"Updated November 2, 2026", unknownOrder, "", day},
		{"Date of last revision: November 2, 2026", unknownOrder, "", day},
		{"Stand: 02.11.2026, 14:05 Uhr", unknownOrder, "", "2026-11-02T14:05:00Z"},
		{"Zuletzt aktualisiert am 2. November 2026", unknownOrder, "", day},
		{"Mis à jour le 2 novembre 2026", unknownOrder, "", day},
		{"Actualizado el 2 de noviembre de 2026", unknownOrder, "", day},
		{"Published 1 November 2026 | Updated 2 November 2026", unknownOrder, "2026-11-01T00:00:00Z", day},
		{"Обновлено 2 ноября 2026", unknownOrder, "", day},
		// what happens then
		{"2.-5. November 2026", unknownOrder, "", ""},
		{"30 October - 2 November 2026", unknownOrder, "", ""},
		{"2 November 2026 - 5 November 2026", unknownOrder, "", ""},
		{"2. November 2026, 14:05 Uhr bis 16:00 Uhr, Rathaus", unknownOrder, "", ""},
		{"2. November 2026, 19 Uhr, Rathaus", unknownOrder, "", ""},
		{"2 November 2026, 19:00, Town Hall, tickets 5", unknownOrder, "", ""},
		{"Release date: 2 November 2026", unknownOrder, "", ""},
		{"Opening night: 2 November 2026", unknownOrder, "", ""},
		{"Bis 2. November 2026", unknownOrder, "", ""},
		{"Member since 2 November 2026", unknownOrder, "", ""},
		{"© 2.11.2026 Isle Weekly", unknownOrder, "", ""},
		{"Today is 2 November 2026", unknownOrder, "", ""},
		{strings.Repeat("lamp ", 50) + "2 November 2026", unknownOrder, "", ""},
	} {
		t.Run(tt.line, func(t *testing.T) {
			if s := readLine(tt.line, tt.order); s.published != tt.published || s.modified != tt.modified {
				t.Errorf("got %q, %q, want %q, %q", s.published, s.modified, tt.published, tt.modified)
			}
		})
	}
}

// A date that the page shows is the page's only where it stands alone by the headline or is called so.
func TestVisibleDates(t *testing.T) {
	const (
		first  = `<p>Two keepers moved into the lighthouse on Gull Rock on Monday, thirty-one years after the lamp was handed over to a machine, because the machine has failed nine times since the spring.</p>`
		second = `<p>The harbour board, which pays for them, said that the two would stay until a better lamp had been found, and that nobody on the island had asked for one so far, as far as it knew.</p>`
		third  = `<p>Ships had been warned by radio, by flags and, on one night in August, by a schoolteacher with a bicycle lamp, who was later thanked with a dinner and a medal that she has since lost.</p>`
		title  = `<h1>Keepers return to Gull Rock</h1>`
		text   = first + second + third
		day    = "2026-11-02T00:00:00Z"
	)
	nav := `<nav>` + strings.Repeat(`<a href=/x>Section</a> `, 8) + `</nav>`
	for _, tt := range []struct{ name, lang, page, published, modified string }{
		{"behind the headline", "de", title + `<div>02.11.2026, 14:05</div>` + text, "2026-11-02T14:05:00Z", ""},
		{"with the author", "de", title + `<p>Von Jörg Klein | 2. November 2026 | 3 Kommentare</p>` + text, day, ""},
		{"before the headline", "en", nav + `<div id=main><div><span>November 2, 2026</span>` + title + `</div>` + text + `</div>`, day, ""},
		{"a heading before the headline", "de", `<div><h2>Montag, 2. November 2026</h2><h3>Keepers return to Gull Rock</h3>` + text + `</div>`, day, ""},
		{"time without an attribute", "fr", title + `<time>2 novembre 2026</time>` + text, day, ""},
		{"text of an itemprop", "es", title + text + `<span itemprop=datePublished>2 de noviembre de 2026</span>`, day, ""},
		{"class below the text", "it", title + text + `<div class=post-date>2 novembre 2026</div>`, day, ""},
		{"words below the text", "nl", title + text + `<p>Geplaatst op 2 november 2026</p>`, day, ""},
		{"day first where the page says so", "en-GB", title + `<div>02/11/2026</div>` + text, day, ""},
		{"month first where the page says so", "en-US", title + `<div>11/02/2026</div>` + text, day, ""},
		{"English of nowhere", "en", title + `<div>02/11/2026</div>` + text, "", ""},
		{"published and changed", "en", title + `<div>Published 1 November 2026</div><div>Updated 2 November 2026, 08:15</div>` + text, "2026-11-01T00:00:00Z", "2026-11-02T08:15:00Z"},
		{"changed alone", "de", title + `<div>Aktualisiert: 02.11.2026</div>` + text, "", day},
		{"the time of a day", "en", `<meta name=date content="2026-11-02">` + title + `<div>2 November 2026, 08:15</div>` + text, "2026-11-02T08:15:00Z", ""},
		{"another day than the head's", "en", `<meta name=date content="2026-11-01">` + title + `<div>2 November 2026, 08:15</div>` + text, "2026-11-01T00:00:00Z", ""},
		{"the nearest behind the headline", "en", title + `<div>2 November 2026</div>` + first + `<p><i>Photo 1 May 2026</i></p>` + second, day, ""},

		{"a line that also counts comments", "en", title + `<div class=comments-line>2 November 2026</div>` + text, day, ""},
		{"in one element with the whole page", "en", `<div><p>Isle Weekly</p><p>Harbour news</p><p>Letters</p><div>2 November 2026</div>` + title + text + `</div>`, day, ""},

		{"today in the masthead", "en", `<header><div>2 November 2026</div></header>` + nav + title + text, "", ""},
		{"today at the top", "en", `<div class=date>2 November 2026</div>` + nav + title + text, "", ""},
		{"in a sentence", "en", title + first + `<p>The lamp went out again on 2 November 2026, and nobody was there to see it but a gull.</p>` + second, "", ""},
		{"in a sidebar", "en", title + `<aside>2 November 2026</aside>` + text, "", ""},
		{"related stories", "en", title + text + `<ul class=related><li><a href=/a>A lamp for the pier</a> <span class=date>2 November 2026</span></li></ul>`, "", ""},
		{"a comment", "en", title + text + `<div class=comments><div>Nora Quince</div><div class=date>2 November 2026</div><p>Well done.</p></div>`, "", ""},
		{"an index", "en", title + strings.Repeat(`<div class=item><h2>Lamp</h2><span class=date>2 November 2026</span>`+first+`</div><div class=item><h2>Pier</h2><span class=date>1 November 2026</span>`+second+`</div>`, 3), "", ""},
		{"an item of a list", "en", title + text + `<ul><li class=date>2 November 2026</li></ul>`, "", ""},
		{"two days below the text", "en", title + text + `<div class=date>2 November 2026</div><p><span class=date>1 November 2026</span></p>`, "", ""},
		{"an event", "en", `<div class=event-detail>` + title + `<div>2 November 2026, 19:00</div>` + text + `</div>`, "", ""},
		{"days of an event", "de", title + `<div>2.-5. November 2026</div>` + text, "", ""},
		{"place of an event", "de", title + `<div>2. November 2026, 19:00 Uhr, Einlass ab 18:30 Uhr</div>` + text, "", ""},
		{"much besides", "en", title + `<div>The harbour board met on the pier 2 November 2026 to hear all about lamps</div>` + text, "", ""},
		{"copyright", "en", title + text + `<footer>© 2 November 2026 Isle Weekly</footer>`, "", ""},
		{"a quotation", "en", title + `<blockquote>Agnes Thole, 2 November 2026</blockquote>` + text, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := ParseHTML([]byte(`<html lang=`+tt.lang+`><title>Keepers return to Gull Rock | Isle Weekly</title><body>`+tt.page), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if p.Published != tt.published || p.Modified != tt.modified {
				t.Errorf("got %q, %q, want %q, %q", p.Published, p.Modified, tt.published, tt.modified)
			}
		})
	}
}

// The address gives the day, the page its time; the head comes before both.
func TestAddressAndVisibleDate(t *testing.T) {
	const page = `<title>Keepers return to Gull Rock</title><h1>Keepers return to Gull Rock</h1><div>4 March 2026, 08:15</div><p>Two keepers moved into the lighthouse on Gull Rock on Monday, thirty-one years after the lamp was handed over to a machine.</p>`
	for _, tt := range []struct{ address, head, want string }{
		{"https://isle.example/2026/03/04/keepers", "", "2026-03-04T08:15:00Z"},
		{"https://isle.example/2026/03/05/keepers", "", "2026-03-05T00:00:00Z"},
		{"https://isle.example/2026/03/05/keepers", `<meta name=date content="2026-03-03T07:00:00Z">`, "2026-03-03T07:00:00Z"},
		{"", `<link rel=canonical href="https://isle.example/2026/03/05/keepers">`, "2026-03-05T00:00:00Z"},
	} {
		p, err := ParseHTML([]byte(tt.head+page), Options{URL: tt.address})
		if err != nil || p.Published != tt.want {
			t.Errorf("%s %s: got %q, want %q, error %v", tt.address, tt.head, p.Published, tt.want, err)
		}
	}
}
