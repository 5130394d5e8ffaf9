package apptest

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	diff "github.com/google/go-cmp/cmp"
)

// packings are the files that tools/make-warc.py makes of the same pages.
var packings = []string{
	"pages.warc", "pages.warc.gz", "pages.one.warc.gz", "pages.warc.zst", "pages.frames.warc.zst", "pages.one.warc.zst",
}

// The law of the sources: the same pages from a web archive, however it is stored, from JSON lines and from a
// directory give the same records but for their provenance. Of a web archive that is metadata and added (the
// time at which the page was fetched). Files have no address, which may say when a page was published: they give what JSON
// lines without addresses give, and each page by itself (-learn=false) the text that it gives anywhere.
func sameFromEverywhere(t *testing.T, archives, pages string) {
	t.Helper()
	lines := filepath.Join(archives, "pages.jsonl")
	want := without(records(t, lines), "metadata", "added")
	for _, name := range packings {
		same(t, name, want, without(records(t, filepath.Join(archives, name)), "metadata", "added"))
	}
	same(t, "a directory", without(records(t, withoutAddress(t, lines)), "metadata"), without(records(t, pages), "metadata"))
	said := []string{"id", "url", "site", "title", "published", "metadata", "cluster", "of", "overlaps", "relation"}
	same(t, "a directory, text", without(records(t, lines, "-learn=false"), said...), without(records(t, pages, "-learn=false"), said...))
	t.Logf("%d pages", len(want))
}

// The project's own pages. testdata/README.md says how the archives were made.
func TestSameFromEverywhere(t *testing.T) {
	pages := t.TempDir()
	for _, site := range []string{"harbour-post", "valley-herald"} {
		if err := os.CopyFS(filepath.Join(pages, site), os.DirFS(filepath.Join("../testdata/corpus", site))); err != nil {
			t.Fatal(err)
		}
	}
	sameFromEverywhere(t, "../testdata/webarchive", pages)
}

// More than a thousand real pages, with WINNOW_SOAK=1.
func TestRealPagesSameFromEverywhere(t *testing.T) {
	if os.Getenv("WINNOW_SOAK") == "" {
		t.Skip("takes a minute: set WINNOW_SOAK=1")
	}
	sets, err := filepath.Glob("../../shared/eval/dev/strip-html/*.jsonl.gz")
	if err != nil || len(sets) == 0 {
		t.Skip("the evaluation's pages (../shared/eval/dev/strip-html) are not on this machine")
	}
	for _, program := range []string{"python3", "zstd"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip("tools/make-warc.py needs the program ", program)
		}
	}
	dir := t.TempDir()
	if out, err := exec.Command("python3", slices.Concat([]string{"../tools/make-warc.py", dir}, sets)...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	sameFromEverywhere(t, dir, filepath.Join(dir, "pages"))
}

// records returns what `winnow clean` makes of an input, in RAW's order.
func records(t testing.TB, input string, args ...string) (list []map[string]any) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out")
	clean := launch(t, "winnow", slices.Concat([]string{"clean", "-out", out, "-added", "2026-11-21T12:00:00Z", "-source", "pages"}, args, []string{input})...)
	clean.done(patience)
	cat := exec.Command(filepath.Join(bin, "winnow"), "cat", "-kind", "all", out)
	data, err := cat.Output()
	if err != nil {
		t.Fatal(err)
	}
	for dec := json.NewDecoder(bytes.NewReader(data)); dec.More(); {
		var r map[string]any
		if err := dec.Decode(&r); err != nil {
			t.Fatal(err)
		}
		list = append(list, r)
	}
	return list
}

func without(list []map[string]any, keys ...string) []map[string]any {
	for _, r := range list {
		maps.DeleteFunc(r, func(key string, _ any) bool { return slices.Contains(keys, key) })
	}
	return list
}

func same(t *testing.T, what string, want, got []map[string]any) {
	t.Helper()
	if len(want) == 0 || len(want) != len(got) {
		t.Errorf("%s: %d records, want %d", what, len(got), len(want))
		return
	}
	for i := range want {
		if d := diff.Diff(want[i], got[i]); d != "" {
			t.Errorf("%s: record %d: %s", what, i+1, d)
			return
		}
	}
}

// withoutAddress writes JSON lines again, without the key url.
func withoutAddress(t testing.TB, lines string) string {
	t.Helper()
	in, err := os.Open(lines)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var out bytes.Buffer
	s := bufio.NewScanner(in)
	s.Buffer(nil, 64<<20)
	for s.Scan() {
		var page map[string]string
		if err := json.Unmarshal(s.Bytes(), &page); err != nil {
			t.Fatal(err)
		}
		delete(page, "url")
		line, err := json.Marshal(page)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(append(line, '\n'))
	}
	name := filepath.Join(t.TempDir(), "pages.jsonl")
	if err := cmp.Or(s.Err(), os.WriteFile(name, out.Bytes(), 0o644)); err != nil {
		t.Fatal(err)
	}
	return name
}
