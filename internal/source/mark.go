package source

import "maps"

// Mark is where reading can go on without reading what is before it: the beginning of a file in an input that has
// many, or a place within one.
type Mark struct {
	Path    string         // the file's path in the input
	Index   uint64         // documents of the input before it
	Files   string         // fingerprint of the files before it, from their paths, sizes and times of change
	LeftOut int            // of these, files left out
	Passed  map[string]int // and records passed over, by kind
	Place   *Place         // nil: the beginning of the file
}

// Place is where a document begins in a file of JSON lines or a web archive.
type Place struct {
	File   string // fingerprint of the file
	Offset int64  // in the file: of the document, or of the compressed part (gzip member, zstd frame) it lies in
	Plain  int64  // decompressed bytes before that part
	Inner  int64  // decompressed bytes of that part before the document
	Lines  uint64 // lines before it

	Rewinds int   // how often reading had gone back behind damage before it
	Vain    int64 // places that it had decompressed in vain there
}

// placed is a reader that can begin within its file.
type placed interface {
	at() int64                               // decompressed bytes before the document that next gives; 0 where reading cannot begin
	here() (at Place, passed map[string]int) // its place, and the records passed over since the reader began
	begin(at *Place)                         // what is read first lies there; before next
}

// Resumed returns the mark of Options.From that the source begins at, nil when it begins at its beginning: none was given, or
// their files, or some before them, have changed, gone or come.
func (s *Source) Resumed() *Mark { return s.from }

// LeftOut returns how many files were left out, wholly or their rest, and Passed how many records of web archives were passed over, by
// kind, up to the document that Next gave last. Call them from where Next is called.
func (s *Source) LeftOut() int { return s.left }

// Passed is described at [Source.LeftOut].
func (s *Source) Passed() map[string]int { return maps.Clone(s.passed) }

// count counts what is told of files and records that are no documents.
func (s *Source) count() {
	skipped, passed := s.opt.Skipped, s.opt.Passed
	s.opt.Skipped = func(path, reason string) {
		s.left++
		skipped(path, reason)
	}
	s.opt.Passed = func(path string, kinds map[string]int) {
		s.passed = plus(s.passed, kinds)
		passed(path, kinds)
	}
}

func plus(a, b map[string]int) map[string]int {
	sum := maps.Clone(a)
	for kind, n := range b {
		if sum == nil {
			sum = map[string]int{}
		}
		sum[kind] += n
	}
	return sum
}

// beginFile sets the mark for the documents of a file from its beginning, or from where it is gone on with.
func (s *Source) beginFile(e *entry) {
	switch {
	case e.from != nil:
		s.mark = s.from
	case s.many:
		s.mark = &Mark{Path: e.path, Index: s.index, Files: e.before, LeftOut: s.left, Passed: s.Passed()}
	default:
		s.mark = nil
	}
}

// maxInner is how much is decompressed at most to come to a place; in a file that is one part, documents are read and passed over
// behind it.
const maxInner = 32 << 20

// markWithin makes a mark of the document that is read next, if the last one is far behind.
func (s *Source) markWithin() {
	if r, ok := s.docs.(placed); ok && s.open.seekable() && r.at() >= s.marked+s.opt.MarkEvery {
		s.marked = r.at()
		if at, passed := r.here(); at.Inner <= maxInner {
			s.setPlace(&s.entry, at, passed)
		}
	}
}

// setPlace sets the mark for the documents from a place in the current file on.
func (s *Source) setPlace(e *entry, at Place, passed map[string]int) {
	at.File = e.print
	s.mark = &Mark{Path: e.path, Index: s.index, Files: e.before, LeftOut: s.left, Passed: plus(s.passed, passed), Place: &at}
}
