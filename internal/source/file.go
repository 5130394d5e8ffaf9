package source

import (
	"bufio"
	"bytes"
	"errors"
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
	tape       *tape    // of raw
	packed     *bounded // what r reads, when the file is compressed; else nil
	closer     io.Closer
	at         *os.File // the file itself, when it is one on disk and not compressed
	outer      *file    // the archive it lies in, or nil
	narrowed   bool     // r decodes it: see narrow
	scratch    *[]byte  // a buffer that the source keeps for its readers
}

// head returns the beginning of the file, with what stands before XML's first element if that is not too much; what
// is wrong with the file will show when it is read.
func (f *file) head() []byte {
	const longest = 64 << 10 // a document type with the entities of HTML takes 10 KB
	head, _ := f.r.Peek(headSize)
	if _, ok := root(head); !ok && len(head) == headSize {
		head, _ = f.r.Peek(longest)
	}
	return head
}

// skipMark passes over a byte order mark in UTF-8, and returns how long it is.
func (f *file) skipMark() int64 {
	if !bytes.HasPrefix(f.head(), []byte(byteOrderMark)) {
		return 0
	}
	n, _ := f.r.Discard(len(byteOrderMark)) // it was looked at
	return int64(n)
}

const byteOrderMark = "\xef\xbb\xbf"

// consumed returns how much of the file has been read, in bytes as they lie on disk; what was read ahead does not
// count, so that it does not depend on how the reads fell.
func (f *file) consumed() int64 {
	if f.packed != nil {
		return f.packed.offset()
	}
	return f.raw.n - int64(f.r.Buffered())
}

func (f *file) close() {
	if f.packed != nil {
		f.packed.close()
	}
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
	tape          tape
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
	f := &file{path: e.path, name: e.name, scratch: &s.tools.scratch, raw: &rawFile{r: e.r, total: s.total}}
	if e.r == nil {
		osFile, err := os.Open(e.name)
		if err != nil {
			return nil, fmt.Errorf("file %w; start again once it can be read", err)
		}
		f.raw.r, f.closer, f.at = osFile, osFile, osFile
	}
	f.unpack(s.tools, &s.opt)
	return f, nil
}

// unpack makes f.r of f.raw: decompressed, if it is compressed, and bounded.
func (f *file) unpack(tools *tools, opt *Options) {
	t := &tools.tape
	*t = tape{r: f.raw, kept: t.kept[:0]}
	f.tape = t
	f.r = reuse(&tools.packed, t)
	if magic, _ := f.r.Peek(4); isGzip(magic) || isZstd(magic) {
		f.at = nil
		f.packed = &bounded{members: members{tape: t, in: f.r, tools: tools, places: true}, opt: opt}
		f.r = reuse(&tools.plain, f.packed)
	} else {
		t.off = true
	}
}

func reuse(b **bufio.Reader, r io.Reader) *bufio.Reader {
	if *b == nil {
		*b = bufio.NewReaderSize(r, readSize)
	}
	(*b).Reset(r)
	return *b
}

// Compression names what data is compressed with, by its first bytes: "gzip", "zstd" or "".
func Compression(data []byte) string {
	switch {
	case isGzip(data):
		return "gzip"
	case bytes.HasPrefix(data, zstdMagic):
		return "zstd"
	}
	return ""
}

// isZstd knows a frame and the skippable frame that dictionaries and indices come in.
func isZstd(magic []byte) bool {
	return bytes.Equal(magic, zstdMagic) ||
		len(magic) == 4 && magic[0]&0xf0 == 0x50 && bytes.Equal(magic[1:], []byte{0x2a, 0x4d, 0x18})
}

// bounded stops a decompression bomb: more output than MaxBytes, or than MaxRatio allows from one document to
// the next. What a file gives in documents is no bomb, however well they compress: archives hold the same page
// thousands of times, and no more than one document of them is in memory.
type bounded struct {
	members
	opt  *Options
	from mark // where the reading was when the file gave something last
}

const ratioFrom = 64 << 20 // bytes of output before the ratio says anything

// Read looks back before it reads on: whoever reads more has had all that came before.
func (b *bounded) Read(p []byte) (int, error) {
	switch plain, packed := b.out-b.from.plain, b.offset()-b.from.packed; {
	case b.out > b.opt.MaxBytes:
		b.err = &record.MalformedError{Reason: record.ReasonBomb, Detail: fmt.Sprintf("decompresses to more than %d bytes: split it", b.opt.MaxBytes)}
	case plain > ratioFrom && plain/b.opt.MaxRatio > packed:
		b.err = &record.MalformedError{Reason: record.ReasonBomb, Detail: fmt.Sprintf("decompresses to more than %d bytes without a document, %d times what they take in the file", ratioFrom, b.opt.MaxRatio)}
	}
	return b.members.Read(p) // which ends with b.err for good
}

// gave says that the file has given a document, or something that is passed over on purpose.
func (f *file) gave() {
	for ; f != nil; f = f.outer {
		if p := f.packed; p != nil {
			p.from = mark{p.offset(), p.out}
		}
	}
}

// Resync implements [warc.Members]. Behind a bomb nothing is read any more.
func (b *bounded) Resync(failure error) error {
	if errors.Is(failure, record.ErrMalformed) {
		return failure
	}
	return b.members.Resync(failure)
}
