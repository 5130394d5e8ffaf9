package source

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"winnow/internal/record"
)

// rowReader gives a row at a time, like a producer that writes one at a time.
type rowReader struct{ rows []string }

func (r *rowReader) Read(p []byte) (int, error) {
	if len(r.rows) == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.rows[0])
	if r.rows[0] = r.rows[0][n:]; r.rows[0] == "" {
		r.rows = r.rows[1:]
	}
	return n, nil
}

// Where the reads fall changes no document of a table: a malformed row that ends with one of them, a line feed
// inside its quotes, costs itself alone.
func TestTableHoweverItIsRead(t *testing.T) {
	const bad = "\"a\nb\"x,c\n"
	good := strings.Repeat("http://a.example/,It rained.\n", 10)
	for _, tt := range []struct {
		name, rest string
		want       string // good rows, malformed ones, and how often a rest is left out
	}{
		{"a bad row", bad + good, "11 1 0"},
		{"bad rows", bad + bad + good, "11 2 0"},
		{"a bad row at the end", bad, "1 1 1"},
		{"an open quote", bad + good + "\"c\nd,e\n", "11 2 1"},
		{"a row over the limit", bad + "\"" + strings.Repeat("x", readSize) + "\",b\n" + good, "1 2 1"},
		{"a row at the limit", bad + strings.Repeat("x", readSize-2) + ",b\n" + good, "12 1 0"},
	} {
		for end := 4094; end <= 4098; end++ { // of the first bad row; encoding/csv reads 4096 bytes
			head := "url,text\nhttp://a.example/,"
			in := head + strings.Repeat("x", end-len(head)-len("\n"+bad)) + "\n" + tt.rest
			for how, r := range map[string]io.Reader{
				"at once":      strings.NewReader(in),
				"with its end": iotest.DataErrReader(strings.NewReader(in)),
				"by rows":      &rowReader{strings.SplitAfter(in, "\n")},
				"by bytes":     iotest.OneByteReader(strings.NewReader(in)),
			} {
				if how == "by bytes" && len(in) > readSize {
					continue // slow
				}
				good, dead, left := 0, 0, 0
				for _, d := range readAll(t, "-", Options{Stdin: r, MaxLine: readSize, Skipped: func(string, string) { left++ }}) {
					if d.Reason == "" {
						good++
					} else {
						dead++
					}
				}
				if have := fmt.Sprint(good, dead, left); have != tt.want {
					t.Errorf("%s; the first bad one ends at byte %d, read %s: %s, want %s", tt.name, end, how, have, tt.want)
				}
			}
		}
	}
}

// A table that cannot be read on is an error of the input, not the end of the table.
func TestTableThatBreaksOff(t *testing.T) {
	in := "url,text\na," + strings.Repeat("b", headSize) + "\n\"a\nb\"x,c\n"
	s, err := Open(t.Context(), "-", Options{Stdin: io.MultiReader(strings.NewReader(in), iotest.ErrReader(io.ErrClosedPipe))})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var have []string
	for err = error(nil); err == nil; {
		var d Document
		if d, err = s.Next(); err == nil {
			have = append(have, string(d.Data[:3]))
		}
	}
	if diff := cmp.Diff([]string{"a,b", "\"a\n"}, have); diff != "" || !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("%v %s", err, diff)
	}
}

// The columns of spreadsheets begin with capitals: a header that is known as one of ours is read as one, unless -map
// names the column as it stands.
func TestTableHeaderInCapitals(t *testing.T) {
	const in = "Date,Link,Headline,Content,Words\n2026-03-04,https://a.example/,Rain,It rained.,2\n"
	for _, tt := range []struct {
		name    string
		mapping record.Mapping
		want    []string
	}{
		{"no mapping", nil, []string{"https://a.example/", "Rain", "It rained.", "2026-03-04", `{"Words":"2"}`}},
		{"a mapping", record.Mapping{"Headline": "byline"}, []string{"https://a.example/", "", "It rained.", "2026-03-04", `{"Words":"2"}`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			docs := documents(t, written(t, "pages.csv", []byte(in)), Options{Mapping: tt.mapping})
			if len(docs) != 1 {
				t.Fatalf("%d documents", len(docs))
			}
			r, err := docs[0].Raw()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, []string{r.URL, r.Title, r.Text, r.Published, string(r.Metadata)}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A table whose lines end in carriage returns alone, as old spreadsheets write it, has its rows.
func TestTableOfCarriageReturns(t *testing.T) {
	const in = "url,text\rhttps://a.example/,It rained.\rhttps://b.example/,\"It shone,\rthen.\"\r"
	var got []string
	for _, d := range documents(t, written(t, "pages.csv", []byte(in)), Options{}) {
		r, err := d.Raw()
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r.URL+" "+r.Text)
	}
	if diff := cmp.Diff([]string{"https://a.example/ It rained.", "https://b.example/ It shone,\nthen."}, got); diff != "" {
		t.Error(diff)
	}
}

// rows reads a table and returns the text of each row, or why it has none.
func rows(t *testing.T, name, in string, opt Options) (out []string) {
	t.Helper()
	for _, d := range documents(t, written(t, name, []byte(in)), opt) {
		r, err := d.Raw()
		if bad, ok := errors.AsType[*record.MalformedError](err); ok {
			out = append(out, "dead: "+bad.Reason)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, r.URL+"|"+r.Text)
	}
	return out
}

// A spreadsheet's line that names the separator is no header.
func TestTableSeparatorLine(t *testing.T) {
	for _, tt := range []struct{ name, in string }{
		{"a semicolon", "sep=;\nurl;text\na;It rained, again.\n"},
		{"a semicolon, CR LF", "\ufeffsep=;\r\nurl;text\r\na;It rained, again.\r\n"},
		{"carriage returns", "SEP=;\rurl;text\ra;It rained, again.\r"},
		{"quoted", "\"sep=;\"\nurl;text\na;It rained, again.\n"},
		{"a tab", "sep=\t\nurl\ttext\na\tIt rained, again.\n"},
		{"the name of a tab", "sep=\\t\nurl\ttext\na\tIt rained, again.\n"},
		{"one that the header does not show", "sep=^\nurl^text\na^It rained, again.\n"},
	} {
		for _, name := range []string{"pages.csv", "pages"} { // by name, and by content
			if name == "pages" && !strings.Contains(tt.in, "\n") {
				continue // no table by its content
			}
			if diff := cmp.Diff([]string{"a|It rained, again."}, rows(t, name, tt.in, Options{})); diff != "" {
				t.Errorf("%s, %s: %s", tt.name, name, diff)
			}
		}
	}
	for _, in := range []string{"sep=,text\na,b\n", "sep;text\na;b\n"} { // a header
		if diff := cmp.Diff([]string{"|b"}, rows(t, "pages.csv", in, Options{})); diff != "" {
			t.Errorf("%q: %s", in, diff)
		}
	}
}

// Tables with tabs come from databases, too, which quote nothing: a quote that belongs to no quoted field is a
// character like others, and costs neither its row nor the ones behind it.
func TestTableWithFreeQuotes(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     []string
	}{
		{"in a field", "a\t5\" pipe\nb\tc\n", []string{"a|5\" pipe", "b|c"}},
		{"around its beginning", "a\t\"Rain\" fell\r\nb\tc\r\n", []string{"a|\"Rain\" fell", "b|c"}},
		{"beside a quoted field", "\"a \"\"b\"\"\"\t5\" pipe\n", []string{"a \"b\"|5\" pipe"}},
		{"an open one", "a\t\"Rain\nb\tc\nd\te\n", []string{"a|\"Rain", "b|c", "d|e"}},
		{"two open ones", "a\t\"Rain\nb\t\"Sun\nc\td\n", []string{"a|\"Rain", "b|\"Sun", "c|d"}},
		{"an open one at the end", "a\tb\nc\t\"Rain", []string{"a|b", "c|\"Rain"}},
		{"an open one behind blank lines", "\n\r\na\t\"Rain\nb\tc\n", []string{"a|\"Rain", "b|c"}},
		{"one of another row in it", "\"a\tb\nc\"\td\te\nf\tg\n", []string{"dead: syntax", "f|g"}},
		{"a quoted field of two lines", "a\t\"b\nc\"\nd\te\n", []string{"a|b\nc", "d|e"}},
		{"a broken one of two lines", "a\t\"b\nc\"d\ne\tf\n", []string{"dead: syntax", "e|f"}},
		{"too long with what it swallows", "a\t\"Rain\n" + strings.Repeat("b\tc\n", 20), append([]string{"a|\"Rain"}, strings.Split(strings.Repeat("b|c\n", 20), "\n")[:20]...)},
		{"too long", "a\t" + strings.Repeat("x", 70) + "\nb\tc\n", []string{"dead: oversize"}},
	} {
		in := "url\ttext\n" + tt.in
		opt := Options{MaxLine: 60}
		if diff := cmp.Diff(tt.want, rows(t, "pages.tsv", in, opt)); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
	if diff := cmp.Diff([]string{"dead: syntax", "b|c"}, rows(t, "pages.csv", "url,text\na,5\" pipe\nb,c\n", Options{})); diff != "" {
		t.Errorf("commas: %s", diff)
	}
}

// Law: of a table with tabs no row depends on where the reads fall.
func TestFreeQuotesHoweverTheyAreRead(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		in := "url\ttext\n" + strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"\"", "a", "\t", "\n", "\"\"", "a\tb\n", "x\t\"y\n", "\t\"", strings.Repeat("z", 50)}), 0, 40).Draw(rt, "rows"), "")
		var all [2][]got
		for i, r := range []io.Reader{strings.NewReader(in), iotest.OneByteReader(strings.NewReader(in))} {
			all[i] = readAll(t, "-", Options{Stdin: r, MaxLine: 100, Skipped: func(string, string) {}})
		}
		if diff := cmp.Diff(all[0], all[1]); diff != "" {
			rt.Fatalf("%q: %s", in, diff)
		}
	})
}
