package segment

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"
)

// Bounds of a row group: what a writer and most readers hold in memory. The first that is reached
// ends it.
const (
	groupRows  = 16 << 10
	groupBytes = 32 << 20 // of lines
)

// pageBytes is what of a column is compressed at once, in bytes; as large as a frame of JSON lines.
const pageBytes = 1 << 20

// parquetPath returns the path of the Parquet twin of an open data file.
func parquetPath(d *dataFile) string {
	return strings.TrimSuffix(d.f.Name(), JSONL.suffix()) + Parquet.suffix()
}

// convert makes the Parquet file of a finished file of JSON lines, durably, and returns what the
// manifest says of it. The bytes are a function of the lines. Memory: a row group.
func convert(d *dataFile) (File, error) {
	switch d.kind {
	case Clean:
		return convertTo[CleanRow](d)
	case Dup:
		return convertTo[DupRow](d)
	default:
		return convertTo[DeadRow](d)
	}
}

func convertTo[T any, P row[T]](d *dataFile) (_ File, err error) {
	in, err := os.Open(d.f.Name())
	if err != nil {
		return File{}, err
	}
	dec := newDecoder()
	defer dec.Close()
	lines := &frameReader{blob: osBlob{in, d.meta.Bytes}, meta: &d.meta, dec: dec}
	defer lines.close()
	out, err := os.Create(parquetPath(d))
	if err != nil {
		return File{}, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	f := d.meta
	f.Format, f.Frames, f.Bytes = Parquet, []Frame{}, 0
	sum := sha256.New()
	to := bufio.NewWriterSize(counter{io.MultiWriter(out, sum), &f.Bytes}, 256<<10)
	w := parquet.NewGenericWriter[T](to,
		parquet.Compression(&zstd.Codec{Level: zstd.SpeedFastest}),
		parquet.CreatedBy("winnow", "1", ""),
		parquet.PageBufferSize(pageBytes),
		parquet.DataPageStatistics(false)) // they repeat the bounds of a column and its index, four times, and hold whole texts
	if err := writeRows[T, P](w, lines); err != nil {
		return File{}, err
	}
	if err := errors.Join(w.Close(), to.Flush(), out.Sync()); err != nil {
		return File{}, err
	}
	f.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return f, nil
}

// writeRows writes all lines as rows, in bounded row groups.
func writeRows[T any, P row[T]](w *parquet.GenericWriter[T], lines lineReader) error {
	rows := make([]T, 0, 64)
	var buf []byte
	for n, size := 0, 0; ; n++ {
		line, err := lines.line()
		full := n == groupRows || size >= groupBytes
		if len(rows) == cap(rows) || full || err != nil {
			if _, err := w.Write(rows); err != nil {
				return err
			}
			rows = rows[:0]
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if full {
			if err := w.Flush(); err != nil {
				return err
			}
			n, size = 0, 0
		}
		size += len(line)
		rows = rows[:len(rows)+1]
		if buf, err = fill[T, P](&rows[len(rows)-1], line, buf); err != nil {
			return fmt.Errorf("%w: %w", ErrRecord, err)
		}
	}
}

// counter adds up what is written.
type counter struct {
	w io.Writer
	n *int64
}

func (c counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	*c.n += int64(n)
	return n, err
}

// openParquet opens a Parquet file of ours as lines.
func openParquet(b Blob, meta *File) (lineReader, error) {
	f, err := parseParquet(b)
	if err != nil {
		return nil, errors.Join(damage(meta, err), b.Close())
	}
	switch k, _ := ParseKind(meta.Kind); k { // the manifest was checked
	case Clean:
		return newRowReader[CleanRow](b, f, meta), nil
	case Dup:
		return newRowReader[DupRow](b, f, meta), nil
	default:
		return newRowReader[DeadRow](b, f, meta), nil
	}
}

// parseParquet reads the end of a Parquet file; the library panics about some damage.
func parseParquet(b Blob) (f *parquet.File, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	return parquet.OpenFile(b, b.Size(), parquet.SkipBloomFilters(true))
}

// rowReader reads the rows of a Parquet file as the lines they were made from.
type rowReader[T any, P row[T]] struct {
	blob Blob
	meta *File
	f    *parquet.File
	r    *parquet.GenericReader[T]
	rows [64]T
	i, n int // rows[i:n] are to come
	buf  []byte
}

func newRowReader[T any, P row[T]](b Blob, f *parquet.File, meta *File) *rowReader[T, P] {
	return &rowReader[T, P]{blob: b, meta: meta, f: f, r: parquet.NewGenericReader[T](f)}
}

func (r *rowReader[T, P]) damage(err error) error { return damage(r.meta, err) }

// seek goes to the row group that may hold seq, by what the file says of its groups.
func (r *rowReader[T, P]) seek(seq uint64) {
	row := int64(0)
	for _, g := range r.f.RowGroups() {
		index, err := g.ColumnChunks()[1].ColumnIndex() // seq
		if err != nil || index.NumPages() == 0 || index.MaxValue(index.NumPages()-1).Int64() >= int64(seq) {
			break
		}
		row += g.NumRows()
	}
	if r.r.SeekToRow(row) != nil {
		r.r.Reset()
	}
	r.i, r.n = 0, 0
}

func (r *rowReader[T, P]) line() (_ []byte, err error) {
	defer func() { // as in parseParquet
		if p := recover(); p != nil {
			err = r.damage(fmt.Errorf("%v", p))
		}
	}()
	if r.i == r.n {
		r.i = 0
		clear(r.rows[:])
		if r.n, err = r.r.Read(r.rows[:]); r.n == 0 {
			if err == nil || err == io.EOF {
				return nil, io.EOF
			}
			return nil, r.damage(err)
		}
	}
	r.buf = appendLine[T, P](r.buf[:0], &r.rows[r.i])
	r.i++
	return r.buf, nil
}

func (r *rowReader[T, P]) close() error { return errors.Join(r.r.Close(), r.blob.Close()) }
