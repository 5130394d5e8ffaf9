package source

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"winnow/internal/record"
)

// line says what is looked at of a document of a table, feed or archive.
func line(r *record.Raw, reason string) string {
	if reason != "" {
		return reason
	}
	return fmt.Sprintf("%s|%s|%s|%s%s|%s", r.ID, r.URL, r.Title, r.Text, r.HTML, r.Metadata)
}

// lineup returns a line for each document of a file with this name and content.
func lineup(t testing.TB, name string, content []byte, opt Options) (out []string) {
	t.Helper()
	file := written(t, name, content)
	s, err := Open(t.Context(), file, opt)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for {
		d, err := s.Next()
		if err == io.EOF {
			return out
		}
		if err != nil {
			return append(out, strings.ReplaceAll(err.Error(), file, "FILE"))
		}
		r, err := d.Raw()
		reason := ""
		if err != nil {
			reason = d.Where() + " " + err.Error()
		}
		out = append(out, line(&r, reason))
	}
}

func TestTables(t *testing.T) {
	for _, tt := range []struct {
		name, file, in string
		want           []string
	}{
		{"CSV", "a.csv", "\ufeffID,Title,Text,section\r\n1,Rain,\"It rained,\r\nand \"\"poured\"\".\",weather\r\n2,Sun,It shone.,\r\n", []string{
			`1||Rain|It rained,` + "\n" + `and "poured".|{"section":"weather"}`, "2||Sun|It shone.|{}",
		}},
		{"TSV by content", "a", "url\ttext\nhttp://a.example/\tIt, rained.\n", []string{"|http://a.example/||It, rained.|{}"}},
		{"semicolons", "a.csv", "link;maintext\nhttp://a.example/;It, rained.\n", []string{"|http://a.example/||It, rained.|{}"}},
		{"columns twice and without a name", "a.csv", "text,text,\na,b,c\n", []string{`|||a|{"text_":"b","column3":"c"}`}},
		{"Latin-1", "a.csv", "text,x\ncaf\xe9 noir,y\n", []string{`|||café noir|{"x":"y"}`}},
		{"UTF-16", "a.tsv", "\xff\xfei\x00d\x00\t\x00t\x00e\x00x\x00t\x00\r\x00\n\x001\x00\t\x00\xe9\x00,\x00\r\x00\n\x00", []string{"1|||é,|{}"}},
		{"a header alone", "a.csv", "text,url\n", nil},
		{"nothing", "a.csv", "", nil},
		{"too few fields", "a.csv", "text,url\nonly\na,http://a.example/\n", []string{"a.csv@row 1 malformed record: syntax: 1 fields, the header has 2", "|http://a.example/||a|{}"}},
		{"a bare quote", "a.csv", "text,url\na \"b\" c,d\na,http://a.example/\n", []string{"a.csv@row 1 malformed record: syntax: parse error on line 2, column 3: bare \" in non-quoted-field", "|http://a.example/||a|{}"}},
		{"an open quote", "a.csv", "text,url\na,b\n\"c,d\ne,f\n", []string{"||" + "|a|{\"url\":\"b\"}", "x"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := lineup(t, tt.file, []byte(tt.in), Options{})
			if tt.name == "an open quote" {
				if len(got) != 2 || !strings.Contains(got[1], "the rest of the file is left out") {
					t.Errorf("got %q", got)
				}
				return
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	long := "text,url\n\"" + strings.Repeat("x\n", 300<<10) + "\",b\n"
	if got := lineup(t, "a.csv", []byte(long), Options{MaxLine: 64 << 10}); len(got) != 1 || !strings.Contains(got[0], "oversize") {
		t.Errorf("got %d rows, %.200q", len(got), got)
	}
}

func TestParquet(t *testing.T) {
	type row struct {
		URL       string    `parquet:"url"`
		Text      string    `parquet:"text,zstd"`
		HTML      []byte    `parquet:"raw_html,optional"`
		Published time.Time `parquet:"published,timestamp"`
		Words     int64     `parquet:"words"`
		Tags      []string  `parquet:"tags,list"`
	}
	var buf bytes.Buffer
	var rows []row
	for i := range 100 {
		rows = append(rows, row{fmt.Sprint("http://a.example/", i), strings.Repeat("It rained. ", i), nil, time.Date(2026, 11, 21, 8, i%60, 0, 0, time.UTC), int64(i), []string{"a", "b"}})
	}
	if err := parquet.Write(&buf, rows, parquet.MaxRowsPerRowGroup(30)); err != nil {
		t.Fatal(err)
	}
	got := lineup(t, "a", buf.Bytes(), Options{})
	if len(got) != 100 || got[7] != "|http://a.example/7||"+rows[7].Text+`|{"tags":["a","b"],"words":7}` {
		t.Errorf("%d rows: %q", len(got), got[min(7, len(got)-1)])
	}
	if piped := lineup(t, "a.gz", pack(t, ".gz", buf.Bytes()), Options{}); cmp.Diff(got, piped) != "" {
		t.Error("compressed it is not the same")
	}
	for at := 5; at < buf.Len(); at += 311 { // whatever is damaged, it ends, and what is read is records or malformed
		data := bytes.Clone(buf.Bytes())
		data[at] ^= 0x55
		lineup(t, "a.parquet", data, Options{})
	}
	if got := lineup(t, "a.parquet", buf.Bytes()[:buf.Len()/2], Options{}); len(got) != 1 || !strings.Contains(got[0], "broken-file") {
		t.Errorf("cut: %q", got)
	}
}

func tarOf(t testing.TB, files ...[2]string) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	for _, f := range files {
		h := &tar.Header{Name: f[0], Size: int64(len(f[1])), Mode: 0o644, Typeflag: tar.TypeReg}
		if target, ok := strings.CutPrefix(f[1], "-> "); ok {
			h.Typeflag, h.Linkname, h.Size = tar.TypeSymlink, target, 0
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if h.Size > 0 {
			if _, err := io.WriteString(w, f[1]); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func zipOf(t testing.TB, files ...[2]string) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for _, f := range files {
		e, err := w.Create(f[0])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(e, f[1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// The files of an archive are read in its order, each by its format, wherever their names point.
func TestArchivesOfFiles(t *testing.T) {
	files := [][2]string{
		{"b.txt", "Rain\nIt rained."},
		{"../../etc/a.html", "<p>Up"},
		{"/abs.html", "<p>Root"},
		{`C:\win.html`, "<p>Drive"},
		{"lines.jsonl.gz", string(pack(t, ".gz", []byte("{\"text\":\"a\"}\nno\n")))},
		{".hidden", "x"},
		{"dir/.git/x.txt", "x"},
		{"__MACOSX/b.txt", "x"},
		{"a.warc", warcPage("http://a.example/", "text/html", "<p>Old")},
		{"inner.tar", string(tarOf(t, [2]string{"x.txt", "x"}))},
		{"x.bin", "\x7fELF\x02\x01"},
		{"cut.jsonl.gz", string(pack(t, ".gz", []byte("{\"text\":\"a\"}\n"))[:20])},
	}
	want := []string{
		`||Rain|Rain` + "\n" + `It rained.|{"path":"NAME/b.txt"}`, `|||<p>Up|{"path":"NAME/etc/a.html"}`, `|||<p>Root|{"path":"NAME/abs.html"}`, `|||<p>Drive|{"path":"NAME/C:/win.html"}`,
		`|||a|{}`, `NAME/lines.jsonl.gz:2 malformed record: not-object: want a JSON object, have "no"`,
		`|http://a.example/||<p>Old|{"path":"NAME/a.warc","warc_record_id":"urn:test:50","warc_date":"2026-11-21T08:00:00Z","warc_offset":"0"}`,
		`NAME/cut.jsonl.gz:1 malformed record: broken-file: at byte 20 of the file: the compressed data ends too early; the rest of the file is left out`,
	}
	for _, tt := range []struct {
		name string
		data []byte
	}{{"a.tar", tarOf(t, append(files, [2]string{"link", "-> /etc/passwd"})...)}, {"a.zip", zipOf(t, files...)}, {"a.tar.gz", pack(t, ".gz", tarOf(t, files...))}, {"b", zipOf(t, files...)}, {"tarred", tarOf(t, files...)}} {
		t.Run(tt.name, func(t *testing.T) {
			var skipped []string
			got := lineup(t, tt.name, tt.data, Options{Skipped: func(path, reason string) { skipped = append(skipped, filepath.Base(path)+": "+reason) }})
			for i := range got {
				got[i] = strings.ReplaceAll(got[i], tt.name+"/", "NAME/")
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			left := []string{"inner.tar: an archive in an archive: unpack it first", "x.bin: of no known format (it looks like application/octet-stream)"}
			left = append(left, "cut.jsonl.gz: its rest, from "+tt.name+"/cut.jsonl.gz:1 on: the compressed data ends too early")
			if tt.name == "a.tar" {
				left = append(left, "link: not a regular file")
			}
			if diff := cmp.Diff(left, skipped); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDamagedArchivesOfFiles(t *testing.T) {
	body := strings.Repeat("It rained on the harbour. ", 100)
	files := [][2]string{{"a.txt", body}, {"b.txt", body}, {"c.txt", body}}
	cut := tarOf(t, files...)
	got := lineup(t, "a.tar", cut[:512+2000], Options{})
	if len(got) != 2 || !strings.Contains(got[1], "broken-file") {
		t.Errorf("%d documents, %.300q", len(got), got)
	}
	z := zipOf(t, files...)
	if got := lineup(t, "a.zip", z[:len(z)-5], Options{}); len(got) != 1 || !strings.Contains(got[0], "broken-file") {
		t.Errorf("a zip file without its end: %q", got)
	}
	z[60] ^= 0x55
	if got := lineup(t, "a.zip", z, Options{}); len(got) != 3 || !strings.Contains(got[0], "broken-file") || strings.Contains(got[1], "malformed") {
		t.Errorf("a damaged file in a zip file: %d documents, %.300q", len(got), got)
	}
	rain := strings.Repeat("rain ", 8<<20)
	got = lineup(t, "a.zip", zipOf(t, [2]string{"a.txt", rain}, [2]string{"b.txt", rain}, [2]string{"c.txt", "c"}), Options{})
	if last := got[len(got)-1]; !strings.Contains(last, "bomb: at byte ") || !strings.Contains(last, "unpack it first; the rest of the file is left out") {
		t.Errorf("a zip bomb: %d documents, %.200q", len(got), last)
	}
	if got := lineup(t, "a.docx", zipOf(t, files...), Options{}); len(got) != 1 || !strings.Contains(got[0], "no archive of pages") {
		t.Errorf("got %q", got)
	}
}

func TestFeeds(t *testing.T) {
	rss := `<?xml version="1.0"?><!-- x --><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Harbour Post</title><link>http://a.example/</link><language>en</language>
<item><title>Rain</title><link>http://a.example/1</link><guid isPermaLink="false">post-1</guid><dc:creator>Ann Moss</dc:creator><pubDate>Sat, 21 Nov 2026 08:00:00 GMT</pubDate><description>short</description><content:encoded><![CDATA[<p>It rained.</p>]]></content:encoded></item>
<item><title>Sun</title><link>http://a.example/2</link><description>It shone.</description></item></channel></rss>`
	atom := `<feed xmlns="http://www.w3.org/2005/Atom"><title>Harbour Post</title><entry><title>Rain</title><id>tag:a.example,2026:1</id><link href="http://a.example/1"/><updated>2026-11-21T08:00:00Z</updated><content type="html">&lt;p&gt;It rained.</content></entry></feed>`
	sitemap := `<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc> http://a.example/1 </loc><news:news><news:publication><news:name>Harbour Post</news:name><news:language>en</news:language></news:publication><news:publication_date>2026-11-21</news:publication_date><news:title>Rain</news:title></news:news></url><url><loc>http://a.example/2</loc><lastmod>2026-11-20</lastmod></url></urlset>`
	doctype := "<!DOCTYPE rss [\n<!-- it's > ]> -->\n<!ENTITY nbsp \"&#160;\"><!ENTITY mdash '&#8212;'><!ENTITY odd \"]> <b>\">\n<?x ]> ?>] >\n"
	short := `<rss version="2.0"><channel><title>Post</title><item><title>Rain &mdash; more</title><description>It rained.</description></item></channel></rss>`
	for _, tt := range []struct {
		name, file, in string
		want           []string
	}{
		{"RSS", "a.xml", rss, []string{
			`post-1|http://a.example/1|Rain|<p>It rained.</p>|{"path":"a.xml","feed_title":"Harbour Post","feed_link":"http://a.example/","guid":"post-1"}`,
			`|http://a.example/2|Sun|It shone.|{"path":"a.xml","feed_title":"Harbour Post","feed_link":"http://a.example/"}`,
		}},
		{"RSS with entities", "a.xml", doctype + short, []string{`||Rain — more|It rained.|{"path":"a.xml","feed_title":"Post"}`}},
		{"and an XML declaration", "a", `<?xml version="1.0"?>` + "\n" + doctype + short, []string{`||Rain — more|It rained.|{"path":"a","feed_title":"Post"}`}},
		{"with all of HTML's", "a.xml", "<!DOCTYPE rss [" + strings.Repeat("<!ENTITY mdash \"&#8212;\">\n", 1000) + "]>" + short, []string{`||Rain — more|It rained.|{"path":"a.xml","feed_title":"Post"}`}},
		{"a document type of another kind", "a.xml", "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY rss '<rss >'>]><x/>", []string{"FILE: of no known format (it looks like text/xml; charset=utf-8)"}},
		{"Atom", "a", atom, []string{`tag:a.example,2026:1|http://a.example/1|Rain|<p>It rained.|{"path":"a","feed_title":"Harbour Post","guid":"tag:a.example,2026:1"}`}},
		{"a sitemap", "sitemap.xml", sitemap, []string{`|http://a.example/1|Rain||{"path":"sitemap.xml","publication":"Harbour Post"}`, `|http://a.example/2|||{"path":"sitemap.xml","lastmod":"2026-11-20"}`}},
		{"an index", "a.xml", `<sitemapindex><sitemap><loc>http://a.example/s.xml</loc></sitemap></sitemapindex>`, []string{"FILE: an index of sitemaps has no pages"}},
		{"a feed that breaks off", "a.rss", rss[:400], nil},
		{"elements in elements", "a.rss", "<rss><channel>" + strings.Repeat("<x:y>", 100000), nil},
		{"a sitemap that breaks off", "a.xml", sitemap[:len(sitemap)-30], nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := lineup(t, tt.file, []byte(tt.in), Options{})
			if tt.want == nil {
				if last := got[len(got)-1]; !strings.Contains(last, "broken-file") {
					t.Errorf("got %q", got)
				}
				return
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
