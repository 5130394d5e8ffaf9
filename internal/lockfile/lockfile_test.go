package lockfile_test

import (
	"errors"
	"path/filepath"
	"testing"

	"winnow/internal/lockfile"
)

func TestOneHolder(t *testing.T) {
	name := filepath.Join(t.TempDir(), ".lock")
	first, err := lockfile.Hold(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lockfile.Hold(name); !errors.Is(err, lockfile.ErrHeld) {
		t.Fatalf("second holder: %v, want %v", err, lockfile.ErrHeld)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := lockfile.Hold(name)
	if err != nil {
		t.Fatal("after the first one let go: ", err)
	}
	again.Close()
}
