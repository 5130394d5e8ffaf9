package boilerplate

import (
	"bufio"
	"fmt"
	"io"
	"unicode/utf8"
)

// Explanation says how Explain shows a page. The zero value is plain text, cut at 100 characters.
type Explanation struct {
	Color bool // ANSI colours: what was dropped is dim and struck out, its reason yellow
	Width int  // characters of a block's text that are shown; default 100, negative: all
}

// ANSI sequences.
const (
	ansiDropped = "\x1b[2;9m"
	ansiReason  = "\x1b[33m"
	ansiBold    = "\x1b[1m"
	ansiOff     = "\x1b[0m"
)

// Explain writes a page one block a line: a column that says whether the block was kept ("+") or
// dropped ("-"), the reason, the text; then a line a reason that counts blocks and characters. A
// control character in a text is shown as "?", so that no page can write to the terminal.
func Explain(w io.Writer, p *Page, e Explanation) error {
	if e.Width == 0 {
		e.Width = 100
	}
	bw := bufio.NewWriter(w)
	paint := func(ansi, s string) string {
		if !e.Color {
			return s
		}
		return ansi + s + ansiOff
	}
	if p.Title != "" {
		fmt.Fprintf(bw, "%s\n\n", paint(ansiBold, visible(p.Title, e.Width)))
	}
	column := 0
	for i := range p.Blocks {
		column = max(column, len(p.Blocks[i].Reason))
	}
	for i := range p.Blocks {
		b := &p.Blocks[i]
		text := visible(b.Text, e.Width)
		if b.Kept() {
			fmt.Fprintf(bw, "+ %-*s  %s\n", column, "", text)
			continue
		}
		reason := fmt.Sprintf("%-*s", column, b.Reason)
		fmt.Fprintf(bw, "- %s  %s\n", paint(ansiReason, reason), paint(ansiDropped, text))
	}
	tally(bw, p)
	return bw.Flush()
}

// tally writes how much was kept and how much each reason took, in the order of appearance.
func tally(w io.Writer, p *Page) {
	type sum struct {
		reason        string
		blocks, chars int
	}
	sums := []sum{{reason: "kept"}}
	at := map[string]int{"": 0}
	for i := range p.Blocks {
		b := &p.Blocks[i]
		k, ok := at[b.Reason]
		if !ok {
			k = len(sums)
			at[b.Reason] = k
			sums = append(sums, sum{reason: b.Reason})
		}
		sums[k].blocks++
		sums[k].chars += utf8.RuneCountInString(b.Text)
	}
	fmt.Fprintln(w)
	for _, s := range sums {
		fmt.Fprintf(w, "%6d blocks %8d characters  %s\n", s.blocks, s.chars, s.reason)
	}
}

// visible returns the first width characters of s, all when width is negative, with control
// characters replaced.
func visible(s string, width int) string {
	out := make([]rune, 0, min(len(s), 128))
	for _, r := range s {
		if width >= 0 && len(out) == width {
			return string(append(out, '…'))
		}
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			r = '?'
		}
		out = append(out, r)
	}
	return string(out)
}
