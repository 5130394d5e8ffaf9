package apptest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
)

// webArchive writes a WARC file of n pages of one site, a gzip member a record, with requests between the
// pages, and damage in the middle.
func webArchive(t testing.TB, n int) string {
	t.Helper()
	var out bytes.Buffer
	put := func(kind, url, block string) {
		z := gzip.NewWriter(&out)
		fmt.Fprintf(z, "WARC/1.1\r\nWARC-Type: %s\r\nWARC-Target-URI: %s\r\nWARC-Record-ID: <urn:test:%s>\r\nContent-Type: application/http\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n", kind, url, url, len(block), block)
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for i := range n {
		url := fmt.Sprintf("http://www.harbour.example/%d", i)
		var text strings.Builder
		for p := range 8 {
			fmt.Fprintf(&text, "<p>On day %d of the inquiry witness %d told the court that ferry %d had left the harbour %d minutes late, and nobody had asked why.</p>\n", i, 31*i+p, 17*i%97+p, i*p%59)
		}
		put("request", url, "GET / HTTP/1.1\r\n\r\n")
		put("response", url, "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><title>Day "+fmt.Sprint(i)+"</title><nav>Home | News</nav>"+text.String()+"</html>")
		if i == n/2 {
			out.Truncate(out.Len() - 20)
		}
	}
	file := filepath.Join(t.TempDir(), "crawl.warc.gz")
	if err := os.WriteFile(file, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}
