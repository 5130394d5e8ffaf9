package record

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// object is one JSON object, checked as a whole: I-JSON (RFC 7493) and nothing after it.
type object struct {
	data []byte
}

// openObject checks that data is UTF-8 and looks like an object. Where strings hold lone
// surrogate escapes it returns a copy with U+FFFD in their place, and true.
func openObject(data []byte) (object, bool, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(data) {
		return object{}, false, malformed(ReasonInvalidUTF8, fmt.Sprintf("byte %d is not UTF-8; convert the input to UTF-8", invalidAt(data)))
	}
	if c := bytes.TrimLeft(data, " \t\r\n"); len(c) == 0 || c[0] != '{' {
		return object{}, false, malformed(ReasonNotObject, "want a JSON object, have "+describe(c))
	}
	if !bytes.Contains(data, []byte(`\ud`)) && !bytes.Contains(data, []byte(`\uD`)) || jsontext.Value(data).IsValid() {
		return object{data}, false, nil
	}
	fixed := jsontext.Value(bytes.Clone(data))
	if fixed.Format(jsontext.AllowInvalidUTF8(true)) != nil {
		return object{data}, false, nil // broken in another way; members will say how
	}
	return object{fixed}, true, nil
}

func describe(data []byte) string {
	if len(data) == 0 {
		return "nothing"
	}
	s, _ := cutString(string(data[:min(len(data), 40)]), 32)
	return fmt.Sprintf("%q", s)
}

func invalidAt(data []byte) int {
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

// members calls f for each member in order; val is a part of the object's bytes. It returns f's
// first error, or a MalformedError.
func (o object) members(f func(key string, val jsontext.Value) error) error {
	dec := jsontext.NewDecoder(bytes.NewBuffer(o.data))
	switch tok, err := dec.ReadToken(); {
	case err != nil:
		return syntaxError(err)
	case tok.Kind() != '{':
		return malformed(ReasonNotObject, "want a JSON object, have "+describe(o.data))
	}
	for dec.PeekKind() != '}' {
		key, err := dec.ReadValue()
		if err != nil {
			return syntaxError(err)
		}
		name := unquote(key)
		val, err := dec.ReadValue()
		if err != nil {
			return syntaxError(err)
		}
		end := dec.InputOffset()
		if err := f(name, o.data[end-int64(len(val)):end]); err != nil {
			return err
		}
	}
	if _, err := dec.ReadToken(); err != nil {
		return syntaxError(err)
	}
	if _, err := dec.ReadToken(); err != io.EOF {
		return malformed(ReasonSyntax, fmt.Sprintf("byte %d: something follows the object", dec.InputOffset()))
	}
	return nil
}

func syntaxError(err error) error {
	reason, detail := ReasonSyntax, strings.TrimPrefix(err.Error(), "jsontext: ")
	if errors.Is(err, jsontext.ErrDuplicateName) {
		reason = ReasonDuplicateKey
	}
	if s, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		detail = fmt.Sprintf("byte %d: %s", s.ByteOffset, strings.TrimPrefix(s.Error(), "jsontext: "))
	}
	return malformed(reason, detail)
}

// unquote returns the string a valid JSON string stands for.
func unquote(val jsontext.Value) string {
	if inner := val[1 : len(val)-1]; bytes.IndexByte(inner, '\\') < 0 {
		return string(inner)
	}
	s, err := jsontext.AppendUnquote(make([]byte, 0, len(val)), []byte(val))
	if err != nil {
		panic("record: string was not checked: " + err.Error())
	}
	return string(s)
}
