//go:build linux

package segment_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"winnow/internal/segment"
)

// On a real small disk: the error is ENOSPC, what was committed stays, the space comes back.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=256k"); err != nil {
		t.Skipf("a small file system cannot be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	filler := filepath.Join(dir, "filler")
	put(t, dir, "filler", make([]byte, 200<<10))
	w, err := segment.Open(segment.Dir(filepath.Join(dir, "out")), segment.Options{Records: 100, Frame: 1000})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for err == nil && w.Last() < 5000 {
		err = w.Append(document(w.Last()+1, 0))
	}
	if !errors.Is(err, syscall.ENOSPC) || w.Pending() != 0 {
		t.Fatalf("error %v with %d records pending, want %v with none", err, w.Pending(), syscall.ENOSPC)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	at := w.Position().Last
	fill(t, w, at+150, 0)
	if r := verify(t, filepath.Join(dir, "out")); !r.OK() || r.Last != at+150 {
		t.Fatalf("%+v", r)
	}
}
