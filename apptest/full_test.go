package apptest

import (
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
)

// small mounts a file system of so many bytes, or skips the test where that is not allowed.
func small(t testing.TB, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("a small file system needs root and the right to mount: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fill takes all space but this many bytes of dir's file system; removing the file frees it.
func fill(t testing.TB, dir string, but int64) (file string) {
	t.Helper()
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(dir, "filler")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := syscall.Fallocate(int(f.Fd()), 0, 0, int64(st.Bavail)*st.Bsize-but); err != nil {
		t.Fatal(err)
	}
	return file
}

// The disk of the output directory is full: the sink says so and waits; when there is space again
// it goes on, and nothing is lost.
func TestDiskFull(t *testing.T) {
	in := archives(t, 2)
	disk, state := small(t, "4m"), t.TempDir()
	out := filepath.Join(disk, "out")
	filler := fill(t, disk, 64<<10)
	c := launch(t, "winnow", slices.Concat(cleanArgs(out), []string{"-state", state}, in)...)
	c.says("the disk is full; waiting for space: nothing is lost", 1)
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	if code := c.code(patience); code != 3 {
		t.Fatalf("exit code %d", code)
	}
	sameFiles(t, calm(t, in...), out)
	verify(t, out)
}

// The disk of the broker inside the process is full, but for the reserve it leaves: RAW refuses,
// the replay waits and says why, and goes on when there is space.
func TestStoreFull(t *testing.T) {
	in := archives(t, 2)
	disk, out := small(t, "96m"), t.TempDir()
	filler := fill(t, disk, 60<<20)
	c := launch(t, "winnow", slices.Concat(cleanArgs(out), []string{"-state", filepath.Join(disk, "state")}, in)...)
	c.says("full", 1)
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	if code := c.code(patience); code != 3 {
		t.Fatalf("exit code %d", code)
	}
	sameFiles(t, calm(t, in...), out)
}

// A store far smaller than what goes through it is enough: batches and segments are parts of it.
func TestSmallStore(t *testing.T) {
	in, out := archives(t, 2), t.TempDir()
	c := launch(t, "winnow", slices.Concat(cleanArgs(out), []string{"-store", "200KB"}, in)...)
	if code := c.code(patience); code != 3 {
		t.Fatalf("exit code %d\n%s", code, c.stderr())
	}
	if !slices.Equal(cat(t, calm(t, in...), "-kind", "all"), cat(t, out, "-kind", "all")) {
		t.Error("the records are not those of a run with room")
	}
	verify(t, out)
}

// The disk of the cleaner's state is full: it stops with the reason, which is not its snapshots, and
// goes on when there is space.
func TestStateFull(t *testing.T) {
	p := newPipeline(t)
	in := archives(t, 2)
	disk := small(t, "1m")
	state := filepath.Join(disk, "state")
	p.sink()
	filler := fill(t, disk, 4<<10)
	cleaner := launch(t, "cleaner", "-nats", p.url(), "-state", state, "-take-over", "100ms", "-snapshot", "50ms", "-batch", "50")
	p.replay(in...).done(patience)
	if code := cleaner.code(patience); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	cleaner.says("no space left on device", 1)
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	launch(t, "cleaner", "-nats", p.url(), "-state", state, "-take-over", "100ms", "-batch", "50")
	p.written(2 * fileRecords)
	sameSegments(t, calm(t, in...), p.out())
}
