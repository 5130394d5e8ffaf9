// Package fsync makes what was renamed, made or removed in a folder survive a power cut.
package fsync

import (
	"errors"
	"os"
)

// Dir makes the entries of a folder durable. Its errors are those of the file system. It is safe for
// concurrent use.
func Dir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
