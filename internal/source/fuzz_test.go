package source

import (
	"bytes"
	"errors"
	"io"
	"testing"

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
