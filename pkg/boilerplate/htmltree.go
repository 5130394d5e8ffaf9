package boilerplate

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// element is one element of a page. Nodes are kept in document order, a parent before its children.
type element struct {
	parent int32 // index of the parent; the root is its own
	depth  int16
	tag    tag
	flags  nodeFlags
	alias  alias
	words  uint32 // index of its first name word in tree.words
	nwords uint16
}

type nodeFlags uint8

const (
	nodeHidden   nodeFlags = 1 << iota // hidden by its own attributes
	nodeBody                           // says of itself that it is the article's body
	nodeAuthor                         // rel or itemprop author
	nodeLink                           // leads somewhere
	nodeCredit                         // rel or itemprop author, or a link to an author's page
	nodeCredited                       // its text is noted in tree.credits
)

// leaf is a block of text as it stands on the page, before it is judged.
type leaf struct {
	from, to uint32 // span in tree.text
	node     int32  // deepest node that holds all of it
	link     uint32 // bytes of it inside links
	bold     uint32 // bytes of it inside b, strong or a heading
	italic   uint32 // bytes of it inside em, i or cite
	links    uint16 // number of links
	images   uint16 // images between the block before and this one
	breaks   bool   // ended or begun by a line break, not by an element
}

// tree is a page taken apart: its elements, its blocks of text, and what its head says. It is
// built in one pass over the tokens with the parts of the tree construction rules that bear on
// which text stands in which element: implied end tags, scopes, and links that are not closed.
type tree struct {
	nodes  []element
	leaves []leaf
	text   []byte
	words  []uint32 // hashes of the words of the elements' names: class, id, role, ...
	head   head

	credits []credit // in document order

	stack    []int32 // open elements
	open     [numTags]int32
	over     int   // elements open beyond the bounds
	skip     int   // stack length at which the text counts again; 0: it counts
	inLink   int32 // node of the open link, or -1
	inPre    int
	bold     int
	italic   int
	cur      leaf
	images   uint16
	space    bool
	lineFed  bool
	joined   bool  // the current run has joined the current block
	lastLink int32 // the last link counted
	maxDepth int
	maxLeaf  int
	cutShort bool // the page goes on beyond maxLeaf
}

// parseTree takes a page in UTF-8 apart.
func parseTree(page []byte, opt Options) *tree { return (&scanner{b: page}).tree(opt) }

// tree takes the scanner's page apart.
func (s *scanner) tree(opt Options) *tree {
	t := &tree{inLink: -1, lastLink: -1, maxDepth: opt.maxDepth(), maxLeaf: opt.maxBlocks()}
	t.nodes = make([]element, 1, len(s.b)/64+16)
	t.nodes[0] = element{tag: tHTML}
	t.text = make([]byte, 0, len(s.b)/8+64)
	t.stack = append(make([]int32, 0, 64), 0)
	for s.next() {
		if len(t.leaves) >= t.maxLeaf {
			t.cutShort = true
			break
		}
		switch s.kind {
		case tokenText:
			t.addText(s.text)
		case tokenStart:
			t.start(s)
		case tokenClose:
			t.end(s.name, s.alias)
		}
	}
	t.flush()
	return t
}

// start handles a start tag.
func (t *tree) start(s *scanner) {
	name := s.name
	switch name {
	case tMeta, tLink, tTitle, tScript:
		t.head.add(name, s.attrs, s.text, t.skip > 0)
		return
	case tHTML, tBody:
		t.head.root(s.attrs)
		return
	case tHead:
		return
	case tBr:
		t.lineBreak()
		return
	case tImg, tIframe:
		t.images++
		return
	case tXmp:
		t.verbatim(s)
		return
	case tWbr:
		return
	}
	if name.is(pRaw) {
		return
	}
	if name.is(pEndsP) || name == tTable {
		t.leaveSkipped()
		if name != tTable {
			t.closeInScope(tP)
		}
	}
	t.implyEnds(name)
	if name.is(pBlock) {
		t.flush()
	}
	if name.is(pVoid) {
		return
	}
	t.push(name, s.alias, s.attrs)
}

// verbatim handles an xmp element: its content is shown as it is, as that of a pre.
func (t *tree) verbatim(s *scanner) {
	t.leaveSkipped()
	t.closeInScope(tP)
	t.flush()
	t.push(tPre, 0, s.attrs)
	t.addText(bytes.ReplaceAll(s.text, []byte("&"), []byte("&amp;")))
	t.end(tPre, 0)
}

// implyEnds closes the elements that cannot hold the one that begins.
func (t *tree) implyEnds(name tag) {
	switch name {
	case tLi:
		t.closeItem(tLi, tLi)
	case tDd, tDt:
		t.closeItem(tDd, tDt)
	case tTr, tTbody, tThead, tTfoot:
		t.closeCells(name)
	case tTd, tTh:
		t.closeCell(tTd, tTh)
	case tOption, tOptgroup:
		t.closeCell(tOption, tOption)
	case tA:
		if t.open[tA] > 0 {
			t.end(tA, 0)
		}
	case tButton:
		t.closeInScope(tButton)
	default:
		if name.isHeading() && t.nodes[t.top()].tag.isHeading() {
			t.popTo(len(t.stack) - 1)
		}
	}
}

func (t *tree) top() int32 { return t.stack[len(t.stack)-1] }

// maxElements bounds the elements of a page that are told apart: those beyond it only cut the
// text into blocks.
const maxElements = 1 << 20

// push opens an element.
func (t *tree) push(name tag, as alias, attrs []byte) {
	if len(t.stack) >= t.maxDepth || len(t.nodes) >= maxElements {
		t.over++
		return
	}
	parent := t.top()
	n := element{parent: parent, depth: int16(len(t.stack)), tag: name, alias: as, words: uint32(len(t.words))}
	t.readAttrs(&n, attrs)
	i := int32(len(t.nodes))
	t.nodes = append(t.nodes, n)
	t.stack = append(t.stack, i)
	t.open[name]++
	t.openCredit(i)
	switch {
	case name == tA:
		if n.flags&nodeLink != 0 {
			t.inLink = i
		}
	case name == tPre:
		t.inPre++
	case name == tB || name == tStrong || name.isHeading():
		t.bold++
	case name == tEm || name == tI || name == tCite:
		t.italic++
	}
	if name.is(pSkip) && t.skip == 0 {
		t.skip = len(t.stack)
	}
}

// popTo closes elements until the stack has n of them.
func (t *tree) popTo(n int) {
	n = max(n, 1)
	for i := len(t.stack) - 1; i >= n; i-- {
		id := t.stack[i]
		name := t.nodes[id].tag
		t.open[name]--
		if t.nodes[id].flags&nodeCredited != 0 {
			t.closeCredit(id)
		}
		if name.is(pBlock) {
			t.flush()
		}
		switch {
		case id == t.inLink:
			t.inLink = -1
		case name == tPre:
			t.inPre--
		case name == tB || name == tStrong || name.isHeading():
			t.bold--
		case name == tEm || name == tI || name == tCite:
			t.italic--
		}
		t.stack = t.stack[:i]
	}
	if t.skip > len(t.stack) {
		t.skip = 0
	}
}

// end handles an end tag: it closes the innermost open element of that tag and alias within its scope.
func (t *tree) end(name tag, as alias) {
	if name == tP && t.open[tP] == 0 {
		t.flush()
		return
	}
	if name == tBr {
		t.lineBreak()
		return
	}
	if t.over > 0 && !name.is(pVoid|pRaw) {
		t.over--
		if name.is(pBlock) {
			t.flush()
		}
		return
	}
	if name == tA {
		t.inLink = -1
	}
	if t.open[name] == 0 && !name.isHeading() || name == tHTML {
		return
	}
	for i := len(t.stack) - 1; i > 0; i-- {
		have, alias := t.nodes[t.stack[i]].tag, t.nodes[t.stack[i]].alias
		if have == name && alias == as || name.isHeading() && have.isHeading() {
			t.popTo(i)
			return
		}
		if name.is(pInline) && have.is(pBlock) || have.is(pScope) && !name.is(pTable) && have != tButton {
			return
		}
		if have == tTable && name != tTable || name == tLi && (have == tUl || have == tOl) && alias == 0 {
			return
		}
	}
}

// closeInScope closes the innermost open element called name, unless a table cell or the like
// stands between.
func (t *tree) closeInScope(name tag) {
	if t.open[name] == 0 {
		return
	}
	for i := len(t.stack) - 1; i > 0; i-- {
		have := t.nodes[t.stack[i]].tag
		if have == name {
			t.popTo(i)
			return
		}
		if have.is(pScope) {
			return
		}
	}
}

// closeItem closes the innermost open a or b, unless a block other than a div or a paragraph
// stands between.
func (t *tree) closeItem(a, b tag) {
	if t.open[a] == 0 && t.open[b] == 0 {
		return
	}
	for i := len(t.stack) - 1; i > 0; i-- {
		have := t.nodes[t.stack[i]].tag
		if have == a || have == b {
			t.popTo(i)
			return
		}
		if have.is(pBlock) && have != tDiv && have != tP && have != tAddress {
			return
		}
	}
}

// closeCell closes the innermost open a or b of the table or the select that is open.
func (t *tree) closeCell(a, b tag) {
	if t.open[a] == 0 && t.open[b] == 0 {
		return
	}
	for i := len(t.stack) - 1; i > 0; i-- {
		switch have := t.nodes[t.stack[i]].tag; have {
		case a, b:
			t.popTo(i)
			return
		case tTable, tSelect:
			return
		}
	}
}

// closeCells closes what is open of the table's row or section before a new one begins.
func (t *tree) closeCells(name tag) {
	for i := len(t.stack) - 1; i > 0; i-- {
		switch t.nodes[t.stack[i]].tag {
		case tTable:
			t.popTo(i + 1)
			return
		case tTbody, tThead, tTfoot:
			if name == tTr {
				t.popTo(i + 1)
				return
			}
		}
	}
}

// leaveSkipped ends an element without text, such as a select, that was not closed.
func (t *tree) leaveSkipped() {
	if t.skip > 0 && t.nodes[t.stack[t.skip-1]].tag != tTemplate {
		t.popTo(t.skip - 1)
	}
}

// addText appends a run of text to the current block, its white space folded.
func (t *tree) addText(raw []byte) {
	if t.skip > 0 {
		return
	}
	if bytes.IndexByte(raw, '&') >= 0 {
		raw = []byte(unescape(raw))
	}
	before := len(t.text)
	for i := 0; i < len(raw); {
		n, visible := 1, false
		switch c := raw[i]; {
		case c >= utf8.RuneSelf:
			n, visible = t.wideRune(raw[i:])
		case c > ' ' && c != 0x7F:
			visible = true
			for i+n < len(raw) && raw[i+n] > ' ' && raw[i+n] < 0x7F {
				n++
			}
		case t.inPre > 0 && len(t.text) > int(t.cur.from) && (c == '\n' || t.lineFed):
			t.text = append(t.text, c)
			t.lineFed = true
		default:
			t.space = true
		}
		if visible {
			t.join()
			t.text = append(t.text, raw[i:i+n]...)
		}
		i += n
	}
	t.joined = false
	if n := uint32(len(t.text) - before); n > 0 {
		if t.inLink >= 0 {
			t.cur.link += n
		}
		if t.bold > 0 {
			t.cur.bold += n
		}
		if t.italic > 0 {
			t.cur.italic += n
		}
	}
}

// wideRune returns the length of the rune at the start of b and whether it is to be seen.
func (t *tree) wideRune(b []byte) (int, bool) {
	r, n := utf8.DecodeRune(b)
	switch {
	case r == utf8.RuneError && n == 1 || r == '\uFEFF' || r == '\u200B' || r == '\u00AD':
		return n, false
	case r < 0x3001 && unicode.IsSpace(r):
		t.space = true
		return n, false
	}
	return n, true
}

// join makes the current block ready for a visible rune: it opens one if none is open, takes the
// open element into account, and writes the white space that is due.
func (t *tree) join() {
	if !t.joined {
		t.joined = true
		top := t.top()
		if int(t.cur.from) == len(t.text) {
			t.cur.node, t.cur.images, t.images = top, t.images, 0
		} else {
			t.cur.node = t.common(t.cur.node, top)
		}
		if t.inLink >= 0 && t.inLink != t.lastLink {
			t.cur.links++
			t.lastLink = t.inLink
		}
	}
	if t.space && !t.lineFed && int(t.cur.from) < len(t.text) {
		t.text = append(t.text, ' ')
	}
	t.space, t.lineFed = false, false
}

// common returns the deepest node that holds both a and b.
func (t *tree) common(a, b int32) int32 {
	for a != b {
		if t.nodes[a].depth >= t.nodes[b].depth {
			a = t.nodes[a].parent
		} else {
			b = t.nodes[b].parent
		}
	}
	return a
}

// flush ends the current block.
func (t *tree) flush() {
	n := uint32(len(t.text))
	for n > t.cur.from && (t.text[n-1] == '\n' || t.text[n-1] == ' ') {
		n--
	}
	t.text = t.text[:n]
	if n > t.cur.from {
		t.cur.to = n
		t.cur.link, t.cur.bold = min(t.cur.link, n-t.cur.from), min(t.cur.bold, n-t.cur.from)
		t.leaves = append(t.leaves, t.cur)
	}
	t.cur = leaf{from: n, to: n}
	t.space, t.lineFed = false, false
}

// lineBreak ends the current block, unless the line was only wrapped.
func (t *tree) lineBreak() {
	if t.inPre > 0 && int(t.cur.from) < len(t.text) {
		t.text = append(t.text, '\n')
		t.lineFed = true
		return
	}
	t.flush()
	t.cur.breaks = true
	if n := len(t.leaves); n > 0 {
		t.leaves[n-1].breaks = true
	}
}
