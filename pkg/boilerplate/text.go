package boilerplate

import (
	"strings"
	"sync"
	"unicode/utf8"
)

// ParseText takes a text apart that somebody else extracted from a page, one block a line. A line
// ends with "\n", "\r\n" or "\r"; lines of hard-wrapped text are joined into paragraphs first. Each block that is not the article has a
// Reason; Removed gives the byte spans. The result depends on text and opt alone. An error is never
// returned for bad content; text that is not UTF-8 is taken as it is.
func ParseText(text string, opt Options) (*Page, error) {
	if n := opt.maxBytes(); len(text) > n {
		for n > 0 && !utf8.RuneStart(text[n]) {
			n--
		}
		text = text[:n]
	}
	rules := opt.Rules
	if rules == nil {
		rules = DefaultRules()
	}
	d := textDocs.Get().(*textDoc)
	defer d.release()
	d.text, d.title, d.rules, d.wrapped = lineFeeds(text), opt.Title, rules, false
	d.split(opt.maxBlocks())
	d.judge()
	return d.page(opt), nil
}

// textDocs are the working memories of ParseText that are not in use.
var textDocs = sync.Pool{New: func() any { return new(textDoc) }}

// release hands the working memory to the next text, unless this one was far longer than most.
func (d *textDoc) release() {
	const most = 1 << 12 // lines
	if cap(d.blocks) > most {
		return
	}
	d.text, d.title, d.rules = "", "", nil
	textDocs.Put(d)
}

// page makes the Page of a judged text.
func (d *textDoc) page(opt Options) *Page {
	p := &Page{URL: opt.URL, Title: opt.Title, Blocks: make([]Block, len(d.blocks))}
	for i := range d.blocks {
		b := &d.blocks[i]
		text := d.text[b.start:b.end]
		if b.scan.gaps {
			text = foldSpace(text)
		}
		p.Blocks[i] = Block{Text: text, Start: b.start, End: b.end, Reason: b.reason, Score: int(b.score), Words: b.scan.words, Fold: b.scan.fold}
	}
	p.spareLong()
	return p
}

// spareLong gives a page of which nothing is left its long blocks back, and a short page all of
// them, but for what a phrase rule names and what is said again: a text that is only captions or
// tables is not a menu, and a text of a few lines is not certain to be one.
func (p *Page) spareLong() {
	long := 100 // bytes
	if len(p.Blocks) <= fewLines {
		long = 0
	}
	for i := range p.Blocks {
		if p.Blocks[i].Kept() {
			return
		}
	}
	for i := range p.Blocks {
		if b := &p.Blocks[i]; len(b.Text) >= long && b.Words > 0 && b.Reason != reasonHeadline && !strings.HasPrefix(b.Reason, "rule:") {
			b.Reason = ""
		}
	}
}

// Removed returns the byte spans of the input text that are not part of the article, sorted and
// disjoint, each with its reason. What lies between the spans is the kept text and white space;
// who keeps the bytes of the spans can restore the input exactly. It returns nil for a page that
// was HTML.
func (p *Page) Removed() []Span {
	var out []Span
	rest := p.Spans
	for i := range p.Blocks {
		b := &p.Blocks[i]
		for len(rest) > 0 && rest[0].Start < b.Start {
			out = append(out, rest[0])
			rest = rest[1:]
		}
		if !b.Kept() && b.End > b.Start {
			for len(rest) > 0 && rest[0].Start < b.End {
				rest = rest[1:] // a part of a block that goes as a whole
			}
			out = append(out, Span{b.Start, b.End, b.Reason})
		}
	}
	return append(out, rest...)
}

// foldSpace returns s with each run of white space as one space, none at the ends. It returns s
// itself when there is nothing to change.
func foldSpace(s string) string {
	if n := len(s); n == 0 || s[0] != ' ' && s[n-1] != ' ' && !strings.Contains(s, "  ") && !hasOddSpace(s) {
		return s
	}
	return strings.Join(strings.Fields(s), " ")
}

// hasOddSpace tells whether s has white space that is not a plain blank.
func hasOddSpace(s string) bool {
	for _, c := range [...]byte{'\t', '\n', '\v', '\f', '\r'} {
		if strings.IndexByte(s, c) >= 0 {
			return true
		}
	}
	return strings.Contains(s, "\u00a0")
}
