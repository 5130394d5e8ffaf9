package source

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/cespare/xxhash/v2"
)

// Stamp returns a fingerprint of an input's files as they are now, from their paths, sizes and
// times of change: 16 hexadecimal digits, or "" for standard input and pipes, which have none. It
// walks the whole input and reads none of it.
func Stamp(ctx context.Context, input string) (string, error) {
	if input == "-" {
		return "", nil
	}
	if info, err := os.Stat(input); err == nil && !info.IsDir() && !info.Mode().IsRegular() {
		return "", nil
	}
	s := &Source{input: input}
	s.opt.setDefaults()
	seq, _, err := s.expand(ctx)
	if err != nil {
		return "", err
	}
	h := xxhash.New()
	for e, err := range seq {
		if err != nil {
			return "", err
		}
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		info, err := os.Stat(e.name)
		if err != nil {
			return "", fmt.Errorf("input %w", err)
		}
		stampFile(h, e.path, info)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func stampFile(h io.Writer, path string, info fs.FileInfo) {
	fmt.Fprintf(h, "%s\x00%d\x00%d\x00", path, info.Size(), info.ModTime().UnixNano())
}

// Name returns a short name for an input, for the `source` of its records: its base name without
// endings, "stdin" for standard input.
func Name(input string) string {
	if input == "-" {
		return "stdin"
	}
	if abs, err := filepath.Abs(input); err == nil {
		input = abs
	}
	base, _, _ := strings.Cut(strings.TrimLeft(filepath.Base(input), "."), ".")
	if base == "" || base == string(filepath.Separator) {
		return "archive"
	}
	return base
}
