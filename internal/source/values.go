package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"winnow/internal/record"
)

// isJSONValues knows JSON that is not one object a line: a list of objects, or some over several lines, the first of
// which ends with a bracket that is open.
func isJSONValues(head []byte) bool {
	if list, ok := bytes.CutPrefix(head, []byte("[")); ok {
		list = bytes.TrimLeft(list, " \t\r\n")
		return bytes.HasPrefix(list, []byte("]")) || isJSONObject(list)
	}
	line, _, ok := bytes.Cut(head, []byte("\n"))
	return ok && isJSONObject(head) && isOpen(bytes.TrimSpace(line))
}

// isOpen reports whether a line of JSON ends with a bracket that the lines behind it close.
func isOpen(line []byte) bool {
	dec := jsontext.NewDecoder(bytes.NewReader(line))
	for dec.InputOffset() < int64(len(line)) {
		if _, err := dec.ReadToken(); err != nil {
			return false
		}
	}
	return dec.StackDepth() > 0
}

// values reads the objects of a JSON list, or of several values one after the other. Where the
// syntax breaks nobody knows where the next object begins: the rest of the file is one malformed
// document.
type values struct {
	in   *allowance
	dec  *jsontext.Decoder
	opt  *Options
	list bool
	end  bool
}

func openValues(f *file, opt *Options) (reader, error) {
	in := &allowance{r: f.r}
	if bytes.HasPrefix(f.head(), []byte("\xef\xbb\xbf")) {
		if _, err := f.r.Discard(3); err != nil {
			return nil, err
		}
	}
	v := &values{in: in, opt: opt, dec: jsontext.NewDecoder(in, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))}
	return v, nil
}

func (v *values) next(d *Document) error {
	if v.end {
		return io.EOF
	}
	v.in.left = v.opt.MaxLine + readSize
	if !v.list && v.dec.InputOffset() == 0 && v.dec.PeekKind() == '[' {
		if _, err := v.dec.ReadToken(); err != nil {
			return v.broken(d, err)
		}
		v.list = true
	}
	if v.list && v.dec.PeekKind() == ']' {
		if _, err := v.dec.ReadToken(); err != nil {
			return v.broken(d, err)
		}
		v.list = false
	}
	val, err := v.dec.ReadValue()
	if err == io.EOF {
		return io.EOF
	}
	if err != nil {
		return v.broken(d, err)
	}
	d.Data, d.Size = val, int64(len(val))
	if len(val) > v.opt.MaxLine { // treated as if it had not been read to its end, which depends on how the reads fell
		return v.tooLong(d, val)
	}
	d.parse = func(d *Document) (record.Raw, error) { return record.ParseRaw(d.Data, v.opt.Mapping) }
	d.json = true
	return nil
}

var errAllowance = errors.New("value is too long")

func (v *values) broken(d *Document, err error) error {
	v.end = true
	d.Data = v.rest()
	switch {
	case errors.Is(err, errAllowance):
		return v.tooLong(d, d.Data)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return &record.MalformedError{Reason: record.ReasonSyntax, Detail: "the file ends within a value"}
	}
	if s, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return &record.MalformedError{Reason: record.ReasonSyntax, Detail: s.Error()}
	}
	return err
}

func (v *values) tooLong(d *Document, val []byte) error {
	v.end = true
	d.Data = val[:min(len(val), cutSize)]
	d.Size = int64(len(d.Data))
	return &record.MalformedError{Reason: record.ReasonOversize, Detail: fmt.Sprintf("a value of more than %d bytes", v.opt.MaxLine)}
}

// rest returns the beginning of what could not be read; it does not depend on how the reads fell.
func (v *values) rest() []byte {
	data := bytes.Clone(bytes.TrimLeft(v.dec.UnreadBuffer(), " \t\r\n,"))
	if more := cutSize - len(data); more > 0 {
		behind, _ := io.ReadAll(io.LimitReader(v.in.r, int64(more))) // it is broken already
		data = append(data, behind...)
	}
	return data[:min(len(data), cutSize)]
}

// allowance bounds how much is read for one value, give or take the decoder's buffer.
type allowance struct {
	r    io.Reader
	left int
}

func (a *allowance) Read(p []byte) (int, error) {
	if a.left <= 0 {
		return 0, errAllowance
	}
	n, err := a.r.Read(p[:min(len(p), a.left)])
	a.left -= n
	return n, err
}
