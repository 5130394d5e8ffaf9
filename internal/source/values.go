package source

import (
	"bytes"
	"io"
	"strconv"

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

// values reads the objects of a JSON list, or of several values one after the other, each as it stands: it finds
// their ends by brackets and strings alone, so that one that is broken is one malformed document. Where these do not
// fit nobody knows where the next object begins: the rest of the file is one malformed document. An object that is a
// list of articles is one document for [Source.split] or, if it is large, as many as it lists.
type values struct {
	window
	opt     *Options
	list    bool // in a list
	wrapped bool // which lies in an object
	comma   bool // that has to come before the next element
	end     bool
}

func openValues(f *file, opt *Options) (reader, error) {
	v := &values{window: openWindow(f.r, f.scratch), opt: opt}
	v.base = f.skipMark()
	return v, nil
}

func (v *values) next(d *Document) error {
	for !v.end {
		c, err := v.skipSpace()
		switch {
		case err == io.EOF && !v.list:
			return io.EOF
		case err != nil:
			return v.broken(d, err)
		case c == ']' && v.list:
			v.start++
			if v.list = false; v.wrapped {
				v.wrapped = false
				v.pass(&record.Extent{Depth: 1}, false)
			}
		case c == ',' && v.comma:
			v.start++
			v.comma = false
		case c == '[' && !v.list:
			v.start++
			v.list, v.comma = true, false
		case bytes.IndexByte([]byte(",:]}"), c) >= 0, v.comma && v.list:
			return v.broken(d, errValues)
		default:
			entered, err := v.value(d)
			if err != nil || !entered {
				return err
			}
		}
	}
	return io.EOF
}

var errValues = &record.MalformedError{Reason: record.ReasonSyntax, Detail: "what stands between two values is no comma"}

// value gives the value that begins here, or enters it: a large object that is a list of articles.
func (v *values) value(d *Document) (entered bool, err error) {
	var e record.Extent
	d.At = strconv.FormatInt(v.at(), 10)
	for size, looked := 0, v.list; ; v.fill() {
		n, ended := e.Scan(v.rest()[size:])
		size += n
		ended = ended || v.err == io.EOF && e.Whole()
		if !looked && size >= v.opt.ListFrom { // what is looked at must not depend on how the reads fell
			looked = true
			if at := record.ArticlesAt(v.rest()[:v.opt.ListFrom], v.opt.Mapping); at >= 0 {
				v.start += at + 1
				v.list, v.wrapped, v.comma = true, true, false
				return true, nil
			}
		}
		switch {
		case size > v.opt.MaxLine:
			v.tooLong(d, &e, size, ended)
			return false, nil
		case ended:
			return false, v.give(d, size)
		case v.err != nil:
			return false, v.broken(d, v.err)
		}
	}
}

func (v *values) give(d *Document, size int) error {
	d.Data, d.Size = v.rest()[:size], int64(size)
	if d.Data[0] != '{' && !v.list && !jsontext.Value(d.Data).IsValid() {
		return v.broken(d, &record.MalformedError{Reason: record.ReasonSyntax, Detail: "what follows is no JSON"})
	}
	v.start += size
	v.comma = v.list
	d.parse = func(d *Document) (record.Raw, error) { return record.ParseRaw(d.Data, v.opt.Mapping) }
	d.json = !v.wrapped
	return nil
}

// tooLong gives the beginning of a value, of which size bytes are read, and passes over the rest.
func (v *values) tooLong(d *Document, e *record.Extent, size int, ended bool) {
	d.Data, d.parse = v.beginning(), oversize(int64(v.opt.MaxLine))
	d.Data = d.Data[:min(size, len(d.Data))]
	v.start += size
	d.Size = int64(size) + v.pass(e, ended)
	v.comma = v.list
}

// pass passes over what is left of a value, and returns how much that is.
func (v *values) pass(e *record.Extent, ended bool) (size int64) {
	for !ended {
		var n int
		n, ended = e.Scan(v.rest())
		v.start += n
		size += int64(n)
		if !ended && v.err != nil {
			break // it shows again with the next value
		}
		if !ended {
			v.fill()
		}
	}
	return size
}

// broken makes d what stands for the rest of the file.
func (v *values) broken(d *Document, err error) error {
	v.end = true
	d.At = strconv.FormatInt(v.at(), 10)
	d.Data = v.beginning()
	if err == io.EOF {
		return &record.MalformedError{Reason: record.ReasonSyntax, Detail: "a value has no end"}
	}
	return err
}
