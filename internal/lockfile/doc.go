// Package lockfile keeps two processes out of one directory: an advisory lock on a file, which the
// system gives back when its process ends, however it ends.
package lockfile

import "errors"

// ErrHeld is wrapped when another process, or another call in this one, holds the lock.
var ErrHeld = errors.New("locked by another process")
