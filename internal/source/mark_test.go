package source

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// marked is a document as far as going on is concerned.
type marked struct {
	Path, Data string
	Index      uint64
	Mark       Mark
}

// readFrom reads an input from a mark on, nil for its beginning.
func readFrom(t testing.TB, input string, from *Mark, readers int) (docs []marked, told []string, s *Source) {
	t.Helper()
	s, err := Open(t.Context(), input, Options{From: []*Mark{nil, from}, Readers: readers, Skipped: func(path, reason string) { told = append(told, path+reason) }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for {
		d, err := s.Next()
		if err == io.EOF {
			return docs, told, s
		}
		if err != nil {
			t.Fatal(err)
		}
		if d.Mark == nil {
			d.Mark = &Mark{}
		}
		docs = append(docs, marked{d.Path, string(d.Data), d.Index, *d.Mark})
	}
}

// The law of marks: from the mark of any document on come the documents of its file and of those behind it, with
// their numbers; what was left out and passed over counts as if all had been read. When a file before it has
// changed, all is read.
func TestGoingOnFromAMark(t *testing.T) {
	archive := warcRecord("request", "http://a.example/", "") + warcPage("http://a.example/", "text/html", "<p>f") + warcPage("http://a.example/logo", "image/png", "x")
	kinds := map[string]string{
		"a.txt": "a", "b.jsonl": "{\"text\":\"b\"}\nno\n", "c.bin": "\x7fELF\x02\x01", "d.jsonl": "", "e.gz": "\x1f\x8b\x08", "f.warc": archive, "g": "-> nowhere",
		"h.tar": string(tarOf(t, [2]string{"x.txt", "x"}, [2]string{"y.bin", "\x7fELF\x02\x01"}, [2]string{"z.warc", archive})),
	}
	rapid.Check(t, func(rt *rapid.T) {
		files := map[string]string{}
		for i := range rapid.IntRange(2, 7).Draw(rt, "files") {
			kind := rapid.SampledFrom([]string{"a.txt", "b.jsonl", "c.bin", "d.jsonl", "e.gz", "f.warc", "g", "h.tar"}).Draw(rt, "kind")
			files[fmt.Sprintf("%s%02d%s", []string{"", "sub/"}[i%2], i, kind)] = kinds[kind]
		}
		dir := tree(t, nil)
		for name, content := range files {
			path := filepath.Join(dir, name)
			err := os.MkdirAll(filepath.Dir(path), 0o755)
			if link, ok := strings.CutPrefix(content, "-> "); ok && err == nil {
				err = os.Symlink(link, path)
			} else if err == nil {
				err = os.WriteFile(path, []byte(content), 0o644)
			}
			if err != nil {
				rt.Fatal(err)
			}
		}
		input := dir
		if rapid.Bool().Draw(rt, "glob") {
			input = filepath.Join(dir, "*")
		}
		readers := rapid.IntRange(1, 3).Draw(rt, "readers")
		docs, told, whole := readFrom(t, input, nil, readers)
		if len(docs) == 0 {
			return
		}
		i := rapid.IntRange(0, len(docs)-1).Draw(rt, "document")
		mark := docs[i].Mark
		if mark.Place != nil {
			rt.Fatal("files as small as these have no places")
		}
		rest, toldThen, s := readFrom(t, input, &mark, rapid.IntRange(1, 3).Draw(rt, "then"))
		if diff := cmp.Diff(docs[mark.Index:], rest); diff != "" || s.Resumed() != &mark {
			rt.Fatalf("resumed at %v: %s", s.Resumed(), diff)
		}
		if !slices.Equal(told[mark.LeftOut:], toldThen) {
			rt.Fatalf("left out: %q, then %q", told, toldThen)
		}
		size, err := Size(t.Context(), input) // of a file that is left out not all is read
		if diff := cmp.Diff([]any{whole.LeftOut(), whole.Passed()}, []any{s.LeftOut(), s.Passed()}); diff != "" || err != nil || s.Bytes() < whole.Bytes() || s.Bytes() > size {
			rt.Fatalf("%s, %d bytes read of %d", diff, s.Bytes(), whole.Bytes())
		}
		if mark.Index == 0 {
			return
		}
		first := docs[0].Mark.Path
		if err := os.Chtimes(filepath.Join(dir, first), time.Unix(1, 0), time.Unix(1, 0)); err != nil {
			rt.Fatal(err)
		}
		again, _, s := readFrom(t, input, &mark, readers)
		if len(again) != len(docs) || s.Resumed() != nil {
			rt.Fatalf("%s was changed: %d documents of %d, resumed at %v", first, len(again), len(docs), s.Resumed())
		}
	})
}
