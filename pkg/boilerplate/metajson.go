package boilerplate

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// linkedArticle is what a page's linked data (JSON-LD, schema.org) says about its article.
type linkedArticle struct {
	headline, body, published, modified, language, author string
}

// article reads the linked data of the page. Of several objects that describe an article those whose
// headline is the page's title count, if there are any; of these the first with a body, else the
// first with a headline.
func (h *head) article() *linkedArticle {
	if h.linkedRead {
		return &h.linkedData
	}
	h.linkedRead = true
	var found []linkedArticle
	values, names := make([]any, len(h.linked)), map[string]string{}
	for i, script := range h.linked {
		p := looseJSON{b: script, i: max(bytes.IndexAny(script, "{["), 0)}
		values[i] = p.value(0)
		collectNames(values[i], names, 0)
	}
	for _, v := range values {
		collectArticles(v, names, &found, 0)
	}
	title := h.titles()
	foreign := func(a linkedArticle) bool { return a.headline != "" && !sharesWords(a.headline, title) }
	if own := slices.DeleteFunc(slices.Clone(found), foreign); len(own) > 0 {
		found = own
	}
	for i := range found {
		a := &found[i]
		if best := &h.linkedData; best.headline == "" || best.body == "" && a.body != "" {
			if a.published == "" {
				a.published, a.modified = best.published, best.modified
			}
			h.linkedData = *a
		}
	}
	return &h.linkedData
}

// collectNames notes what the objects of a graph are called that others refer to.
func collectNames(v any, names map[string]string, depth int) {
	if depth > 3 {
		return
	}
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			collectNames(e, names, depth+1)
		}
	case jsonObject:
		if id, name := v.str("@id"), v.str("name"); id != "" && name != "" {
			names[id] = name
		}
		collectNames(v.get("@graph"), names, depth+1)
	}
}

// collectArticles appends the articles among v and what it holds; names are those of the objects that are referred to.
func collectArticles(v any, names map[string]string, out *[]linkedArticle, depth int) {
	if depth > 8 || len(*out) > 16 {
		return
	}
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			collectArticles(e, names, out, depth+1)
		}
	case jsonObject:
		if isArticleType(v.get("@type")) {
			*out = append(*out, linkedArticle{
				headline: plain(v.str("headline")), body: v.str("articleBody"), published: v.str("datePublished"),
				modified: v.str("dateModified"), language: v.str("inLanguage"), author: plain(personNames(v.get("author"), names, 0)),
			})
			return
		}
		for _, key := range [...]string{"@graph", "mainEntity", "mainEntityOfPage", "hasPart", "item"} {
			collectArticles(v.get(key), names, out, depth+1)
		}
	}
}

func isArticleType(v any) bool {
	switch v := v.(type) {
	case string:
		for _, s := range [...]string{"Article", "BlogPosting", "Report", "Review", "LiveBlogPosting", "OpinionPiece"} {
			if strings.HasSuffix(v, s) {
				return true
			}
		}
	case []any:
		if slices.ContainsFunc(v, isArticleType) {
			return true
		}
	}
	return false
}

// personNames returns the names of one or more people, who may be given by reference, separated by commas.
func personNames(v any, names map[string]string, depth int) string {
	if depth > 3 {
		return ""
	}
	switch v := v.(type) {
	case string:
		return v
	case jsonObject:
		if v.get("name") == nil {
			return names[v.str("@id")]
		}
		return personNames(v.get("name"), names, depth+1)
	case []any:
		var list []string
		for _, e := range v {
			if s := strings.TrimSpace(personNames(e, names, depth+1)); s != "" && len(list) < 8 {
				list = append(list, s)
			}
		}
		return strings.Join(list, ", ")
	}
	return ""
}

// plain resolves character references, which some sites leave in their linked data.
func plain(s string) string { return squeeze(html.UnescapeString(s)) }

type jsonField struct {
	key string
	val any
}

// jsonObject keeps the fields in the order of the page.
type jsonObject []jsonField

func (o jsonObject) get(key string) any {
	for i := range o {
		if o[i].key == key {
			return o[i].val
		}
	}
	return nil
}

func (o jsonObject) str(key string) string {
	switch v := o.get(key).(type) {
	case string:
		return strings.TrimSpace(v)
	case []any:
		if len(v) > 0 {
			s, _ := v[0].(string)
			return strings.TrimSpace(s)
		}
	}
	return ""
}

// looseJSON reads JSON as pages have it: with raw line feeds in strings, stray commas, comment
// marks around. It never fails; what it cannot read is left out. Numbers come as strings.
type looseJSON struct {
	b []byte
	i int
}

const maxJSONDepth = 24

func (p *looseJSON) space() byte {
	for p.i < len(p.b) {
		switch c := p.b[p.i]; c {
		case '{', '[', '"', '}', ']', ',', ':':
			return c
		default:
			if isLetter(c) || '0' <= c && c <= '9' || c == '-' {
				return c
			}
			p.i++
		}
	}
	return 0
}

func (p *looseJSON) value(depth int) any {
	c := p.space()
	switch {
	case c == 0 || depth > maxJSONDepth:
		p.i = len(p.b)
		return nil
	case c == '"':
		return p.str()
	case c == '{':
		p.i++
		return p.object(depth)
	case c == '[':
		p.i++
		var out []any
		for {
			switch c := p.space(); c {
			case 0, ']', '}':
				p.i++
				return out
			case ',', ':':
				p.i++
			default:
				out = append(out, p.value(depth+1))
			}
		}
	case c == '}' || c == ']' || c == ',' || c == ':':
		p.i++
		return nil
	}
	from := p.i
	for p.i < len(p.b) && bytes.IndexByte([]byte(",:]}{[\" \n\t\r"), p.b[p.i]) < 0 {
		p.i++
	}
	switch s := string(p.b[from:p.i]); s {
	case "null", "true", "false":
		return nil
	default:
		return s
	}
}

func (p *looseJSON) object(depth int) jsonObject {
	var out jsonObject
	for {
		switch c := p.space(); c {
		case 0, '}', ']':
			p.i++
			return out
		case '"':
			key := p.str()
			if p.space() == ':' {
				p.i++
				out = append(out, jsonField{key, p.value(depth + 1)})
			}
		default:
			p.i++
		}
	}
}

// str reads the string whose opening quote is at i.
func (p *looseJSON) str() string {
	p.i++
	from := p.i
	for p.i < len(p.b) && p.b[p.i] != '"' && p.b[p.i] != '\\' {
		p.i++
	}
	if p.i >= len(p.b) || p.b[p.i] == '"' {
		s := string(p.b[from:p.i])
		p.i++
		return s
	}
	out := append([]byte(nil), p.b[from:p.i]...)
	for p.i < len(p.b) && p.b[p.i] != '"' {
		c := p.b[p.i]
		p.i++
		if c != '\\' || p.i >= len(p.b) {
			out = append(out, c)
			continue
		}
		c = p.b[p.i]
		p.i++
		switch c {
		case 'n', 'r', 't', 'f', 'b':
			out = append(out, map[byte]byte{'n': '\n', 'r': '\n', 't': ' ', 'f': ' ', 'b': ' '}[c])
		case 'u':
			out = utf8.AppendRune(out, p.escape())
		default:
			out = append(out, c)
		}
	}
	p.i++
	return string(out)
}

// escape reads the digits of a \u escape, and those of a second one that completes it.
func (p *looseJSON) escape() rune {
	hex := func(at int) rune {
		if at+4 > len(p.b) {
			return -1
		}
		v, err := strconv.ParseUint(string(p.b[at:at+4]), 16, 32)
		if err != nil {
			return -1
		}
		return rune(v)
	}
	r := hex(p.i)
	if r < 0 {
		return utf8.RuneError
	}
	p.i += 4
	if r >= 0xD800 && r < 0xDC00 && p.i+6 <= len(p.b) && p.b[p.i] == '\\' && p.b[p.i+1] == 'u' {
		if s := hex(p.i + 2); s >= 0xDC00 && s < 0xE000 {
			p.i += 6
			return (r-0xD800)<<10 + (s - 0xDC00) + 0x10000
		}
	}
	return r
}
