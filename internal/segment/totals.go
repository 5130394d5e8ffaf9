package segment

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/go-json-experiment/json"
)

// successFile tells, with a directory's totals in it, that a bounded run ended; the name is the
// one that Hadoop gave it.
const successFile = "_SUCCESS"

// Totals is what the manifests of a directory say together.
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
	Bytes      int64          `json:"bytes"`     // of data files
	RawBytes   int64          `json:"raw_bytes"` // of lines
}

// Sum adds up the manifests of dir; no data file is read.
func Sum(ctx context.Context, dir string) (*Totals, error) {
	list, err := List(dir)
	if err == nil {
		err = list.Check()
	}
	if err != nil {
		return nil, err
	}
	sum := newTally(1)
	t := &Totals{Version: manifestVersion}
	for i, n := range list.Segments {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		m, err := ReadManifest(dir, n)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			t.First = m.First
		}
		t.Segments, t.Last, t.Chain = i+1, m.Last, m.Chain
		t.add(m)
		sum.merge(m)
	}
	m := sum.manifest()
	t.Records, t.Verdicts, t.Dead, t.Removed = m.Records, m.Verdicts, m.Dead, m.Removed
	return t, nil
}

// add adds what is not in a tally.
func (t *Totals) add(m *Manifest) {
	t.RawBytes += m.rawBytes()
	t.Bytes += m.bytes()
	if at, err := time.Parse(time.RFC3339, m.AddedFirst); err == nil && (t.AddedFirst.IsZero() || at.Before(t.AddedFirst)) {
		t.AddedFirst = at.UTC()
	}
	if at, err := time.Parse(time.RFC3339, m.AddedLast); err == nil && at.After(t.AddedLast) {
		t.AddedLast = at.UTC()
	}
}

// merge adds the counts of another segment.
func (t *tally) merge(m *Manifest) {
	for k := range Kind(kinds) {
		*t.m.Records.of(k) += m.Records.Of(k)
	}
	for verdict, n := range m.Verdicts {
		t.m.Verdicts[verdict] += n
	}
	for _, d := range m.Dead {
		t.dead[[2]string{d.Stage, d.Reason}] += d.Count
	}
	t.m.Removed.add(m.Removed)
}

// Finish commits the open segment and marks the directory as complete: the file _SUCCESS holds its
// totals as a line of JSON until another segment begins.
func (w *Writer) Finish(ctx context.Context) error {
	if err := w.Commit(); err != nil {
		return err
	}
	t, err := Sum(ctx, w.dir)
	if err != nil {
		return err
	}
	line, err := json.Marshal(t, json.Deterministic(true))
	if err != nil {
		return fmt.Errorf("totals: %w", err)
	}
	line = append(line, '\n')
	path := filepath.Join(w.dir, successFile)
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, line) {
		return nil
	}
	temp := filepath.Join(w.dir, openDir, successFile)
	if err := w.writeFile(temp, line); err != nil {
		return errors.Join(err, w.remove(temp))
	}
	var placed []string
	if _, err := w.place(temp, successFile, &placed); err != nil {
		return errors.Join(err, w.remove(temp))
	}
	return w.syncDirs([]string{w.dir})
}
