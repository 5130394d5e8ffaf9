package segment

import (
	"bytes"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
)

// object reads the members of a JSON object one by one without looking into them: strings are
// skipped at the speed of a search for the next quotation mark. It finds out that an object is cut
// short or no object at all, and takes the inside of its values on trust.
type object struct {
	b []byte
	i int // behind the member read last
}

// next returns the next member, the value as it stands; ok is false behind the last one.
func (o *object) next() (key, val []byte, ok bool, err error) {
	b := o.b
	i := space(b, o.i)
	switch {
	case o.i == 0 && i < len(b) && b[i] == '{':
		if i = space(b, i+1); i < len(b) && b[i] == '}' {
			return nil, nil, false, o.end(i)
		}
	case o.i > 0 && i < len(b) && b[i] == ',':
		i = space(b, i+1)
	case o.i > 0 && i < len(b) && b[i] == '}':
		return nil, nil, false, o.end(i)
	default:
		return nil, nil, false, fmt.Errorf("%w: not a JSON object at byte %d", ErrRecord, i)
	}
	from := i
	if i, err = skipString(b, i); err != nil {
		return nil, nil, false, err
	}
	key = b[from+1 : i-1]
	if i = space(b, i); i == len(b) || b[i] != ':' {
		return nil, nil, false, fmt.Errorf("%w: no colon at byte %d", ErrRecord, i)
	}
	from = space(b, i+1)
	if i, err = skipValue(b, from); err != nil {
		return nil, nil, false, err
	}
	o.i = i
	return key, b[from:i], true, nil
}

// end checks that nothing follows the object's brace at i.
func (o *object) end(i int) error {
	if i = space(o.b, i+1); i < len(o.b) {
		return fmt.Errorf("%w: something behind the object at byte %d", ErrRecord, i)
	}
	return nil
}

func space(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\t' || b[i] == '\r' || b[i] == '\n') {
		i++
	}
	return i
}

// skipString returns the index behind the string at i.
func skipString(b []byte, i int) (int, error) {
	if i >= len(b) || b[i] != '"' {
		return 0, fmt.Errorf("%w: no string at byte %d", ErrRecord, i)
	}
	from := i + 1
	for i = from; ; i++ {
		j := bytes.IndexByte(b[i:], '"')
		if j < 0 {
			return 0, fmt.Errorf("%w: a string without an end", ErrRecord)
		}
		i += j
		back := i
		for back > from && b[back-1] == '\\' {
			back--
		}
		if (i-back)%2 == 0 {
			return i + 1, nil
		}
	}
}

// skipValue returns the index behind the value at i.
func skipValue(b []byte, i int) (int, error) {
	depth := 0
	for from := i; i < len(b); {
		switch b[i] {
		case '"':
			var err error
			if i, err = skipString(b, i); err != nil {
				return 0, err
			}
		case '{', '[':
			depth++
			i++
			continue
		case '}', ']':
			if depth--; depth < 0 {
				return 0, fmt.Errorf("%w: no value at byte %d", ErrRecord, from)
			}
			i++
		case ' ', '\t', '\r', '\n', ',', ':':
			if depth == 0 {
				return 0, fmt.Errorf("%w: no value at byte %d", ErrRecord, from)
			}
			i++
			continue
		default: // a number or a word
			for i < len(b) && !delimiter(b[i]) {
				i++
			}
		}
		if depth == 0 {
			return i, nil
		}
	}
	return 0, fmt.Errorf("%w: a value without an end", ErrRecord)
}

func delimiter(c byte) bool {
	switch c {
	case ' ', '\t', '\r', '\n', ',', ':', '{', '}', '[', ']', '"':
		return true
	}
	return false
}

// text returns the string that the value stands for, "" if it is none.
func text(val []byte) string {
	if len(val) < 2 || val[0] != '"' {
		return ""
	}
	if bytes.IndexByte(val, '\\') < 0 {
		return string(val[1 : len(val)-1])
	}
	s, err := jsontext.AppendUnquote(nil, val)
	if err != nil {
		return ""
	}
	return string(s)
}
