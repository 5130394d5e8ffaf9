package record

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// ParseRaw reads one raw record: a JSON object in Winnow's own keys or in those of another tool
// (see [Mapping]). Its strings are copies; data may be used again. Errors wrap [ErrMalformed] and
// are a [*MalformedError]. The package documentation says what becomes of odd values.
func ParseRaw(data []byte, m Mapping) (Raw, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if err := checkObject(data); err != nil {
		return Raw{}, err
	}
	p := rawParser{mapping: m}
	var room [2 * numFields]span
	members, err := appendMembers(room[:0], data)
	if err != nil {
		fixed, ok := replaceLone(data)
		if !ok {
			return Raw{}, err
		}
		if members, err = appendMembers(room[:0], fixed); err != nil {
			return Raw{}, err
		}
		p.meta.note("lone surrogate escapes replaced by U+FFFD")
	}
	for _, s := range members {
		p.member(s)
	}
	return p.finish()
}

// rawParser collects the members of one object: for each field the best candidate so far.
type rawParser struct {
	mapping Mapping
	slots   [numFields]slot
	meta    metadata
	plain   bool // the HTML is plain text
	err     error
}

// slot is a field's best candidate, if it is set.
type slot struct {
	span
	rank int
	set  bool
}

// member takes one member of the record itself.
func (p *rawParser) member(s span) {
	if p.mayOpen(s) {
		if left, ok := p.open(string(s.key), s.val); ok {
			if len(left) > 0 {
				p.meta.add(string(s.key), left)
			}
			return
		}
	}
	c, ok := p.mapping.lookup(s.key)
	if !ok {
		p.meta.add(string(s.key), s.val)
		return
	}
	p.offer(s, c)
}

// offer makes s the candidate of its field if it is better than the one there is; the other one
// goes to the metadata.
func (p *rawParser) offer(s span, c candidate) {
	best := &p.slots[c.field]
	switch {
	case c.field != metadataField && isEmpty(s.val):
		return
	case best.set && best.rank <= c.rank:
		p.meta.add(string(s.key), s.val)
		return
	case best.set:
		p.meta.add(string(best.key), best.val)
	}
	*best = slot{s, c.rank, true}
}

// isEmpty reports whether a known key holds nothing worth keeping.
func isEmpty(val jsontext.Value) bool {
	switch string(val) {
	case "null", `""`, "[]", "{}":
		return true
	}
	return false
}

func (p *rawParser) finish() (Raw, error) {
	r := Raw{
		ID:        p.field(idField, MaxID),
		URL:       p.field(urlField, MaxURL),
		Source:    p.field(sourceField, MaxSource),
		Title:     p.field(titleField, MaxTitle),
		Text:      p.field(textField, MaxText),
		HTML:      p.field(htmlField, MaxHTML),
		Lang:      p.field(langField, MaxLang),
		Byline:    p.field(bylineField, MaxByline),
		Published: p.field(publishedField, MaxTime),
		Added:     p.field(addedField, MaxTime),
	}
	if p.err != nil {
		return Raw{}, p.err
	}
	if p.plain && r.Text == "" {
		r.Text, r.HTML = r.HTML, ""
	}
	if r.HTML == "" && looksLikeHTML(p.slots[textField].key, r.Text) {
		r.HTML, r.Text = r.Text, ""
	}
	r.Metadata = p.meta.join(p.slots[metadataField].val)
	return r, nil
}

// field returns the text of a field, at most limit bytes, and sends what does not fit to the
// metadata or sets p.err.
func (p *rawParser) field(f field, limit int) string {
	s := p.slots[f]
	if !s.set || p.err != nil {
		return ""
	}
	text, exact, ok := textOf(f, s.val)
	if f == htmlField && string(lastKey(s.key)) == responseKey {
		text, p.plain, ok = p.response(s.val)
	}
	if !ok {
		if s.rank <= canonicalRank && (f == idField || f == urlField || f == textField || f == htmlField) {
			p.err = malformed(ReasonWrongType, fmt.Sprintf("%q is no string", s.key))
		}
		p.meta.add(string(s.key), s.val)
		return ""
	}
	if len(text) <= limit {
		if !exact {
			p.meta.add(string(s.key), s.val)
		}
		return text
	}
	over := fmt.Sprintf("%q has %d bytes, the limit is %d", s.key, len(text), limit)
	switch f {
	case idField:
		p.err = malformed(ReasonIDTooLong, over)
	case textField:
		p.err = malformed(ReasonTextTooLong, over)
	case htmlField:
		p.err = malformed(ReasonHTMLTooLong, over)
	case titleField, bylineField:
		p.meta.add(string(s.key), s.val)
		text, _ = cutString(text, limit)
		return text
	default:
		p.meta.add(string(s.key), s.val)
	}
	return ""
}

// separators join the strings of a list; a field without one takes the first string only.
var separators = map[field]string{textField: "\n", htmlField: "\n", bylineField: ", "}

// textOf returns what a value says as text. exact is false when the value holds more than the
// text does; !ok means that a value of this type cannot be meant.
func textOf(f field, val jsontext.Value) (text string, exact, ok bool) {
	if val.Kind() == '"' {
		return unquote(val), true, true
	}
	texts, exact, ok := collect(f, val)
	if !ok || len(texts) == 0 {
		return "", false, false
	}
	if sep, ok := separators[f]; ok {
		return strings.Join(texts, sep), exact, true
	}
	return texts[0], exact && len(texts) == 1, true
}

// collect walks a value that is not a plain string: lists are flattened, an object in a byline or
// source stands for its name. One pass, whatever the nesting.
func collect(f field, val jsontext.Value) (texts []string, exact, ok bool) {
	numbers := f == idField || f == publishedField || f == addedField
	names := f == bylineField || f == sourceField
	dec := jsontext.NewDecoder(strings.NewReader(string(val)))
	exact = true
	for {
		tok, err := dec.ReadToken()
		switch {
		case err == io.EOF:
			return texts, exact, true
		case err != nil:
			return nil, false, false
		}
		switch kind := tok.Kind(); {
		case kind == '[' || kind == ']' || kind == '}':
		case kind == 'n':
		case kind == '"', kind == '0' && numbers:
			if s := tok.String(); s != "" {
				texts = append(texts, s)
			}
		case kind == '{' && names:
			name, only, ok := nameOf(dec)
			if !ok {
				return nil, false, false
			}
			texts, exact = append(texts, name), exact && only
		default:
			return nil, false, false
		}
	}
}

// nameOf reads the members of the object that dec has entered, up to its end, and returns its
// "name"; only is true when there was nothing else.
func nameOf(dec *jsontext.Decoder) (name string, only, ok bool) {
	only = true
	for dec.PeekKind() != '}' {
		key, err := dec.ReadToken()
		if err != nil {
			return "", false, false
		}
		if k := key.String(); k != "name" && (k != "nameRaw" || name != "") || dec.PeekKind() != '"' {
			only = false
			if dec.SkipValue() != nil {
				return "", false, false
			}
			continue
		}
		val, err := dec.ReadToken()
		if err != nil {
			return "", false, false
		}
		only = only && name == ""
		name = val.String()
	}
	return name, only, name != ""
}
