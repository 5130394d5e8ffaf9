package cleaner

import (
	"fmt"
	"strings"
	"testing"

	"winnow/internal/bus"
	"winnow/internal/record"
)

// What recurs is learnt of a site once, however its name is written, and never of two sites together.
func TestSiteOfTheModel(t *testing.T) {
	for _, tt := range []struct {
		name  string
		urls  []string // of pages in a row; the last one is judged
		learn bool
		site  string // of the last page: the record's stays the host's
	}{
		{"www. and without", []string{"https://www.quay.example", "https://quay.example", "http://WWW.Quay.example:80", "https://quay.example.", "https://www.quay.example"}, true, "example.quay.www"},
		{"punycode and Unicode", []string{"https://käi.example", "https://xn--ki-via.example", "https://KÄI.example", "https://XN--KI-VIA.example", "https://ka\u0308i.example"}, true, "example.xn--ki-via"},
		{"an address", []string{"http://192.0.2.1/", "http://192.0.2.1:8080/", "http://[::ffff:192.0.2.1]/", "http://192.0.2.1", "http://192.0.2.1"}, true, "192-0-2-1"},
		{"nothing behind www. but the top", []string{"https://example", "https://example", "https://example", "https://example", "https://www.example"}, false, "example.www"},
		{"four addresses", []string{"http://192.0.2.1", "http://192.0.2.2", "http://192.0.2.3", "http://192.0.2.1", "http://192.0.2.4"}, false, "192-0-2-4"},
		{"no host", []string{"", "/a", "", "quay", "", "file:///quay"}, false, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var msgs []bus.Message
			for i, url := range tt.urls {
				body := append(story(100+i), "The flag of the ferry is blue and white.")
				r := record.Raw{URL: url, Title: "A headline", Text: strings.Join(body, "\n\n")}
				if url != "" {
					r.URL += fmt.Sprintf("/%d", i)
				}
				msgs = append(msgs, bus.Message{Subject: "raw.a", Data: r.AppendJSON(nil)})
			}
			news := foldAll(t, testFold(t, 1), stamped(msgs))
			last, err := record.ParseClean(news[len(news)-1].Data)
			if err != nil {
				t.Fatal(err)
			}
			if got := last.Removed.Reasons["site-template"] > 0; got != tt.learn || last.Site != tt.site {
				t.Errorf("site %q, template known: %v (%v); want %q, %v", last.Site, got, last.Removed.Reasons, tt.site, tt.learn)
			}
		})
	}
}
