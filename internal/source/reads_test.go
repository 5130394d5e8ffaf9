package source

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cespare/xxhash/v2"
	"github.com/google/go-cmp/cmp"
)

// What a broken input becomes, and where it is said to be broken, does not depend on how the reads fell.
func TestBrokenWhereverTheReadsFell(t *testing.T) {
	long := strings.Repeat("It rained. ", 30)
	many := func(s string) string { return strings.Repeat(s, 600) }
	article := `{"url":"http://a.example/","text":"` + long + `"}`
	page := warcPage("http://a.example/", "text/html", "<p>"+long)
	for name, in := range map[string]string{
		"list":             "[" + many(article+",\n") + "{} {}" + many(","+article) + "]",
		"values":           "{\n}" + many(article+"\n") + "}" + many(article+"\n"),
		"list of articles": "{\"data\":[\n" + many(article+",\n") + "{}: " + many(article+",\n") + "{}]}",
		"in a line":        many(article+"\n") + `{"data":[` + many(article+",") + "{}: " + many(article+",") + "]}\n" + many(article+"\n"),
		"table":            "url,text\n" + many("u,"+long+"\n") + `u,"` + many(long) + `"` + "\n" + many("u,"+long+"\n"),
		"sitemap":          "<urlset>" + many("<url><loc>http://a.example/</loc></url>\n") + "</x>" + many("<url><loc>http://a.example/</loc></url>\n"),
		"feed":             "<rss><channel><title>t</title>" + many("<item><title>a</title></item>") + "</x>" + many("<item><title>a</title></item>"),
		"archive":          many(page) + "no record\r\n" + many(page) + page[:len(page)/2],
		"tar":              string(tarOf(t, [2]string{"a.json", "[" + many(article+",") + "{}:" + many(article) + "]"}, [2]string{"b.txt", "b"})),
	} {
		t.Run(name, func(t *testing.T) {
			for _, ext := range []string{"", ".gz"} {
				packed := pack(t, ext, []byte(in))
				var want []string
				for _, chunk := range []int{997, 10_000, 1 << 20} {
					have := outcome(t, "-", Options{Stdin: &chunks{packed, chunk}, MaxLine: 64 << 10, ListFrom: 32 << 10})
					if want == nil {
						want = have
					}
					if diff := cmp.Diff(want, have); diff != "" {
						t.Fatalf("%s in reads of %d bytes: %s", ext, chunk, diff)
					}
				}
				file := filepath.Join(t.TempDir(), "a")
				if err := os.WriteFile(file, packed, 0o644); err != nil {
					t.Fatal(err)
				}
				have := outcome(t, file, Options{MaxLine: 64 << 10, ListFrom: 32 << 10})
				if diff := cmp.Diff(want, have); diff != "" {
					t.Fatalf("%s as a file: %s", ext, diff)
				}
				if text := strings.Join(have, "\n"); len(have) < 2 || !strings.Contains(text, "left out") && !strings.Contains(text, "broken-file") {
					t.Errorf("%s: of %d documents none is broken", ext, len(have))
				}
			}
		})
	}
}

// outcome tells of each document what it is, and of one that is none where it lies and why.
func outcome(t *testing.T, input string, opt Options) (out []string) {
	t.Helper()
	s, err := Open(t.Context(), input, opt)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	each(t, s, func(d *Document) {
		where := strings.TrimPrefix(d.Where(), d.Path)
		if _, err := d.Raw(); err != nil {
			where += fmt.Sprintf(" %d bytes, %x, %v", d.Size, xxhash.Sum64(d.Data), err)
		}
		out = append(out, where)
	})
	return out
}
