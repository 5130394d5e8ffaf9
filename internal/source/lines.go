package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"winnow/internal/record"
)

// lines reads JSON lines: each line that is not blank is a document, or a large list of them.
type lines struct {
	window
	f    *file
	opt  *Options
	line uint64
	list *values // in a line that is a large list of articles, or that one begins in; else nil
	over bool    // whether list goes over the lines behind
}

func openLines(f *file, opt *Options) (reader, error) {
	l := &lines{window: openWindow(f.r, f.scratch), f: f, opt: opt}
	l.base = f.skipMark()
	return l, nil
}

func (l *lines) next(d *Document) error {
	for {
		if l.list != nil {
			given, err := l.listed(d)
			if d.Line = l.line; given || err != nil {
				return err
			}
		}
		data, size, err := l.readLine()
		if l.list != nil {
			continue
		}
		d.Data, d.Size, d.Line = data, size, l.line
		if err != nil {
			return err
		}
		d.Data = bytes.Trim(data, " \t\r\n")
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

// at implements [placed]: within a list there is no place.
func (l *lines) at() int64 {
	if l.list != nil {
		return 0
	}
	return l.window.at()
}

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
// size returned. With an error other than io.EOF comes the line that was being read. A line that is a large list is
// entered instead.
func (l *lines) readLine() (line []byte, size int64, err error) {
	l.line++
	for n, looked := 0, false; ; l.fill() {
		line = l.rest()
		i := bytes.IndexByte(line[n:], '\n')
		if i >= 0 {
			line = line[:n+i]
		}
		n = len(line)
		l.over = i >= 0 && l.beginsList(line)
		if l.over || !looked && n >= l.opt.ListFrom { // what is looked at must not depend on how the reads fell
			looked = true
			if at := record.ArticlesAt(line[:min(n, l.opt.ListFrom)], l.opt.Mapping); at >= 0 {
				l.enter(at + 1)
				return nil, 0, nil
			}
		}
		switch {
		case i >= 0:
			l.start += n + 1
			return l.cut(line), int64(n), nil
		case l.err == io.EOF && n > 0:
			l.start = l.end
			return l.cut(line), int64(n), nil
		case l.err != nil:
			l.start = l.end
			return line, int64(n), l.err
		case n > l.opt.MaxLine:
			return l.skipLine()
		}
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

// skipLine keeps the beginning of a line that is too long and drops the rest.
func (l *lines) skipLine() (line []byte, size int64, err error) {
	line = bytes.Clone(l.rest()[:min(len(l.rest()), cutSize)])
	for {
		size += int64(len(l.rest()))
		l.start = l.end
		if l.err != nil {
			return line, size, nil //nolint:nilerr // it shows again with the next line
		}
		l.fill()
		if i := bytes.IndexByte(l.rest(), '\n'); i >= 0 {
			l.start += i + 1
			return line, size + int64(i), nil
		}
	}
}

// beginsList reports whether a line may be the first of a file and of a list that has an article a line.
func (l *lines) beginsList(line []byte) bool {
	if l.line != 1 || l.f == nil || slices.Contains(lineSuffixes, suffixOf(l.f.path)) {
		return false
	}
	line, comma := bytes.CutSuffix(bytes.TrimRight(line, " \t\r"), []byte(","))
	return comma && isOpen(line)
}

// enter begins to read the list that begins in a line, n bytes from here.
func (l *lines) enter(n int) {
	l.start += n
	l.list = &values{window: openWindow(restOfLine{l}, new([]byte)), opt: l.opt, list: true, wrapped: true}
	l.list.base = l.window.at()
}

// listed gives the next document of the list, or leaves its line.
func (l *lines) listed(d *Document) (given bool, err error) {
	err = l.list.next(d)
	if err == nil {
		return true, nil
	}
	if l.err != nil && l.err != io.EOF {
		return true, err // of the file
	}
	bad, isBad := errors.AsType[*record.MalformedError](err)
	if isBad {
		rest := "; the rest of the line is left out"
		if l.over {
			rest = "; the rest of the file is left out"
		}
		d.Size, d.parse = int64(len(d.Data)), broken(bad.Reason, bad.Detail+rest)
	}
	l.list = nil
	if _, err := io.Copy(io.Discard, restOfLine{l}); err != nil {
		return true, err
	}
	l.start += min(1, len(l.rest()))
	return isBad, nil
}

// restOfLine reads up to the end of the line, which stays, or that of the file if the list goes over it.
type restOfLine struct{ l *lines }

func (r restOfLine) Read(p []byte) (int, error) {
	l := r.l
	if len(l.rest()) == 0 && l.err == nil {
		l.fill()
	}
	line, ended := l.rest(), false
	if !l.over {
		line, _, ended = bytes.Cut(line[:min(len(line), len(p)+1)], []byte("\n"))
	}
	n := copy(p, line)
	l.start += n
	switch {
	case n > 0:
		return n, nil
	case ended:
		return 0, io.EOF
	case len(l.rest()) == 0:
		return 0, l.err
	}
	return 0, nil
}
