package source

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// Files come byte-wise by their whole path; hidden ones do not come.
func TestDirectoryOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.StringMatching(`[a-c\-.]{1,3}`)
		paths := rapid.SliceOfN(rapid.Map(rapid.SliceOfN(name, 1, 3), func(p []string) string { return strings.Join(p, "/") }), 1, 12).Draw(rt, "paths")
		dir, err := os.MkdirTemp(t.TempDir(), "") //nolint:usetesting // one for each check, not for each test
		if err != nil {
			rt.Fatal(err)
		}
		var want []string
		for _, p := range paths {
			if full := filepath.Join(dir, p); os.MkdirAll(filepath.Dir(full), 0o755) == nil && filepath.IsLocal(p) && filepath.Clean(p) == p {
				if _, err := os.Stat(full); err == nil || os.WriteFile(full, []byte(p), 0o644) != nil {
					continue
				}
				if !strings.HasPrefix(p, ".") && !strings.Contains(p, "/.") {
					want = append(want, p)
				}
			}
		}
		slices.Sort(want)
		if diff := cmp.Diff(want, texts(readAll(t, dir, Options{}))); diff != "" {
			rt.Fatal(diff)
		}
	})
}

func TestDirectoryTricks(t *testing.T) {
	var skipped []string
	dir := tree(t, map[string]string{
		"a.txt": "a", "sub/b.txt": "b", "sub/loop": "-> ..", "c.txt": "-> a.txt", "nowhere": "-> gone",
		"d.bin": "\x7fELF\x02\x01\x00\x00", "e.txt": "%PDF-1.4", ".hidden/f.txt": "f", "g.txt": "g\x00\x01",
	})
	docs := readAll(t, dir, Options{Skipped: func(path, reason string) {
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			t.Fatal(err)
		}
		skipped = append(skipped, rel+": "+reason)
	}})
	if diff := cmp.Diff([]string{"a", "a", "g\x00\x01", "b"}, texts(docs)); diff != "" {
		t.Error(diff)
	}
	want := []string{
		"d.bin: of no known format (it looks like application/octet-stream)",
		"e.txt: of no known format (it looks like application/pdf)",
		"nowhere: a link to nowhere",
		"sub/loop: a link to a directory is not followed; name it as an input of its own",
	}
	if diff := cmp.Diff(want, skipped); diff != "" {
		t.Error(diff)
	}
	if _, err := readErr(t, filepath.Join(dir, "e.txt"), Options{}); err == nil || !strings.Contains(err.Error(), "application/pdf") {
		t.Errorf("a file alone that is left out: %v", err)
	}
}

// readErr returns the texts before the first error.
func readErr(t *testing.T, input string, opt Options) (n int, err error) {
	t.Helper()
	s, err := Open(t.Context(), input, opt)
	if err != nil {
		return 0, err
	}
	defer s.Close()
	for ; ; n++ {
		if _, err := s.Next(); err != nil {
			return n, err
		}
	}
}

func TestGlob(t *testing.T) {
	dir := tree(t, map[string]string{"x/b.txt": "b", "x/a-1.txt": "a1", "x/a/c.txt": "c", "x/.h": "h", "y/d.txt": "d"})
	docs := readAll(t, filepath.Join(dir, "x", "*"), Options{})
	if diff := cmp.Diff([]string{"a1", "c", "b"}, texts(docs)); diff != "" {
		t.Error(diff)
	}
	if docs[1].Path != "a/c.txt" || docs[1].Metadata != `{"path":"a/c.txt"}` {
		t.Errorf("path %q, metadata %s", docs[1].Path, docs[1].Metadata)
	}
	docs = readAll(t, filepath.Join(dir, "?", "?.txt"), Options{})
	if len(docs) != 2 || docs[0].Path != "x/b.txt" || docs[1].Path != "y/d.txt" {
		t.Errorf("got %+v", docs)
	}
	for _, input := range []string{filepath.Join(dir, "*.none"), filepath.Join(dir, "[a"), filepath.Join(dir, "none.txt"), filepath.Join(dir, "none", "*")} {
		if _, err := Open(t.Context(), input, Options{}); err == nil || !strings.Contains(err.Error(), input) {
			t.Errorf("%s: %v", input, err)
		}
	}
}

func TestKeys(t *testing.T) {
	dir := tree(t, map[string]string{"a.txt": "a", "b.txt": "b"})
	t.Chdir(dir)
	key := func(input string, stdin string) string {
		s, err := Open(t.Context(), input, Options{Stdin: strings.NewReader(stdin)})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		return s.Key()
	}
	if key("a.txt", "") != key(filepath.Join(dir, ".", "a.txt"), "") {
		t.Error("the same input has two keys")
	}
	seen := map[string]bool{}
	for _, k := range []string{key("a.txt", ""), key("b.txt", ""), key(".", ""), key("*.txt", ""), key("-", "a"), key("-", "b")} {
		if seen[k] || len(k) != 16 {
			t.Errorf("key %q", k)
		}
		seen[k] = true
	}
}

func TestSizeAndBytes(t *testing.T) {
	dir := tree(t, map[string]string{"a.txt": "abc", "b/c.jsonl.gz": `{"text":"a"}`})
	size, err := Size(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for {
		if _, err := s.Next(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if s.Bytes() != size || size < 20 {
		t.Errorf("read %d bytes of %d", s.Bytes(), size)
	}
}

// Neither how many files are read at once nor how the readers fare changes a document, its number, or what is
// told of the files that are left out.
func TestReadersChangeNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "") //nolint:usetesting // one for each check, not for each test
		if err != nil {
			rt.Fatal(err)
		}
		kinds := map[string]string{
			"a.txt": "a", "b.jsonl": "{\"text\":\"b\"}\nno\n", "c.bin": "\x7fELF\x02\x01", "d.jsonl": strings.Repeat("{\"text\":\"d\"}\n", 300), "e.gz": "\x1f\x8b\x08",
			"f.warc": warcRecord("request", "http://a.example/", "") + warcPage("http://a.example/", "text/html", "<p>f"),
		}
		for i := range rapid.IntRange(1, 6).Draw(rt, "files") {
			kind := rapid.SampledFrom(slices.Sorted(maps.Keys(kinds))).Draw(rt, "kind")
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%02d%s", i, kind)), []byte(kinds[kind]), 0o644); err != nil {
				rt.Fatal(err)
			}
		}
		read := func(readers int) (docs []got, told []string) {
			opt := Options{Readers: readers, Skipped: func(path, reason string) { told = append(told, path+reason) }}
			opt.Passed = func(path string, kinds map[string]int) { told = append(told, fmt.Sprint(path, kinds)) }
			return readAll(t, dir, opt), told
		}
		docs, told := read(1)
		for n := 2; n <= 4; n += 2 {
			docsN, toldN := read(n)
			if diff := cmp.Diff(docs, docsN) + cmp.Diff(told, toldN); diff != "" {
				rt.Fatalf("%d readers: %s", n, diff)
			}
		}
	})
	s, err := Open(t.Context(), tree(t, map[string]string{"a.txt": "a", "b.txt": "b", "c.txt": "c"}), Options{Readers: 2})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Next(); err != nil {
		t.Fatal(err)
	}
	s.Close() // in the middle; goleak looks for what is left
}
