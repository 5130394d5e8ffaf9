package source

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
)

// frame reads the bytes of one zstd frame, still compressed, and no byte more. Source: RFC 8878.
type frame struct {
	in    *bufio.Reader
	left  int64 // bytes of the current part that were not given out
	begun bool
	last  bool // no block follows
	sum   int64
}

var errFrame = errors.New("zstd: a block of no known type")

func (f *frame) Read(p []byte) (int, error) {
	for f.left == 0 {
		if err := f.part(); err != nil {
			return 0, err
		}
	}
	n, err := f.in.Read(p[:min(int64(len(p)), f.left)])
	f.left -= int64(n)
	if err == io.EOF {
		err = errCut
	}
	return n, err
}

// part measures what comes next: the header, a block, or the checksum.
func (f *frame) part() error {
	switch {
	case !f.begun:
		f.begun = true
		return f.header()
	case f.last:
		f.left, f.sum = f.sum, 0
		if f.left == 0 {
			return io.EOF
		}
		return nil
	}
	head, err := f.in.Peek(3)
	if err != nil {
		return errCut
	}
	block := binary.LittleEndian.Uint32([]byte{head[0], head[1], head[2], 0})
	f.last, f.left = block&1 == 1, 3+int64(block>>3)
	switch block >> 1 & 3 {
	case 1: // one byte, repeated
		f.left = 4
	case 3:
		return errFrame
	}
	return nil
}

func (f *frame) header() error {
	head, err := f.in.Peek(5)
	if err != nil {
		return errCut
	}
	flags := head[4]
	single := flags >> 5 & 1
	f.left = 5 + 1 - int64(single) + [4]int64{0, 1, 2, 4}[flags&3] + [4]int64{int64(single), 2, 4, 8}[flags>>6]
	if flags>>2&1 == 1 {
		f.sum = 4
	}
	return nil
}
