package record

import (
	"bytes"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
)

// NotesKey is the member of a raw record's metadata, a list of sentences, that says what the
// parser had to leave out or replace.
const NotesKey = "winnow_notes"

const (
	maxNotes  = 12       // sentences added to one record
	maxNote   = 200      // bytes of one
	notesRoom = 16 << 10 // of MaxMetadata: what the notes may take, escaped
)

// metadata gathers the members that have no field of their own. The zero value is empty.
type metadata struct {
	members []member
	names   map[string]int // key to its place in members
	size    int            // encoded bytes of the members
	notes   []string
	more    int // notes beyond maxNotes
}

type member struct {
	key string
	val jsontext.Value // compact
}

// add keeps one member, under its key or, where another value has it, the key with "_" behind it.
// What would go over the bounds is left out and noted.
func (m *metadata) add(key string, val jsontext.Value) {
	val = compact(val)
	if m.names == nil {
		m.names = map[string]int{}
	}
	for i, taken := m.names[key]; taken; i, taken = m.names[key] {
		if bytes.Equal(m.members[i].val, val) {
			return
		}
		key += "_"
	}
	size := len(appendString(nil, key)) + len(val) + len(":,")
	if m.size+size > MaxMetadata-notesRoom {
		m.note(fmt.Sprintf("metadata %.80q left out: %d bytes, the limit is %d in all", key, len(val), MaxMetadata))
		return
	}
	if !shallower(val, MaxDepth) {
		m.note(fmt.Sprintf("metadata %.80q left out: nested deeper than %d", key, MaxDepth))
		return
	}
	m.names[key] = len(m.members)
	m.members = append(m.members, member{key, val})
	m.size += size
}

func (m *metadata) note(s string) {
	if len(m.notes) == maxNotes {
		m.more++
		return
	}
	s, _ = cutString(s, maxNote)
	m.notes = append(m.notes, s)
}

// join returns the metadata as one compact object: the producer's own (nil if there was none)
// first, then the members added so far.
func (m *metadata) join(own jsontext.Value) jsontext.Value {
	if len(own) == 0 {
		own = jsontext.Value("{}")
	}
	isObject := own.Kind() == '{'
	if isObject && len(m.members) == 0 && len(m.notes) == 0 && len(own) <= MaxMetadata && shallower(own, MaxDepth+1) {
		return compact(own)
	}
	all := metadata{notes: m.notes, more: m.more}
	switch {
	case isObject:
		members, err := appendMembers(nil, own)
		if err != nil {
			panic("record: metadata was not checked: " + err.Error())
		}
		for _, s := range members {
			all.add(string(s.key), s.val)
		}
	case own.Kind() != 'n':
		all.add("metadata", own)
	}
	for _, mem := range m.members {
		all.add(mem.key, mem.val)
	}
	return all.encode()
}

// WithMember returns metadata, a compact JSON object or nothing, with one more string in it, unless it has the
// key already or no room for it.
func WithMember(own jsontext.Value, key, value string) jsontext.Value {
	all := metadata{}
	if len(own) > 0 {
		members, err := appendMembers(nil, own)
		if err != nil {
			return own
		}
		for _, s := range members {
			if string(s.key) == key {
				return own
			}
			all.add(string(s.key), s.val)
		}
	}
	all.add(key, appendString(nil, value))
	if len(all.notes) > 0 {
		return own
	}
	return all.encode()
}

func (m *metadata) encode() jsontext.Value {
	m.addNotes()
	out := []byte{'{'}
	for i, mem := range m.members {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(appendString(out, mem.key), ':')
		out = append(out, mem.val...)
	}
	return append(out, '}')
}

// addNotes writes the notes behind those that the record already carries.
func (m *metadata) addNotes() {
	if len(m.notes) == 0 {
		return
	}
	if m.more > 0 {
		m.notes = append(m.notes, fmt.Sprintf("and %d more", m.more))
	}
	list := []byte{'['}
	at, have := m.names[NotesKey]
	if have {
		old := m.members[at].val
		if old.Kind() == '[' {
			old = bytes.TrimSuffix(old[1:], []byte("]"))
		}
		if list = append(list, old...); len(old) > 0 {
			list = append(list, ',')
		}
	}
	for i, s := range m.notes {
		if i > 0 {
			list = append(list, ',')
		}
		list = appendString(list, s)
	}
	list = append(list, ']')
	if have {
		m.members[at].val = list
		return
	}
	m.members = append(m.members, member{NotesKey, list})
}

// compact returns a copy of a valid value without white space.
func compact(val jsontext.Value) jsontext.Value {
	val = val.Clone()
	if isCompact(val) {
		return val
	}
	if err := val.Compact(); err != nil {
		panic("record: value was not checked: " + err.Error())
	}
	return val
}

// isCompact reports whether a valid value has no white space outside its strings. Most producers
// write none, and to look is cheaper than to write the value again.
func isCompact(val jsontext.Value) bool {
	for i := 0; i < len(val); i++ {
		switch c := val[i]; {
		case c <= ' ':
			return false
		case c == '"':
			for i = skipPlain(val, i+1); val[i] != '"'; i = skipPlain(val, i) {
				i += 2 // an escape, or its beginning
			}
		}
	}
	return true
}

// shallower reports whether objects and lists nest in val at most depth-1 deep.
func shallower(val jsontext.Value, depth int) bool {
	level, quoted := 0, false
	for i := 0; i < len(val); i++ {
		switch c := val[i]; {
		case c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if level++; level >= depth {
				return false
			}
		case c == '}' || c == ']':
			level--
		}
	}
	return true
}
