package source

import (
	"bufio"
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
	"github.com/parquet-go/parquet-go/encoding/thrift"
	parquetformat "github.com/parquet-go/parquet-go/format"

	"winnow/internal/record"
)

// parquetRows reads a Parquet file: each row is a document, read as the JSON object of its columns.
type parquetRows struct {
	opt  *Options
	rows *parquet.GenericReader[any]
	buf  []parquet.Row
	at   int // next of buf
	n    int
}

func isParquet(head []byte) bool { return bytes.HasPrefix(head, []byte("PAR1")) }

func openParquet(f *file, opt *Options) (_ reader, err error) {
	at, size, err := f.readerAt()
	if err != nil {
		return nil, err
	}
	r := &parquetRows{opt: opt}
	err = notPanicking(func() error {
		file, err := parquet.OpenFile(at, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
		if err != nil {
			return err
		}
		if err := checkPages(file); err != nil {
			return err
		}
		r.rows = parquet.NewGenericReader[any](file)
		return nil
	})
	if err != nil {
		if f.raw.err != nil {
			return nil, err
		}
		return &whole{f: f, broken: err}, nil
	}
	return r, nil
}

// checkPages reads the headers of all pages, as the library takes the memory that they announce. One that cannot be
// read ends its column here and shows when the page is read.
func checkPages(file *parquet.File) error {
	const maxValues = maxMemory / 4 // of four bytes or more
	var protocol thrift.CompactProtocol
	in := bufio.NewReader(nil)
	for _, group := range file.Metadata().RowGroups {
		for _, column := range group.Columns {
			at, end := column.MetaData.DataPageOffset, file.Size()
			if first := column.MetaData.DictionaryPageOffset; first != 0 {
				at = first
			}
			if size := column.MetaData.TotalCompressedSize; size < end-at {
				end = at + size
			}
			for at < end {
				section := io.NewSectionReader(file, at, end-at)
				in.Reset(section)
				var h parquetformat.PageHeader
				if thrift.NewDecoder(protocol.NewReader(in)).Decode(&h) != nil || h.CompressedPageSize < 0 {
					break
				}
				size := max(h.UncompressedPageSize, h.CompressedPageSize)
				values := max(h.DataPageHeader.V.NumValues, h.DataPageHeaderV2.V.NumValues, h.DictionaryPageHeader.V.NumValues)
				if size > maxMemory || values > maxValues {
					return fmt.Errorf("parquet: a page of %d bytes and %d values at byte %d, the limits are %d and %d", size, values, at, maxMemory, maxValues)
				}
				read, _ := section.Seek(0, io.SeekCurrent)
				at += read - int64(in.Buffered()) + int64(h.CompressedPageSize)
			}
		}
	}
	return nil
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
		if err := r.rows.Schema().Reconstruct(&row, r.buf[r.at]); err != nil {
			return err
		}
		r.at++
		var err error
		object, err = json.Marshal(plainValue(withTimes(row, r.rows.Schema())), json.Deterministic(true), jsontext.AllowInvalidUTF8(true))
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
	r.buf, r.at = r.buf[:cap(r.buf)], 0
	if len(r.buf) == 0 {
		r.buf = make([]parquet.Row, parquetBatch)
	}
	n, err := r.rows.ReadRows(r.buf)
	r.buf = r.buf[:n]
	switch {
	case n > 0 && (err == nil || errors.Is(err, io.EOF)):
		return nil
	case err == nil:
		return io.ErrNoProgress
	}
	return err
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
