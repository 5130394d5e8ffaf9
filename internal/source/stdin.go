package source

import (
	"context"
	"io"
)

// interruptible makes reads of standard input or a pipe end with ctx. The system cannot interrupt
// such a read, so a goroutine does it; one that waits for input when ctx ends stays until the
// input ends or the process does.
type interruptible struct {
	ctx  context.Context //nolint:containedctx // io.Reader has no place for it
	r    io.Reader
	in   chan chunk
	rest []byte
	err  error
}

type chunk struct {
	data []byte
	err  error
}

func (i *interruptible) Read(p []byte) (int, error) {
	if i.in == nil {
		i.in = make(chan chunk, 2)
		go i.pump()
	}
	for len(i.rest) == 0 && i.err == nil {
		select {
		case c := <-i.in:
			i.rest, i.err = c.data, c.err
		case <-i.ctx.Done():
			i.err = context.Cause(i.ctx)
		}
	}
	n := copy(p, i.rest)
	i.rest = i.rest[n:]
	if n > 0 {
		return n, nil
	}
	return 0, i.err
}

func (i *interruptible) pump() {
	for {
		buf := make([]byte, 64<<10)
		n, err := i.r.Read(buf)
		select {
		case i.in <- chunk{buf[:n], err}:
		case <-i.ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}
