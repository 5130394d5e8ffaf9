//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package segment

import (
	"os"
	"path/filepath"
)

// lock opens the lock file and excludes nobody: on this system see to it that one process
// writes a directory.
func LockFolder(dir string) (*os.File, error) {
	return os.OpenFile(filepath.Join(dir, lockFile), os.O_CREATE|os.O_RDWR, 0o644)
}
