package source

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"winnow/internal/record"
)

// table reads CSV and TSV with a header: each row is a document, read as the JSON object of its columns. A
// row with another number of fields is malformed; one with an open quote is too, and the rest of the
// file with it. Between tabs a quote that belongs to no quoted field is a character like others.
type table struct {
	opt     *Options
	r       *bufio.Reader // what in reads
	in      *allowance
	tap     *tap
	csv     *csv.Reader
	columns []string
	row     int
	end     bool
}

// tap keeps what is read until it is dropped, so that a row can be given as it stood, or be read again.
type tap struct {
	r     io.Reader
	kept  []byte
	given int   // bytes of kept that were read
	base  int64 // offset of kept[0]
}

func (t *tap) Read(p []byte) (n int, err error) {
	if t.given < len(t.kept) {
		n = copy(p, t.kept[t.given:])
	} else {
		n, err = t.r.Read(p)
		t.kept = append(t.kept, p[:n]...)
	}
	t.given += n
	return n, err
}

// upTo returns the bytes up to an offset; they are valid until the next Read.
func (t *tap) upTo(end int64) []byte {
	return t.kept[:min(end-t.base, int64(len(t.kept)))]
}

// drop forgets the first n bytes that are kept.
func (t *tap) drop(n int) {
	t.kept, t.given, t.base = t.kept[n:], t.given-n, t.base+int64(n)
}

// again gives what is kept once more, to a reader that counts from there.
func (t *tap) again() { t.given, t.base = 0, 0 }

const maxColumns = 1000

func openTable(f *file, opt *Options) (reader, error) {
	f.skipMark()
	r, head := f.r, f.head()
	if bytes.IndexByte(head, '\n') < 0 && bytes.IndexByte(head, '\r') >= 0 {
		r = bufio.NewReader(lineFeeds{r})
	}
	separator, size := separatorLine(head)
	if _, err := r.Discard(size); err != nil {
		return nil, err
	}
	if size == 0 {
		separator = comma(head)
	}
	t := &table{opt: opt, r: r, in: &allowance{r: r, left: opt.MaxLine}}
	t.tap = &tap{r: t.in}
	t.read(separator)
	columns, err := t.csv.Read()
	switch {
	case err == io.EOF:
		return t, nil // no rows
	case f.raw.err != nil:
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("no table: its header cannot be read: %w", err)
	case len(columns) > maxColumns:
		return nil, fmt.Errorf("a table of %d columns, the limit is %d", len(columns), maxColumns)
	}
	for i, c := range columns {
		t.columns = append(t.columns, columnName(c, i, t.columns, opt.Mapping))
	}
	t.tap.drop(len(t.tap.upTo(t.csv.InputOffset())))
	return t, nil
}

// read begins to read rows from the tap.
func (t *table) read(separator rune) {
	t.csv = csv.NewReader(t.tap)
	t.csv.Comma, t.csv.FieldsPerRecord, t.csv.ReuseRecord = separator, -1, true
}

func (t *table) next(d *Document) error {
	if t.end || t.columns == nil {
		return io.EOF
	}
	t.in.left = t.opt.MaxLine + len("\r\n") - len(t.tap.kept)
	fields, err := t.csv.Read()
	if err == io.EOF {
		return io.EOF
	}
	t.row++
	row := t.tap.upTo(t.csv.InputOffset())
	end := len(row)
	bad, isParse := errors.AsType[*csv.ParseError](err)
	if isParse || errors.Is(err, errAllowance) || err == nil && len(fields) != len(t.columns) {
		if plain, size := t.unquoted(row, err); plain != nil {
			fields, err, isParse, row = plain, nil, false, row[:size]
		}
	}
	if t.tap.drop(len(row)); len(row) < end {
		t.tap.again()
		t.read(t.csv.Comma)
	}
	d.At = fmt.Sprint("row ", t.row)
	d.Data = bytes.TrimRight(row, "\r\n")
	d.Size = int64(len(d.Data))
	switch {
	case errors.Is(err, errAllowance):
		t.end = true
		return &record.MalformedError{Reason: record.ReasonOversize, Detail: fmt.Sprintf("a row of more than %d bytes", t.opt.MaxLine)}
	case isParse && bytes.IndexByte(d.Data, '\n') >= 0 && t.atEnd():
		t.end = true
		return &record.MalformedError{Reason: record.ReasonSyntax, Detail: bad.Error()}
	case isParse:
		d.parse = broken(record.ReasonSyntax, bad.Error())
	case err != nil:
		return err
	case len(fields) != len(t.columns):
		d.parse = broken(record.ReasonSyntax, fmt.Sprintf("%d fields, the header has %d", len(fields), len(t.columns)))
	default:
		if !utf8.Valid(d.Data) {
			_, charset := record.DecodeText(d.Data, "text/csv") // a row says more than a field
			for i := range fields {
				fields[i], _ = record.DecodeText([]byte(fields[i]), "text/csv; charset="+charset)
			}
		}
		object := t.object(fields)
		d.parse = func(*Document) (record.Raw, error) { return record.ParseRaw(object, t.opt.Mapping) }
	}
	d.Data = d.Data[:min(len(d.Data), t.opt.MaxLine)]
	return nil
}

// unquoted reads the first line of a row that is malformed, as err says, as if nothing were quoted: that is how
// databases write tables with tabs. It is nil unless that line, and the one behind it that the quotes swallowed, have a
// field for each column. What lies behind the line, whose size it returns, is to be read again.
func (t *table) unquoted(row []byte, err error) (fields []string, size int) {
	begin := len(row) - len(bytes.TrimLeft(row, "\r\n"))
	line, rest, ended := bytes.Cut(row[begin:], []byte("\n"))
	behind, _, _ := bytes.Cut(rest, []byte("\n"))
	fits := func(line []byte) bool { return bytes.Count(line, []byte("\t")) == len(t.columns)-1 }
	if t.csv.Comma != '\t' || !ended && errors.Is(err, errAllowance) || !fits(line) || len(rest) > 0 && !fits(behind) {
		return nil, 0
	}
	for f := range strings.SplitSeq(string(bytes.TrimSuffix(line, []byte("\r"))), "\t") {
		fields = append(fields, unquote(f))
	}
	return fields, len(row) - len(rest)
}

// unquote returns what a field says that is quoted as a whole, and any other as it is.
func unquote(field string) string {
	inner, begins := strings.CutPrefix(field, `"`)
	inner, ends := strings.CutSuffix(inner, `"`)
	if !begins || !ends || strings.Contains(strings.ReplaceAll(inner, `""`, ""), `"`) {
		return field
	}
	return strings.ReplaceAll(inner, `""`, `"`)
}

// atEnd reports whether no byte follows the row. That nothing more was read says nothing about the file: it waits
// for the next byte or the end.
func (t *table) atEnd() bool {
	if len(t.tap.kept) > 0 {
		return false
	}
	_, err := t.r.Peek(1)
	return err == io.EOF
}

// object writes a row as a JSON object of strings, without the fields that are empty.
func (t *table) object(fields []string) []byte {
	size := 2
	for i, f := range fields {
		size += len(t.columns[i]) + len(f) + len(f)/8 + 8
	}
	out := append(make([]byte, 0, size), '{')
	for i, f := range fields {
		out = appendMember(out, t.columns[i], f)
	}
	return append(out, '}')
}
