package record

import (
	"bytes"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// This file is about items whose article does not stand at the top: the answers of extraction
// services, and the paths that a [Mapping] names.
//
// Sources: https://docs.zyte.com/zyte-api/usage/reference.html,
// https://docs.diffbot.com/reference/article-intro.

// wrapper is a top-level key under which a service puts an object, or a list of them.
type wrapper struct {
	keys    []string // the keys in it that count; nil: all that mean a field
	content bool     // and only when one of them means text or html
	rank    int      // added to that of a key in it: what stands at the top comes first
}

var wrappers = map[string]wrapper{
	"article": {content: true, rank: 1000},             // Zyte API
	"objects": {content: true, rank: 1000},             // Diffbot, a list
	"request": {keys: []string{"pageUrl"}, rank: 2000}, // Diffbot, what was asked for
}

// mayOpen reports whether a member of the record may hold fields; it is asked for each.
func (p *rawParser) mayOpen(s span) bool {
	if s.val[0] != '{' && s.val[0] != '[' {
		return false
	}
	_, known := wrappers[string(s.key)]
	return known || p.mapping != nil && p.mapping.below(string(s.key))
}

// open looks for fields in the object that stands at path, or in the first object of a list. It
// returns what is left of the value, nil when nothing is; ok is false when there is no reason to
// look into it.
func (p *rawParser) open(path string, val jsontext.Value) (left jsontext.Value, ok bool) {
	if _, whole := p.mapping[path]; whole {
		return nil, false
	}
	w, known := wrappers[path]
	if !known && !p.mapping.below(path) {
		return nil, false
	}
	list := []jsontext.Value{val}
	if val.Kind() == '[' {
		list = elements(val)
	}
	if len(list) == 0 || list[0].Kind() != '{' {
		return nil, false
	}
	members, err := appendMembers(nil, list[0])
	if err != nil {
		panic("record: value was not checked: " + err.Error())
	}
	if known = known && (!w.content || hasContent(members, nil)); !known && !p.mapping.below(path) {
		return nil, false
	}
	rest := members[:0]
	for _, s := range members {
		left, taken := p.inner(path+"."+string(s.key), s, known && (w.keys == nil || slices.Contains(w.keys, string(s.key))), w.rank)
		switch {
		case !taken:
			rest = append(rest, s)
		case len(left) > 0:
			rest = append(rest, span{s.key, left})
		}
	}
	switch list[0] = appendObject(nil, rest); {
	case len(rest) == 0 && len(list) == 1:
		return nil, true
	case val.Kind() == '[':
		return joinList(list), true
	}
	return list[0], true
}

// inner gives a member of a nested object to its field, if it means one, or looks into it. known
// says that aliases count, with rank added to theirs.
func (p *rawParser) inner(path string, s span, known bool, rank int) (left jsontext.Value, taken bool) {
	if c, ok := p.mapping.lookup([]byte(path)); ok { // no alias has a dot
		p.offer(span{[]byte(path), s.val}, c)
		return nil, true
	}
	_, whole := p.mapping[path]
	if c, ok := builtin[string(s.key)]; ok && known && !whole && c.field != metadataField {
		c.rank += rank
		p.offer(span{[]byte(path), s.val}, c)
		return nil, true
	}
	return p.open(path, s.val)
}

// hasContent reports whether an object has text or html.
func hasContent(members []span, m Mapping) bool {
	return slices.ContainsFunc(members, func(s span) bool { return m.isContent(s.key) && !isEmpty(s.val) })
}

// isContent reports whether a key means text or html.
func (m Mapping) isContent(key []byte) bool {
	c, ok := m.lookup(key)
	return ok && (c.field == textField || c.field == htmlField)
}

// elements returns the elements of a valid list.
func elements(list jsontext.Value) (out []jsontext.Value) {
	walkList(list, 0, func(val []byte) bool {
		out = append(out, val)
		return true
	})
	return out
}

func joinList(list []jsontext.Value) jsontext.Value {
	out := []byte{'['}
	for i, val := range list {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, val...)
	}
	return append(out, ']')
}

// maxSplit is the largest number of documents that one object may hold.
const maxSplit = 1000

// Split takes a JSON object apart that holds several articles, as Diffbot's answers may, into one
// object for each, which repeats what stands beside the list. Of an object that is no article and lists some, as
// search services answer and JSON Feed has it, it returns what is listed as it stands, be it a record or not. It returns nil
// when data is one document or none, which is almost always.
func Split(data []byte, m Mapping) [][]byte {
	if at := listAt(data, m); at >= 0 {
		return listed(data, at, m)
	}
	if !bytes.Contains(data, []byte(`"objects"`)) || checkObject(data) != nil {
		return nil
	}
	members, err := appendMembers(nil, data)
	at := slices.IndexFunc(members, func(s span) bool { return string(s.key) == "objects" && s.val.Kind() == '[' })
	if err != nil || at < 0 {
		return nil
	}
	list := elements(members[at].val)
	beside := len(data) - len(members[at].val)
	article := func(val jsontext.Value) bool { return isArticle(val, nil) }
	if len(list) < 2 || len(list) > maxSplit || beside*len(list) > MaxMetadata+len(data) || !slices.ContainsFunc(list, article) {
		return nil
	}
	parts := make([][]byte, len(list))
	for i, val := range list {
		members[at].val = joinList([]jsontext.Value{val})
		parts[i] = appendObject(nil, members)
	}
	return parts
}

// isArticle reports whether val is an object that has text or html.
func isArticle(val []byte, m Mapping) bool {
	if val[0] != '{' {
		return false
	}
	members, err := appendMembers(nil, val)
	return err == nil && hasContent(members, m)
}

func appendObject(dst []byte, members []span) []byte {
	dst = append(dst, '{')
	for i, s := range members {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(append(appendString(dst, string(s.key)), ':'), s.val...)
	}
	return append(dst, '}')
}
