package source

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

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
