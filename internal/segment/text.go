package segment

import (
	"fmt"
	"io"

	"winnow/internal/record"
)

// errWriter writes text for a person, who may read it on a terminal, and keeps the first error of
// many writes.
type errWriter struct {
	w   io.Writer
	err error
}

func (e *errWriter) printf(format string, args ...any) {
	if e.err == nil {
		_, e.err = io.WriteString(e.w, record.Visible(fmt.Sprintf(format, args...)))
	}
}
