package boilerplate

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// textDoc is a text on its way to a Page, with the working memory that this takes.
type textDoc struct {
	text    string
	title   string
	rules   *Rules
	wrapped bool // the lines were joined
	lines   []wrapLine
	blocks  []textBlock
	hashes  []uint64    // the first words of every line, folded
	flags   []wordFlags // of those words
	seen    lineCounts
	shared  wordLines
	solid   []*textBlock // the lines that are not thin
	windows []windowSum
	stamps  []threadSum
	codes   []uint64
	scores  []int32
	scanner lineScanner
}

// textBlock is one paragraph or line of a text: bytes [start, end) of it without the white space
// around them.
type textBlock struct {
	start, end int
	scan       lineScan
	from, to   int  // its words in textDoc.hashes
	rule       int  // index of the rule that matches, whatever the place; -1: none
	sure       bool // a paragraph of running text that no rule matches
	thin       bool // a short line that the page repeats
	notice     bool // of a notice about cookies
	rank       int  // lines before it that are not thin
	f          lineRow
	score      int32 // how surely it is the article, in 1/lineOne of a logit
	reason     string
}

// split finds the lines of the text, joins hard-wrapped ones, and makes them the blocks. The last line within
// the limit has all the rest.
func (d *textDoc) split(limit int) {
	lines := d.lines[:0]
	gap := false
	for pos := 0; pos <= len(d.text) && len(lines) < limit; {
		end := strings.IndexByte(d.text[pos:], '\n')
		if end < 0 || len(lines) == limit-1 {
			end = len(d.text)
		} else {
			end += pos
		}
		a, b := trimSpan(d.text, pos, end)
		pos = end + 1
		if a == b {
			gap = true
			continue
		}
		lines = append(lines, wrapLine{start: a, end: b, gap: gap})
		gap = false
	}
	d.lines = lines
	if hardWrapped(d.text, lines) {
		lines, d.wrapped = d.unwrap(lines), true
	}
	d.blocks = slices.Grow(d.blocks[:0], len(lines))
	for _, l := range lines {
		d.blocks = append(d.blocks, textBlock{start: l.start, end: l.end, rule: -1})
	}
}

// lineFeeds returns the text with line feeds for carriage returns that no line feed follows: every
// byte stays at its place.
func lineFeeds(text string) string {
	if strings.IndexByte(text, '\r') < 0 || strings.Count(text, "\r") == strings.Count(text, "\r\n") {
		return text
	}
	out := []byte(text)
	followed := false
	for i := len(out) - 1; i >= 0; i-- {
		if out[i] != '\r' {
			followed = out[i] == '\n'
		} else if !followed {
			out[i] = '\n'
		}
	}
	return string(out)
}

// trimSpan returns the bounds of text[start:end] without the white space at its ends.
func trimSpan(text string, start, end int) (int, int) {
	for start < end {
		r, n := utf8.DecodeRuneInString(text[start:end])
		if !unicode.IsSpace(r) && r != '\u200b' && r != '\ufeff' {
			break
		}
		start += n
	}
	for start < end {
		r, n := utf8.DecodeLastRuneInString(text[start:end])
		if !unicode.IsSpace(r) && r != '\u200b' && r != '\ufeff' {
			break
		}
		end -= n
	}
	return start, end
}
