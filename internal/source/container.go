package source

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/klauspost/compress/zstd"

	"winnow/internal/record"
)

// container reads the files of a tar or zip archive in its own order, each by its format. Nothing is
// written to disk; a name is only what the documents' path says. Archives in archives are left out.
type container struct {
	f       *file
	opt     *Options
	entries func() (name string, r io.Reader, err error) // the next regular file, io.EOF at the end
	size    int64                                        // of a zip archive, in bytes: its files may be the same bytes again and again; else 0
	out     int64                                        // bytes that came out
	bomb    error
	tools   tools
	scratch []byte
	inner   *file // nil between files
	docs    reader
}

func isTar(head []byte) bool { return len(head) > 262 && string(head[257:262]) == "ustar" }

func isZip(head []byte) bool {
	return bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("PK\x05\x06"))
}

func openTar(f *file, opt *Options) (reader, error) {
	if f.outer != nil {
		return nil, errNested
	}
	r := tar.NewReader(f.r)
	c := &container{f: f, opt: opt}
	c.entries = func() (string, io.Reader, error) {
		for {
			h, err := r.Next()
			if err != nil {
				return "", nil, err
			}
			f.gave()
			if h.Typeflag == tar.TypeReg {
				return h.Name, r, nil
			}
			if h.Typeflag != tar.TypeDir && h.Typeflag != tar.TypeXGlobalHeader {
				c.skip(h.Name, "not a regular file")
			}
		}
	}
	return c, nil
}

// packages are files that are zip archives and not meant as such.
var packages = []string{".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".jar", ".apk", ".xpi"}

var errNested = fmt.Errorf("an archive in an archive: unpack it first")

func openZip(f *file, opt *Options) (reader, error) {
	switch {
	case f.outer != nil:
		return nil, errNested
	case slices.Contains(packages, path.Ext(strings.ToLower(f.path))):
		return nil, fmt.Errorf("a document or package that is no archive of pages")
	}
	at, size, err := f.readerAt()
	if err != nil {
		return nil, err
	}
	z, err := zip.NewReader(at, size)
	if err != nil {
		if f.raw.err != nil {
			return nil, err
		}
		return &whole{f: f, broken: err}, nil
	}
	z.RegisterDecompressor(zstd.ZipMethodWinZip, zstd.ZipDecompressor(zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow)))
	c := &container{f: f, opt: opt, size: size}
	list := z.File
	var open io.Closer
	c.entries = func() (string, io.Reader, error) {
		if open != nil {
			open.Close() // it was only read
		}
		for open = nil; len(list) > 0; {
			e := list[0]
			list = list[1:]
			switch {
			case strings.HasSuffix(e.Name, "/"):
			case !e.Mode().IsRegular():
				c.skip(e.Name, "not a regular file")
			case e.Flags&1 != 0:
				c.skip(e.Name, "encrypted")
			default:
				r, err := e.Open()
				if err != nil {
					c.skip(e.Name, err.Error())
					continue
				}
				open = r
				return e.Name, r, nil
			}
		}
		return "", nil, io.EOF
	}
	return c, nil
}

func (c *container) skip(name, reason string) { c.opt.Skipped(c.f.name+"/"+insidePath(name), reason) }

// insidePath makes of an entry's name a path that stays inside: no way up, no root, no drive, nothing
// that is no text.
func insidePath(name string) string {
	const longest = 1 << 10
	name = strings.ToValidUTF8(strings.ReplaceAll(name[:min(len(name), longest)], `\`, "/"), "\uFFFD")
	name = strings.Map(func(r rune) rune {
		if r < ' ' {
			return '\uFFFD'
		}
		return r
	}, name)
	return path.Clean("/" + name)[1:]
}

func hidden(name string) bool {
	return strings.HasPrefix(name, ".") || strings.Contains(name, "/.") || strings.HasPrefix(name, "__MACOSX/")
}

func (c *container) next(d *Document) error {
	for {
		if c.docs == nil {
			if err := c.open(); err != nil {
				return err
			}
		}
		d.Path = c.inner.path
		err := c.docs.next(d)
		switch {
		case err == nil:
			c.inner.gave()
			return nil
		case err == io.EOF:
			c.shut()
			continue
		case c.f.raw.err != nil || c.bomb != nil:
			return err
		}
		d.brokenAt(c.inner, c.opt, err)
		c.shut()
		return nil
	}
}

func (c *container) shut() {
	c.inner.close()
	c.inner, c.docs = nil, nil
}

// open opens the next file that has a known format.
func (c *container) open() error {
	for {
		name, r, err := c.entries()
		if err == io.EOF {
			c.tools.close()
		}
		if err != nil {
			return err
		}
		name = insidePath(name)
		if hidden(name) || name == "" {
			continue
		}
		f := &file{path: c.f.path + "/" + name, name: c.f.name + "/" + name, scratch: &c.scratch, outer: c.f}
		f.raw = &rawFile{r: &guard{c, r}, total: new(atomic.Int64)}
		f.unpack(&c.tools, c.opt)
		docs, err := recognise(f, c.opt)
		if err == nil {
			c.inner, c.docs = f, docs
			return nil
		}
		f.close()
		switch {
		case c.f.raw.err != nil || c.bomb != nil:
			return err
		case f.raw.err != nil:
			c.inner, c.docs = f, &whole{f: f, broken: err}
			return nil //nolint:nilerr // the file is a malformed document
		}
		c.opt.Skipped(f.name, err.Error())
	}
}

// guard reads one file of the archive and stops the whole archive when it is a zip bomb. A tar is read from its
// beginning to its end, once: what bounds that is [bounded].
type guard struct {
	c *container
	r io.Reader
}

func (g *guard) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	c := g.c
	c.out += int64(n)
	if errors.Is(err, record.ErrMalformed) {
		c.bomb = err // of the archive
	}
	if c.size > 0 && (c.out > c.opt.MaxBytes || c.out > ratioFrom && c.out/c.opt.MaxRatio > c.size) {
		c.bomb = &record.MalformedError{Reason: record.ReasonBomb, Detail: fmt.Sprintf("the files of the archive have more than %d times its size; unpack it first", c.opt.MaxRatio)}
		return 0, c.bomb
	}
	return n, err
}

// maxMemory is how much of a file is kept in memory whose format has to be read from its end, when it
// does not lie on disk as it is.
const maxMemory = 256 << 20 // bytes

// readerAt gives the whole file for reading at any place.
func (f *file) readerAt() (io.ReaderAt, int64, error) {
	if f.at != nil {
		info, err := f.at.Stat()
		if err != nil {
			return nil, 0, err
		}
		return &countedAt{f.raw, f.at}, info.Size(), nil
	}
	data, err := io.ReadAll(io.LimitReader(f.r, maxMemory+1))
	if err == nil && len(data) > maxMemory {
		err = fmt.Errorf("a file of this format is read from its end: save it, uncompressed, when it has more than %d bytes", maxMemory)
	}
	return bytes.NewReader(data), int64(len(data)), err
}

// countedAt counts as rawFile does.
type countedAt struct {
	raw *rawFile
	at  io.ReaderAt
}

func (c *countedAt) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.at.ReadAt(p, off)
	c.raw.n += int64(n)
	c.raw.total.Add(int64(n))
	if err != nil && err != io.EOF {
		c.raw.err = err
	}
	return n, err
}
