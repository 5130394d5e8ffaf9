package cleaner

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// A snapshot that is damaged where it says how much there is of something takes no memory for it.
func TestDamagedSnapshotTakesNoMemory(t *testing.T) {
	dir := t.TempDir()
	f := testFold(t, 1)
	foldAll(t, f, stamped(texts(1, 300)))
	snap := f.freeze()
	if _, err := snap.save(dir); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, snapshotName(f.Seq))
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	head := append(binary.LittleEndian.AppendUint32(nil, 301), 1, 0, 0, 0) // the index: the next document, the first one
	at := bytes.Index(whole, head)
	if at < 0 || bytes.Count(whole, head) != 1 {
		t.Fatal("the index does not begin as it did")
	}
	for _, bit := range []int{31, 63} { // the next document, and that and the first one
		data := bytes.Clone(whole)
		data[at+3] |= 0x80
		data[at+bit/8] |= 0x80
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		fresh := testFold(t, 1)
		runtime.ReadMemStats(&before)
		err := fresh.load(dir, f.Seq)
		runtime.ReadMemStats(&after)
		if !errors.Is(err, ErrSnapshot) {
			t.Errorf("error %v, want %v", err, ErrSnapshot)
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
			t.Errorf("bit %d: %d bytes of memory for a file of %d", bit, n, len(data))
		}
	}
}
