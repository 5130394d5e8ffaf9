package source

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"os"

	"github.com/cespare/xxhash/v2"
)

// chained gives each file its fingerprint and that of those before it.
func chained(files iter.Seq2[entry, error]) iter.Seq2[entry, error] {
	return func(yield func(entry, error) bool) {
		h := xxhash.New()
		for e, err := range files {
			if err == nil && e.r == nil {
				e.before = hex.EncodeToString(h.Sum(nil))
				if info, err := os.Stat(e.name); err == nil {
					e.size = info.Size()
					stampFile(h, e.path, info)
					own := xxhash.New()
					stampFile(own, e.path, info)
					e.print = hex.EncodeToString(own.Sum(nil))
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

// resume returns the files from the first mark of Options.From on that holds, or all of them.
func (s *Source) resume(ctx context.Context, files iter.Seq2[entry, error]) iter.Seq2[entry, error] {
	for _, m := range s.opt.From {
		if s.from == nil && m != nil && reaches(ctx, s.input, m) {
			s.from = m
		}
	}
	from := s.from
	if from == nil {
		return files
	}
	s.index, s.left = from.Index, from.LeftOut
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
				e.from = from.Place
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// reaches tells whether the input has the mark's file, before it the files that it had, and the file is what it was if
// the mark lies within.
func reaches(ctx context.Context, input string, mark *Mark) bool {
	if _, ok := Key(input); !ok {
		return false // it cannot be read twice
	}
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
			return e.before == mark.Files && (mark.Place == nil || mark.Place.File == e.print)
		}
	}
	return false
}

// begin makes docs begin where the file is gone on with.
func (s *Source) begin(f *file, docs reader, e *entry) error {
	s.marked = 0
	s.beginFile(e)
	if e.from == nil {
		return nil
	}
	r, ok := docs.(placed)
	if !ok || !f.seekable() {
		return errors.New("it is not the file that was read before")
	}
	if err := f.seek(e.from); err != nil {
		return fmt.Errorf("to go on at byte %d: %w", e.from.Offset, err)
	}
	r.begin(e.from)
	s.marked = r.at()
	return nil
}

// seekable tells whether reading can begin within the file.
func (f *file) seekable() bool {
	_, ok := f.raw.r.(*os.File)
	return ok && f.outer == nil && !f.narrowed
}

// seek makes what is read next the document at a place. The beginning has been looked at: a dictionary is known.
func (f *file) seek(at *Place) error {
	if _, err := f.raw.r.(*os.File).Seek(at.Offset, io.SeekStart); err != nil {
		return err
	}
	f.raw.total.Add(at.Offset - f.raw.n)
	f.raw.n = at.Offset
	f.tape.rewind(at.Offset)
	if f.packed == nil {
		f.r.Reset(f.tape)
	} else {
		f.packed.seek(at)
		f.r.Reset(f.packed)
	}
	if _, err := io.CopyN(io.Discard, f.r, at.Inner); err != nil {
		return err
	}
	f.gave()
	return nil
}

// placeOf returns the place of a byte of the decompressed bytes. Ask in ascending order.
func (f *file) placeOf(plain int64) Place {
	if f.packed == nil {
		return Place{Offset: plain, Plain: plain}
	}
	at := f.packed.Place(plain)
	return Place{Offset: at.Member, Inner: at.Inner, Plain: plain - at.Inner, Rewinds: f.packed.rewinds, Vain: f.packed.vain}
}
