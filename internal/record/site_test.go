package record

import (
	"strings"
	"testing"
)

func TestSite(t *testing.T) {
	for in, want := range map[string]string{
		"https://www.irishexaminer.com/news/a.html":    "com.irishexaminer.www",
		"HTTP://WWW.Example.ORG":                       "org.example.www",
		"https://example.org.:8443/a":                  "org.example",
		"https://user:pw@example.org:80/?q=a@b":        "org.example",
		"//example.org/a":                              "org.example",
		"www.example.org/a":                            "org.example.www",
		"https://bücher.example/":                      "example.xn--bcher-kva",
		"https://例え.jp?x":                              "jp.xn--r8jz45g",
		"https://a_b.example/":                         "example.a_b",
		"http://192.0.2.1:8080/a":                      "192-0-2-1",
		"http://[2001:DB8::1]:80/":                     "2001:db8::1",
		"http://[::ffff:192.0.2.1]/":                   "192-0-2-1",
		"http://localhost/a":                           "localhost",
		" https://example.org/ ":                       "org.example",
		"https://example.org\\@evil.example/":          "org.example",
		"example.org/a":                                "",
		"/a/b":                                         "",
		"mailto:a@example.org":                         "",
		"https:///a":                                   "",
		"https://ex ample.org/":                        "",
		"https://exa*mple.org/":                        "",
		"https://a..b/":                                "",
		"https://.example.org/":                        "",
		"https://" + strings.Repeat("a", 64) + ".org":  "",
		"https://" + strings.Repeat("a.", 130) + "org": "",
		"": "",
	} {
		if got := Site(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// A site has one publisher, with "www." or without; who delivered the page counts when it has no site.
func TestPublisher(t *testing.T) {
	for _, tt := range []struct{ url, source, want string }{
		{"https://agency.example/a", "crawl-2024", "example.agency"},
		{"https://WWW.agency.example/a", "", "example.agency"},
		{"https://live.agency.example/a", "", "example.agency.live"},
		{"https://www.example/a", "", "example.www"},
		{"https://www.www.example/a", "", "example.www"},
		{"", "www.agency", "www.agency"},
		{"", "", ""},
	} {
		if got := Publisher(Site(tt.url), tt.source); got != tt.want {
			t.Errorf("%q of %q: got %q, want %q", tt.url, tt.source, got, tt.want)
		}
	}
}

// Whatever the URL, a site is made of labels that a schema, a file name and a subject can carry.
func FuzzSite(f *testing.F) {
	for _, s := range []string{"https://www.example.org/a", "http://[::1%eth0]/", "http://1.2.3/", "//é.example", "www.", "http://xn--a/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, url string) {
		site := Site(url)
		if site == "" {
			return
		}
		for label := range strings.SplitSeq(site, ".") {
			if label == "" || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_:") != "" {
				t.Fatalf("%q: %q", url, site)
			}
		}
	})
}
