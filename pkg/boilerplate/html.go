package boilerplate

import "strings"

// ParseHTML takes an HTML page apart, reads its fields and judges each of its blocks: the
// article's have no Reason, every other one has. The page may be in any charset and its markup
// broken. It is pure and safe for concurrent use, its verdicts are the same on every machine, and
// its time is linear in the length of the page, of which no more is read than opt allows. An
// error is never returned for bad markup.
//
// The page is taken apart in one pass over its bytes. Each block of text becomes a row of small
// integers: its length, links, punctuation and words; the elements around it, what they hold and
// what their names say; where it stands among the page's running text. A forest of oblivious
// trees scores the rows, then a second, which sees what the first thought of the
// surroundings; their mean decides, cut where the page's own scores promise most. The features follow
// Boilerpipe (Kohlschütter, Fankhauser, Nejdl, WSDM 2010), Readability and Web2Text (Vogels, Ganea,
// Eickhoff, ECIR 2018). What stands beyond Options.MaxBlocks is one more block, "…", with the reason too-long.
// Where next to nothing is kept and the page has much more for readers without scripts (noscript), that is read too.
func ParseHTML(page []byte, opt Options) (*Page, error) {
	if n := opt.maxBytes(); len(page) > n {
		page = page[:n]
	}
	text, _ := decode(page, opt.ContentType)
	s := scanner{b: text}
	p := s.page(opt)
	if s.noscript >= minInstead && p.keptBytes() < minInstead {
		s = scanner{b: text, scriptless: true}
		if q := s.page(opt); q.keptBytes() > 3*p.keptBytes() {
			p = q
		}
	}
	return p, nil
}

// page takes the scanner's page apart and judges it.
func (s *scanner) page(opt Options) *Page {
	t := s.tree(opt)
	x := extractor{model: builtinModel()}
	x.judge(t)
	p := &Page{URL: opt.URL, Blocks: x.blocks()}
	p.useLinked(t.head.articleBody())
	p.applyRules(opt.Rules)
	p.readFields(&x, opt)
	if t.cutShort {
		p.Blocks = append(p.Blocks, Block{Text: "…", Reason: "too-long"})
	}
	return p
}

// keptBytes returns how much text the page keeps.
func (p *Page) keptBytes() (n int) {
	for i := range p.Blocks {
		if p.Blocks[i].Kept() {
			n += len(p.Blocks[i].Text)
		}
	}
	return n
}

// useLinked takes the article's text from the linked data where the page itself shows only a bit
// of it, as one does that is drawn by a script.
func (p *Page) useLinked(body string) {
	if len(body) < minInstead || p.keptBytes()*3 > len(body) {
		return
	}
	for i := range p.Blocks {
		if b := &p.Blocks[i]; b.Kept() && b.Kind != Heading {
			b.Reason = "preview"
		}
	}
	for line := range strings.Lines(body) {
		if line = squeeze(line); line != "" {
			p.Blocks = append(p.Blocks, Block{Text: line})
		}
	}
}

const minInstead = 500 // bytes of an article body in linked data, or of noscript elements, that may stand in for the page

// blocks returns the page's blocks with their verdicts.
func (x *extractor) blocks() []Block {
	t := x.tree
	out := make([]Block, 0, len(t.leaves))
	text := string(t.text)
	th := x.threshold(x.cut())
	inTable := x.articleTables(th)
	said := map[uint32]int32{}
	why := x.reasons(th)
	for i := range t.leaves {
		l := &t.leaves[i]
		b := Block{Text: text[l.from:l.to], Kind: t.kind(l.node), Links: int(l.link), Score: int(x.score[i]) * 4} // a logit is 256 there
		if x.score[i] <= th && !inTable[int32(i)] {
			b.Reason = why.leaf(i)
		} else if x.said(i, said) {
			b.Reason = "repeated"
		}
		if n := len(out); n > 0 {
			if sep := x.joins(i, &out[n-1], &b); sep != "" {
				out[n-1].Text += sep + b.Text
				out[n-1].Links += b.Links
				out[n-1].Kind = b.Kind
				continue
			}
		}
		out = append(out, b)
	}
	return out
}

// articleTables returns the leaves of the tables of data that stand between kept paragraphs or headings
// of one holder: their cells are short and are judged one by one, but such a table belongs to the article
// as a whole.
func (x *extractor) articleTables(th int32) map[int32]bool {
	in := map[int32]bool{}
	for n := range x.nodes {
		if x.isData(n) && x.between(int32(n), th) {
			for i := x.nodes[n].first; i < x.nodes[n].last; i++ {
				in[i] = true
			}
		}
	}
	return in
}

const maxTable = 400 // cells of a table of data

// isData reports whether an element is a table of data: rows of single cells, with few links.
func (x *extractor) isData(n int) bool {
	s := &x.nodes[n]
	if x.tree.nodes[n].tag != tTable || s.leaves < 4 || s.leaves > maxTable || s.link*4 > s.size {
		return false
	}
	for i := s.first; i < s.last; i++ {
		if row, _ := x.cell(int(i)); row == 0 {
			return false
		}
	}
	return true
}

// between reports whether the leaves before and after an element are kept paragraphs or headings of the element that
// holds it, or that holds the one around it.
func (x *extractor) between(n, th int32) bool {
	s := &x.nodes[n]
	if s.first == 0 || int(s.last) >= len(x.score) {
		return false
	}
	holder := x.tree.nodes[n].parent
	for range 2 {
		ok := true
		for _, i := range [...]int{int(s.first) - 1, int(s.last)} {
			running := x.stats[i].good > 0 || tag(x.rows[i][fTag]).isHeading()
			ok = ok && running && x.score[i] > th && x.tree.nodes[x.blockOf(i)].parent == holder
		}
		if ok {
			return true
		}
		holder = x.tree.nodes[holder].parent
	}
	return false
}

// said reports whether leaf i is a long paragraph that the page had before, as where it holds the
// article twice, for two widths of screen. It keeps count in said: size by hash.
func (x *extractor) said(i int, said map[uint32]int32) bool {
	s := &x.stats[i]
	if x.rows[i][fSame] < 2 || s.size < longSaid {
		return false
	}
	before := said[s.hash]
	said[s.hash] = s.size
	return before == s.size
}

// joins returns what joins leaf i to the block before it, "" if they are blocks of their own: a
// space where a line break cut a sentence, a bar between the cells of a table's row.
func (x *extractor) joins(i int, last, b *Block) string {
	if i == 0 || !last.Kept() || !b.Kept() || len(last.Text) > maxJoined {
		return ""
	}
	prev, here := &x.tree.leaves[i-1], &x.tree.leaves[i]
	if here.breaks && here.node == prev.node {
		end, begin := x.rows[i-1][fEnd], x.rows[i][fBegin]
		if begin == classLower && (end == classLower || end == classComma) && len(last.Text) > 40 {
			return " "
		}
		return ""
	}
	row, cell := x.cell(i)
	before, _ := x.cell(i - 1)
	if row > 0 && row == before && cell > 0 {
		b.Kind, last.Kind = Table, Table
		return " | "
	}
	return ""
}

const (
	maxJoined = 4000 // bytes of a block that still grows
	longSaid  = 240  // size of a paragraph that is not said twice
	maxRow    = 600  // size of a table row that is one block
)

// cell returns the table row and the cell of leaf i; 0, 0 unless the row is one of a table of
// data: short, with one leaf a cell.
func (x *extractor) cell(i int) (row, cell int32) {
	for a := x.tree.leaves[i].node; a > 0; a = x.tree.nodes[a].parent {
		switch x.tree.nodes[a].tag {
		case tTd, tTh:
			cell = a
			if x.nodes[a].leaves != 1 {
				return 0, 0
			}
		case tTr:
			if s := &x.nodes[a]; cell == 0 || s.leaves < 2 || s.size > maxRow {
				return 0, 0
			}
			return a, cell
		case tTable:
			return 0, 0
		}
	}
	return 0, 0
}

// kind says what a block is by the elements that hold it.
func (t *tree) kind(n int32) Kind {
	for ; n > 0; n = t.nodes[n].parent {
		switch name := t.nodes[n].tag; {
		case name.isHeading():
			return Heading
		case name == tLi, name == tDd, name == tDt:
			return Item
		case name == tBlockquote:
			return Quote
		case name == tPre:
			return Code
		case name == tTh:
			return Table
		case name == tFigcaption, name == tCaption:
			return Caption
		case name == tDiv, name == tTd, name == tSection, name == tArticle:
			return Paragraph
		}
	}
	return Paragraph
}
