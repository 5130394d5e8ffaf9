package source

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"winnow/internal/record"
)

// A file that is one object around a list of articles, as search services answer, has a document for each.
func TestListedArticles(t *testing.T) {
	long := strings.Repeat("It rained. ", 1000)
	for _, tt := range []struct {
		name, file, in string
		want           []string
	}{
		{"in a line", "a.json", `{"status":"ok","articles":[{"url":"u","content":"a"},{"url":"v","content":"b"}]}`, []string{"u|a", "v|b"}},
		{"a line each", "a.jsonl", `{"data":[{"url":"u","text":"a"}]}` + "\n" + `{"data":[{"url":"v","text":"b"},{"url":"w","text":"c"}]}` + "\n", []string{"u|a", "v|b", "w|c"}},
		{"indented", "a.json", "{\n  \"status\": \"ok\",\n  \"items\": [\n    {\n      \"url\": \"u\",\n      \"content\": \"a\"\n    }\n  ]\n}\n", []string{"u|a"}},
		{"an article a line", "a.json", "\ufeff{\"results\": [\r\n{\"url\":\"u\",\"text\":\"a\"},\r\n{\"url\":\"v\",\"text\":\"b\"}\r\n]}\r\n", []string{"u|a", "v|b"}},
		{"an article a line, by content", "a", "{\"results\":[{\n\"url\":\"u\",\"text\":\"a\"},\n{\"url\":\"v\",\"text\":\"b\"}]}\n", []string{"u|a", "v|b"}},
		{"an article a line, the first a long one", "a.json", `{"results":[{"url":"u","text":"` + long + `"},` + "\n" + `{"url":"v","text":NaN},` + "\n" + `{"url":"v","text":"b"}]}` + "\n", []string{"u|" + long, "dead: syntax", "v|b"}},
		{"an article a line, the first a short one", "a", "{\"results\":[{\"url\":\"u\",\"text\":\"a\"},\r\n{\"url\":\"v\",\"text\":\"b\"}]}\r\n{\"url\":\"w\",\"text\":\"c\"}", []string{"u|a", "v|b", "w|c"}},
		{"the same in lines", "a.jsonl", `{"results":[{"url":"u","text":"` + long + `"},` + "\n" + `{"url":"v","text":"b"}` + "\n", []string{"dead: syntax", "v|b"}},
		{"a broken line that ends with a bracket", "a.json", "{\"text\":\"{\n{\"url\":\"v\",\"text\":\"b\"}\n", []string{"dead: syntax", "v|b"}},
		{"with elements that are none", "a.json", `{"n":5,"articles":[{"url":"u","text":"a"},{"url":"v","text":NaN},7,{"url":"w","text":"b","text":"c"},{"url":"x","text":"d"}]}`, []string{"u|a", "dead: syntax", "dead: not-object", "dead: duplicate-key", "x|d"}},
		{"with elements that are none, indented", "a.json", "{\n\"data\":[\n{\"url\":\"u\",\"text\":\"a\"},\n{\"url\":\"v\",\"text\":\"\xff\"},\n{\"url\":\"w\",},\n{\"url\":\"x\",\"text\":\"d\"},\n]}", []string{"u|a", "dead: invalid-utf8", "dead: syntax", "x|d"}},
		{"a list with elements that are none", "a.json", `[{"url":"u","text":"a"},{"url":"v","text":NaN},{"url":"w" "text":"b"},null,{"url":"x","text":"d"}]`, []string{"u|a", "dead: syntax", "dead: syntax", "dead: not-object", "x|d"}},
		{"objects with some that are none", "a.json", "{\n\"url\":\"u\",\n\"text\":\"a\"}\n{\n\"text\":NaN}\n{\"url\":\"v\",\"text\":\"b\"}\n", []string{"u|a", "dead: syntax", "v|b"}},
		{"an article with items", "a.json", `{"url":"u","items":[{"text":"a"},{"text":"b"}],"text":"c"}`, []string{"u|c"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, rows(t, tt.file, tt.in, Options{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A list of articles gives the same documents whether it is small enough to be one document or is read element by
// element, in a line or over several, wherever the reads end.
func TestLargeListsOfArticles(t *testing.T) {
	elements := []string{`{"text":"a"}`, `{"text":NaN}`, `null`, `7`, `"b\"]}"`, `{"text":"]}\\",}`, `[{"text":"c"}]`, `{"text":"d","objects":[{"text":"x"},{"text":"y"}]}`, "{\"text\":\"\xff\"}", `{"text":"` + strings.Repeat("e", 150) + `"}`}
	rapid.Check(t, func(t *rapid.T) {
		list := append([]string{`{"text":"first"}`}, rapid.SliceOfN(rapid.SampledFrom(elements), 0, 30).Draw(t, "elements")...)
		space := rapid.SampledFrom([]string{"", " ", "\n  "}).Draw(t, "space")
		in := "{" + space + `"status":"ok","articles":[` + strings.Join(list, space+","+space) + space + `],"next":{"a":[1]}}`
		if space != "\n  " {
			in = "{\"text\":\"before\"}\n" + in
		}
		in += "\n{\"text\":\"behind\"}\n"
		chunk := rapid.IntRange(1, 5000).Draw(t, "chunk")
		read := func(from int) (out []string) {
			s, err := Open(t.Context(), "-", Options{Stdin: &chunks{[]byte(in), chunk}, ListFrom: from})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			each(t, s, func(d *Document) {
				_, err := d.Raw()
				out = append(out, fmt.Sprintf("%d %q %d %v", d.Line, d.Data, d.Size, err))
			})
			return out
		}
		whole := read(1 << 20)
		if want := len(list) + strings.Count(in, "before") + 1; len(whole) != want {
			t.Fatalf("%d documents, want %d: %q", len(whole), want, whole)
		}
		if diff := cmp.Diff(whole, read(100)); diff != "" {
			t.Fatal(diff)
		}
	})
}

// endless writes a list of n articles, with one that is too long in the middle.
func endless(begin string, n, long int) io.Reader {
	parts := []io.Reader{strings.NewReader(begin)}
	text := strings.Repeat("It rained. ", 300)
	for i := range n {
		if i == n/2 {
			parts = append(parts, strings.NewReader(`{"text":"`), io.LimitReader(ones{}, int64(long)), strings.NewReader(`"},`))
		}
		parts = append(parts, strings.NewReader(fmt.Sprintf(`{"id":"%d","text":"%s"},`, i, text)))
	}
	return io.MultiReader(append(parts, strings.NewReader("{}]"+strings.Repeat("}", strings.Count(begin, "{"))+"\n"))...)
}

type ones struct{}

func (ones) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '1'
	}
	return len(p), nil
}

// A list is not held in memory, however large it is, nor is an element of it that is over the limit, which costs no
// other.
func TestListsWithoutEnd(t *testing.T) {
	const n, limit, long = 6000, 1 << 20, 3 << 20
	for _, begin := range []string{`{"status":"ok","articles":[`, "{\n\"articles\":[", "["} {
		s, err := Open(t.Context(), "-", Options{Stdin: endless(begin, n, long), MaxLine: limit})
		if err != nil {
			t.Fatal(err)
		}
		var docs, dead int
		each(t, s, func(d *Document) {
			if _, err := d.Raw(); err != nil {
				bad, _ := errors.AsType[*record.MalformedError](err)
				if dead++; bad.Reason != record.ReasonOversize || d.Size != int64(len(`{"text":""}`)+long) {
					t.Errorf("%q: %v, %d bytes", begin, err, d.Size)
				}
				return
			}
			docs++
		})
		if held := len(s.tools.scratch); docs != n+1 || dead != 1 || held > 4*limit {
			t.Errorf("%q: %d documents, %d dead, %d bytes held", begin, docs, dead, held)
		}
		s.Close()
	}
}
