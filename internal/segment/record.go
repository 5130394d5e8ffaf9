package segment

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
)

// ErrRecord is wrapped by the errors for lines that cannot be a record of a segment.
var ErrRecord = errors.New("not a record")

// Record is one verdict as a segment holds it.
type Record struct {
	Kind  Kind
	Seq   uint64
	Chain string // 16 hex digits, on writing only: identifies the history up to this record
	Line  []byte // one JSON object, without a newline
}

// counted is what the manifest needs to know of a record.
type counted struct {
	Seq     uint64  `json:"seq"`
	Added   string  `json:"added"`
	Verdict string  `json:"verdict"` // dup only
	Stage   string  `json:"stage"`   // dead only
	Reason  string  `json:"reason"`  // dead only
	Removed Removed `json:"removed"` // clean and dup

	added time.Time // zero if Added is not a time
}

// parseCounted reads what the manifest needs and, on the way, that the line is JSON.
func parseCounted(line []byte) (counted, error) {
	var c counted
	if bytes.IndexByte(line, '\n') >= 0 {
		return c, fmt.Errorf("%w: a newline in the line", ErrRecord)
	}
	if err := json.Unmarshal(line, &c); err != nil {
		return c, fmt.Errorf("%w: %w", ErrRecord, err)
	}
	c.date()
	return c, nil
}

// date sets added.
func (c *counted) date() {
	t, err := time.Parse(time.RFC3339, c.Added)
	if t = t.UTC(); err == nil && 1 <= t.Year() && t.Year() <= 9999 {
		c.added = t
	}
}

// tally is what a writer, and whoever checks one, learns about a segment record by record. It
// becomes the counts of the manifest.
type tally struct {
	m           Manifest
	first, last time.Time // earliest and latest intake; zero until a record has one
	dead        map[[2]string]int
}

func newTally(first uint64) *tally {
	return &tally{
		m: Manifest{
			Version: manifestVersion, First: first, Last: first - 1, Date: noDate,
			Verdicts: map[string]int{}, Dead: []DeadCount{}, Removed: Removed{Reasons: map[string]int{}}, Files: []File{},
		},
		dead: map[[2]string]int{},
	}
}

// startsNext tells whether a record added at t belongs to a later partition than the segment's.
// The first record that has a date gives the segment its partition; earlier dates stay, so that
// documents out of order cannot make a segment of every record.
func (t *tally) startsNext(added time.Time) bool {
	return !t.first.IsZero() && !added.IsZero() && added.Format(time.DateOnly) > t.m.Date
}

// add counts a record; the caller has checked that it is the next.
func (t *tally) add(k Kind, c *counted) {
	m := &t.m
	m.Last++
	*m.Records.of(k)++
	switch k {
	case Dead:
		t.dead[[2]string{c.Stage, c.Reason}]++
	case Dup:
		m.Verdicts[c.Verdict]++
		fallthrough
	case Clean:
		m.Removed.add(c.Removed)
	}
	if c.added.IsZero() {
		return
	}
	if t.first.IsZero() {
		m.Date = c.added.Format(time.DateOnly)
	}
	if t.first.IsZero() || c.added.Before(t.first) {
		t.first, m.AddedFirst = c.added, c.Added
	}
	if t.last.IsZero() || c.added.After(t.last) {
		t.last, m.AddedLast = c.added, c.Added
	}
}

// manifest returns the manifest so far, without its files.
func (t *tally) manifest() *Manifest {
	m := t.m
	for k, n := range t.dead {
		m.Dead = append(m.Dead, DeadCount{k[0], k[1], n})
	}
	slices.SortFunc(m.Dead, func(a, b DeadCount) int {
		return cmp.Or(cmp.Compare(a.Stage, b.Stage), cmp.Compare(a.Reason, b.Reason))
	})
	return &m
}
