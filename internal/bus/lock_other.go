//go:build !unix

package bus

import "os"

// lockFile only opens the file: there is no portable lock here.
func lockFile(name string) (*os.File, error) { return os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o640) }
