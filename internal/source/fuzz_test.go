package source

import (
	"bytes"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"winnow/internal/record"
)

// Whatever the bytes, an input that can be read ends without an error, every document has a
// verdict, and what is one is made of the input's bytes.
func FuzzSource(f *testing.F) {
	for _, s := range []string{"{\"text\":\"a\"}\nb\n", "[{\"a\":1},2", "{\n\"a\":1}", "<html>\xff", "text\x00", "\x1f\x8b\x08", "\x28\xb5\x2f\xfd\x00", "\xff\xfea\x00"} {
		f.Add([]byte(s))
	}
	f.Add(pack(f, ".gz", []byte("{\"text\":\"a\"}\n")))
	f.Add(pack(f, ".zst", []byte("[{\"text\":\"a\"}]")))
	recs := []string{warcPage("http://a.example/", "text/html", "<p>a"), "garbage", warcRecord("conversion", "http://a.example/", "a", "Content-Type: text/plain")}
	for _, p := range packings[:5] {
		f.Add(p.pack(f, recs))
	}
	files := [][2]string{{"a.html", "<p>a"}, {"../b.jsonl", "{\"text\":\"a\"}\n"}}
	f.Add(tarOf(f, files...))
	f.Add(zipOf(f, files...))
	f.Add([]byte("url,text\nhttp://a.example/,\"a\nb\"\nx\n"))
	f.Add([]byte("<?xml version='1.0'?><rss><channel><title>t</title><item><title>a</title><guid>1</guid><description>&lt;p&gt;b</description></item></channel></rss>"))
	f.Add([]byte("<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>a</title><content type='xhtml'><div>b</div></content></entry></feed>"))
	f.Add([]byte("<urlset><url><loc>http://a.example/</loc></url></urlset>"))
	var rows bytes.Buffer
	if err := parquet.Write(&rows, []struct{ URL, Text string }{{"http://a.example/", "a"}, {"", "b"}}); err != nil {
		f.Fatal(err)
	}
	f.Add(rows.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Open(t.Context(), "-", Options{Stdin: bytes.NewReader(data), MaxLine: 1 << 10, MaxFile: 1 << 10, MaxBytes: 1 << 16})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		for n := uint64(0); ; n++ {
			d, err := s.Next()
			if err == io.EOF || n == 0 && err != nil { // no known format
				return
			}
			if err != nil || d.Index != n || d.Size < int64(len(d.Data)) {
				t.Fatalf("%v, %+v", err, d)
			}
			r, err := d.Raw()
			if err != nil && !errors.Is(err, record.ErrMalformed) {
				t.Fatal(err)
			}
			if _, err := record.ParseRaw(r.AppendJSON(nil), nil); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// opened gives what a parser makes of a file with these bytes.
func opened(t testing.TB, path string, data []byte, opt *Options, open func(*file, *Options) (reader, error)) (docs []Document) {
	t.Helper()
	tools := &tools{}
	defer tools.close()
	f := &file{path: path, name: path, scratch: &tools.scratch, raw: &rawFile{r: bytes.NewReader(data), total: new(atomic.Int64)}}
	f.unpack(tools, opt)
	defer f.close()
	r, err := open(f, opt)
	for err == nil {
		d := Document{Path: path}
		if err = r.next(&d); err == nil {
			d.Own()
			docs = append(docs, d)
		}
	}
	return docs
}

// Whatever a feed or a sitemap holds, its items are records or malformed, no more of them than it has elements,
// and the same ones each time; a record says again what it says.
func FuzzFeed(f *testing.F) {
	f.Add("<?xml version='1.0'?><rss><channel><title>t</title><item><title>a</title><guid>1</guid><description>&lt;p&gt;b</description><pubDate>Sat, 21 Nov 2026 08:00:00 GMT</pubDate></item></channel></rss>")
	f.Add("<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>a</title><id>x</id><content type='xhtml'><div>b</div></content><author><name>n</name></author></entry></feed>")
	f.Add("<rdf:RDF xmlns='http://purl.org/rss/1.0/'><item><title>a</title><link>http://a.example/</link></item></rdf:RDF>")
	f.Add("<urlset xmlns:n='x'><url><loc>http://a.example/</loc><n:news><n:title>a</n:title></n:news></url><url><loc>")
	f.Add("<rss><![CDATA[<item>]]><channel><item/><item></channel>")
	f.Add("<rss><channel><title>t</title><item><title>a</p>b</title></item><item><title>c</title></item><item><!-- <item>")
	f.Fuzz(func(t *testing.T, in string) {
		for _, open := range []func(*file, *Options) (reader, error){openFeed, openSitemap} {
			var opt Options
			opt.setDefaults()
			opt.MaxFile, opt.MaxLine = 1<<16, 1<<16
			docs := opened(t, "a.xml", []byte(in), &opt, open)
			if len(docs) > strings.Count(in, "<")+1 {
				t.Fatalf("%d documents", len(docs))
			}
			for i, again := range opened(t, "a.xml", []byte(in), &opt, open) {
				r, err := docs[i].Raw()
				if err != nil && !errors.Is(err, record.ErrMalformed) {
					t.Fatal(err)
				}
				if !bytes.Equal(docs[i].Data, again.Data) {
					t.Fatalf("%q, then %q", docs[i].Data, again.Data)
				}
				if err != nil {
					continue
				}
				same, err := record.ParseRaw(r.AppendJSON(nil), nil)
				if diff := cmp.Diff(r, same); err != nil || diff != "" {
					t.Fatalf("%v, %s", err, diff)
				}
			}
		}
	})
}

// Whatever lies in an archive, under whatever name, its documents' paths stay below the archive's, and what is
// kept of them is bounded. What a file holds comes out of a tar and of a zip file alike.
func FuzzArchive(f *testing.F) {
	files := [][2]string{{"a.html", "<p>a"}, {"../b.jsonl", "{\"text\":\"a\"}\n"}, {"/c", "WARC/1.0\r\n"}}
	f.Add(tarOf(f, files...), "a.txt", "It rained.")
	f.Add(zipOf(f, files...), "../../etc/passwd", "x")
	f.Add([]byte("PK\x03\x04"), "C:\\a\\..\\..\\b.html", "<p>It rained.")
	f.Add([]byte(""), "a/./b//c.jsonl", "{\"text\":\"a\"}\nno\n")
	f.Fuzz(func(t *testing.T, data []byte, name, content string) {
		var opt Options
		opt.setDefaults()
		opt.MaxLine, opt.MaxFile, opt.MaxBytes = 1<<10, 1<<10, 1<<16
		read := func(data []byte, open func(*file, *Options) (reader, error)) (out []string) {
			for _, d := range opened(t, "a", data, &opt, open) {
				if inside, ok := strings.CutPrefix(d.Path, "a/"); d.Path != "a" && (!ok || !filepath.IsLocal(inside)) {
					t.Fatalf("path %q", d.Path)
				}
				r, err := d.Raw()
				if err != nil && !errors.Is(err, record.ErrMalformed) {
					t.Fatal(err)
				}
				if len(r.Text)+len(r.HTML) > 3<<10 || int64(len(d.Data)) > d.Size {
					t.Fatalf("%d bytes of text from %d", len(r.Text)+len(r.HTML), d.Size)
				}
				out = append(out, d.Path+" "+r.Text+r.HTML)
			}
			return out
		}
		read(data, openTar)
		read(data, openZip)
		if name == "" || strings.HasSuffix(name, "/") || strings.ContainsRune(name, 0) || len(name) > 90 || len(content) > 1<<10 {
			return // no name of a file
		}
		tarred, zipped := read(tarOf(t, [2]string{name, "." + content}), openTar), read(zipOf(t, [2]string{name, "." + content}), openZip)
		if diff := cmp.Diff(tarred, zipped); diff != "" {
			t.Fatal(diff)
		}
	})
}
