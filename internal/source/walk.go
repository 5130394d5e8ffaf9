package source

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/cespare/xxhash/v2"
)

// entry is one file to read.
type entry struct {
	path  string    // in the input, with slashes
	name  string    // for people and for the operating system
	alone bool      // the whole input: what is wrong with it is an error
	r     io.Reader // already open; nil: open name

	size   int64  // in bytes; 0 when nobody could say
	before string // fingerprint of the files before it
	print  string // and its own
	from   *Place // where it is gone on with; nil: at its beginning
}

const maxNesting = 100 // directories in directories

// expand returns the files of the input in their order, and the input's key.
func (s *Source) expand(ctx context.Context) (iter.Seq2[entry, error], string, error) {
	if s.input == "-" {
		return stream(entry{path: "-", name: "standard input", r: &interruptible{ctx: ctx, r: s.opt.Stdin}})
	}
	info, err := os.Stat(s.input)
	switch {
	case errors.Is(err, fs.ErrNotExist) && strings.ContainsAny(s.input, "*?["):
		return s.glob()
	case err != nil:
		return nil, "", fmt.Errorf("input %s: %w", s.input, errors.Unwrap(err))
	}
	abs, err := filepath.Abs(s.input)
	if err != nil {
		return nil, "", fmt.Errorf("input %s: %w", s.input, err)
	}
	switch mode := info.Mode(); {
	case mode.IsDir():
		s.many = true
		return s.walk(s.input, "", 0), keyOf("dir", abs), nil
	case mode.IsRegular():
		return one(entry{path: filepath.Base(abs), name: s.input, alone: true}), keyOf("file", abs), nil
	}
	f, err := os.Open(s.input) // a named pipe, <(command)
	if err != nil {
		return nil, "", fmt.Errorf("input %w", err)
	}
	return stream(entry{path: "-", name: s.input, r: &interruptible{ctx: ctx, r: f}})
}

// IsFile tells whether an input is one file, which can be read again.
func IsFile(input string) bool {
	info, err := os.Stat(input)
	return err == nil && input != "-" && info.Mode().IsRegular()
}

func one(e entry) iter.Seq2[entry, error] {
	return func(yield func(entry, error) bool) { yield(e, nil) }
}

// stream is an input that cannot be read twice. Its key comes from its first bytes, so that the
// same data is the same input again.
func stream(e entry) (iter.Seq2[entry, error], string, error) {
	e.alone = true
	head := make([]byte, headSize)
	n, err := io.ReadFull(e.r, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, "", fmt.Errorf("%s: %w", e.name, err)
	}
	head = head[:n]
	e.r = io.MultiReader(strings.NewReader(string(head)), e.r)
	return one(e), keyOf("stream", string(head)), nil
}

// Key returns the [Source.Key] of an input without opening it; not of standard input and pipes.
func Key(input string) (key string, ok bool) {
	s := &Source{input: input}
	s.opt.setDefaults()
	if info, err := os.Stat(input); input == "-" || err == nil && !info.IsDir() && !info.Mode().IsRegular() {
		return "", false
	}
	_, key, err := s.expand(context.Background())
	return key, err == nil
}

// FileKey returns the [Source.Key] of a file given by its absolute path, which need not be there.
func FileKey(path string) string { return keyOf("file", filepath.Clean(path)) }

func keyOf(kind, identity string) string {
	var sum [8]byte
	d := xxhash.New()
	d.WriteString(kind + "\x00" + identity)
	return hex.EncodeToString(d.Sum(sum[:0]))
}

// glob reads the matches byte-wise by path; a directory among them is walked.
func (s *Source) glob() (iter.Seq2[entry, error], string, error) {
	names, err := filepath.Glob(s.input)
	if err != nil {
		return nil, "", fmt.Errorf("input %s: no such file, and no pattern: %w", s.input, err)
	}
	if len(names) == 0 {
		return nil, "", fmt.Errorf("input %s: no file matches", s.input)
	}
	abs, err := filepath.Abs(s.input)
	if err != nil {
		return nil, "", fmt.Errorf("input %s: %w", s.input, err)
	}
	s.many = true
	base := staticPrefix(s.input)
	var list []entry
	var odd []string
	for _, name := range names {
		if strings.HasPrefix(filepath.Base(name), ".") && !strings.HasPrefix(filepath.Base(s.input), ".") {
			continue
		}
		e := entry{name: name, path: filepath.ToSlash(strings.TrimPrefix(name, base))}
		info, err := os.Stat(name)
		switch {
		case err == nil && info.IsDir():
			e.path += "/"
		case err != nil || !info.Mode().IsRegular():
			odd = append(odd, name)
			continue
		}
		list = append(list, e)
	}
	slices.SortFunc(list, func(a, b entry) int { return strings.Compare(a.path, b.path) })
	return func(yield func(entry, error) bool) {
		for _, name := range odd {
			s.opt.Skipped(name, "not a regular file")
		}
		for _, e := range list {
			files := one(e)
			if dir, ok := strings.CutSuffix(e.path, "/"); ok {
				files = s.walk(e.name, dir, 1)
			}
			for e, err := range files {
				if !yield(e, err) {
					return
				}
			}
		}
	}, keyOf("glob", abs), nil
}

// staticPrefix returns the directories of a pattern before its first wildcard.
func staticPrefix(pattern string) string {
	i := strings.LastIndexByte(pattern[:strings.IndexAny(pattern, "*?[")], filepath.Separator)
	return pattern[:i+1]
}

// walk yields the files below dir byte-wise by their whole path: a directory stands where its
// name with a slash behind it belongs. rel is dir's path in the input.
func (s *Source) walk(dir, rel string, depth int) iter.Seq2[entry, error] {
	return func(yield func(entry, error) bool) {
		list, err := os.ReadDir(dir)
		if err != nil {
			yield(entry{}, fmt.Errorf("directory %w; start again once it can be read", err))
			return
		}
		slices.SortFunc(list, func(a, b fs.DirEntry) int { return strings.Compare(sortKey(a), sortKey(b)) })
		for _, e := range list {
			if strings.HasPrefix(e.Name(), ".") {
				continue
			}
			name, sub := filepath.Join(dir, e.Name()), path.Join(rel, e.Name())
			if e.IsDir() {
				if depth == maxNesting {
					s.opt.Skipped(name, fmt.Sprintf("directories are nested deeper than %d", maxNesting))
					continue
				}
				for e, err := range s.walk(name, sub, depth+1) {
					if !yield(e, err) {
						return
					}
				}
				continue
			}
			if reason := notRegular(name, e); reason != "" {
				s.opt.Skipped(name, reason)
				continue
			}
			if !yield(entry{path: sub, name: name}, nil) {
				return
			}
		}
	}
}

func sortKey(e fs.DirEntry) string {
	if e.IsDir() {
		return e.Name() + "/"
	}
	return e.Name()
}

// notRegular says why a directory's entry is no file to read, or "". A link to a file is one; a
// link to a directory is not followed, so that no loop can arise.
func notRegular(name string, e fs.DirEntry) string {
	mode := e.Type()
	if mode&fs.ModeSymlink != 0 {
		info, err := os.Stat(name)
		if err != nil {
			return "a link to nowhere"
		}
		if mode = info.Mode(); mode.IsDir() {
			return "a link to a directory is not followed; name it as an input of its own"
		}
	}
	if !mode.IsRegular() {
		return "not a regular file"
	}
	return ""
}

// Size returns the bytes of an input's files as they lie on disk, -1 for standard input and pipes.
// It walks the whole input; a progress bar needs it, nothing else does.
func Size(ctx context.Context, input string) (int64, error) {
	if info, err := os.Stat(input); input == "-" || err == nil && !info.IsDir() && !info.Mode().IsRegular() {
		return -1, nil
	}
	s := &Source{input: input}
	s.opt.setDefaults()
	seq, _, err := s.expand(ctx)
	if err != nil {
		return 0, err
	}
	var total int64
	for e, err := range seq {
		if err != nil {
			return total, err
		}
		if ctx.Err() != nil {
			return total, ctx.Err()
		}
		if info, err := os.Stat(e.name); err == nil {
			total += info.Size()
		}
	}
	return total, nil
}
