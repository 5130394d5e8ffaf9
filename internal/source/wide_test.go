package source

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// JSON and tables in UTF-16 and UTF-32 with a byte order mark, as PowerShell and spreadsheets write them, give what they give
// in UTF-8, and what is broken in them is said in UTF-8.
func TestWideFiles(t *testing.T) {
	article := `{"text":"caf\u00e9 ` + strings.Repeat("雨 😀 ", 2000) + `"}`
	files := map[string]string{
		"a.jsonl": "{\"text\":\"é\"}\r\n" + article + "\r\nnone\r\n",
		"b":       article + "\n" + article + "\n",
		"c.json":  "[\n" + article + ",\n{\"text\":NaN}\n]\n",
		"d":       "{\"articles\":[\n" + article + ",\n7,\n" + article + "]}",
		"e.csv":   "url,text\r\nu,\"é, è\"\r\n" + strings.Repeat("v,雨\r\n", 5000) + "x\r\n",
		"f.tsv":   "url\ttext\rhttp://a.example/\té\r",
		"i":       "url\ttext\nhttp://a.example/\té\n",
		"g.csv":   "sep=;\nurl;text\nu;é\n",
		"h.csv":   "url,text\n",
	}
	for kind, enc := range map[string]encoding.Encoding{
		"UTF-16LE": unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "UTF-16BE": unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
		"UTF-32LE": utf32.UTF32(utf32.LittleEndian, utf32.UseBOM), "UTF-32BE": utf32.UTF32(utf32.BigEndian, utf32.UseBOM),
	} {
		for name, content := range files {
			encoded, err := enc.NewEncoder().String(content)
			if err != nil {
				t.Fatal(err)
			}
			want := lineup(t, name, []byte(content), Options{})
			for _, have := range [][]string{
				lineup(t, name, []byte(encoded), Options{MarkEvery: 1}),
				lineup(t, name, pack(t, ".gz", []byte(encoded)), Options{MarkEvery: 1}),
				lineup(t, name+".tar", tarOf(t, [2]string{name, encoded}), Options{}),
			} {
				for i := range have {
					have[i] = strings.TrimPrefix(have[i], name+".tar/")
				}
				if diff := cmp.Diff(want, have); diff != "" {
					t.Errorf("%s, %s: %.2000s", name, kind, diff)
				}
			}
		}
	}
}
