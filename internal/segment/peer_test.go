package segment_test

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"testing"

	"winnow/internal/segment"
)

// The files are zstd to the reference implementation too: zstd -t takes them, and zstdcat gives the
// lines of the clean records.
func TestReferenceDecoderReadsTheFiles(t *testing.T) {
	zstd, err := exec.LookPath("zstd")
	if err != nil {
		t.Skip("zstd is not installed")
	}
	dir := written(t, 200, 2, segment.Options{Records: 70, Frame: 3000})
	var files []string
	for _, pattern := range []string{"date=*/*.zst", "dup/date=*/*.zst", "dead/date=*/*.zst"} {
		list, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil || len(list) < 3 {
			t.Fatalf("%s: %v, error %v", pattern, list, err)
		}
		files = append(files, list...)
	}
	if out, err := exec.Command(zstd, append([]string{"-q", "-t"}, files...)...).CombinedOutput(); err != nil {
		t.Fatalf("zstd -t: %v\n%s", err, out)
	}
	clean, err := filepath.Glob(filepath.Join(dir, "date=*/*.zst"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := exec.Command(zstd, append([]string{"-q", "-d", "-c"}, clean...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	if err := segment.Cat(t.Context(), &want, segment.Dir(dir), segment.Query{Kinds: []segment.Kind{segment.Clean}}, segment.CatOptions{}); err != nil {
		t.Fatal(err)
	}
	if !sameLines(got, want.Bytes()) {
		t.Errorf("zstdcat gives %d bytes, want the %d of the clean records", len(got), want.Len())
	}
}

// sameLines compares without order: a glob sorts by date first.
func sameLines(a, b []byte) bool {
	count := map[string]int{}
	for line := range bytes.Lines(a) {
		count[string(line)]++
	}
	for line := range bytes.Lines(b) {
		count[string(line)]--
	}
	for _, n := range count {
		if n != 0 {
			return false
		}
	}
	return len(a) == len(b)
}
