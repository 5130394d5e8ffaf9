package main

import (
	"bufio"
	"strings"
	"unicode"

	"winnow/internal/cli"
	"winnow/internal/record"
)

// paper is standard output as a page of fixed width: lines, rows with a margin, and columns.
// Colour is for a terminal alone.
type paper struct {
	w      *bufio.Writer
	width  int // characters
	colour bool
}

// style is what a terminal is told before a piece of text.
type style string

const (
	plain style = ""
	bold  style = "\x1b[1m"
	faint style = "\x1b[2;31m"
	green style = "\x1b[32m"
	reset       = "\x1b[0m"
)

const (
	paperWidth = 100 // where the terminal does not say
	margin     = 16
)

func newPaper(env cli.Env) *paper {
	p := &paper{w: bufio.NewWriter(env.Stdout), width: paperWidth, colour: env.StdoutTerminal && env.Getenv("NO_COLOR") == ""}
	if env.StdoutTerminal && env.Columns >= 60 {
		p.width = min(env.Columns, 160)
	}
	return p
}

func (p *paper) flush() error { return p.w.Flush() }

// put writes s in a style. What could move a terminal's cursor is replaced.
func (p *paper) put(st style, s string) {
	s = record.Visible(s)
	if p.colour && st != plain && s != "" {
		s = string(st) + s + reset
	}
	p.w.WriteString(s)
}

// line writes one line.
func (p *paper) line(st style, parts ...string) {
	p.put(st, strings.Join(parts, ""))
	p.w.WriteByte('\n')
}

// row writes text wrapped behind a margin with a label.
func (p *paper) row(st style, label, text string) {
	for i, l := range wrap(text, p.width-margin) {
		if i > 0 {
			label = ""
		}
		p.put(st, pad(label, margin-2))
		p.w.WriteString("  ")
		p.put(st, l)
		p.w.WriteByte('\n')
	}
}

// columns writes two texts side by side.
func (p *paper) columns(st style, a, b string) {
	half := (p.width - 3) / 2
	left, right := wrap(a, half), wrap(b, half)
	for i := range max(len(left), len(right)) {
		var l, r string
		if i < len(left) {
			l = left[i]
		}
		if i < len(right) {
			r = right[i]
		}
		p.put(st, pad(l, half))
		p.w.WriteString(" | ")
		p.put(st, r)
		p.w.WriteByte('\n')
	}
}

// pad fills s with spaces to n characters.
func pad(s string, n int) string {
	return s + strings.Repeat(" ", max(0, n-width(s)))
}

// width is how many columns of a terminal s takes.
func width(s string) (n int) {
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

// runeWidth is 2 for the wide characters of East Asian scripts and for pictures, 0 for marks that
// stand on the character before them. Source: Unicode Standard Annex #11, by its larger ranges.
func runeWidth(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case r >= 0x1100 && r <= 0x115f, r >= 0x2e80 && r <= 0xa4cf, r >= 0xac00 && r <= 0xd7a3, r >= 0xf900 && r <= 0xfaff,
		r >= 0xfe30 && r <= 0xfe6f, r >= 0xff00 && r <= 0xff60, r >= 0xffe0 && r <= 0xffe6, r >= 0x1f300 && r <= 0x1faff, r >= 0x20000 && r <= 0x3fffd:
		return 2
	}
	return 1
}

// wrap cuts text into lines of at most n columns, between words where it can.
func wrap(text string, n int) []string {
	var lines []string
	line, used := "", 0
	for word := range strings.FieldsSeq(text) {
		w := width(word)
		if line != "" && used+1+w > n {
			lines, line, used = append(lines, line), "", 0
		}
		for line == "" && w > n {
			cut := fit(word, n)
			lines, word = append(lines, word[:cut]), word[cut:]
			w = width(word)
		}
		if line != "" {
			line, used = line+" ", used+1
		}
		line, used = line+word, used+w
	}
	return append(lines, line)
}

// fit returns how many bytes of word take at most n columns.
func fit(word string, n int) int {
	for i, r := range word {
		if n -= runeWidth(r); n < 0 {
			return i
		}
	}
	return len(word)
}
