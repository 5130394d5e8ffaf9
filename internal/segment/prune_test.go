package segment_test

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

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

// reading is a store that notes what its writer reads.
type reading struct {
	segment.Store
	files    []string
	listings int
}

func (r *reading) ReadFile(name string) ([]byte, error) {
	r.files = append(r.files, name)
	return r.Store.ReadFile(name)
}

func (r *reading) Names() ([]string, error) {
	r.listings++
	return r.Store.Names()
}

// A writer lists its store and reads the manifests once; of what goes it reads each a second time.
func TestPruneReadsNoManifestTwice(t *testing.T) {
	s := &reading{Store: segment.Dir(t.TempDir())}
	w, err := segment.Open(s, segment.Options{Records: 10, Partition: segment.Partition{}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { w.Close() }()
	fill(t, w, 300, 0)
	prune := func(keep segment.Retention, listings, manifests, removed int) {
		t.Helper()
		s.files, s.listings = nil, 0
		names, err := w.Prune(keep, time.Time{})
		read := 0
		for _, name := range s.files {
			if strings.HasSuffix(name, segment.ManifestSuffix) {
				read++
			}
		}
		if err != nil || len(names) != removed || read != manifests || s.listings != listings {
			t.Errorf("%d listings, read %d manifests, removed %d, error %v; want %d, %d, %d", s.listings, read, len(names), err, listings, manifests, removed)
		}
	}
	all := segment.Retention{Bytes: 1 << 40}
	prune(all, 1, 30, 0)
	fill(t, w, 320, 0)
	prune(all, 0, 0, 0)
	size := verify(t, s.String()).Bytes
	prune(segment.Retention{Bytes: size - 1}, 0, 1, 1)
	prune(segment.Retention{Bytes: size - 1}, 0, 0, 0)
	if err := w.Resume(); err != nil { // somebody else may have been there
		t.Fatal(err)
	}
	prune(all, 1, 31, 0)
	w.Close()
	if w, err = segment.Open(s, segment.Options{Records: 10, Partition: segment.Partition{}}); err != nil {
		t.Fatal(err)
	}
	prune(all, 1, 31, 0)
}

// Law: after any commits, prunes and restarts the totals are the sums of the manifests that are there.
func TestTotalsFollowPrunes(t *testing.T) {
	root, runs := t.TempDir(), 0
	rapid.Check(t, func(r *rapid.T) {
		dir := filepath.Join(root, strconv.Itoa(runs))
		runs++
		var w *segment.Writer
		var err error
		defer func() { w.Close() }()
		open := func() {
			if w != nil {
				w.Close()
			}
			if w, err = segment.Open(segment.Dir(dir), segment.Options{Records: 8, Partition: segment.Partition{}}); err != nil {
				r.Fatal(err)
			}
		}
		open()
		for range rapid.IntRange(1, 6).Draw(r, "steps") {
			switch rapid.SampledFrom([]string{"write", "write", "prune", "age", "restart"}).Draw(r, "step") {
			case "write":
				fill(t, w, w.Last()+uint64(rapid.IntRange(1, 40).Draw(r, "records")), 30)
			case "prune":
				_, err = w.Prune(segment.Retention{Bytes: rapid.Int64Range(1, 9000).Draw(r, "bytes")}, time.Time{})
			case "age":
				now := time.Date(2026, 11, rapid.IntRange(21, 30).Draw(r, "day"), 0, 0, 0, 0, time.UTC)
				_, err = w.Prune(segment.Retention{Age: 24 * time.Hour}, now)
			case "restart":
				open()
			}
			if err != nil {
				r.Fatal(err)
			}
			got, err := os.ReadFile(filepath.Join(dir, "dataset.json"))
			if err != nil { // nothing is written yet
				continue
			}
			if err := os.Remove(filepath.Join(dir, "dataset.json")); err != nil {
				r.Fatal(err)
			}
			sum, err := segment.Sum(t.Context(), segment.Dir(dir))
			if err != nil {
				r.Fatal(err)
			}
			var told segment.Totals
			if err := json.Unmarshal(got, &told); err != nil {
				r.Fatal(err)
			}
			if diff := cmp.Diff(*sum, told); diff != "" {
				r.Fatal(diff)
			}
			if err := os.WriteFile(filepath.Join(dir, "dataset.json"), got, 0o644); err != nil {
				r.Fatal(err)
			}
		}
	})
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
