package segment_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"winnow/internal/segment"
)

var errKilled = errors.New("killed")

// Law: a process that is killed at any step of its work on the disk loses nothing and repeats
// nothing: the next one goes on from the manifests and ends with the same bytes.
func TestKilledAtEveryStep(t *testing.T) {
	const last, days = 60, 14
	opt := segment.Options{Records: 15, Frame: 2000}
	want := tree(t, written(t, last, days, opt))
	killed := true
	for step := 0; killed; step++ {
		dir := t.TempDir()
		killed = killedRun(t, dir, opt, last, days, func(n int, _, _ string) bool { return n >= step })
		before := position(t, dir)
		if r := verify(t, dir); !r.OK() || r.Last != before.Last {
			t.Fatalf("step %d: after the kill: %+v", step, r)
		}
		w, err := segment.Open(segment.Dir(dir), opt)
		if err != nil {
			t.Fatalf("step %d: %v", step, err)
		}
		fill(t, w, last, days)
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, tree(t, dir)); diff != "" {
			t.Fatalf("step %d: %s", step, diff)
		}
	}
}

// killedRun writes until dead says so of a step, from which on nothing reaches the disk.
func killedRun(t *testing.T, dir string, opt segment.Options, last uint64, days int, dead func(n int, step, path string) bool) bool {
	t.Helper()
	w, err := segment.Open(segment.Dir(dir), opt)
	if err != nil {
		t.Fatal(err)
	}
	n, killed := 0, false
	w.SetFault(func(step, path string) error {
		if killed = killed || dead(n, step, path); killed {
			return errKilled
		}
		n++
		return nil
	})
	for err == nil && w.Last() < last {
		err = w.Append(document(w.Last()+1, days))
	}
	if err == nil {
		err = w.Commit()
	}
	if killed != errors.Is(err, errKilled) {
		t.Fatalf("killed %v, error %v", killed, err)
	}
	w.Close()
	return killed
}

// temps returns the files of the open segment.
func temps(t *testing.T, dir string) []os.DirEntry {
	t.Helper()
	list, err := os.ReadDir(filepath.Join(dir, ".open"))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func position(t *testing.T, dir string) segment.Position {
	t.Helper()
	w, err := segment.Open(segment.Dir(dir), segment.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	return w.Position()
}

// Law: a step that fails once, as on a full disk, costs the open segment and nothing else: the
// same writer goes on behind its position and ends with the same bytes.
func TestFailureAtEveryStepIsOnlyARetry(t *testing.T) {
	const last, days = 60, 14
	opt := segment.Options{Records: 15, Frame: 2000}
	want := tree(t, written(t, last, days, opt))
	failed := true
	for step := 0; failed; step++ {
		failed = false
		dir := t.TempDir()
		w, err := segment.Open(segment.Dir(dir), opt)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		w.SetFault(func(op, path string) error {
			if n++; n == step+1 {
				failed = true
				return fmt.Errorf("%s %s: %w", op, path, syscall.ENOSPC)
			}
			return nil
		})
		for w.Last() < last || w.Pending() > 0 {
			if w.Last() == last {
				err = w.Commit()
			} else {
				err = w.Append(document(w.Last()+1, days))
			}
			if err != nil && !errors.Is(err, syscall.ENOSPC) {
				t.Fatal(err)
			}
			if err == nil {
				continue
			}
			list, lerr := segment.List(segment.Dir(dir))
			if lerr != nil || w.Pending() > 0 || len(list.Orphans)+len(temps(t, dir)) > 0 {
				t.Fatalf("step %d: %d records pending and %+v, error %v, after %v", step, w.Pending(), list, lerr, err)
			}
		}
		if err := w.Commit(); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, tree(t, dir)); diff != "" {
			t.Fatalf("step %d: %s", step, diff)
		}
	}
}

// What a crash left of a segment is gone, too, when the next one has another range.
func TestLeftoversOfAnotherRange(t *testing.T) {
	dir := t.TempDir()
	if !killedRun(t, dir, segment.Options{Records: 40}, 40, 0, func(_ int, step, path string) bool {
		return step == "rename" && strings.HasSuffix(path, ".manifest.json")
	}) {
		t.Fatal("not killed")
	}
	if r := verify(t, dir); !r.OK() || len(r.Notes) < 2 {
		t.Fatalf("after the kill: %+v", r)
	}
	w, err := segment.Open(segment.Dir(dir), segment.Options{Records: 25})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	fill(t, w, 50, 0)
	if r := verify(t, dir); !r.OK() || len(r.Notes) > 0 || r.Last != 50 {
		t.Fatalf("%+v", r)
	}
}

// Law: when the manifest appears its data files are whole and in their places, durably. The test
// knows the steps; that a step does what its name says is to be read in the code.
func TestOrderOfACommit(t *testing.T) {
	dir := t.TempDir()
	w, err := segment.Open(segment.Dir(dir), segment.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	var steps []string
	w.SetFault(func(step, path string) error {
		name, err := filepath.Rel(dir, path)
		steps = append(steps, step+" "+filepath.ToSlash(name))
		return err
	})
	for seq := uint64(1); seq <= 20; seq++ {
		if err := w.Append(document(seq, 0)); err != nil {
			t.Fatal(err)
		}
	}
	steps = nil
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	const day, name = "date=2026-11-21", "date=2026-11-21/000000000001-000000000020"
	want := []string{
		"write .open/clean.jsonl.zst", "finish .open/clean.jsonl.zst",
		"write .open/dup.jsonl.zst", "finish .open/dup.jsonl.zst",
		"write .open/dead.jsonl.zst", "finish .open/dead.jsonl.zst",
		"mkdir " + day, "sync .", "rename " + name + ".jsonl.zst",
		"mkdir dup", "sync .", "mkdir dup/" + day, "sync dup", "rename dup/" + name + ".jsonl.zst",
		"mkdir dead", "sync .", "mkdir dead/" + day, "sync dead", "rename dead/" + name + ".jsonl.zst",
		"sync " + day, "sync dead/" + day, "sync dup/" + day,
		"write .open/small", "rename " + name + ".manifest.json", "sync " + day,
		"write .open/small", "rename dataset.json", "sync .",
	}
	if diff := cmp.Diff(want, steps); diff != "" {
		t.Error(diff)
	}
}

// Law: no file is placed before the entries of all folders above it are durable, be they there already:
// the process that made them may have been killed before it synced them. Each is synced for once.
func TestFoldersOfAKilledProcess(t *testing.T) {
	const last, days = 40, 4
	opt := segment.Options{Records: 8}
	for kill := 1; ; kill++ {
		dir, made := filepath.Join(t.TempDir(), "new", "place"), 0
		if !killedRun(t, dir, opt, last, days, func(_ int, step, path string) bool {
			if step == "mkdir" {
				made++
			}
			return made == kill && step == "sync"
		}) {
			if kill < 4 {
				t.Errorf("%d folders were made", kill-1)
			}
			return
		}
		store := segment.Dir(dir)
		checkFolders(t, store, dir)
		w, err := segment.Open(store, opt)
		if err != nil {
			t.Fatal(err)
		}
		fill(t, w, last, days)
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// checkFolders fails the test when the store, from now on, places a file in a folder whose entry it has
// not synced, or syncs folders more often than there is reason to.
func checkFolders(t *testing.T, store segment.Store, dir string) {
	synced, placed, files := map[string]int{}, map[string]bool{}, 0
	segment.SetStoreFault(store, func(step, path string) error {
		switch step {
		case "sync":
			synced[path]++
		case "rename":
			files++
			for at := filepath.Dir(path); ; at = filepath.Dir(at) {
				placed[at] = true
				if synced[filepath.Dir(at)] == 0 {
					t.Errorf("%s is placed, and the entry of %s is not synced", path, at)
				}
				if at == dir {
					break
				}
			}
		}
		return nil
	})
	t.Cleanup(func() {
		total := 0
		for _, n := range synced {
			total += n
		}
		if most := len(placed) + files; files == 0 || total > most { // one a folder, and those that make the files durable
			t.Errorf("%d syncs for %d folders and %d files", total, len(placed), files)
		}
	})
}

// A directory that is made, and what is missing above it, is there after a power cut; one of another process too.
func TestPlaceIsDurable(t *testing.T) {
	top := t.TempDir()
	dir := filepath.Join(top, "a", "b")
	for _, want := range [][]string{{top[:strings.LastIndexByte(top, filepath.Separator)], top, filepath.Join(top, "a")}, {filepath.Join(top, "a")}} {
		var steps []string
		store := segment.Dir(dir + string(filepath.Separator))
		segment.SetStoreFault(store, func(step, path string) error {
			steps = append(steps, path)
			return nil
		})
		l, err := store.Lock()
		if err != nil {
			t.Fatal(err)
		}
		l.Close()
		if diff := cmp.Diff(want, steps); diff != "" {
			t.Error(diff)
		}
	}
}
