package record

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Items as the tools write them, shortened; the texts are made up.
func TestItemsOfOtherTools(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     Raw
	}{
		{
			"Scrapy item, loader lists", `{"url":["https://example.org/a"],"title":["Rain"],"body":["It rained.","All day."],"author":["A. Writer"],"date":["2026-11-20"]}`,
			Raw{URL: "https://example.org/a", Title: "Rain", Text: "It rained.\nAll day.", Byline: "A. Writer", Published: "2026-11-20"},
		},
		{
			"Scrapy item, body is a page", `{"link":"https://example.org/a","body":" <html><p>It rained.</p></html>"}`,
			Raw{URL: "https://example.org/a", HTML: " <html><p>It rained.</p></html>"},
		},
		{
			"news-please", `{"authors":["A. Writer","B. Writer"],"date_download":"2026-11-21 08:00:00","date_modify":null,"date_publish":"2026-11-20 17:03:00","description":"Wet.","filename":"x.json","image_url":null,"language":"en","localpath":null,"maintext":"It rained.","source_domain":"example.org","title":"Rain","title_page":null,"title_rss":null,"url":"https://example.org/a"}`,
			Raw{
				URL: "https://example.org/a", Source: "example.org", Title: "Rain", Text: "It rained.", Lang: "en", Byline: "A. Writer, B. Writer", Published: "2026-11-20 17:03:00", Added: "2026-11-21 08:00:00",
				Metadata: []byte(`{"date_modify":null,"description":"Wet.","filename":"x.json","image_url":null,"localpath":null}`),
			},
		},
		{
			"Zyte article", `{"url":"https://example.org/a","headline":"Rain","datePublished":"2026-11-20T17:03:00Z","datePublishedRaw":"Friday","authors":[{"name":"A. Writer","nameRaw":"by A. Writer"},{"name":"B. Writer"}],"inLanguage":"en","articleBody":"It rained.","articleBodyHtml":"<article><p>It rained.</p></article>","canonicalUrl":"https://example.org/rain","metadata":{"probability":0.98}}`,
			Raw{
				URL: "https://example.org/a", Title: "Rain", Text: "It rained.", HTML: "<article><p>It rained.</p></article>", Lang: "en", Byline: "A. Writer, B. Writer", Published: "2026-11-20T17:03:00Z",
				Metadata: []byte(`{"probability":0.98,"datePublishedRaw":"Friday","canonicalUrl":"https://example.org/rain","authors":[{"name":"A. Writer","nameRaw":"by A. Writer"},{"name":"B. Writer"}]}`),
			},
		},
		{
			"Diffbot article", `{"type":"article","text":"It rained.","html":"<p>It rained.</p>","title":"Rain","pageUrl":"https://example.org/a","date":"Fri, 20 Nov 2026 17:03:00 GMT","author":"A. Writer","authors":[{"name":"A. Writer","link":"https://example.org/aw"}],"humanLanguage":"en","siteName":"Example"}`,
			Raw{
				URL: "https://example.org/a", Source: "Example", Title: "Rain", Text: "It rained.", HTML: "<p>It rained.</p>", Lang: "en", Byline: "A. Writer", Published: "Fri, 20 Nov 2026 17:03:00 GMT",
				Metadata: []byte(`{"type":"article","author":"A. Writer","authors":[{"name":"A. Writer","link":"https://example.org/aw"}]}`),
			},
		},
		{
			"Media Cloud story", `{"stories_id":2103478,"guid":"https://example.org/?p=1","media_id":17,"media_name":"Example Times","publish_date":"2026-11-20 17:03:00","language":"en","title":"Rain","url":"https://example.org/a","story_text":"It rained."}`,
			Raw{
				ID: "https://example.org/?p=1", URL: "https://example.org/a", Source: "Example Times", Title: "Rain", Text: "It rained.", Lang: "en", Published: "2026-11-20 17:03:00",
				Metadata: []byte(`{"stories_id":2103478,"media_id":17}`),
			},
		},
		{
			"schema.org in JSON-LD", `{"@type":"NewsArticle","headline":"Rain","articleBody":"It rained.","author":{"@type":"Person","name":"A. Writer"},"publisher":{"name":"Example"},"datePublished":"2026-11-20"}`,
			Raw{Source: "Example", Title: "Rain", Text: "It rained.", Byline: "A. Writer", Published: "2026-11-20", Metadata: []byte(`{"@type":"NewsArticle","author":{"@type":"Person","name":"A. Writer"}}`)},
		},
		{"own key beside an alias", `{"maintext":"other","text":"mine"}`, Raw{Text: "mine", Metadata: []byte(`{"maintext":"other"}`)}},
		{"empty own key beside an alias", `{"text":"","maintext":"other"}`, Raw{Text: "other"}},
		{"alias of a wrong type is none", `{"body":{"parts":3},"stories_id":[true]}`, Raw{Metadata: []byte(`{"stories_id":[true],"body":{"parts":3}}`)}},
		{"nested author lists", `{"byline":[["A. Writer"],["B. Writer",{"name":"C. Writer"}]]}`, Raw{Byline: "A. Writer, B. Writer, C. Writer"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseRaw([]byte(tt.in), nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(raw(tt.want), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMapping(t *testing.T) {
	m, err := ParseMapping("artikel=text, kopf=title,date=metadata,title=byline,maintext=")
	if err != nil {
		t.Fatal(err)
	}
	got, err := ParseRaw([]byte(`{"text":"own","artikel":"Es regnete.","kopf":"Regen","title":"A. Writer","date":"2026","maintext":"x","author":"B"}`), m)
	if err != nil {
		t.Fatal(err)
	}
	want := Raw{Text: "Es regnete.", Title: "Regen", Byline: "A. Writer", Metadata: []byte(`{"text":"own","date":"2026","maintext":"x","author":"B"}`)}
	// Members come in the item's order, but one that lost its field when the winner came later.
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	two, err := ParseRaw([]byte(`{"b":"second","a":"first"}`), Mapping{"a": "text", "b": "text"})
	if err != nil || two.Text != "second" || string(two.Metadata) != `{"a":"first"}` {
		t.Errorf("of two keys for one field the first in the record wins: %+v, %v", two, err)
	}
	for _, bad := range []string{"a", "=text", "a=body"} {
		if _, err := ParseMapping(bad); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

// A foreign key stands for one field only, and none is a key of our own.
func TestAliasesAreUnambiguous(t *testing.T) {
	seen := map[string]bool{}
	for _, key := range fieldKeys {
		seen[key] = true
	}
	for _, list := range aliases {
		for _, key := range list {
			if seen[key] {
				t.Errorf("%q twice", key)
			}
			seen[key] = true
		}
	}
}
