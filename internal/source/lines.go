package source

import (
	"bytes"
	"fmt"
	"io"

	"winnow/internal/record"
)

// lines reads JSON lines: each line that is not blank is a document. Lines are parts of one
// buffer, so that a line is copied only when it lies across two reads.
type lines struct {
	f          *file
	r          io.Reader
	opt        *Options
	buf        *[]byte // the source's
	base       int64   // decompressed bytes of the file before buf
	start, end int     // what is read and not yet given out
	searched   int     // no line end before here
	line       uint64
	err        error // of r
}

func openLines(f *file, opt *Options) (reader, error) {
	*f.scratch = (*f.scratch)[:cap(*f.scratch)]
	if len(*f.scratch) < readSize {
		*f.scratch = make([]byte, readSize)
	}
	return &lines{f: f, r: f.r, opt: opt, buf: f.scratch}, nil
}

func (l *lines) next(d *Document) error {
	for {
		data, size, err := l.readLine()
		d.Data, d.Size, d.Line = data, size, l.line
		if err != nil {
			return err
		}
		d.Data = bytes.Trim(data, " \t\r\n")
		if l.line == 1 {
			d.Data = bytes.TrimPrefix(d.Data, []byte("\xef\xbb\xbf"))
		}
		switch {
		case size > int64(l.opt.MaxLine):
			d.parse = oversize(int64(l.opt.MaxLine))
			return nil
		case len(d.Data) > 0:
			d.Size = int64(len(d.Data))
			d.parse = l.parseJSON
			d.json = true
			return nil
		}
	}
}

func (l *lines) at() int64 { return l.base + int64(l.start) }

func (l *lines) here() (Place, map[string]int) {
	at := l.f.placeOf(l.at())
	at.Lines = l.line
	return at, nil
}

func (l *lines) begin(at *Place) { l.base, l.line = at.Plain+at.Inner, at.Lines }

func (l *lines) parseJSON(d *Document) (record.Raw, error) {
	return record.ParseRaw(d.Data, l.opt.Mapping)
}

// cutSize is what is kept of a document over the limit: as much as a dead record holds.
const cutSize = record.MaxDeadBytes

// oversize is the parse of a document that was cut.
func oversize(limit int64) func(*Document) (record.Raw, error) {
	return func(d *Document) (record.Raw, error) {
		return record.Raw{}, &record.MalformedError{Reason: record.ReasonOversize, Detail: fmt.Sprintf("%d bytes, limit %d", d.Size, limit)}
	}
}

// readLine returns the next line without its end; one that is over the limit is cut and its whole
// size returned. With an error other than io.EOF comes the line that was being read.
func (l *lines) readLine() (line []byte, size int64, err error) {
	l.line++
	for {
		buf := *l.buf
		if i := bytes.IndexByte(buf[l.searched:l.end], '\n'); i >= 0 {
			line = buf[l.start : l.searched+i]
			l.start = l.searched + i + 1
			l.searched = l.start
			return l.cut(line), int64(len(line)), nil
		}
		l.searched = l.end
		switch rest := buf[l.start:l.end]; {
		case l.err == io.EOF && len(rest) > 0:
			l.start = l.end
			return l.cut(rest), int64(len(rest)), nil
		case l.err != nil:
			l.start = l.end
			return rest, int64(len(rest)), l.err
		case len(rest) > l.opt.MaxLine:
			return l.skipLine()
		}
		l.fill()
	}
}

// cut holds a line that is in the buffer as a whole to the limit too: what becomes of a line must
// not depend on how the reads fell.
func (l *lines) cut(line []byte) []byte {
	if len(line) > l.opt.MaxLine {
		return line[:min(len(line), cutSize)]
	}
	return line
}

// fill reads more behind what there is, for which it makes room.
func (l *lines) fill() {
	buf := *l.buf
	if l.start > 0 {
		copy(buf, buf[l.start:l.end])
		l.base += int64(l.start)
		l.end -= l.start
		l.searched -= l.start
		l.start = 0
	}
	if l.end == len(buf) {
		buf = append(buf, make([]byte, len(buf))...)
		*l.buf = buf
	}
	n, err := l.r.Read(buf[l.end:])
	l.end += n
	l.err = err
}

// skipLine keeps the beginning of a line that is too long and drops the rest.
func (l *lines) skipLine() (line []byte, size int64, err error) {
	buf := *l.buf
	line = bytes.Clone(buf[l.start:min(l.end, l.start+cutSize)])
	size = int64(l.end - l.start)
	for {
		l.base += int64(l.end)
		l.start, l.end = 0, 0
		n, err := l.r.Read(buf)
		l.end, l.err = n, err
		if i := bytes.IndexByte(buf[:n], '\n'); i >= 0 {
			l.start, l.searched = i+1, i+1
			return line, size + int64(i), nil
		}
		size += int64(n)
		if err != nil {
			l.start, l.searched = n, n
			return line, size, nil //nolint:nilerr // it shows again with the next line
		}
	}
}
