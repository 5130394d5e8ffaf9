package cli

import (
	"context"
	"errors"
	"io"
	"os"
)

// ErrUnread is the cause of a context that ended because nobody reads the output any more.
var ErrUnread = errors.New("nobody reads the output any more")

// WhileRead returns a context that ends with the cause [ErrUnread] once w is a pipe whose reader has gone, or a
// terminal that was closed: who follows something learns it by writing only, which may be never. cancel must be
// called.
func WhileRead(parent context.Context, w io.Writer) (ctx context.Context, cancel func()) {
	ctx, end := context.WithCancelCause(parent)
	if f, ok := w.(*os.File); ok {
		go func() {
			if unread(ctx, f) {
				end(ErrUnread)
			}
		}()
	}
	return ctx, func() { end(nil) }
}
