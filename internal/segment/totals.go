package segment

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
)

const (
	// datasetFile has the dataset's totals in it, up to its last segment.
	datasetFile = "dataset.json"
	// successFile tells, with the same in it, that a bounded run ended; the name is the one that
	// Hadoop gave it.
	successFile = "_SUCCESS"
)

// Totals is what the manifests of a dataset say together.
type Totals struct {
	Version    int            `json:"version"`
	Segments   int            `json:"segments"`
	First      uint64         `json:"first"` // 0 when there is no segment
	Last       uint64         `json:"last"`
	Chain      string         `json:"chain"` // of record Last
	AddedFirst time.Time      `json:"added_first"`
	AddedLast  time.Time      `json:"added_last"`
	Records    Count          `json:"records"`
	Verdicts   map[string]int `json:"verdicts"` // duplicates by verdict
	Dead       []DeadCount    `json:"dead"`     // by stage and reason
	Removed    Removed        `json:"removed"`
	Files      map[Format]int `json:"files"`     // data files by format
	Bytes      int64          `json:"bytes"`     // of data files
	RawBytes   int64          `json:"raw_bytes"` // of lines, whatever the number of formats
}

func newTotals() *Totals {
	return &Totals{
		Version: manifestVersion, Verdicts: map[string]int{}, Dead: []DeadCount{},
		Removed: Removed{Reasons: map[string]int{}}, Files: map[Format]int{},
	}
}

// Sum adds up the manifests of s; no data file is read.
func Sum(ctx context.Context, s Store) (*Totals, error) {
	list, err := List(s)
	if err == nil {
		err = list.Check()
	}
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	return sumUp(s, list)
}

// sumUp adds up the manifests of a contiguous listing. What the dataset's file has summed up
// already, it takes from there.
func sumUp(s Store, list *Listing) (*Totals, error) {
	t, rest := newTotals(), list.Segments
	if list.dataset {
		if known, n := summedUp(s, list); n > 0 {
			t, rest = known, rest[n:]
		}
	}
	for _, n := range rest {
		m, err := ReadManifest(s, n)
		if err != nil {
			return nil, err
		}
		t.add(m)
	}
	return t, nil
}

// summedUp returns what the dataset's file says if that is about the first n segments of the
// listing, else n = 0.
func summedUp(s Store, list *Listing) (t *Totals, n int) {
	data, err := s.ReadFile(datasetFile)
	t = newTotals()
	if err != nil || json.Unmarshal(data, t, json.RejectUnknownMembers(true)) != nil || t.Version != manifestVersion {
		return nil, 0
	}
	n = t.Segments
	if n < 1 || n > len(list.Segments) || list.Segments[0].First != t.First || list.Segments[n-1].Last != t.Last {
		return nil, 0
	}
	m, err := ReadManifest(s, list.Segments[n-1])
	if err != nil || m.Chain != t.Chain {
		return nil, 0
	}
	return t, n
}

// add adds the next segment.
func (t *Totals) add(m *Manifest) {
	if t.Segments == 0 {
		t.First = m.First
	}
	t.Last, t.Chain = m.Last, m.Chain
	t.span(m.addedSpan())
	t.count(m, 1)
}

// span widens the times of intake; a zero time is none.
func (t *Totals) span(first, last time.Time) {
	if !first.IsZero() && (t.AddedFirst.IsZero() || first.Before(t.AddedFirst)) {
		t.AddedFirst = first
	}
	if last.After(t.AddedLast) {
		t.AddedLast = last
	}
}

// count adds what can be counted, or with sign -1 takes it away again.
func (t *Totals) count(m *Manifest, sign int) {
	t.Segments += sign
	for k := range Kind(kinds) {
		*t.Records.of(k) += sign * m.Records.Of(k)
	}
	for verdict, n := range m.Verdicts {
		addTo(t.Verdicts, verdict, sign*n)
	}
	for _, d := range m.Dead {
		i, ok := slices.BinarySearchFunc(t.Dead, d, compareDead)
		if !ok {
			t.Dead = slices.Insert(t.Dead, i, DeadCount{Stage: d.Stage, Reason: d.Reason})
		}
		if t.Dead[i].Count += sign * d.Count; t.Dead[i].Count == 0 {
			t.Dead = slices.Delete(t.Dead, i, i+1)
		}
	}
	t.Removed.Chars += sign * m.Removed.Chars
	t.Removed.Blocks += sign * m.Removed.Blocks
	for reason, n := range m.Removed.Reasons {
		addTo(t.Removed.Reasons, reason, sign*n)
	}
	for i := range m.Files {
		addTo(t.Files, m.Files[i].format(), sign)
	}
	t.RawBytes += int64(sign) * m.rawBytes()
	t.Bytes += int64(sign) * m.bytes()
}

// addTo adds n to a count, which is not there when it is 0.
func addTo[K comparable](counts map[K]int, key K, n int) {
	if counts[key] += n; counts[key] == 0 {
		delete(counts, key)
	}
}

// line returns the totals as a line of JSON.
func (t *Totals) line() []byte {
	line, err := json.Marshal(t, json.Deterministic(true))
	if err != nil {
		panic(fmt.Sprintf("segment: totals: %v", err)) // strings, numbers and times only
	}
	return append(line, '\n')
}

// Finish commits the open segment and marks the dataset as complete: the file _SUCCESS holds its
// totals as a line of JSON until another segment begins.
func (w *Writer) Finish() error {
	if err := w.Commit(); err != nil {
		return err
	}
	if err := errors.Join(w.describe(datasetFile), w.describe(successFile)); err != nil {
		return err
	}
	w.finished = true
	return nil
}

// describe writes the totals to a file, if they do not stand there already.
func (w *Writer) describe(name string) error {
	line := w.totals.line()
	if old, err := w.store.ReadFile(name); err != nil || !bytes.Equal(old, line) {
		var placed []string
		if err := w.placeBytes(name, line, &placed); err != nil {
			return err
		}
	}
	w.behind = w.behind && name != datasetFile
	return nil
}
