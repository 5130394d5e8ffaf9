package apptest

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// verify runs `winnow verify`, which proves a directory from its files alone.
func verify(t testing.TB, dir string) {
	t.Helper()
	if out, err := exec.Command(filepath.Join(bin, "winnow"), "verify", dir).CombinedOutput(); err != nil {
		t.Errorf("winnow verify: %v\n%s", err, out)
	}
}
