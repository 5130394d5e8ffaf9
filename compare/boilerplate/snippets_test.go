package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
)

const invented = `package main

type entry struct{}

var other, more = 1, 2

var pages = map[string]entry{
	"https://example.org/ferry": {
		File:    "ferry.html",
		With:    []string{"The ferry left", "past the light\u00adhouse\tand\n the \"mill\"", ` + "`behind a wall`" + `},
		Without: []string{"Subscribe", "the harbour"},
		Tags:    nil2,
	},
}
`

// write returns the name of a file with that content.
func write(t *testing.T, content string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "data.go")
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// A list in another project's source is read as it stands, or the place that is not as it
// should be is named.
func TestReadList(t *testing.T) {
	good := strings.ReplaceAll(invented, "\t\tTags:    nil2,\n", "")
	entries, err := readList(write(t, good), "pages")
	if err != nil {
		t.Fatal(err)
	}
	want := []entry{{
		"":        {"https://example.org/ferry"},
		"File":    {"ferry.html"},
		"With":    {"The ferry left", "past the light\u00adhouse\tand\n the \"mill\"", "behind a wall"},
		"Without": {"Subscribe", "the harbour"},
	}}
	if !reflect.DeepEqual(entries, want) {
		t.Errorf("entries are %q, want %q", entries, want)
	}
	for _, tc := range []struct{ name, source, says string }{
		{"no string", invented, "data.go:12:12: *ast.Ident where a string should be"},
		{"a number", strings.Replace(good, `"ferry.html"`, "7", 1), "data.go:9:12: *ast.BasicLit where a string should be"},
		{"no names", strings.Replace(good, `File:    "ferry.html"`, `"ferry.html"`, 1), "data.go:9:3: *ast.BasicLit where a field with its name should be"},
		{"no list", "package main\nvar pages = load()\n", "data.go:2:13: *ast.CallExpr where a list should be"},
		{"no elements", "package main\nvar pages = []string{\"a\"}\n", "data.go:2:22: *ast.BasicLit where an element with fields should be"},
		{"no such variable", "package main\nvar Pages = 1\n", "data.go: no variable pages with a value"},
		{"no Go", "<html>", "data.go:1:1: expected 'package'"},
		{"too long", good + strings.Repeat("// a comment\n", 1<<21), "data.go: longer than 16777216 bytes"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if _, err := readList(write(t, tc.source), "pages"); err == nil || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("error %v, want one with %q", err, tc.says)
			}
		})
	}
}

// Each snippet counts once, in its one place, whatever the white space and the soft hyphens.
func TestTally(t *testing.T) {
	entries, err := readList(write(t, strings.ReplaceAll(invented, "\t\tTags:    nil2,\n", "")), "pages")
	if err != nil {
		t.Fatal(err)
	}
	const html = `<p>The ferry left the harbour past the lighthouse and the "mill".</p>`
	files := fstest.MapFS{"mock/ferry.html": {Data: []byte(html)}}
	pages, err := snippetPages(files, entries)
	if err != nil {
		t.Fatal(err)
	}
	text := "The ferry left the harbour past\n\nthe light\u00adhouse and  the \"mill\"."
	seen, err := everything(pages, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got tally
	got.add(&pages[0], text, seen[0])
	got.add(&pages[0], "", seen[0])
	if want := (tally{tp: 2, fn: 4, fp: 1, tn: 3, there: 4, empty: 1}); got != want {
		t.Errorf("counted %+v, want %+v", got, want)
	}
	if _, err := snippetPages(fstest.MapFS{}, entries); err == nil || !strings.Contains(err.Error(), "no file ferry.html in the folders comparison, mock, simple") {
		t.Errorf("without its file: error %v", err)
	}
	if _, err := snippetPages(files, []entry{{"": {"https://example.org"}, "File": {"ferry.html"}, "Wanted": {"ferry"}}}); err == nil {
		t.Error("an entry without snippets is taken")
	}
}

// A day counts once: the evening before and the morning after are no right days and no wrong ones.
func TestDays(t *testing.T) {
	var got days
	for _, day := range []string{"2024-03-01", "2024-02-29", "2024-03-02", "2024-03-03", "2023-03-01", "2024-13-01", ""} {
		got.add("2024-03-01", day)
	}
	if want := (days{right: 1, near: 2, wrong: 3, none: 1}); got != want {
		t.Errorf("counted %+v, want %+v", got, want)
	}
}
