package cleaner

import (
	"fmt"
	"strings"

	"github.com/klauspost/compress/s2"
	"pgregory.net/rapid"

	"winnow/internal/bus"
	"winnow/internal/record"
)

var vocabulary = strings.Fields(`the council of harbour said on monday that a new ferry would carry grain and
	passengers between north quay and the islands after winter storms had closed two older routes for good while
	owners of small boats asked who pays for dredging minister letter vote budget engineer bridge storm school
	market price fish river night train court judge witness report evidence valley farmer drought rain crop export`)

// story returns the paragraphs of an invented article; the same number gives the same article.
func story(n int) []string {
	seed := uint64(n)*0x9E3779B97F4A7C15 + 1
	next := func(limit int) int {
		seed ^= seed << 13
		seed ^= seed >> 7
		seed ^= seed << 17
		return int(seed % uint64(limit))
	}
	var paragraphs []string
	for range 3 + next(4) {
		words := make([]string, 25+next(40))
		for i := range words {
			words[i] = vocabulary[next(len(vocabulary))]
		}
		paragraphs = append(paragraphs, strings.Join(words, " ")+".")
	}
	return paragraphs
}

// page returns the payload of a record: one of a few stories on one of a few sites, cut, wrapped
// or as it is, as text or as HTML, with the site's template around it.
func page(t *rapid.T) string {
	site := rapid.IntRange(0, 2).Draw(t, "site")
	body := story(rapid.IntRange(0, 11).Draw(t, "story"))
	body = body[:rapid.IntRange(1, len(body)).Draw(t, "cut")]
	if rapid.Bool().Draw(t, "intro") {
		body = append([]string{fmt.Sprintf("Readers of site %d saw this first, our own reporter writes from the quay.", site)}, body...)
	}
	template := []string{fmt.Sprintf("Subscribe to the letter of site %d", site), "More in this section"}
	r := record.Raw{URL: fmt.Sprintf("https://www.site%d.example/%d", site, rapid.IntRange(0, 99).Draw(t, "page")), Title: "A headline"}
	if rapid.Bool().Draw(t, "html") {
		r.HTML = "<html><body><p>" + strings.Join(append(body, template...), "</p><p>") + "</p></body></html>"
	} else {
		r.Text = strings.Join(append(body, template...), "\n\n")
	}
	return string(r.AppendJSON(nil))
}

// rawMessages draws a stretch of RAW, sequences from 1 on, with everything that scrapers send:
// pages, pages again, what is not a record, broken encodings, holes.
func rawMessages(t *rapid.T, most int) []bus.Message {
	msgs := make([]bus.Message, rapid.IntRange(1, most).Draw(t, "messages"))
	for i := range msgs {
		m := bus.Message{Subject: bus.RawSubject("crawl")}
		switch kind := rapid.IntRange(0, 11).Draw(t, "kind"); {
		case kind == 0:
			m.Data = rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "bytes")
		case kind == 1:
			m.Data = []byte(rapid.SampledFrom([]string{`{}`, `{"text":3}`, `[1]`, `{"id":"x"}`, `{"text":"a` + "\xff" + `"}`}).Draw(t, "bad"))
		case kind == 2:
			m.Header = map[string]string{bus.HeaderEncoding: rapid.SampledFrom([]string{"zstd", "s2", "br"}).Draw(t, "encoding")}
			m.Data = []byte("not compressed")
		case kind == 3:
			m.Header = map[string]string{bus.HeaderEncoding: "s2"}
			m.Data = s2.Encode(nil, []byte(page(t)))
		case kind == 4 && i > 0:
			m.Header, m.Data = msgs[i-1].Header, msgs[i-1].Data
		default:
			m.Data = []byte(page(t))
		}
		msgs[i] = m
	}
	return msgs
}
