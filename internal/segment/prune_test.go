package segment_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"winnow/internal/segment"
)

func TestPruneByAge(t *testing.T) {
	dir := written(t, 400, 10, segment.Options{Records: 1000}) // a segment a day
	before := verify(t, dir)
	w, err := segment.Open(segment.Dir(dir), segment.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	pos := w.Position()
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	removed, err := w.Prune(segment.Retention{Age: 72 * time.Hour}, now)
	if err != nil || len(removed) == 0 {
		t.Fatalf("removed %v, error %v", removed, err)
	}
	after := verify(t, dir)
	if !after.OK() || after.Last != before.Last || after.First != removed[len(removed)-1].Last+1 || len(after.Notes) > 1 {
		t.Fatalf("%+v", after)
	}
	list, err := segment.List(segment.Dir(dir))
	if err != nil {
		t.Fatal(err)
	}
	m, err := segment.ReadManifest(segment.Dir(dir), list.Segments[0])
	if err != nil {
		t.Fatal(err)
	}
	if youngest, err := time.Parse(time.RFC3339, m.AddedLast); err != nil || now.Sub(youngest) >= 72*time.Hour {
		t.Errorf("%v stays, whose youngest record is from %s", m.Name(), m.AddedLast)
	}
	for path := range tree(t, dir) {
		if strings.Contains(path, removed[0].String()) {
			t.Errorf("%s is still there", path)
		}
	}
	if _, err := w.Prune(segment.Retention{Age: 1}, now.AddDate(1, 0, 0)); err != nil {
		t.Fatal(err)
	}
	if r := verify(t, dir); !r.OK() || r.Segments != 1 || w.Position() != pos {
		t.Fatalf("the last segment must stay: %+v", r)
	}
}

func TestPruneBySize(t *testing.T) {
	dir := written(t, 400, 0, segment.Options{Records: 50})
	before := verify(t, dir)
	size := before.Bytes
	w, err := segment.Open(segment.Dir(dir), segment.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if removed, err := w.Prune(segment.Retention{Bytes: size}, time.Time{}); err != nil || len(removed) > 0 {
		t.Fatalf("removed %v, error %v; all of it fits", removed, err)
	}
	removed, err := w.Prune(segment.Retention{Bytes: size / 2}, time.Time{})
	if r := verify(t, dir); err != nil || !r.OK() || r.Bytes > size/2 || r.Bytes < size/4 || len(removed)+r.Segments != before.Segments {
		t.Fatalf("removed %v, error %v, left %+v", removed, err, r)
	}
}

// Law: a Prune that is killed at any step leaves a directory that verifies and can be written.
func TestPruneKilledAtEveryStep(t *testing.T) {
	killed := true
	for step := 0; killed; step++ {
		dir := written(t, 90, 0, segment.Options{Records: 30})
		w, err := segment.Open(segment.Dir(dir), segment.Options{})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		killed = false
		w.SetFault(func(_, _ string) error {
			if n++; n > step {
				killed = true
				return errKilled
			}
			return nil
		})
		if _, err := w.Prune(segment.Retention{Bytes: 1}, time.Time{}); killed != errors.Is(err, errKilled) {
			t.Fatal(err)
		}
		w.Close()
		if r := verify(t, dir); !r.OK() || r.Last != 90 {
			t.Fatalf("step %d: %+v", step, r)
		}
		if w, err = segment.Open(segment.Dir(dir), segment.Options{}); err != nil {
			t.Fatalf("step %d: %v", step, err)
		}
		if _, err := w.Prune(segment.Retention{Bytes: 1}, time.Time{}); err != nil {
			t.Fatal(err)
		}
		w.Close()
		for path := range tree(t, dir) {
			if path != "dataset.json" && !strings.Contains(path, "000000000061-000000000090") {
				t.Fatalf("step %d: %s is still there", step, path)
			}
		}
	}
}

// pruning is a store whose oldest segments retention removes while somebody reads it.
type pruning struct {
	segment.Store
	prune func()
	opens int
}

func (p *pruning) Open(name string) (segment.Blob, error) {
	if p.opens--; p.opens == 0 {
		p.prune()
	}
	return p.Store.Open(name)
}

// What retention removes while a directory is verified is no damage.
func TestPrunedWhileVerified(t *testing.T) {
	for opens := 1; opens < 20; opens++ {
		dir := segment.Dir(t.TempDir())
		w, err := segment.Open(dir, segment.Options{Records: 20})
		if err != nil {
			t.Fatal(err)
		}
		fill(t, w, 100, 0)
		left := uint64(0)
		r, err := segment.Verify(t.Context(), &pruning{Store: dir, opens: opens, prune: func() {
			removed, err := w.Prune(segment.Retention{Bytes: 8_000}, time.Now())
			if err != nil || len(removed) == 0 {
				t.Fatalf("removed %v, %v", removed, err)
			}
			left = removed[len(removed)-1].Last + 1
		}})
		if err != nil || !r.OK() || r.Last != 100 || r.Segments == 0 || left > 0 && r.First > left {
			t.Fatalf("pruned at %d: %+v, error %v", opens, r, err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
