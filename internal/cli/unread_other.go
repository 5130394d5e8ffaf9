//go:build !unix

package cli

import (
	"context"
	"os"
)

// unread cannot tell here: the next write will.
func unread(context.Context, *os.File) bool { return false }
