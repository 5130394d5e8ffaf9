package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"winnow/internal/cli"
)

// expectation is a line of testdata/expected.jsonl; testdata/README.md explains the keys.
type expectation struct {
	Seq      uint64   `json:"seq"`
	Input    string   `json:"input"`
	Verdict  string   `json:"verdict"`
	OfSeq    uint64   `json:"of_seq"`
	Overlaps []uint64 `json:"overlaps"`
	Reason   string   `json:"reason"`
	ID       string   `json:"id"`
	URL      string   `json:"url"`
	Title    string   `json:"title"`
	Lang     string   `json:"lang"`
	Keeps    []string `json:"keeps"`
	Drops    []string `json:"drops"`
	Once     string   `json:"once"`
}

// outcome is what a clean, dup or dead record says.
type outcome struct {
	Seq      uint64 `json:"seq"`
	Verdict  string `json:"verdict"`
	Stage    string `json:"stage"`
	OfSeq    uint64 `json:"of_seq"`
	Reason   string `json:"reason"`
	ID       string `json:"id"`
	URL      string `json:"url"`
	Title    string `json:"title"`
	Lang     string `json:"lang"`
	Text     string `json:"text"`
	Overlaps []struct {
		Seq uint64 `json:"seq"`
	} `json:"overlaps"`
}

// The whole of winnow clean on the project's own corpus: every document meets the fate that
// testdata/expected.jsonl wants for it.
func TestCorpus(t *testing.T) {
	out := t.TempDir()
	run(t, cli.ExitDead, "clean", "-out", out, "-added", "2026-11-21T00:00:00Z", "../../testdata/corpus")
	records := run(t, cli.ExitDone, "cat", "-kind", "all", out)
	want, err := os.ReadFile("../../testdata/expected.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	got := lines[outcome](t, records)
	expected := lines[expectation](t, want)
	if len(got) != len(expected) {
		t.Fatalf("%d records, want %d", len(got), len(expected))
	}
	for i := range expected {
		e := &expected[i]
		for _, problem := range e.problems(&got[i]) {
			t.Errorf("%d %s %s: %s", e.Seq, e.Input, e.ID, problem)
		}
	}
}

// run runs the program, in this process, and returns its standard output.
func run(t *testing.T, code int, args ...string) []byte {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if got := cli.Run(t.Context(), "winnow", winnow.Run, cli.Env{Args: args, Stdout: &stdout, Stderr: &stderr}); got != code {
		t.Fatalf("winnow %s: exit code %d, want %d\n%s", args[0], got, code, &stderr)
	}
	return stdout.Bytes()
}

func lines[T any](t *testing.T, data []byte) (out []T) {
	t.Helper()
	s := bufio.NewScanner(bytes.NewReader(data))
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		var v T
		if err := json.Unmarshal(s.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}

func (o *outcome) verdict() string {
	switch {
	case o.Stage != "":
		return "dead"
	case o.Verdict != "":
		return o.Verdict
	}
	return "clean"
}

// problems compares a record with what is wanted of it. A clean record may overlap more
// records than those that are wanted: the copies of them; where none are wanted, none.
func (e *expectation) problems(o *outcome) (bad []string) {
	wrong := func(what string, got, want any) { bad = append(bad, fmt.Sprintf("%s is %v, want %v", what, got, want)) }
	if o.verdict() != e.Verdict {
		wrong("verdict", o.verdict(), e.Verdict)
		return bad
	}
	if o.OfSeq != e.OfSeq {
		wrong("of_seq", o.OfSeq, e.OfSeq)
	}
	if o.Reason != e.Reason {
		wrong("reason", o.Reason, e.Reason)
	}
	for _, f := range [][3]string{{"id", o.ID, e.ID}, {"url", o.URL, e.URL}, {"title", o.Title, e.Title}, {"lang", o.Lang, e.Lang}} {
		if f[2] != "" && f[1] != f[2] {
			wrong(f[0], f[1], f[2])
		}
	}
	if e.Verdict != "clean" {
		return bad
	}
	var overlaps []uint64
	for _, other := range o.Overlaps {
		if slices.Contains(e.Overlaps, other.Seq) || len(e.Overlaps) == 0 {
			overlaps = append(overlaps, other.Seq)
		}
	}
	if !slices.Equal(overlaps, e.Overlaps) {
		wrong("overlaps", o.Overlaps, e.Overlaps)
	}
	for _, s := range e.Keeps {
		if !strings.Contains(o.Text, s) {
			bad = append(bad, "lost: "+s)
		}
	}
	for _, s := range e.Drops {
		if strings.Contains(o.Text, s) {
			bad = append(bad, "kept: "+s)
		}
	}
	if e.Once != "" && strings.Count(o.Text, e.Once) > 1 {
		bad = append(bad, "more than once: "+e.Once)
	}
	return bad
}
