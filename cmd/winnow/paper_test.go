package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"winnow/internal/cli"
)

// Whatever a text holds, its lines fit the page and lose no word.
func TestWrap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.RuneFrom([]rune("ab \n\té́\x1b图書馆한"))).Draw(t, "text")
		n := rapid.IntRange(2, 30).Draw(t, "width")
		lines := wrap(text, n)
		for _, l := range lines {
			if width(l) > n || strings.ContainsAny(l, "\n\t") {
				t.Fatalf("line %q in %d columns", l, n)
			}
		}
		bare := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if got, want := bare(strings.Join(lines, " ")), bare(text); got != want {
			t.Fatalf("%q became %q", want, got)
		}
	})
}

// Nothing on a page can move the cursor but the page.
func TestPaperShowsControlCharacters(t *testing.T) {
	var out bytes.Buffer
	p := newPaper(cli.Env{Stdout: &out, Getenv: func(string) string { return "" }})
	p.line(bold, "a title\x1b]0;owned\a")
	p.row(plain, "label\x1b[2J", "text\x1b[2J")
	p.columns(green, "left\b", "right\u009b")
	if err := p.flush(); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(out.String(), "\x1b\a\b\u009b") || strings.Count(out.String(), "\uFFFD") != 6 {
		t.Errorf("%q", out.String())
	}
}

func TestColumns(t *testing.T) {
	tests := []struct {
		name     string
		terminal bool
		nocolor  string
		a, b     string
		want     string
	}{
		{"file", false, "", "a b", "c", "a b" + strings.Repeat(" ", 45) + " | c\n"},
		{"terminal", true, "", "", "c", "\x1b[32m" + strings.Repeat(" ", 48) + "\x1b[0m | \x1b[32mc\x1b[0m\n"},
		{"terminal, no colour", true, "1", "", "c", strings.Repeat(" ", 48) + " | c\n"},
		{"wide", false, "", "图", "c", "图" + strings.Repeat(" ", 46) + " | c\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			p := newPaper(cli.Env{Stdout: &out, StdoutTerminal: tt.terminal, Getenv: func(string) string { return tt.nocolor }})
			p.columns(green, tt.a, tt.b)
			if err := p.flush(); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, out.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}
