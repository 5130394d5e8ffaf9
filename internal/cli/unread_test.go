//go:build unix

package cli

import (
	"bytes"
	"context"
	"errors"
	"os"
	"testing"
)

// A context made for a pipe ends when its reader goes, and not before; for other writers it ends with its parent alone.
func TestWhileRead(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	ctx, cancel := WhileRead(t.Context(), w)
	defer cancel()
	if _, err := w.WriteString("x"); err != nil || ctx.Err() != nil {
		t.Fatal(err, ctx.Err())
	}
	if _, err := r.Read(make([]byte, 1)); err != nil || ctx.Err() != nil {
		t.Fatal(err, ctx.Err())
	}
	r.Close()
	<-ctx.Done()
	if cause := context.Cause(ctx); !errors.Is(cause, ErrUnread) {
		t.Errorf("ended by %v", cause)
	}

	parent, stop := context.WithCancelCause(t.Context())
	buffered, cancel := WhileRead(parent, &bytes.Buffer{})
	defer cancel()
	stop(ErrStopped)
	<-buffered.Done()
	if cause := context.Cause(buffered); !errors.Is(cause, ErrStopped) {
		t.Errorf("ended by %v", cause)
	}
}
