package segment

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"winnow/internal/lockfile"
)

// LockFolder takes the folder's lock, which ends with the process. An error wraps [ErrLocked] when
// another process has it.
func LockFolder(dir string) (*os.File, error) {
	f, err := lockfile.Hold(filepath.Join(dir, lockFile))
	if errors.Is(err, lockfile.ErrHeld) {
		err = fmt.Errorf("%s: %w", dir, ErrLocked)
	}
	return f, err
}
