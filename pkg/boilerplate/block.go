package boilerplate

import "strings"

// Kind says what a block is on its page.
type Kind uint8

// The kinds of block, in the order of how much they resemble running text.
const (
	Paragraph Kind = iota
	Heading
	Item // of a list
	Quote
	Code
	Table // one row
	Caption
)

var kindNames = [...]string{"paragraph", "heading", "item", "quote", "code", "table", "caption"}

// String returns the kind's name in lower case.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown"
}

// Block is one unit of a page that is kept or removed as a whole: a paragraph, a heading, a list
// item, a row of a table.
type Block struct {
	Text       string // white space folded, no line feed but in Code
	Kind       Kind
	Start, End int    // byte span in the input text; both 0 when the input was HTML
	Reason     string // why the block is not part of the article; "" when it is
	Links      int    // characters of Text that are link text; 0 when the input was text
	Score      int    // how surely the page alone makes it the article: 1,024 a logit, 0 when not judged so

	Words int    // words of Text, when they were counted; 0 when not
	Fold  uint64 // hash of those words folded: case, accents, punctuation and white space do not count
}

// Kept reports whether the block is part of the article.
func (b *Block) Kept() bool { return b.Reason == "" }

// Span is a removed range of the input text: bytes [Start, End) and the reason.
type Span struct {
	Start, End int
	Reason     string
}

// Page is one page taken apart: its fields, and all of its blocks in document order, those that
// were judged boilerplate with their reason.
type Page struct {
	URL       string
	Title     string // without the site's name
	Byline    string
	Published string // RFC 3339 UTC, or ""; as the head says, else the address, else a line by the headline
	Modified  string // RFC 3339 UTC, or ""; as the head says, else such a line with "updated" before its date
	Lang      string // ISO 639-1, or "" when the page does not say
	Canonical string // canonical URL, or ""
	Blocks    []Block
	Spans     []Span // text input: removed ranges that are not whole blocks, in order
}

// Text returns the kept blocks, one a line.
func (p *Page) Text() string {
	n := 0
	for i := range p.Blocks {
		if p.Blocks[i].Kept() {
			n += len(p.Blocks[i].Text) + 1
		}
	}
	var b strings.Builder
	b.Grow(n)
	for i := range p.Blocks {
		if !p.Blocks[i].Kept() {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(p.Blocks[i].Text)
	}
	return b.String()
}
