package segment_test

import (
	"errors"
	"testing"

	"winnow/internal/record"
	"winnow/internal/segment"
)

func TestOnlyTheNextSequence(t *testing.T) {
	w, err := segment.Open(segment.Dir(t.TempDir()), segment.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for _, seq := range []uint64{2, 0} {
		if err := w.Append(document(max(seq, 1), 0)); seq == 0 {
			if err != nil {
				t.Fatal(err)
			}
		} else if !errors.Is(err, segment.ErrGap) {
			t.Errorf("sequence %d: error %v, want %v", seq, err, segment.ErrGap)
		}
	}
	if err := w.Append(document(1, 0)); !errors.Is(err, segment.ErrGap) {
		t.Errorf("sequence 1 again: error %v, want %v", err, segment.ErrGap)
	}
	if w.Last() != 0 || w.Position().Last != 0 {
		t.Errorf("after an error the writer stands at %d, want 0", w.Last())
	}
}

func TestWhatIsNoRecord(t *testing.T) {
	w, err := segment.Open(segment.Dir(t.TempDir()), segment.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	good := document(1, 0)
	for name, r := range map[string]segment.Record{
		"newline":     {Seq: 1, Chain: chain(1), Line: []byte("{\"seq\":1,\n\"added\":\"\"}")},
		"not JSON":    {Seq: 1, Chain: chain(1), Line: good.Line[:20]},
		"another seq": {Seq: 1, Chain: chain(1), Line: document(2, 0).Line},
		"no chain":    {Seq: 1, Line: good.Line},
		"kind":        {Kind: 3, Seq: 1, Chain: chain(1), Line: good.Line},
	} {
		if err := w.Append(r); !errors.Is(err, segment.ErrRecord) {
			t.Errorf("%s: error %v, want %v", name, err, segment.ErrRecord)
		}
	}
}

func TestOneWriterOnly(t *testing.T) {
	dir := t.TempDir()
	w, err := segment.Open(segment.Dir(dir), segment.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := segment.Open(segment.Dir(dir), segment.Options{}); !errors.Is(err, segment.ErrLocked) {
		t.Fatalf("error %v, want %v", err, segment.ErrLocked)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if w, err = segment.Open(segment.Dir(dir), segment.Options{}); err != nil {
		t.Fatal(err)
	}
	w.Close()
}

// A later date begins a segment, an earlier one does not, and records without a date stay with
// those before them.
func TestDates(t *testing.T) {
	var got []segment.Name
	w, err := segment.Open(segment.Dir(t.TempDir()), segment.Options{Committed: func(m *segment.Manifest) { got = append(got, m.Name()) }})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for i, added := range []string{
		"", "2026-11-20T10:00:00Z", // 1-2: the first date there is
		"2026-11-19T00:00:00Z", "", "2026-11-20T23:59:59Z", // 3-5: earlier, none, same
		"2026-11-21T01:00:00+02:00",                         // 6: the 20th in UTC
		"2026-11-21T00:00:00Z",                              // 7: later
		"9999-12-31T23:00:00-05:00", "0000-01-01T00:00:00Z", // 8-9: no dates that fit
		"2026-11-22T00:00:00Z", "2026-11-21T00:00:00Z", // 10-11
	} {
		seq := uint64(i + 1)
		line := (&record.Clean{Seq: seq, Added: added}).AppendJSON(nil)
		if err := w.Append(segment.Record{Seq: seq, Chain: chain(seq), Line: line}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	want := []segment.Name{{First: 1, Last: 6, Date: "2026-11-20"}, {First: 7, Last: 9, Date: "2026-11-21"}, {First: 10, Last: 11, Date: "2026-11-22"}}
	if len(got) != len(want) {
		t.Fatalf("segments %v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("segment %d is %+v, want %+v", i, got[i], want[i])
		}
	}
}

func TestNoDateAtAll(t *testing.T) {
	dir := t.TempDir()
	w, err := segment.Open(segment.Dir(dir), segment.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if err := w.Append(segment.Record{Kind: segment.Dead, Seq: 1, Chain: chain(1), Line: (&record.Dead{Seq: 1}).AppendJSON(nil)}); err != nil {
		t.Fatal(err)
	}
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	if r := verify(t, dir); !r.OK() || r.Records.Dead != 1 {
		t.Fatalf("%+v", r)
	}
	read(t, dir, "dead/date=1970-01-01/000000000001-000000000001.jsonl.zst")
}

// The mark of a complete directory goes when it is no longer true, and comes back the same.
func TestFinish(t *testing.T) {
	dir := t.TempDir()
	w, err := segment.Open(segment.Dir(dir), segment.Options{Records: 10})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	finish := func(last uint64) string {
		t.Helper()
		for w.Last() < last {
			if err := w.Append(document(w.Last()+1, 0)); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Finish(); err != nil {
			t.Fatal(err)
		}
		return read(t, dir, "_SUCCESS")
	}
	first := finish(15)
	if again := finish(15); again != first {
		t.Errorf("totals %s, then %s", first, again)
	}
	if err := w.Append(document(16, 0)); err != nil {
		t.Fatal(err)
	}
	if _, ok := tree(t, dir)["_SUCCESS"]; ok {
		t.Error("the directory says that it is complete while a segment is open")
	}
	if second := finish(25); second == first || verify(t, dir).Last != 25 {
		t.Errorf("totals %s", second)
	}
}
