package source

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"winnow/internal/record"
)

const readSize = 256 << 10 // bytes asked of the operating system at once

// file is one opened file: r gives its bytes decompressed and bounded.
type file struct {
	path, name string
	raw        *rawFile
	r          *bufio.Reader
	closer     io.Closer
	scratch    *[]byte // a buffer that the source keeps for its readers
}

// head returns the beginning of the file; what is wrong with the file will show when it is read.
func (f *file) head() []byte {
	head, _ := f.r.Peek(headSize)
	return head
}

func (f *file) close() {
	if f.closer != nil {
		f.closer.Close() // opened to read: nothing can be lost
	}
}

// rawFile counts what is read and remembers a failure of the system, so that it can be told from
// broken data whatever a decompressor makes of it.
type rawFile struct {
	r     io.Reader
	n     int64
	total *atomic.Int64
	err   error
}

func (f *rawFile) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	f.n += int64(n)
	f.total.Add(int64(n))
	if err != nil && err != io.EOF {
		f.err = err
	}
	return n, err
}

// tools are kept from file to file: they are costly to make.
type tools struct {
	packed, plain *bufio.Reader
	gzip          *gzip.Reader
	zstd          *zstd.Decoder
	scratch       []byte
}

func (t *tools) close() {
	if t.zstd != nil {
		t.zstd.Close()
	}
}

func (s *Source) openFile(e entry) (*file, error) {
	f := &file{path: e.path, name: e.name, scratch: &s.tools.scratch, raw: &rawFile{r: e.r, total: &s.read}}
	if e.r == nil {
		osFile, err := os.Open(e.name)
		if err != nil {
			return nil, fmt.Errorf("file %w; start again once it can be read", err)
		}
		f.raw.r, f.closer = osFile, osFile
	}
	packed := reuse(&s.tools.packed, f.raw)
	magic, _ := packed.Peek(4)
	var plain io.Reader
	var err error
	switch {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		plain, err = s.tools.openGzip(packed)
	case isZstd(magic):
		plain, err = s.tools.openZstd(packed)
	default:
		f.r = packed
		return f, nil
	}
	if err != nil {
		plain = failing{err}
	}
	f.r = reuse(&s.tools.plain, &bounded{r: plain, in: f.raw, opt: &s.opt})
	return f, nil
}

func reuse(b **bufio.Reader, r io.Reader) *bufio.Reader {
	if *b == nil {
		*b = bufio.NewReaderSize(r, readSize)
	}
	(*b).Reset(r)
	return *b
}

// isZstd knows a frame and the skippable frame that dictionaries and indices come in.
func isZstd(magic []byte) bool {
	return bytes.Equal(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}) ||
		len(magic) == 4 && magic[0]&0xf0 == 0x50 && bytes.Equal(magic[1:], []byte{0x2a, 0x4d, 0x18})
}

func (t *tools) openGzip(r io.Reader) (_ io.Reader, err error) {
	if t.gzip == nil {
		t.gzip, err = gzip.NewReader(r)
		return t.gzip, err
	}
	return t.gzip, t.gzip.Reset(r)
}

func (t *tools) openZstd(r io.Reader) (_ io.Reader, err error) {
	if t.zstd == nil {
		t.zstd, err = zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(128<<20))
		return t.zstd, err
	}
	return t.zstd, t.zstd.Reset(r)
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// bounded stops a decompression bomb: more output than MaxBytes, or than MaxRatio allows.
type bounded struct {
	r   io.Reader
	in  *rawFile
	out int64
	opt *Options
}

const ratioFrom = 64 << 20 // bytes of output before the ratio says anything

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.out += int64(n)
	switch {
	case b.out > b.opt.MaxBytes:
		return 0, &record.MalformedError{Reason: record.ReasonBomb, Detail: fmt.Sprintf("decompresses to more than %d bytes", b.opt.MaxBytes)}
	case b.out > ratioFrom && b.out/b.opt.MaxRatio > b.in.n:
		return 0, &record.MalformedError{Reason: record.ReasonBomb, Detail: fmt.Sprintf("decompresses to more than %d times its size", b.opt.MaxRatio)}
	}
	return n, err
}
