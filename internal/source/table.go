package source

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"winnow/internal/record"
)

// table reads CSV and TSV with a header: each row is a document, read as the JSON object of its columns. A
// row with another number of fields is malformed; one with an open quote is too, and the rest of the
// file with it.
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

// tap keeps what is read until it is dropped, so that a row can be given as it stood.
type tap struct {
	r    io.Reader
	kept []byte
	base int64 // offset of kept[0]
}

func (t *tap) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	t.kept = append(t.kept, p[:n]...)
	return n, err
}

// take returns the bytes up to an offset and drops them; they are valid until the next Read.
func (t *tap) take(end int64) []byte {
	n := int(min(end-t.base, int64(len(t.kept))))
	out := t.kept[:n]
	t.kept, t.base = t.kept[n:], t.base+int64(n)
	return out
}

const maxColumns = 1000

func openTable(f *file, opt *Options) (reader, error) {
	r, head := f.r, f.head()
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		if _, err := r.Discard(3); err != nil {
			return nil, err
		}
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")): // as spreadsheets write "Unicode text"
		r = bufio.NewReader(transform.NewReader(f.r, unicode.BOMOverride(transform.Nop)))
		head, _ = r.Peek(r.Size())
	}
	if bytes.IndexByte(head, '\n') < 0 && bytes.IndexByte(head, '\r') >= 0 {
		r = bufio.NewReader(lineFeeds{r})
	}
	t := &table{opt: opt, r: r, in: &allowance{r: r, left: opt.MaxLine}}
	t.tap = &tap{r: t.in}
	t.csv = csv.NewReader(t.tap)
	t.csv.Comma, t.csv.FieldsPerRecord, t.csv.ReuseRecord = comma(head), -1, true
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
	t.tap.take(t.csv.InputOffset())
	return t, nil
}

// lineFeeds reads the line ends of a table that has carriage returns alone, as old spreadsheets write them.
type lineFeeds struct{ r io.Reader }

func (l lineFeeds) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	for i, c := range p[:n] {
		if c == '\r' {
			p[i] = '\n'
		}
	}
	return n, err
}

// columnName is the key a column stands for: a known name whatever its case, unless it is mapped as it stands, and no
// name twice.
func columnName(name string, i int, taken []string, mapping record.Mapping) string {
	name = strings.ToValidUTF8(strings.TrimSpace(name), "\uFFFD")
	_, mapped := mapping[name]
	if low := strings.ToLower(name); !mapped && record.Known(low) {
		name = low
	}
	if name == "" {
		name = fmt.Sprintf("column%d", i+1)
	}
	for slices.Contains(taken, name) {
		name += "_"
	}
	return name
}

// comma returns the separator of the first line.
func comma(head []byte) rune {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	best, most := ',', 0
	for _, c := range ",\t;|" {
		if n := bytes.Count(line, []byte(string(c))); n > most {
			best, most = c, n
		}
	}
	return best
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
	d.At = fmt.Sprint("row ", t.row)
	d.Data = bytes.TrimRight(t.tap.take(t.csv.InputOffset()), "\r\n")
	d.Size = int64(len(d.Data))
	bad, isParse := errors.AsType[*csv.ParseError](err)
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

// isTable knows a header of two columns or more, one of which holds an address or a text, with a
// second line behind it.
func isTable(head []byte) bool {
	line, rest, ok := bytes.Cut(head, []byte("\n"))
	if !ok || len(bytes.TrimSpace(rest)) == 0 {
		return false
	}
	columns := strings.FieldsFunc(strings.ToLower(string(bytes.TrimSpace(line))), func(r rune) bool { return r == comma(head) })
	known := false
	for i := range columns {
		c := strings.Trim(columns[i], `" `)
		if c == "" || len(c) > 64 || strings.ContainsAny(c, ".!?<>{}") {
			return false
		}
		known = known || slices.Contains([]string{"url", "link", "text", "html", "body", "content", "maintext", "article_text"}, c)
	}
	return known && len(columns) > 1
}
