package boilerplate

import (
	"bytes"

	"golang.org/x/net/html"
)

// scanner splits a page into start tags, end tags and text, over the bytes in memory and without
// allocating. It follows the tokenizer of the HTML standard for everything that bears on the
// visible text; comments and declarations are passed over.
type scanner struct {
	b   []byte
	pos int

	// The current token.
	kind  tokenKind
	name  tag
	alias alias
	text  []byte // of a text token, not unescaped; of a raw element, its content
	attrs []byte // of a start tag: what stands between the name and the closing bracket
	name0 [12]byte

	scriptless bool // noscript elements hold markup, as for a reader without scripts
	noscript   int  // bytes in noscript elements, where they do not

	unclosed [numTags]bool // raw elements whose end tag does not come
	oddTitle int           // titles so far that do not end, or not where they should
	arrow    int           // where the next end of a comment stands in a script: see nextArrow
}

// maxOddTitles bounds how often the end of a title is looked for in vain.
const maxOddTitles = 100

type tokenKind uint8

const (
	tokenEnd tokenKind = iota // of the page
	tokenText
	tokenStart
	tokenClose
)

// next reads one token and reports whether there was one.
func (s *scanner) next() bool {
	for s.pos < len(s.b) {
		rest := s.b[s.pos:]
		i := nextMarkup(rest)
		if i > 0 {
			s.kind, s.text = tokenText, rest[:i]
			s.pos += i
			return true
		}
		switch c := rest[1]; {
		case c == '!' || c == '?':
			s.pos += skipDeclaration(rest)
		case c == '/':
			if len(rest) > 2 && isLetter(rest[2]) {
				s.pos += 2
				s.readTag(tokenClose)
				return true
			}
			s.pos += upTo(rest, '>')
		default:
			s.pos++
			s.readTag(tokenStart)
			return true
		}
	}
	s.kind = tokenEnd
	return false
}

// nextMarkup returns the index of the first '<' in b that begins a tag, a comment or a
// declaration; len(b) if none does.
func nextMarkup(b []byte) int {
	for i := 0; ; {
		j := bytes.IndexByte(b[i:], '<')
		if j < 0 || i+j+1 >= len(b) {
			return len(b)
		}
		i += j
		if c := b[i+1]; isLetter(c) || c == '/' || c == '!' || c == '?' {
			return i
		}
		i++
	}
}

// skipDeclaration returns the length of the comment, doctype or instruction at the start of b.
func skipDeclaration(b []byte) int {
	if !bytes.HasPrefix(b, []byte("<!--")) {
		return upTo(b, '>')
	}
	if bytes.HasPrefix(b[4:], []byte(">")) {
		return 5
	}
	if bytes.HasPrefix(b[4:], []byte("->")) {
		return 6
	}
	for i := 4; ; {
		j := bytes.Index(b[i:], []byte("--"))
		if j < 0 {
			return len(b)
		}
		i += j + 2
		for i < len(b) && b[i] == '-' {
			i++
		}
		if i < len(b) && b[i] == '>' {
			return i + 1
		}
		if i+1 < len(b) && b[i] == '!' && b[i+1] == '>' {
			return i + 2
		}
	}
}

// upTo returns the length of b up to and including the first c, or of all of it.
func upTo(b []byte, c byte) int {
	if i := bytes.IndexByte(b, c); i >= 0 {
		return i + 1
	}
	return len(b)
}

// readTag reads the tag whose name begins at pos.
func (s *scanner) readTag(kind tokenKind) {
	s.kind = kind
	b, i := s.b, s.pos
	for i < len(b) && b[i] != '>' && b[i] != '/' && !isSpace(b[i]) {
		i++
	}
	s.name, s.alias = s.lookup(b[s.pos:i])
	if s.scriptless && s.name == tNoscript {
		s.name = tDiv
	}
	from := i
	for i < len(b) && b[i] != '>' {
		i = skipAttr(b, i)
	}
	s.attrs = b[from:min(i, len(b))]
	s.pos = min(i+1, len(b))
	if kind == tokenStart && s.name.is(pRaw) {
		s.readRaw()
	}
}

func (s *scanner) lookup(name []byte) (tag, alias) {
	if len(name) <= len(s.name0) {
		for i, c := range name {
			s.name0[i] = lower(c)
		}
		if n, ok := tagByName[string(s.name0[:len(name)])]; ok {
			return n.tag, n.alias
		}
	}
	return tOther, aliasOf(name)
}

// readRaw sets text to the content of the raw element that was just opened and passes its end
// tag. A script or a style that is never closed goes to the end of the page, which was cut within it; another
// one is taken as empty, so that the page is not lost in it.
func (s *scanner) readRaw() {
	if s.name == tTitle {
		s.readTitle()
		return
	}
	end := -1
	if !s.unclosed[s.name] {
		end = s.endOfRaw(len(s.b))
	}
	switch {
	case end >= 0:
		s.passRaw(end)
	case (s.name == tScript || s.name == tStyle) && !bytes.HasSuffix(s.attrs, []byte("/")): // <script/> is empty in XHTML
		s.text, s.pos = s.b[s.pos:], len(s.b)
	default:
		s.unclosed[s.name], s.text = true, nil
	}
}

// readTitle reads a title. One that goes on over other elements, or further than a title does, ends
// at the next markup.
func (s *scanner) readTitle() {
	most := min(s.pos+maxMetaBytes, len(s.b))
	if s.oddTitle < maxOddTitles {
		end := s.endOfRaw(min(most+len("</title>"), len(s.b)))
		if end >= 0 && end <= most && !holdsHead(s.b[s.pos:end]) {
			s.passRaw(end)
			return
		}
		s.oddTitle++
	}
	s.text = s.b[s.pos : s.pos+nextMarkup(s.b[s.pos:most])]
	s.pos += len(s.text)
}

// passRaw ends the raw element whose end tag is at end.
func (s *scanner) passRaw(end int) {
	s.text = s.b[s.pos:end]
	s.pos = end + upTo(s.b[end:], '>')
	if s.name == tNoscript {
		s.noscript += len(s.text)
	}
}

// endOfRaw returns where the end tag of the raw element that was just opened begins, before most,
// or -1. Within a script a comment may hold another script.
func (s *scanner) endOfRaw(most int) int {
	tagName := tagNames[s.name]
	inComment, nested, commentEnd := false, false, 0
	for i := s.pos; ; i++ {
		j := bytes.IndexByte(s.b[i:most], '<')
		if j < 0 {
			return -1
		}
		i += j
		if inComment && i >= commentEnd {
			inComment, nested = false, false
		}
		rest := s.b[i+1 : most]
		switch {
		case len(rest) > len(tagName)+1 && rest[0] == '/' && equalFold(rest[1:1+len(tagName)], tagName) && endsName(rest[1+len(tagName)]):
			if !nested {
				return i
			}
			nested = false
		case s.name != tScript:
		case !inComment && bytes.HasPrefix(rest, []byte("!--")):
			inComment, commentEnd = true, s.nextArrow(i+len("<!--"))
		case inComment && len(rest) > 6 && equalFold(rest[:6], "script") && endsName(rest[6]):
			nested = true
		}
	}
}

// nextArrow returns where the first "-->" at or after from stands, the length of the page if there is
// none. It remembers it: a page of nothing but scripts that open comments is read once.
func (s *scanner) nextArrow(from int) int {
	if s.arrow < from {
		s.arrow = len(s.b)
		if k := bytes.Index(s.b[from:], []byte("-->")); k >= 0 {
			s.arrow = from + k
		}
	}
	return s.arrow
}

func endsName(c byte) bool { return isSpace(c) || c == '>' || c == '/' }

// holdsHead reports whether a title goes on over other elements of the head.
func holdsHead(b []byte) bool {
	return bytes.Contains(b, []byte("<meta")) || bytes.Contains(b, []byte("<body")) || bytes.Contains(b, []byte("<link")) ||
		bytes.Contains(b, []byte("<META")) || bytes.Contains(b, []byte("<BODY")) || bytes.Contains(b, []byte("</head"))
}

// skipAttr returns the index after the attribute, or the stray byte, at b[i].
func skipAttr(b []byte, i int) int {
	_, _, i = readAttr(b, i)
	return i
}

// readAttr reads the attribute at or after b[i]. key is empty when there is none before the
// closing bracket or the end of b.
func readAttr(b []byte, i int) (key, val []byte, next int) {
	for i < len(b) && (isSpace(b[i]) || b[i] == '/') {
		i++
	}
	from := i
	for i < len(b) && b[i] != '>' && b[i] != '/' && !isSpace(b[i]) && (b[i] != '=' || i == from) {
		i++
	}
	key = b[from:i]
	j := i
	for j < len(b) && isSpace(b[j]) {
		j++
	}
	if j >= len(b) || b[j] != '=' || len(key) == 0 {
		return key, nil, i
	}
	for j++; j < len(b) && isSpace(b[j]); {
		j++
	}
	if j >= len(b) || b[j] == '>' {
		return key, nil, j
	}
	if q := b[j]; q == '"' || q == '\'' {
		j++
		n := bytes.IndexByte(b[j:], q)
		if n < 0 {
			return key, b[j:], len(b)
		}
		return key, b[j : j+n], j + n + 1
	}
	from = j
	for j < len(b) && b[j] != '>' && !isSpace(b[j]) {
		j++
	}
	return key, b[from:j], j
}

// unescape resolves the character references of text and of attribute values.
func unescape(b []byte) string {
	s := string(b)
	if bytes.IndexByte(b, '&') < 0 {
		return s
	}
	return html.UnescapeString(s)
}

func isSpace(c byte) bool  { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' }
func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// equalFold reports whether b equals the lower-case ASCII string s but for case.
func equalFold(b []byte, s string) bool {
	if len(b) != len(s) {
		return false
	}
	for i := range b {
		if lower(b[i]) != s[i] {
			return false
		}
	}
	return true
}
