package boilerplate

// ParseHTML takes an HTML page apart, reads its fields and judges each of its blocks: the
// article's have no Reason, every other one has. The page may be in any charset and its markup
// broken; an error means that nothing at all could be read. It is pure and safe for concurrent
// use. Its time is linear in the length of the page.
func ParseHTML(page []byte, opt Options) (*Page, error) {
	if n := opt.maxBytes(); len(page) > n {
		page = page[:n]
	}
	t := parseTree(decode(page, opt.ContentType), opt)
	p := &Page{URL: opt.URL, Title: t.head.title, Lang: t.head.lang, Canonical: t.head.canonical}
	p.Blocks = make([]Block, len(t.leaves))
	for i, l := range t.leaves {
		p.Blocks[i] = Block{Text: string(t.text[l.from:l.to]), Kind: t.kind(l.node), Links: int(l.link)}
	}
	t.judge(p)
	return p, nil
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

func (t *tree) judge(p *Page) {
	for i := range p.Blocks {
		b := &p.Blocks[i]
		if len(b.Text) < 80 || b.Links*3 > len(b.Text) {
			b.Reason = "furniture"
		}
	}
}
