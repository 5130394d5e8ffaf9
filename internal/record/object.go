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

// span is one member of an object: its key as text, its value as it stands in the data.
type span struct {
	key []byte
	val jsontext.Value
}

// appendMembers appends the members of a JSON object in their order; the spans are parts of data.
// It holds data to I-JSON (RFC 7493: UTF-8, whole characters, no key twice at any depth) and to
// one object with nothing after it. Errors are a [*MalformedError].
func appendMembers(spans []span, data []byte) ([]span, error) {
	if out, ok := scanMembers(spans, data); ok {
		return out, nil
	}
	return decodeMembers(spans, data)
}

// decodeMembers is appendMembers for what the scanner leaves: many members, escaped keys, errors.
func decodeMembers(spans []span, data []byte) ([]span, error) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(data))
	switch tok, err := dec.ReadToken(); {
	case err != nil:
		return nil, syntaxError(err)
	case tok.Kind() != '{':
		return nil, notObject(data)
	}
	for dec.PeekKind() != '}' {
		key, err := dec.ReadValue()
		if err != nil {
			return nil, syntaxError(err)
		}
		name := []byte(unquote(key))
		val, err := dec.ReadValue()
		if err != nil {
			return nil, syntaxError(err)
		}
		end := dec.InputOffset()
		spans = append(spans, span{name, data[end-int64(len(val)) : end]})
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, syntaxError(err)
	}
	if _, err := dec.ReadToken(); err != io.EOF {
		return nil, malformed(ReasonSyntax, fmt.Sprintf("byte %d: something follows the object", dec.InputOffset()))
	}
	return spans, nil
}

// checkObject gives the clearest errors first: another encoding, no object at all.
func checkObject(data []byte) error {
	if !valid(view(data)) {
		return malformed(ReasonInvalidUTF8, fmt.Sprintf("byte %d is not UTF-8; convert the input to UTF-8", invalidAt(data)))
	}
	if i := skipSpace(data, 0); i == len(data) || data[i] != '{' {
		return notObject(data[i:])
	}
	return nil
}

func notObject(data []byte) error {
	have := "nothing"
	if len(data) > 0 {
		s, _ := cutString(string(data[:min(len(data), 40)]), 32)
		have = fmt.Sprintf("%q", s)
	}
	return malformed(ReasonNotObject, "want a JSON object, have "+have)
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

// replaceLone returns a copy with U+FFFD in place of lone surrogate escapes, and false when data
// has none or is broken in another way too.
func replaceLone(data []byte) ([]byte, bool) {
	if !bytes.Contains(data, []byte(`\ud`)) && !bytes.Contains(data, []byte(`\uD`)) {
		return nil, false
	}
	fixed := jsontext.Value(bytes.Clone(data))
	if fixed.Format(jsontext.AllowInvalidUTF8(true)) != nil || bytes.Equal(fixed, data) {
		return nil, false
	}
	return fixed, true
}

func syntaxError(err error) error {
	reason, detail := ReasonSyntax, err.Error()
	if errors.Is(err, jsontext.ErrDuplicateName) {
		reason = ReasonDuplicateKey
	}
	return malformed(reason, strings.TrimPrefix(detail, "jsontext: "))
}
