package boilerplate

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// wrapLine is one line of the input that is not blank.
type wrapLine struct {
	start, end int
	gap        bool // a blank line stands before it
}

const (
	maxWrapWidth = 120 // a line of more characters is not hard-wrapped
	minWrapLines = 6   // lines that go on in the next one, at least
	minWrapWidth = 32  // characters of those lines, on average: less is a menu in lower case

	minShortLines = 3  // the same in a short text, where nearly every line has to
	minShortWidth = 50 // longest line of such a text, in bytes, at least
)

// hardWrapped reports whether the text's paragraphs are broken into lines of a fixed width: no
// line is long, and often a line that ends without an end of sentence, and is not as short as an
// entry of a menu, goes on in lower case.
func hardWrapped(text string, lines []wrapLine) bool {
	joins, joined, pairs, long, width := 0, 0, 0, 0, 0
	for i, l := range lines {
		n := l.end - l.start
		width = max(width, n)
		if n > maxWrapWidth && (n > maxWrapWidth*utf8.UTFMax || utf8.RuneCountInString(text[l.start:l.end]) > maxWrapWidth) {
			if long++; long > 2+len(lines)/20 {
				return false
			}
		}
		if i == 0 || l.gap {
			continue
		}
		pairs++
		if last := text[lines[i-1].start:lines[i-1].end]; startsLower(text[l.start:l.end]) && !endsSentence(last) {
			joins++
			joined += utf8.RuneCountInString(last)
		}
	}
	if joins >= minWrapLines && joins*4 >= pairs && joined >= joins*minWrapWidth {
		return true
	}
	return joins >= minShortLines && joins*4 >= pairs*3 && width >= minShortWidth && fullLines(text, lines, width)
}

// fullLines reports whether each line that goes on in the next one was broken because it was full.
func fullLines(text string, lines []wrapLine, width int) bool {
	for i := 1; i < len(lines); i++ {
		last, next := text[lines[i-1].start:lines[i-1].end], text[lines[i].start:lines[i].end]
		if !lines[i].gap && startsLower(next) && !endsSentence(last) && !isFull(last, next, width) {
			return false
		}
	}
	return true
}

// isFull reports whether the first word of next would not have fitted behind last, or hardly.
func isFull(last, next string, width int) bool {
	word := strings.IndexFunc(next, unicode.IsSpace)
	if word < 0 {
		word = len(next)
	}
	return len(last)+1+word > width*3/4
}

// unwrap joins the lines of hard-wrapped text into paragraphs. A line goes on in the next one
// unless a blank line, a matching rule or the sense of the line break says otherwise.
func (d *textDoc) unwrap(lines []wrapLine) []wrapLine {
	width := 0
	for _, l := range lines {
		if n := l.end - l.start; n <= maxWrapWidth && n > width {
			width = n
		}
	}
	out := lines[:0]
	sc := &d.scanner
	last := "" // the line before, as it stands in the text
	alone := false
	for _, l := range lines {
		line := d.text[l.start:l.end]
		rule := spaces(line) > 0 && sc.match(d.rules, line) >= 0
		if len(out) > 0 && !l.gap && !rule && !alone && goesOn(last, line, width) {
			out[len(out)-1].end = l.end
		} else {
			out = append(out, l)
		}
		last, alone = line, rule
	}
	return out
}

// goesOn reports whether next continues the paragraph of last in a text of the given width.
func goesOn(last, next string, width int) bool {
	if startsLower(next) {
		return true
	}
	full := isFull(last, next, width)
	if endsSentence(last) {
		return full && len(last) > width*3/4
	}
	return full || spaces(last) < 2
}

func spaces(s string) int {
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i] == ' ' {
			n++
		}
	}
	return n
}

// startsLower reports whether the first letter of s is in lower case, and nothing but quotation
// marks or brackets stands before it.
func startsLower(s string) bool {
	for _, r := range s {
		if unicode.IsLetter(r) {
			return unicode.IsLower(r)
		}
		if !unicode.Is(unicode.Ps, r) && !unicode.Is(unicode.Pi, r) && r != '"' && r != '\'' {
			return false
		}
	}
	return false
}

// endsSentence reports whether s ends as a sentence or the lead-in of a list does.
func endsSentence(s string) bool {
	for len(s) > 0 {
		r, n := utf8.DecodeLastRuneInString(s)
		switch r {
		case '.', '!', '?', ':', '…', '。', '！', '？', '：', '؟', '۔', '।', ';':
			return true
		case '"', '\'', '”', '’', '»', '«', '“', ')', ']', '」', '』', '）', '*':
			s = s[:len(s)-n]
		default:
			return false
		}
	}
	return false
}
