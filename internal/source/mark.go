package source

import (
	"context"
	"encoding/hex"
	"fmt"
	"iter"
	"maps"
	"os"

	"github.com/cespare/xxhash/v2"
)

// Mark is the beginning of a file in an input that has many, and what to know to go on there without reading
// the files before it.
type Mark struct {
	Path    string         // the file's path in the input
	Index   uint64         // documents of the input before it
	Files   string         // fingerprint of the files before it, from their paths, sizes and times of change
	LeftOut int            // of these, files left out
	Passed  map[string]int // and records passed over, by kind
}

// Resumed tells whether the source begins at Options.From. It begins at its beginning when a file before it has
// changed, gone or come.
func (s *Source) Resumed() bool { return s.resumed }

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
		for kind, n := range kinds {
			s.passed[kind] += n
		}
		passed(path, kinds)
	}
}

// markOf returns the mark of the current file.
func (s *Source) markOf(e *entry) *Mark {
	if s.mark == nil && s.many {
		s.mark = &Mark{Path: e.path, Index: s.index, Files: e.before, LeftOut: s.left, Passed: s.Passed()}
	}
	return s.mark
}

// chained gives each file the fingerprint of those before it.
func chained(files iter.Seq2[entry, error]) iter.Seq2[entry, error] {
	return func(yield func(entry, error) bool) {
		h := xxhash.New()
		for e, err := range files {
			if err == nil {
				e.before = hex.EncodeToString(h.Sum(nil))
				if info, err := os.Stat(e.name); err == nil {
					e.size = info.Size()
					stampFile(h, e.path, info)
				} else {
					fmt.Fprintf(h, "%s: %v", e.path, err) // it will show when the file is opened
				}
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// resume returns the files from Options.From on, or all when those before it are not what they were.
func (s *Source) resume(ctx context.Context, files iter.Seq2[entry, error]) iter.Seq2[entry, error] {
	from := s.opt.From
	if from == nil || !reaches(ctx, s.input, from) {
		return files
	}
	s.resumed, s.index, s.left = true, from.Index, from.LeftOut
	maps.Copy(s.passed, from.Passed)
	return func(yield func(entry, error) bool) {
		tell, there := s.opt.Skipped, false
		s.opt.Skipped = func(string, string) {} // it was told, and counted
		for e, err := range files {
			if err == nil && !there && e.path != from.Path {
				s.total.Add(e.size)
				continue
			}
			if !there {
				there, s.opt.Skipped = true, tell
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// reaches tells whether the input has the mark's file, and before it the files that it had.
func reaches(ctx context.Context, input string, mark *Mark) bool {
	probe := &Source{input: input}
	probe.opt.setDefaults()
	files, _, err := probe.expand(ctx)
	if err != nil {
		return false
	}
	for e, err := range chained(files) {
		if err != nil || ctx.Err() != nil {
			return false
		}
		if e.path == mark.Path {
			return e.before == mark.Files
		}
	}
	return false
}
