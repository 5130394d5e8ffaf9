package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"winnow/internal/record"
)

// written returns the name of a new file with this content.
func written(t testing.TB, name string, content []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// documents returns the documents of an input.
func documents(t testing.TB, input string, opt Options) (docs []Document) {
	t.Helper()
	s, err := Open(t.Context(), input, opt)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	each(t, s, func(d *Document) {
		d.Own()
		docs = append(docs, *d)
	})
	return docs
}

// each calls f with the documents of a source, up to its end.
func each(t fatal, s *Source, f func(d *Document)) {
	for {
		d, err := s.Next()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		f(&d)
	}
}

// Damage to a feed costs the items it lies in: they are malformed, with their bytes, and the others are read.
func TestBrokenFeeds(t *testing.T) {
	const (
		head = `<?xml version="1.0"?><rss version="2.0" xmlns:c="http://purl.org/rss/1.0/modules/content/"><channel><title>Post</title>`
		end  = `</channel></rss>`
		rain = `<item><title>Rain</title><c:encoded><![CDATA[It rained. </item> <item>]]></c:encoded></item>`
		sun  = `<item><title>Sun</title><description>It shone.</description></item>`
		fog  = `<Item rdf:about="x"><title>Fog</title><description>It was grey.</description></Item >`

		atom   = `<feed xmlns="http://www.w3.org/2005/Atom"><title>Post</title>`
		thaw   = `<entry><title>Thaw</title><summary>It dripped.</summary></entry>`
		frost  = `<entry><title>Frost</title><content type="xhtml"><div>It froze.</div></content></entry>`
		rdf    = `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel><title>Post</title><items/></channel>`
		nested = `<item><title>Nest</title><gallery><item>one</item><item/></gallery><description>It hatched.</description></item>`

		isRain, isSun, isFog = "Rain|It rained. </item> <item>", "Sun|It shone.", "Fog|It was grey."
		isThaw, isFrost      = "Thaw|It dripped.", "Frost|It froze."
	)
	bad := func(description string) string {
		return "<item><title>Bad</title><description>" + description + "</description></item>"
	}
	dead := func(item string) string { return record.ReasonSyntax + "|" + item }
	off := func(rest string) string { return record.ReasonBrokenFile + "|" + rest }
	for _, tt := range []struct {
		name, in string
		want     []string
	}{
		{"a stray end tag", head + rain + bad("a</p>b") + sun + fog + end, []string{isRain, dead(bad("a</p>b")), isSun, isFog}},
		{"in the last item", head + sun + bad("a</p>b") + end, []string{isSun, dead(bad("a</p>b"))}},
		{"in the only item", head + bad("a</p>b") + end, []string{dead(bad("a</p>b"))}},
		{"between items", head + sun + "</p>" + rain + end, []string{isSun, isRain}},
		{"before them", head + "</p>" + sun + rain + end, []string{isSun, isRain}},
		{"in Atom", atom + frost + "<entry><id>a</b></id></entry>" + thaw + "</feed>", []string{isFrost, dead("<entry><id>a</b></id></entry>"), isThaw}},
		{"in RSS 1.0", rdf + sun + bad("a</p>b") + rain + "</rdf:RDF>", []string{isSun, dead(bad("a</p>b")), "Rain|"}},
		{"a bare <", head + sun + bad("3 < 5") + fog + end, []string{isSun, dead(bad("3 < 5")), isFog}},
		{"before an end tag", head + sun + bad("and 7 <b") + fog + end, []string{isSun, dead(bad("and 7 <b")), isFog}},
		{"tags without end", head + bad("<p>a<br>b") + sun + end, []string{"Bad|<p>a<br>b</description>", isSun}},
		{"an item without its end", head + sun[:len(sun)-7] + "\n" + fog + rain + end, []string{isSun, isFog, isRain}},
		{"the last item without it", head + fog + sun[:len(sun)-7] + end, []string{isFog, isSun}},
		{"an item too many", head + sun + "</item>" + fog + end, []string{isSun, isFog}},
		{"items in items", head + nested + sun + end, []string{"Nest|It hatched.", isSun}},
		{"and a stray end tag", head + nested + bad("a</p>b") + sun + end, []string{"Nest|It hatched.", dead(bad("a</p>b")), isSun}},
		{"items in comments", head + "<!-- " + sun + " -->" + fog + "<!-- " + sun + "-->" + end, []string{isFog}},
		{"behind the end", head + sun + end + fog, []string{isSun, isFog, off("")}},
		{"an empty item", head + "<item/>" + sun + end, []string{"|", isSun}},
		{"deep in one item", head + sun + bad(strings.Repeat("<b>", 300)) + fog + end, []string{isSun, dead(bad(strings.Repeat("<b>", 300))), isFog}},
		{"breaks off in an item", head + rain + sun + fog[:40], []string{isRain, isSun, off(fog[:40])}},
		{"in its start", head + sun + "<item", []string{isSun, off("")}},
		{"in its end", head + sun + fog[:len(fog)-1], []string{isSun, off(fog[:len(fog)-1])}},
		{"in CDATA", head + sun + rain[:50], []string{isSun, off(rain[:50])}},
		{"in the first item", head + sun[:20], []string{off(sun[:20])}},
		{"behind an item", head + sun + rain, []string{isSun, isRain, off("")}},
		{"in the end", head + sun + rain + end[:13], []string{isSun, isRain}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, d := range documents(t, written(t, "a.xml", []byte(tt.in)), Options{}) {
				r, err := d.Raw()
				if bad, ok := errors.AsType[*record.MalformedError](err); ok {
					got = append(got, bad.Reason+"|"+string(d.Data))
				} else {
					got = append(got, r.Title+"|"+r.Text+r.HTML)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// An item that is read alone says what it says in a feed that is whole.
func TestItemsAlone(t *testing.T) {
	head := `<?xml version="1.0" encoding="windows-1251"?><!DOCTYPE rss><rss version="2.0" xmlns:d="http://purl.org/dc/elements/1.1/"><channel xmlns:c="http://purl.org/rss/1.0/modules/content/"><title>` + "\xcf\xee\xf1\xf2" + `</title><link>http://a.example/</link><language>ru</language>`
	var items []string
	for i := range 20 {
		items = append(items, fmt.Sprintf("<item><title>%d \xc4\xee\xe6\xe4\xfc</title><link>http://a.example/%d</link><guid>post-%[1]d</guid><d:creator>Ann &amp; Moss</d:creator><d:date>2026-11-21T08:00:%02[1]dZ</d:date><category>rain</category><c:encoded>&lt;p&gt;It rained.</c:encoded></item>", i, i))
	}
	whole := lineup(t, "a.xml", []byte(head+strings.Join(items, "\n")+"</channel></rss>"), Options{})
	alone := lineup(t, "a.xml", []byte(head+strings.Join(items, "\n")+"<item></p></item></channel></rss>"), Options{})
	if len(alone) != len(whole)+1 || !strings.Contains(whole[1], "Дождь") {
		t.Fatalf("%d and %d items: %q", len(whole), len(alone), whole)
	}
	if diff := cmp.Diff(whole, alone[:len(whole)]); diff != "" {
		t.Error(diff)
	}
}

// What a feed that is read item by item costs grows with its size, and start tags are bounded.
func TestLongStartTags(t *testing.T) {
	in := `<rss version="2.0" a="` + strings.Repeat("x", 3<<10) + `"><channel b="` + strings.Repeat("x", 1<<20) + `">` + strings.Repeat("<item></p></item>", 10000)
	got := lineup(t, "a.xml", []byte(in), Options{})
	if len(got) != 1 || !strings.Contains(got[0], "broken-file") {
		t.Errorf("%d documents: %.200q", len(got), got)
	}
}

func TestFeedTitles(t *testing.T) {
	for in, want := range map[string]string{
		"Rain":           "Rain",
		"Rain &amp; sun": "Rain & sun",
		"<![CDATA[Smiths&#8217; hall &amp; inn]]>":            "Smiths’ hall & inn",
		"Smiths&amp;#8217; &amp;amp; &lt;i&gt;inn&lt;/i&gt;s": "Smiths’ & inns",
		"<![CDATA[Rain<br/>and\n sun]]>":                      "Rain and sun",
		"3 &lt; 5 &amp;&amp; 7 &gt; 5":                        "3 < 5 && 7 > 5",
		"I &lt;3 rain":                                        "I <3 rain",
		"where a &lt;b":                                       "where a <b",
	} {
		feed := fmt.Sprintf(`<feed xmlns="http://www.w3.org/2005/Atom"><title type="html">%s</title><entry><title type="html">%[1]s</title><author><name>%[1]s</name></author></entry></feed>`, in)
		docs := documents(t, written(t, "a.xml", []byte(feed)), Options{})
		if len(docs) != 1 {
			t.Fatalf("%q: %d documents", in, len(docs))
		}
		r, err := docs[0].Raw()
		if err != nil || r.Title != want || r.Byline != want || !bytes.Equal(r.Metadata, provenance("a.xml", "", "feed_title", want)) {
			t.Errorf("%q: title %q, byline %q, %s, %v", in, r.Title, r.Byline, r.Metadata, err)
		}
	}
}

// An item's address is its link, made whole by the channel's, or else its guid when that is an address: in RSS 2.0 it is
// a permalink unless it says that it is none.
func TestFeedAddresses(t *testing.T) {
	const feed = `<?xml version="1.0"?><rss version="2.0"><channel><title>Post</title><link>https://post.example/news/</link>` +
		`<item><guid>https://post.example/rain</guid><description>It rained.</description></item>` +
		`<item><link>/sun</link><description>It shone.</description></item>` +
		`<item><link>fog</link><guid isPermaLink="false">x</guid><description>It was grey.</description></item>` +
		`<item><link>https://other.example/thaw</link><guid>https://post.example/thaw</guid><description>It dripped.</description></item>` +
		`<item><guid>4711</guid><description>It froze.</description></item></channel></rss>`
	var got []string
	for _, d := range documents(t, written(t, "feed.xml", []byte(feed)), Options{}) {
		raw, err := d.Raw()
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, raw.URL)
	}
	want := []string{"https://post.example/rain", "https://post.example/sun", "https://post.example/news/fog", "https://other.example/thaw", ""}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
