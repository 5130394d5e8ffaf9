package source

import (
	"errors"
	"io"
)

var errAllowance = errors.New("value is too long")

// allowance bounds how much is read for one value, give or take the decoder's buffer.
type allowance struct {
	r    io.Reader
	left int
}

func (a *allowance) Read(p []byte) (int, error) {
	if a.left <= 0 {
		return 0, errAllowance
	}
	n, err := a.r.Read(p[:min(len(p), a.left)])
	a.left -= n
	return n, err
}
