package cleaner

import (
	"fmt"
	"testing"

	"winnow/internal/bus"
	"winnow/internal/record"
)

// A time of intake that the broker's clock had not reached is not believed, whoever says it: segments
// and what is kept of them follow it. One in the past is.
func TestAddedInTheFuture(t *testing.T) {
	for _, tt := range []struct{ name, added, header, want, metadata string }{
		{"an old archive", "1998-02-03T00:00:00Z", "", "1998-02-03T00:00:00Z", `{}`},
		{"clocks differ", "2026-11-21T23:00:00Z", "", "2026-11-21T23:00:00Z", `{}`},
		{"the far future", "9999-12-31T00:00:00Z", "", "2026-11-21T00:00:00Z", `{"added":"9999-12-31T00:00:00Z"}`},
		{"dead, an old archive", "", "1998-02-03T00:00:00Z", "1998-02-03T00:00:00Z", ""},
		{"dead, the far future", "", "9999-12-31T00:00:00Z", "2026-11-21T00:00:00Z", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := bus.Message{Subject: "raw.a", Data: fmt.Appendf(nil, `{"text":"The ferry is late again.","added":%q}`, tt.added), Header: map[string]string{}}
			if tt.header != "" {
				m.Data, m.Header[bus.HeaderDead], m.Header[bus.HeaderAdded] = []byte("{"), "syntax: line 1", tt.header
			}
			news := foldAll(t, testFold(t, 1), stamped([]bus.Message{m}))[0]
			var added, metadata string
			if bus.KindOf(news.Subject) == bus.Dead {
				d, err := record.ParseDead(news.Data)
				if err != nil {
					t.Fatal(err)
				}
				added = d.Added
			} else {
				c, err := record.ParseClean(news.Data)
				if err != nil {
					t.Fatal(err)
				}
				added, metadata = c.Added, string(c.Metadata)
			}
			if added != tt.want || metadata != tt.metadata {
				t.Errorf("%s: added %s, metadata %s; want %s, %s", news.Subject, added, metadata, tt.want, tt.metadata)
			}
		})
	}
}

// The language of a record is one of the schema's, whatever the producer says and however the text
// fails to tell: subjects, folders and counts are made of it.
func TestDeclaredLanguage(t *testing.T) {
	for declared, want := range map[string]string{
		"": "und", "pt-BR": "pt", "DE_at": "de", "zz-17": "zz", "fil": "fil", "english": "und", "e": "und", "a.b": "und", "日本": "und", "x-klingon": "und",
	} {
		m := bus.Message{Subject: "raw.a", Data: fmt.Appendf(nil, `{"lang":%q,"text":"7919 104729"}`, declared)}
		c, err := record.ParseClean(foldAll(t, testFold(t, 1), stamped([]bus.Message{m}))[0].Data)
		if err != nil {
			t.Fatal(err)
		}
		if c.Lang != want {
			t.Errorf("declared %q: lang %q, want %q", declared, c.Lang, want)
		}
	}
}
