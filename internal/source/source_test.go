package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"winnow/internal/record"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// got is what the tests look at of a document.
type got struct {
	Path, Title, Text, HTML, Data, Reason string
	Metadata                              string
	Line                                  uint64
	Size                                  int64
}

// readAll returns the documents of an input; their numbers must count from 0.
func readAll(t testing.TB, input string, opt Options) []got {
	t.Helper()
	s, err := Open(t.Context(), input, opt)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var all []got
	for {
		d, err := s.Next()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		if d.Index != uint64(len(all)) {
			t.Fatalf("document %d has number %d", len(all), d.Index)
		}
		g := got{Path: d.Path, Data: string(d.Data), Line: d.Line, Size: d.Size}
		r, err := d.Raw()
		if m, ok := errors.AsType[*record.MalformedError](err); ok {
			g.Reason = m.Reason
		} else if err != nil {
			t.Fatal(err)
		}
		g.Title, g.Text, g.HTML, g.Metadata = r.Title, r.Text, r.HTML, string(r.Metadata)
		all = append(all, g)
	}
}

func texts(docs []got) (out []string) {
	for _, d := range docs {
		out = append(out, d.Text)
	}
	return out
}

// tree writes files; a name that ends in .gz or .zst is compressed, one with " -> " is a link.
func tree(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if link, ok := strings.CutPrefix(content, "-> "); ok {
			if err := os.Symlink(link, path); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := os.WriteFile(path, pack(t, filepath.Ext(name), []byte(content)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func pack(t testing.TB, ext string, data []byte) []byte {
	t.Helper()
	var buf bytes.Buffer
	var w io.WriteCloser
	switch ext {
	case ".gz":
		w = gzip.NewWriter(&buf)
	case ".zst":
		enc, err := zstd.NewWriter(&buf)
		if err != nil {
			t.Fatal(err)
		}
		w = enc
	default:
		return data
	}
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// The same documents, whatever the compression and however they are handed in.
func TestFormats(t *testing.T) {
	for _, tt := range []struct {
		name, file, content string
		want                []got
	}{
		{"text", "a.txt", "\ufeffRain\n\nIt rained.\r\n", []got{{Title: "Rain", Text: "Rain\n\nIt rained.\r\n"}}},
		{"text of an old Mac", "a.txt", "Rain\r\rIt rained.\r", []got{{Title: "Rain", Text: "Rain\r\rIt rained.\r"}}},
		{"text without a title", "a", strings.Repeat("word ", 200), []got{{Text: strings.Repeat("word ", 200)}}},
		{"text that begins with a bracket", "a", "[AP] Rain\n{curly}\n", []got{{Title: "[AP] Rain", Text: "[AP] Rain\n{curly}\n"}}},
		{"text that begins with a tag, by name", "a.txt", "<html> is a tag\n", []got{{Title: "<html> is a tag", Text: "<html> is a tag\n"}}},
		{"HTML by content", "a", " <!-- x --><!DOCTYPE html><p>Rain", []got{{HTML: " <!-- x --><!DOCTYPE html><p>Rain"}}},
		{"HTML by name", "a.HTM", "Rain", []got{{HTML: "Rain"}}},
		{"JSON lines by content", "a", "\ufeff{\"text\":\"a\"}\r\n\n  \n{\"text\":\"b\"}", []got{{Text: "a", Line: 1}, {Text: "b", Line: 4}}},
		{"JSON lines by name", "a.ndjson", "what\n{\"text\":\"b\"}\n[1]\n", []got{{Reason: record.ReasonNotObject, Data: "what", Line: 1}, {Text: "b", Line: 2}, {Reason: record.ReasonNotObject, Data: "[1]", Line: 3}}},
		{"one object as .json", "a.json", `{"maintext":"a"}`, []got{{Text: "a", Line: 1}}},
		{"indented objects", "a.json", "{\n \"text\": \"a\"\n}\n{\n \"text\": \"b\"\n}\n", []got{{Text: "a"}, {Text: "b"}}},
		{"a list", "a", "\ufeff [{\"text\":\"a\"},\n{\"text\":\"b\"}]\n", []got{{Text: "a"}, {Text: "b"}}},
		{"a list with what is no record", "a.json", `[{"text":"a"},7,{"text":"b"}]`, []got{{Text: "a"}, {Reason: record.ReasonNotObject, Data: "7"}, {Text: "b"}}},
		{"an empty list", "a.json", `[ ]`, nil},
		{"an answer without articles", "a.jsonl", "{\"status\":\"ok\",\"articles\":[ ]}\n{\"text\":\"a\"}\n{\"results\":[],\"count\":0}\n", []got{{Text: "a", Line: 2}}},
		{"an answer without articles over several lines", "a.json", "{\n\"items\": [],\n\"title\": \"Rain\"\n}\n", nil},
		{"a record with an empty list", "a.jsonl", "{\"items\":[],\"text\":\"a\"}\n{\"items\":[],\"id\":\"b\"}\n{\"items\":[0],\"title\":\"c\"}", []got{{Text: "a", Line: 1}, {Line: 2}, {Title: "c", Line: 3}}},
		{
			"an answer of several articles", "a.jsonl", "{\"objects\":[{\"text\":\"a\"},{\"text\":\"b\"}]}\n{\"text\":\"c\"}", []got{
				{Text: "a", Line: 1}, {Text: "b", Line: 1}, {Text: "c", Line: 2},
			},
		},
		{"a list of answers", "a.json", `[{"objects":[{"text":"a"},{"text":"b"}]},{"text":"c"}]`, []got{{Text: "a"}, {Text: "b"}, {Text: "c"}}},
		{"a list that breaks", "a.json", `[{"text":"a"},{"text":]`, []got{{Text: "a"}, {Reason: record.ReasonSyntax, Data: `{"text":]`}, {Reason: record.ReasonSyntax}}},
		{"a list that ends", "a.json", `[{"text":"a"},{"text":"b`, []got{{Text: "a"}, {Reason: record.ReasonSyntax, Data: `{"text":"b`}}},
		{"two keys in a list", "a.json", `[{"text":"a","text":"b"},{"text":"c"}]`, []got{{Reason: record.ReasonDuplicateKey, Data: `{"text":"a","text":"b"}`}, {Text: "c"}}},
		{"an empty file, by name", "a.txt", "", []got{{}}},
		{"no lines, by name", "a.jsonl", "\n \n", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, ext := range []string{"", ".gz", ".zst"} {
				dir := tree(t, map[string]string{tt.file + ext: tt.content})
				packed := pack(t, ext, []byte(tt.content))
				inputs := map[string][]got{"file": readAll(t, filepath.Join(dir, tt.file+ext), Options{}), "directory": readAll(t, dir, Options{})}
				if !strings.Contains(tt.name, "by name") {
					inputs["standard input"] = readAll(t, "-", Options{Stdin: iotest.OneByteReader(bytes.NewReader(packed))})
				}
				for how, docs := range inputs {
					for i := range docs {
						docs[i].Path, docs[i].Metadata, docs[i].Size = "", "", 0
						if docs[i].Reason == "" {
							docs[i].Data = ""
						}
						if strings.HasSuffix(tt.file, ".json") && how == "standard input" && docs[i].Line > 0 && i < len(tt.want) {
							docs[i].Line = tt.want[i].Line
						}
					}
					if diff := cmp.Diff(tt.want, docs); diff != "" {
						t.Errorf("%s%s: %s", how, ext, diff)
					}
				}
			}
		})
	}
}

// The lines are those between the line breaks, wherever the reads end; one over the limit is cut,
// and the next one is whole.
func TestLinesAtEveryBoundary(t *testing.T) {
	const limit = 300
	rapid.Check(t, func(t *rapid.T) {
		lengths := rapid.SliceOfN(rapid.OneOf(rapid.IntRange(0, 40), rapid.IntRange(limit-2, limit+2), rapid.IntRange(0, 2000)), 0, 20).Draw(t, "lengths")
		var in []byte
		for i, n := range lengths {
			in = append(in, bytes.Repeat([]byte{'a' + byte(i%26)}, n)...)
			in = append(in, '\n')
		}
		if len(in) > 0 && rapid.Bool().Draw(t, "no line break at the end") {
			in = in[:len(in)-1]
		}
		scratch := make([]byte, 0, 64)
		chunk := rapid.IntRange(1, 100).Draw(t, "chunk")
		l := &lines{window: window{r: &chunks{in, chunk}, buf: &scratch}, opt: &Options{MaxLine: limit}}
		scratch = scratch[:cap(scratch)]
		for i, want := range bytes.Split(in, []byte("\n")) {
			if len(want) == 0 {
				continue
			}
			var d Document
			if err := l.next(&d); err != nil {
				t.Fatal(err)
			}
			if d.Line != uint64(i+1) || d.Size != int64(len(want)) {
				t.Fatalf("line %d of %d bytes, want %d of %d", d.Line, d.Size, i+1, len(want))
			}
			_, err := d.Raw()
			m, _ := errors.AsType[*record.MalformedError](err)
			if over := len(want) > limit; (m.Reason == record.ReasonOversize) != over || !over && len(d.Data) < len(want) || !bytes.HasPrefix(want, d.Data) {
				t.Fatalf("line %d: got %q, %v, want %q", i+1, d.Data, err, want)
			}
		}
		var d Document
		if err := l.next(&d); err != io.EOF {
			t.Fatalf("one line more: %q, %v", d.Data, err)
		}
	})
}

type chunks struct {
	data []byte
	n    int
}

func (c *chunks) Read(p []byte) (int, error) {
	if len(c.data) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), c.n)], c.data)
	c.data = c.data[n:]
	return n, nil
}

// A file that breaks off gives what it has, one malformed document for the rest, and does not
// keep the next file from being read.
func TestBrokenFiles(t *testing.T) {
	line := `{"text":"` + strings.Repeat("It rained. ", 50) + `"}` + "\n"
	for _, ext := range []string{".gz", ".zst"} {
		t.Run(ext, func(t *testing.T) {
			whole := pack(t, ext, []byte(strings.Repeat(line, 5000)))
			flipped := bytes.Clone(whole)
			flipped[len(flipped)-6] ^= 0x40 // in the checksum
			for name, data := range map[string][]byte{"cut": whole[:len(whole)-9], "flipped": flipped, "header": whole[:6]} {
				dir := tree(t, map[string]string{"b.txt": "next"})
				if err := os.WriteFile(filepath.Join(dir, "a.jsonl"+ext), data, 0o644); err != nil {
					t.Fatal(err)
				}
				docs := readAll(t, dir, Options{})
				last := docs[len(docs)-1]
				dead := slices.DeleteFunc(slices.Clone(docs), func(d got) bool { return d.Reason == "" })
				if last.Text != "next" || len(dead) != 1 || dead[0].Reason != record.ReasonBrokenFile || dead[0].Path != "a.jsonl"+ext {
					t.Errorf("%s: %d documents, dead %+v", name, len(docs), dead)
				}
			}
		})
	}
}

func TestOversize(t *testing.T) {
	big := strings.Repeat("x", 100<<10)
	dir := tree(t, map[string]string{"a.txt": big, "b.jsonl": `{"text":"` + big + "\"}\n{\"text\":\"b\"}", "b2.jsonl": `{"text":"` + big[:90<<10-11] + `"}`, "c.json": `[{"text":"c"},{"text":"` + big + big + big + `"}]`, "d.txt": "d"})
	docs := readAll(t, dir, Options{MaxFile: 90 << 10, MaxLine: 90 << 10}) // c.json is in one read
	var have []string
	for _, d := range docs {
		have = append(have, fmt.Sprint(d.Path, " ", d.Reason, d.Text[:min(len(d.Text), 5)], " ", d.Size, " ", len(d.Data) <= record.MaxDeadBytes))
	}
	want := []string{"a.txt oversize 102400 true", "b.jsonl oversize 102411 true", "b.jsonl b 12 true", "b2.jsonl xxxxx 92160 false", "c.json c 12 true", "c.json oversize 307211 true", "d.txt d 1 true"}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Error(diff)
	}
}

// A failing disk is no bad data: the input ends with an error that names the place.
func TestFailingRead(t *testing.T) {
	gone := errors.New("input/output error")
	lines := strings.Repeat("{\"text\":\"a\"}\n", 1000)
	n, err := readErr(t, "-", Options{Stdin: io.MultiReader(strings.NewReader(lines), iotest.ErrReader(gone))})
	if !errors.Is(err, gone) || !strings.Contains(err.Error(), "standard input: at byte 13000") || n != 1000 {
		t.Errorf("%d documents, %v", n, err)
	}
}

// Reading standard input ends with the context, even while nobody writes.
func TestStandardInputIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	go w.Write(bytes.Repeat([]byte("{\"text\":\"a\"}\n"), 400))
	s, err := Open(ctx, "-", Options{Stdin: r})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for range 400 {
		if _, err := s.Next(); err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	if _, err := s.Next(); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	w.Close()
}
