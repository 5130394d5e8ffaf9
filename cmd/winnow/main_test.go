package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/rogpeppe/go-internal/testscript"

	"winnow/internal/record"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"winnow": main})
}

// The stories in testdata/script tell what each command does for who types it. Beside testscript's
// own commands they use those below, and $CORPUS, the project's corpus.
func TestStories(t *testing.T) {
	corpus, err := filepath.Abs("../../testdata/corpus")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("CORPUS", corpus)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"documents": documents,
			"same":      same,
			"flip":      flip,
			"halve":     halve,
			"waitfor":   waitFor,
			"holds":     holds,
			"keeps":     keeps,
			"one":       one,
		},
	})
}

// documents FILE N writes N invented documents as JSON lines; every tenth repeats an earlier one.
func documents(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	var b bytes.Buffer
	for i := range n {
		k := i
		if i%10 == 9 {
			k = i / 2
		}
		r := record.Raw{URL: fmt.Sprintf("https://paper%d.example/%d", i%7, i), Title: fmt.Sprintf("Story %d", i), Text: story(k)}
		b.Write(append(r.AppendJSON(nil), '\n'))
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b.Bytes(), 0o644))
}

// story returns an invented text of some 60 words that no other number gives.
func story(n int) string {
	words := strings.Fields("harbour ferry minister winter bridge engineer letter school budget vote island grain storm quay mayor")
	var b strings.Builder
	x := uint64(n)*2 + 1
	for i := range 60 {
		x = x*6364136223846793005 + 1442695040888963407
		fmt.Fprintf(&b, "%s%d ", words[x>>33%uint64(len(words))], x>>50)
		if i%20 == 19 {
			b.WriteString("said.\n\n")
		}
	}
	return b.String()
}

// same A B wants two output directories to hold the same files, byte for byte; hidden ones do not
// count.
func same(ts *testscript.TestScript, neg bool, args []string) {
	a, b := files(ts, args[0]), files(ts, args[1])
	var diff []string
	for name, data := range a {
		if b[name] != data {
			diff = append(diff, name)
		}
		delete(b, name)
	}
	for name := range b {
		diff = append(diff, name)
	}
	switch {
	case len(a) == 0:
		ts.Fatalf("%s is empty", args[0])
	case !neg && len(diff) > 0:
		ts.Fatalf("%s and %s differ in %v", args[0], args[1], diff)
	case neg && len(diff) == 0:
		ts.Fatalf("%s and %s are the same", args[0], args[1])
	}
}

func files(ts *testscript.TestScript, dir string) map[string]string {
	out, top := map[string]string{}, ts.MkAbs(dir)
	ts.Check(filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case strings.HasPrefix(d.Name(), ".") && d.IsDir():
			return fs.SkipDir
		case strings.HasPrefix(d.Name(), ".") || d.IsDir():
			return nil
		}
		data, err := os.ReadFile(path)
		rel, _ := filepath.Rel(top, path)
		out[rel] = string(data)
		return err
	}))
	return out
}

// glob returns the files that a pattern names. The directory that the story runs in is no part of it: it may have brackets.
func glob(ts *testscript.TestScript, pattern string) []string {
	dir := ts.MkAbs(".")
	names, err := fs.Glob(os.DirFS(dir), pattern)
	ts.Check(err)
	for i, name := range names {
		names[i] = filepath.Join(dir, name)
	}
	return names
}

// match returns the one file that a pattern names.
func match(ts *testscript.TestScript, pattern string) string {
	names := glob(ts, pattern)
	if len(names) == 0 {
		ts.Fatalf("no file matches %s", pattern)
	}
	return names[0]
}

// flip PATTERN flips a bit in the middle of the first file that matches.
func flip(ts *testscript.TestScript, _ bool, args []string) {
	name := match(ts, args[0])
	data, err := os.ReadFile(name)
	ts.Check(err)
	data[len(data)/2] ^= 4
	ts.Check(os.WriteFile(name, data, 0o644))
}

// halve PATTERN cuts the first file that matches in half.
func halve(ts *testscript.TestScript, _ bool, args []string) {
	name := match(ts, args[0])
	fi, err := os.Stat(name)
	ts.Check(err)
	ts.Check(os.Truncate(name, fi.Size()/2))
}

// one PATTERN wants exactly one file to match; one VAR PATTERN also puts its name into $VAR.
func one(ts *testscript.TestScript, _ bool, args []string) {
	names := glob(ts, args[len(args)-1])
	if len(names) != 1 {
		ts.Fatalf("%d files match %s: %v", len(names), args[len(args)-1], names)
	}
	if len(args) == 2 {
		ts.Setenv(args[0], names[0])
	}
}

// waitfor PATTERN waits until a file matches.
func waitFor(ts *testscript.TestScript, _ bool, args []string) {
	eventually(ts, "a file matches "+args[0], func() bool {
		return len(glob(ts, args[0])) > 0
	})
}

// holds FILE TEXT waits until the file, which somebody writes, holds the text.
func holds(ts *testscript.TestScript, _ bool, args []string) {
	eventually(ts, args[0]+" holds "+args[1], func() bool {
		data, err := os.ReadFile(ts.MkAbs(args[0]))
		return err == nil && strings.Contains(string(data), args[1])
	})
}

func eventually(ts *testscript.TestScript, what string, is func() bool) {
	for deadline := time.Now().Add(5 * time.Minute); !is(); <-time.After(time.Millisecond) {
		if time.Now().After(deadline) {
			ts.Fatalf("never: %s", what)
		}
	}
}

// keeps IN OUT wants each line of OUT, made by `winnow strip` from the same line of IN, to be what
// is left of the input text when the spans of "removed" are cut out of it, white space aside.
func keeps(ts *testscript.TestScript, _ bool, args []string) {
	in := bufio.NewScanner(strings.NewReader(ts.ReadFile(args[0])))
	out := bufio.NewScanner(strings.NewReader(ts.ReadFile(args[1])))
	in.Buffer(nil, 1<<20)
	out.Buffer(nil, 1<<20)
	lines, spans := 0, 0
	for in.Scan() && out.Scan() {
		var doc, got struct {
			Text    string   `json:"text"`
			Removed [][3]any `json:"removed"`
		}
		ts.Check(json.Unmarshal(in.Bytes(), &doc))
		ts.Check(json.Unmarshal(out.Bytes(), &got))
		var left strings.Builder
		at := 0
		for _, r := range got.Removed {
			start, end := int(r[0].(float64)), int(r[1].(float64))
			if start < at || end <= start || end > len(doc.Text) || r[2] == "" {
				ts.Fatalf("line %d: span %v: want spans in order, not empty, inside the text, with a reason", lines+1, r)
			}
			left.WriteString(doc.Text[at:start] + " ")
			at = end
			spans++
		}
		left.WriteString(doc.Text[at:])
		if a, b := strings.Join(strings.Fields(left.String()), " "), strings.Join(strings.Fields(got.Text), " "); a != b {
			ts.Fatalf("line %d: cut out of the input:\n%s\nkept:\n%s", lines+1, a, b)
		}
		lines++
	}
	if in.Scan() || out.Scan() || lines == 0 || spans == 0 {
		ts.Fatalf("%d lines compared, %d spans; one side has more, or there was nothing to compare", lines, spans)
	}
}
