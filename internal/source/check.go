package source

import (
	"context"
	"fmt"
	"io"
	"os"
)

// Check looks at an input before it is read: whether it is there, can be read and, when it is one
// file, has a known format. Of a directory or a glob it opens every file and reads none. Standard
// input and pipes are not looked at. What it does not find may still go wrong later.
func Check(ctx context.Context, input string, opt Options) error {
	info, err := os.Stat(input)
	if input == "-" || err == nil && !info.IsDir() && !info.Mode().IsRegular() {
		return nil
	}
	opt.Skipped, opt.Passed = nil, nil // they will be called when it is read
	if err == nil && info.Mode().IsRegular() {
		return checkFile(ctx, input, opt)
	}
	s := &Source{input: input, opt: opt}
	s.opt.setDefaults()
	files, _, err := s.expand(ctx)
	if err != nil {
		return err
	}
	for e, err := range files {
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		}
		f, err := os.Open(e.name)
		if err != nil {
			return fmt.Errorf("file %w; start again once it can be read", err)
		}
		f.Close() // nothing was written
	}
	return nil
}

func checkFile(ctx context.Context, input string, opt Options) error {
	s, err := Open(ctx, input, opt)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.nextFile(); err != io.EOF {
		return err
	}
	return nil
}
