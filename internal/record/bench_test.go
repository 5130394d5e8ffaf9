package record

import (
	"strings"
	"testing"
)

// sample is a text of about 3 KB written for this test: prose with quotes, line breaks and a few
// characters outside ASCII.
var sample = Raw{
	ID: "a1", URL: "https://www.example.org/2026/11/21/harbour-vote?ref=home", Source: "crawl",
	Title: "Council votes to keep the harbour lights on", Lang: "en", Byline: "Mara Ostrow",
	Published: "2026-11-21T07:30:00Z", Added: "2026-11-21T08:00:00Z",
	Text: strings.Repeat("The council voted nine to four on Tuesday to keep the lights of the old harbour burning, "+
		"ending a quarrel that had run for most of the year.\n“Nobody here wants to see it dark,” said the mayor, "+
		"who had first called the plan \"a luxury\". The cost, €41,000 a year, will be met from mooring fees.\n", 10),
	Metadata: []byte(`{"spider":"harbour","depth":3,"tags":["local","council"]}`),
}

// page is markup of about 60 KB: an escape every 20 bytes or so.
var page = Raw{ID: "a2", URL: sample.URL, Metadata: []byte("{}"), HTML: strings.Repeat(
	"<div class=\"story-body\" id=\"p1\">\n\t<p data-x='1'>The council voted nine to four on Tuesday to keep the lights of the old harbour "+
		"<a href=\"https://www.example.org/tag/harbour?ref=home\" rel=\"nofollow\">burning</a>.</p>\n\t<img src=\"/i/1.jpg\" alt=\"Für Elise\">\r\n</div>\n", 220)}

func BenchmarkAppendJSON(b *testing.B) {
	for name, r := range map[string]*Raw{"text": &sample, "html": &page} {
		b.Run("kind="+name, func(b *testing.B) {
			var buf []byte
			b.SetBytes(int64(len(r.AppendJSON(nil))))
			b.ReportAllocs()
			for b.Loop() {
				buf = r.AppendJSON(buf[:0])
			}
		})
	}
}

func BenchmarkParseRaw(b *testing.B) {
	for name, r := range map[string]*Raw{"text": &sample, "html": &page} {
		b.Run("kind="+name, func(b *testing.B) {
			line := r.AppendJSON(nil)
			b.SetBytes(int64(len(line)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ParseRaw(line, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParseClean(b *testing.B) {
	c := Clean{
		ID: sample.ID, Text: sample.Text, Title: sample.Title, URL: sample.URL, Metadata: sample.Metadata,
		Removed: Removed{Reasons: map[string]int{"site-template": 3}},
	}
	line := c.AppendJSON(nil)
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseClean(line); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkComplete(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		r := sample
		r.ID = ""
		r.Complete("x", received, received)
	}
}
