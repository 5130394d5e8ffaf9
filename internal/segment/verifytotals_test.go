package segment_test

import (
	"strings"
	"testing"
	"time"

	"winnow/internal/segment"
)

// finished returns a directory of four segments, the last of which ends at 90, that says it is complete.
func finished(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	w, err := segment.Open(segment.Dir(dir), segment.Options{Records: 25})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	fill(t, w, 90, 0)
	if err := w.Finish(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// removeAll removes the files whose names contain part.
func removeAll(t *testing.T, dir, part string) {
	t.Helper()
	for name := range tree(t, dir) {
		if strings.Contains(name, part) {
			remove(t, dir, name)
		}
	}
}

// That the end of a dataset is gone is found, as long as one file says that it was there, and a writer
// that opens the directory does not unsay it.
func TestLostEndIsFound(t *testing.T) {
	const last = "000000000076-000000000090"
	for _, test := range []struct {
		name  string
		files []string // that are gone
		want  string
	}{
		{"everything", []string{"date="}, "there are no segments, and it sums up sequences 1-90"},
		{"all manifests", []string{".manifest.json"}, "there are no segments"},
		{"all, of a directory that was never finished", []string{"date=", "_SUCCESS"}, "there are no segments"},
		{"all, and the totals", []string{"date=", "dataset.json"}, "there are no segments"},
		{"the last segment", []string{last}, "segments end at 75, and it sums up all to 90: 76-90 are missing"},
		{"the last segment of a live directory", []string{last, "_SUCCESS"}, "76-90 are missing"},
		{"the last segment and the totals", []string{last, "dataset.json"}, "76-90 are missing"},
		{"the last manifest", []string{last + ".manifest", "_SUCCESS"}, "76-90 are missing"},
		{"all but one in the middle", []string{last, "000000000001", "000000000026"}, "76-90 are missing"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := finished(t)
			for _, part := range test.files {
				removeAll(t, dir, part)
			}
			check := func(when string) {
				t.Helper()
				r := verify(t, dir)
				found := false
				for _, p := range r.Problems {
					found = found || strings.Contains(p.What, test.want)
					if strings.Contains(p.Do, "remove") {
						t.Errorf("%s: %s: the loss passes after: %s", when, p.What, p.Do)
					}
				}
				var out strings.Builder
				if err := r.WriteText(&out); err != nil || !found || strings.Contains(out.String(), "no documents") || strings.Contains(out.String(), "not committed") {
					t.Errorf("%s: want a problem with %q, error %v:\n%s", when, test.want, err, out.String())
				}
			}
			check("at once")
			if w, err := segment.Open(segment.Dir(dir), segment.Options{}); err == nil {
				w.Close()
			}
			check("after a writer")
		})
	}
}

// A writer that has the records again fills a directory that lost its end.
func TestLostEndIsWrittenAgain(t *testing.T) {
	dir := finished(t)
	want := tree(t, dir)
	removeAll(t, dir, "000000000051-000000000075")
	removeAll(t, dir, "000000000076-000000000090")
	w, err := segment.Open(segment.Dir(dir), segment.Options{Records: 25})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	fill(t, w, 90, 0)
	if err := w.Finish(); err != nil {
		t.Fatal(err)
	}
	got := tree(t, dir)
	for name, data := range want {
		if got[name] != data {
			t.Errorf("%s differs", name)
		}
	}
	if r := verify(t, dir); !r.OK() || len(r.Notes) > 0 {
		t.Errorf("%+v", r)
	}
}

// What crashes leave, between a segment and the totals or between a removal and the totals, is a note.
func TestTotalsMayBeBehind(t *testing.T) {
	dir := t.TempDir()
	w, err := segment.Open(segment.Dir(dir), segment.Options{Records: 25})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	fill(t, w, 50, 0)
	behind := read(t, dir, "dataset.json")
	fill(t, w, 90, 0)
	if err := w.Finish(); err != nil {
		t.Fatal(err)
	}
	whole := read(t, dir, "dataset.json")
	if _, err := w.Prune(segment.Retention{Bytes: 1}, time.Time{}); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name  string
		files map[string]string
	}{
		{"before a prune", map[string]string{"dataset.json": whole, "_SUCCESS": whole}},
		{"segments less", map[string]string{"dataset.json": behind}},
	} {
		remove(t, dir, "_SUCCESS")
		for file, data := range test.files {
			put(t, dir, file, []byte(data))
		}
		if r := verify(t, dir); !r.OK() || len(r.Notes) != len(test.files) {
			t.Errorf("%s: %+v", test.name, r)
		}
	}
}

// The totals of another history, with the same end, are none of these segments.
func TestTotalsOfAnotherHistory(t *testing.T) {
	dir := finished(t)
	other := strings.NewReplacer(`"first":1,`, `"first":2,`, chain(90), chain(91)).Replace(read(t, dir, "dataset.json"))
	put(t, dir, "dataset.json", []byte(other))
	if r := verify(t, dir); len(r.Problems) != 1 || r.Problems[0].File != "dataset.json" {
		t.Errorf("%+v", r)
	}
}

// Segments that are written while a directory is verified are no loss, and none of its end.
func TestWrittenWhileVerified(t *testing.T) {
	dir := segment.Dir(finished(t))
	w, err := segment.Open(dir, segment.Options{Records: 25})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	r, err := segment.Verify(t.Context(), &pruning{Store: dir, opens: 2, prune: func() { fill(t, w, 140, 0) }})
	if err != nil || !r.OK() || r.Last != 90 || len(r.Notes) != 1 {
		t.Errorf("%+v, error %v", r, err)
	}
}
