package record

import (
	"encoding/base64"
	"errors"
	"strings"
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
		{
			"Zyte API, article", `{"url":"https://example.org/a","statusCode":200,"article":{"headline":"Rain","datePublished":"2026-11-20T17:03:00Z","authors":[{"name":"A. Writer"}],"inLanguage":"en","articleBody":"It rained.","url":"https://example.org/b","images":[{"url":"https://example.org/i"}],"metadata":{"probability":0.98}}}`,
			Raw{
				URL: "https://example.org/a", Title: "Rain", Text: "It rained.", Lang: "en", Byline: "A. Writer", Published: "2026-11-20T17:03:00Z",
				Metadata: []byte(`{"statusCode":200,"article.url":"https://example.org/b","article":{"images":[{"url":"https://example.org/i"}],"metadata":{"probability":0.98}}}`),
			},
		},
		{
			"Zyte API, browserHtml and an article without a body", `{"article":{"headline":"Rain","images":[]},"url":"https://example.org/a","browserHtml":"<p>It rained.</p>"}`,
			Raw{URL: "https://example.org/a", HTML: "<p>It rained.</p>", Metadata: []byte(`{"article":{"headline":"Rain","images":[]}}`)},
		},
		{
			"Zyte API, a response in Latin-1", `{"url":"https://example.org/a","statusCode":200,"httpResponseBody":"` + base64.StdEncoding.EncodeToString([]byte("<p>Gr\xfc\xdfe</p>")) + `","httpResponseHeaders":[{"name":"date","value":"Fri"},{"name":"content-type","value":"text/html; charset=iso-8859-1"}]}`,
			Raw{URL: "https://example.org/a", HTML: "<p>Grüße</p>", Metadata: []byte(`{"statusCode":200,"httpResponseHeaders":[{"name":"date","value":"Fri"},{"name":"content-type","value":"text/html; charset=iso-8859-1"}],"charset":"windows-1252"}`)},
		},
		{
			"Zyte API, a response without headers", `{"httpResponseBody":"` + base64.StdEncoding.EncodeToString([]byte("<!doctype html><p>Grüße")) + `"}`,
			Raw{HTML: "<!doctype html><p>Grüße"},
		},
		{
			"Zyte API, a response that only the page declares", `{"httpResponseBody":"` + base64.StdEncoding.EncodeToString([]byte("<html><meta charset=windows-1251><p>\xc4\xee\xe6\xe4\xfc")) + `"}`,
			Raw{HTML: "<html><meta charset=windows-1251><p>Дождь", Metadata: []byte(`{"charset":"windows-1251"}`)},
		},
		{
			"Zyte API, a response that nobody declares", `{"httpResponseBody":"` + base64.StdEncoding.EncodeToString([]byte("<html><p>\xcf\xee\xf1\xeb\xe5 \xe4\xee\xe6\xe4\xff \xef\xe0\xf0\xee\xec \xed\xe5 \xf8\xb8\xeb")) + `"}`,
			Raw{HTML: "<html><p>После дождя паром не шёл", Metadata: []byte(`{"charset":"windows-1251"}`)},
		},
		{
			"Zyte API, a response in plain text", `{"httpResponseBody":"` + base64.StdEncoding.EncodeToString([]byte("It rained.")) + `","httpResponseHeaders":[{"name":"Content-Type","value":"text/plain"}]}`,
			Raw{Text: "It rained.", Metadata: []byte(`{"httpResponseHeaders":[{"name":"Content-Type","value":"text/plain"}]}`)},
		},
		{
			"Zyte API, an image", `{"httpResponseBody":"iVBORw0KGgo="}`,
			Raw{Metadata: []byte(`{"httpResponseBody":"iVBORw0KGgo="}`)},
		},
		{"Zyte API, a response that was decoded", `{"httpResponseBody":"<p>It rained.</p>"}`, Raw{HTML: "<p>It rained.</p>"}},
		{
			"Diffbot answer", `{"request":{"pageUrl":"https://example.org/asked","api":"article","version":3},"objects":[{"type":"article","text":"It rained.","title":"Rain","pageUrl":"https://example.org/a","date":"Fri, 20 Nov 2026 17:03:00 GMT","author":"A. Writer","humanLanguage":"en","siteName":"Example"}]}`,
			Raw{
				URL: "https://example.org/a", Source: "Example", Title: "Rain", Text: "It rained.", Lang: "en", Byline: "A. Writer", Published: "Fri, 20 Nov 2026 17:03:00 GMT",
				Metadata: []byte(`{"request":{"api":"article","version":3},"request.pageUrl":"https://example.org/asked","objects":[{"type":"article"}]}`),
			},
		},
		{
			"Diffbot answer that was not split", `{"objects":[{"text":"It rained."},{"text":"It snowed."}]}`,
			Raw{Text: "It rained.", Metadata: []byte(`{"objects":[{},{"text":"It snowed."}]}`)},
		},
		{"a list of other objects", `{"text":"It rained.","objects":[{"id":7,"title":"x"}]}`, Raw{Text: "It rained.", Metadata: []byte(`{"objects":[{"id":7,"title":"x"}]}`)}},
		{"own text beside an article", `{"text":"mine","article":{"text":"other","title":"T"}}`, Raw{Text: "mine", Title: "T", Metadata: []byte(`{"article.text":"other"}`)}},
		{"article is the text", `{"id":"7","article":"It rained.","highlights":"Rain."}`, Raw{ID: "7", Text: "It rained.", Metadata: []byte(`{"highlights":"Rain."}`)}},
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

// A path goes through objects, and through a list into its first object; what it leaves stays.
func TestMappingPaths(t *testing.T) {
	for _, tt := range []struct {
		name, mapping, in string
		want              Raw
	}{
		{"one step", "data.words=text,data.head=title", `{"data":{"words":"It rained.","head":"Rain","n":1}}`, Raw{Text: "It rained.", Title: "Rain", Metadata: []byte(`{"data":{"n":1}}`)}},
		{"nothing is left", "data.words=text", `{"data":{"words":"It rained."}}`, Raw{Text: "It rained."}},
		{"two steps and a list", "a.b.c=text,a.b.d=url", `{"a":{"b":[{"c":"x","d":"u"},{"c":"y"}],"e":2}}`, Raw{Text: "x", URL: "u", Metadata: []byte(`{"a":{"b":[{},{"c":"y"}],"e":2}}`)}},
		{"a key with a dot", "a.b=text", `{"a.b":"x"}`, Raw{Text: "x"}},
		{"no object on the way", "a.b=text", `{"a":"x"}`, Raw{Metadata: []byte(`{"a":"x"}`)}},
		{"another key", "a.b=text", `{"a":{"bb":"x"},"ab":{"b":1}}`, Raw{Metadata: []byte(`{"a":{"bb":"x"},"ab":{"b":1}}`)}},
		{"before an alias", "x.t=title", `{"title":"own","x":{"t":"mapped"}}`, Raw{Title: "mapped", Metadata: []byte(`{"title":"own"}`)}},
		{"in an article that is known", "article.lead=title,article.headline=", `{"article":{"articleBody":"It rained.","lead":"Wet.","headline":"Rain"}}`, Raw{Text: "It rained.", Title: "Wet.", Metadata: []byte(`{"article":{"headline":"Rain"}}`)}},
		{"an article that is known is not opened", "article=metadata", `{"article":{"text":"x"}}`, Raw{Metadata: []byte(`{"article":{"text":"x"}}`)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m, err := ParseMapping(tt.mapping)
			if err != nil {
				t.Fatal(err)
			}
			got, err := ParseRaw([]byte(tt.in), m)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(raw(tt.want), got); diff != "" {
				t.Error(diff)
			}
		})
	}
	if _, err := ParseRaw([]byte(`{"a":{"b":7}}`), Mapping{"a.b": "text"}); !errors.Is(err, ErrMalformed) || !strings.Contains(err.Error(), `"a.b"`) {
		t.Errorf("a number where the mapping says text: %v", err)
	}
}

// An answer with several articles is as many documents; anything else is one.
func TestSplit(t *testing.T) {
	for _, tt := range []struct {
		in      string
		want    []string
		mapping Mapping
	}{
		{`{"request":{"a":1},"objects":[{"text":"a"}, {"type":"image"}],"x":2}`, []string{`{"request":{"a":1},"objects":[{"text":"a"}],"x":2}`, `{"request":{"a":1},"objects":[{"type":"image"}],"x":2}`}, nil},
		{`{"objects":[{"text":"a"}]}`, nil, nil},
		{`{"objects":[]}`, nil, nil},
		{`{"objects":[{"id":1},{"id":2}]}`, nil, nil},
		{`{"objects":{"text":"a"}}`, nil, nil},
		{`{"text":"\"objects\":[{\"text\":1},{}]"}`, nil, nil},
		{`{"a":{"objects":[{"text":"a"},{"text":"b"}]}}`, nil, nil},
		{`{"objects":[{"text":"a"},{"text":"b"}]`, nil, nil},
		{`{"objects":[{"text":"a"}` + strings.Repeat(`,{}`, maxSplit) + `]}`, nil, nil},
		{`{"x":"` + strings.Repeat("x", MaxMetadata) + `","objects":[{"text":"a"},{"text":"b"},{"text":"c"}]}`, nil, nil},
		{`{"status":"ok","totalResults":2,"articles":[{"content":"a"}, {"title":"b"}]}`, []string{`{"content":"a"}`, `{"title":"b"}`}, nil},
		{"{\n \"items\" : [\n{\"html\":\"<p>\"}\n],\"next\":null}\n", []string{`{"html":"<p>"}`}, nil},
		{`{"data":[{"story":"a"}]}`, nil, nil},
		{`{"data":[{"story":"a"}]}`, []string{`{"story":"a"}`}, Mapping{"story": "text"}},
		{`{"data":[{"text":"a"}]}`, nil, Mapping{"data.story": "text"}},
		{`{"results":[{"text":"a"},{"text":"b"}],"body":"An article."}`, nil, nil},
		{`{"id":"1","body":"An article.","results":[{"text":"a"},{"text":"b"}]}`, nil, nil},
		{`{"results":[{"text":"a"},"b"]}`, []string{`{"text":"a"}`, `"b"`}, nil},
		{`{"n":2,"results":[{"text":"a","text":"b"}, {"score":NaN} ,{"text":"\ud800"},{"text":"b}",},null,` + "{\"text\":\"\xff\n\"}" + `, {"text":"c"},]}`, []string{
			`{"text":"a","text":"b"}`, `{"score":NaN}`, `{"text":"\ud800"}`, `{"text":"b}",}`, `null`, "{\"text\":\"\xff\n\"}", `{"text":"c"}`,
		}, nil},
		{`{"results":[{"text":"a"},{"text":NaN}],"n":NaN}`, nil, nil},
		{`{"results":[{"text":"a"},{"text":NaN}]}]`, nil, nil},
		{`{"results":[{"text":"a"},,{"text":"b"}]}`, nil, nil},
		{`{"results":[{"text":"a"}{"text":"b"}]}`, nil, nil},
		{`{"results":[{"text":"a},{"text":"b"}]}`, nil, nil},
		{`{"results":[{"text":"a"},{"text":"b"]}`, nil, nil},
		{`{"results":[{"id":"a"}]}`, nil, nil},
		{`{"results":[]}`, nil, nil},
		{`{"results":{"text":"a"}}`, nil, nil},
		{`{"results":[{"text":"a"}],"results":[]}`, nil, nil},
		{`{"results":[{"text":"a"}]`, nil, nil},
		{`{"seen":"` + strings.Repeat("x", maxBeside) + `","results":[{"text":"a"}]}`, nil, nil},
		{`{"results":[{"text":"a"}` + strings.Repeat(`,{}`, maxListed) + `]}`, nil, nil},
	} {
		var got []string
		for _, part := range Split([]byte(tt.in), tt.mapping) {
			got = append(got, string(part))
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%.100s: %s", tt.in, diff)
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
