package segment_test

import (
	"errors"
	"fmt"
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
		w, err := segment.Open(dir, opt)
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
	w, err := segment.Open(dir, opt)
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

func position(t *testing.T, dir string) segment.Position {
	t.Helper()
	w, err := segment.Open(dir, segment.Options{})
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
		w, err := segment.Open(dir, opt)
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
			if err != nil && w.Pending() > 0 {
				t.Fatalf("step %d: %d records pending after %v", step, w.Pending(), err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, tree(t, dir)); diff != "" {
			t.Fatalf("step %d: %s", step, diff)
		}
	}
}
