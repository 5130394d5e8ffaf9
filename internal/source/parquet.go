package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	parquetformat "github.com/parquet-go/parquet-go/format"

	"winnow/internal/record"
)

// parquetRows reads a Parquet file: each row is a document, read as the JSON object of its columns.
type parquetRows struct {
	opt    *Options
	file   *parquet.File
	pages  pageCheck
	groups int                         // row groups that were begun
	rows   *parquet.GenericReader[any] // of the last of them; nil: it is at its end
	buf    []parquet.Row
	at     int // next of buf
	n      int
}

func isParquet(head []byte) bool { return bytes.HasPrefix(head, []byte("PAR1")) }

func openParquet(f *file, opt *Options) (_ reader, err error) {
	at, size, err := f.readerAt()
	if err != nil {
		return nil, err
	}
	r := &parquetRows{opt: opt}
	err = notPanicking(func() error {
		r.file, err = parquet.OpenFile(at, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
		return err
	})
	if err != nil {
		if f.raw.err != nil {
			return nil, err
		}
		return &whole{f: f, broken: err}, nil
	}
	return r, nil
}

// notPanicking makes errors of the library's panics, which a damaged file can cause.
func notPanicking(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("parquet: %v", r)
		}
	}()
	return f()
}

const parquetBatch = 16 // rows decoded at once

func (r *parquetRows) next(d *Document) error {
	var object []byte
	err := notPanicking(func() error {
		if r.at == len(r.buf) {
			if err := r.fill(); err != nil {
				return err
			}
		}
		var row any
		if err := r.file.Schema().Reconstruct(&row, r.buf[r.at]); err != nil {
			return err
		}
		r.at++
		var err error
		object, err = json.Marshal(plainValue(withTimes(row, r.file.Schema())), json.Deterministic(true), jsontext.AllowInvalidUTF8(true))
		return err
	})
	if err != nil {
		return err
	}
	r.n++
	d.At, d.Data, d.Size = fmt.Sprint("row ", r.n), object, int64(len(object))
	d.parse = func(d *Document) (record.Raw, error) { return record.ParseRaw(d.Data, r.opt.Mapping) }
	if len(object) > r.opt.MaxLine {
		d.Data, d.parse = object[:min(len(object), cutSize)], oversize(int64(r.opt.MaxLine))
	}
	return nil
}

func (r *parquetRows) fill() error {
	if r.buf == nil {
		r.buf = make([]parquet.Row, parquetBatch)
	}
	for {
		if r.rows == nil {
			if err := r.nextGroup(); err != nil {
				return err
			}
		}
		n, err := r.rows.ReadRows(r.buf[:parquetBatch])
		r.buf, r.at = r.buf[:n], 0
		switch {
		case n > 0 && (err == nil || errors.Is(err, io.EOF)):
			return nil
		case err == nil:
			return io.ErrNoProgress
		case !errors.Is(err, io.EOF):
			return err
		}
		err = r.rows.Close()
		if r.rows = nil; err != nil {
			return err
		}
	}
}

// nextGroup begins to read a row group; io.EOF behind the last one.
func (r *parquetRows) nextGroup() error {
	groups := r.file.RowGroups()
	if r.groups == len(groups) {
		return io.EOF
	}
	if err := r.pages.check(r.file, r.groups); err != nil {
		return err
	}
	r.rows = parquet.NewGenericRowGroupReader[any](groups[r.groups])
	r.groups++
	return nil
}

// withTimes makes what records write of the times in columns, and in groups, lists and maps of them, which come as
// numbers.
func withTimes(v any, column parquet.Node) any {
	var logical parquetformat.LogicalTypeValue
	if t := column.Type().LogicalType(); t != nil {
		logical = t.Value
	}
	switch v := v.(type) {
	case map[string]any:
		if _, ok := logical.(*parquetformat.MapType); ok {
			value := elementOf(column, 1)
			for k, e := range v {
				v[k] = withTimes(e, value)
			}
			break
		}
		for _, f := range column.Fields() {
			if e, ok := v[f.Name()]; ok {
				v[f.Name()] = withTimes(e, f)
			}
		}
	case []any:
		element := elementOf(column, 0)
		for i, e := range v {
			v[i] = withTimes(e, element)
		}
	case deprecated.Int96:
		const epoch = 2_440_588 // the Julian day of 1970-01-01
		return time.Unix((int64(v[2])-epoch)*24*60*60, int64(v[1])<<32|int64(v[0])).UTC().Format(time.RFC3339Nano)
	case int32:
		if _, ok := logical.(*parquetformat.DateType); ok {
			return time.Unix(int64(v)*24*60*60, 0).UTC().Format(time.DateOnly)
		}
	case int64:
		if t, ok := logical.(*parquetformat.TimestampType); ok && t.Unit.Value != nil {
			unit := t.Unit.Value.Duration()
			second := int64(time.Second / unit)
			return time.Unix(v/second, v%second*int64(unit)).UTC().Format(time.RFC3339Nano)
		}
	}
	return v
}

// elementOf returns the column of a list's elements or, the second of two, of a map's values. They stand in a repeated
// group in the column, unless the column is repeated itself or the group is left out.
func elementOf(column parquet.Node, i int) parquet.Node {
	if column.Repeated() || column.Leaf() || len(column.Fields()) != 1 {
		return column
	}
	if column = column.Fields()[0]; column.Leaf() || i >= len(column.Fields()) {
		return column
	}
	return column.Fields()[i]
}

// plainValue makes text of bytes that are text; base64 stays for the rest.
func plainValue(v any) any {
	switch v := v.(type) {
	case []byte:
		if utf8.Valid(v) {
			return string(v)
		}
	case map[string]any:
		for k, e := range v {
			v[k] = plainValue(e)
		}
	case []any:
		for i, e := range v {
			v[i] = plainValue(e)
		}
	}
	return v
}
