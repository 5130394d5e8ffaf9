package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"sync/atomic"

	"winnow/internal/record"
)

// Options are the bounds and the reading of foreign keys. The zero value is good.
type Options struct {
	Mapping   record.Mapping                          // keys of JSON documents; nil: the built-in aliases
	From      []*Mark                                 // begin at the first of them whose file, and those before it, are what they were; see Resumed
	Stdin     io.Reader                               // what "-" reads; default os.Stdin
	Skipped   func(path, reason string)               // called for each file that is left out, or its rest; default: nobody is told
	Passed    func(path string, kinds map[string]int) // called at the end of an archive with its records that are no documents, by kind; see PassedKinds
	Readers   int                                     // files read at once where an input has many; 0: as many as there are CPUs, at most four; changes no result
	MaxLine   int                                     // bytes of one JSON document; default 64 MiB
	ListFrom  int                                     // bytes from which on a JSON object that is a list of articles is read element by element, and not as one document; default and most 8 MiB and MaxLine
	MaxFile   int                                     // bytes of a text, an HTML page or an archived record; default 32 MiB, which is what a record takes
	MaxBytes  int64                                   // bytes of one file, decompressed; default 1 TiB
	MarkEvery int64                                   // bytes between two marks within a file, decompressed, at least; default 8 MiB
	MaxRatio  int64                                   // decompressed to compressed bytes, of what gives no document and of zip archives; looked at from 64 MiB on; default 250
}

func (o *Options) setDefaults() {
	if o.Stdin == nil {
		o.Stdin = os.Stdin
	}
	if o.Skipped == nil {
		o.Skipped = func(string, string) {}
	}
	if o.Passed == nil {
		o.Passed = func(string, map[string]int) {}
	}
	if o.MaxLine == 0 {
		o.MaxLine = 64 << 20
	}
	if o.ListFrom == 0 {
		o.ListFrom = min(8<<20, o.MaxLine)
	}
	if o.MaxFile == 0 {
		o.MaxFile = record.MaxText
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = 1 << 40
	}
	if o.MarkEvery == 0 {
		o.MarkEvery = 8 << 20
	}
	if o.MaxRatio == 0 {
		o.MaxRatio = 250
	}
}

// Document is one document of an input.
type Document struct {
	Path  string // the file's place in the input: relative for a directory, the name for a file, "-" for standard input
	Index uint64 // ordinal in the input, from 0
	Data  []byte // as it stood: a line without its end, a file; valid until the next call of Next
	Size  int64  // bytes it had; more than len(Data) when it was over the limit and was cut
	Line  uint64 // line of the file on which it begins, or the list that it is of, from 1; 0 where lines mean nothing
	Mark  *Mark  // from which on it can be reached; nil: from the beginning of the input
	At    string // where in the file it begins, where lines mean nothing: an offset in the decompressed bytes, that of a compressed member + one in it, a row; or ""

	parse func(*Document) (record.Raw, error)
	own   bool // Data is nobody else's
	json  bool // it may hold several: see record.Split
}

// Own makes Data stay valid behind the next call of Next.
func (d *Document) Own() {
	if !d.own {
		d.Data, d.own = bytes.Clone(d.Data), true
	}
}

// Raw returns the document as a record. An error wraps record.ErrMalformed: then Data is what
// there is of it.
func (d *Document) Raw() (record.Raw, error) { return d.parse(d) }

// Where names the document's place for a person.
func (d *Document) Where() string {
	where := d.Path
	if d.Line > 0 {
		where += fmt.Sprint(":", d.Line)
	}
	if d.At != "" {
		where += "@" + d.At
	}
	return where
}

// Source is an iterator over the documents of one input. One goroutine uses it; Bytes may be
// called from others.
type Source struct {
	input  string
	opt    Options
	key    string
	many   bool // it may be more than one file
	files  func() (entry, error, bool)
	stop   func()
	open   *file      // the current file, nil between files
	entry  entry      // it
	mark   *Mark      // of the documents that are given
	marked int64      // decompressed bytes of the file before it
	docs   reader     // its documents
	parts  []Document // of the last one, which held several
	index  uint64
	read   atomic.Int64
	total  *atomic.Int64 // where what is read is counted: read, or that of the Source this one works for
	tools  *tools
	lanes  *lanes // nil when files are read one after the other

	from   *Mark          // where the input began; nil: at its beginning
	left   int            // files left out
	passed map[string]int // records passed over
}

// reader gives the documents of one file: it sets Data, Size, Line and parse.
type reader interface {
	next(*Document) error // io.EOF at the end
}

// Open opens an input: "-" for standard input, a file, a directory (recursive; hidden files and
// links to directories are left out), or a glob in the syntax of path/filepath. Reading standard
// input ends with ctx; other reads do not look at it.
func Open(ctx context.Context, input string, opt Options) (*Source, error) {
	opt.setDefaults()
	s := &Source{input: input, opt: opt, tools: &tools{}, passed: map[string]int{}}
	s.total = &s.read
	s.count()
	seq, key, err := s.expand(ctx)
	if err != nil {
		return nil, err
	}
	s.key = key
	seq = s.resume(ctx, chained(seq))
	if n := opt.AtOnce(); n > 1 && s.many {
		s.startLanes(ctx, n, seq)
	} else {
		s.files, s.stop = iter.Pull2(seq)
	}
	return s, nil
}

// Key identifies the input for checkpoints: 16 hexadecimal digits. It depends on the absolute
// path; for standard input and pipes, on the first bytes read.
func (s *Source) Key() string { return s.key }

// Bytes returns how much of the input has been read, in bytes as they lie on disk.
func (s *Source) Bytes() int64 { return s.read.Load() }

// Next returns the next document, or io.EOF. Any other error ends the input; it names the file,
// the place and what to do.
func (s *Source) Next() (Document, error) {
	if s.lanes != nil {
		return s.nextInLane()
	}
	if len(s.parts) > 0 {
		doc := s.parts[0]
		doc.Index, s.parts = s.index, s.parts[1:]
		s.index++
		return doc, nil
	}
	for {
		if s.open == nil {
			if err := s.nextFile(); err != nil {
				return Document{}, err
			}
		}
		s.markWithin()
		doc := Document{Path: s.open.path, Index: s.index, Mark: s.mark}
		err := s.docs.next(&doc)
		switch {
		case err == nil:
			s.open.gave()
			if doc.json {
				if record.IsEmptyList(doc.Data, s.opt.Mapping) {
					continue
				}
				s.split(&doc)
			}
			s.index++
			return doc, nil
		case err == io.EOF:
			s.closeFile()
			continue
		case s.open.raw.err != nil:
			return Document{}, fmt.Errorf("%s: at byte %d: %w; %d documents were read; start again once it can be read", s.open.name, s.open.raw.n, s.open.raw.err, s.index)
		}
		doc.brokenAt(s.open, &s.opt, err)
		s.closeFile()
		s.index++
		return doc, nil
	}
}

// split makes a document that holds several the first of them and keeps the others for later.
func (s *Source) split(doc *Document) {
	parts := record.Split(doc.Data, s.opt.Mapping)
	if parts == nil {
		return
	}
	doc.Data, doc.Size, doc.own = parts[0], int64(len(parts[0])), true
	for _, part := range parts[1:] {
		other := *doc
		other.Data, other.Size = part, int64(len(part))
		s.parts = append(s.parts, other)
	}
}

// brokenAt makes d the document that stands for the rest of a file, which is left out. Data keeps what the
// reader had.
func (d *Document) brokenAt(f *file, opt *Options, err error) {
	cause, ok := errors.AsType[*record.MalformedError](err)
	if !ok {
		cause = &record.MalformedError{Reason: record.ReasonBrokenFile, Detail: err.Error()}
	}
	d.Size = max(d.Size, int64(len(d.Data)))
	detail := cause.Detail + "; the rest of the file is left out"
	if d.At == "" {
		detail = fmt.Sprintf("at byte %d of the file: %s", f.consumed(), detail)
	}
	d.parse = broken(cause.Reason, detail)
	opt.Skipped(f.name, fmt.Sprintf("its rest, from %s on: %s", d.Where(), cause.Detail))
}

// nextFile opens the next file that has a known format.
func (s *Source) nextFile() error {
	for {
		e, err, ok := s.files()
		if !ok {
			return io.EOF
		}
		if err != nil {
			return err
		}
		f, err := s.openFile(e)
		if err != nil {
			return err
		}
		docs, err := recognise(f, &s.opt)
		if err == nil {
			if err := s.begin(f, docs, &e); err != nil {
				f.close()
				return fmt.Errorf("%s: %w", e.name, err)
			}
			s.open, s.docs, s.entry = f, docs, e
			return nil
		}
		f.close()
		if e.alone || f.raw.err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
		s.opt.Skipped(e.name, err.Error())
	}
}

func (s *Source) closeFile() {
	s.open.close()
	s.open, s.docs = nil, nil
}

// Close releases the input.
func (s *Source) Close() error {
	if s.lanes != nil {
		s.lanes.close()
		return nil
	}
	if s.open != nil {
		s.closeFile()
	}
	s.stop()
	s.tools.close()
	return nil
}
