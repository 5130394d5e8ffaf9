package segment

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"
)

// noDate is the partition of a segment in which no record says when it was added. It is a date,
// and not a word, so that readers which infer the type of the partition key still see dates.
const noDate = "1970-01-01"

// ErrRecord is wrapped by the errors for lines that cannot be a record of a segment.
var ErrRecord = errors.New("not a record")

// Record is one verdict as a segment holds it.
type Record struct {
	Kind  Kind
	Seq   uint64
	Chain string // 16 hex digits, on writing only: identifies the history up to this record
	Line  []byte // one JSON object, without a newline
}

// counted is what the manifest and the partitions need to know of a record.
type counted struct {
	Seq       uint64
	Added     string
	Published string
	Lang      string
	Site      string
	Verdict   string // dup only
	Stage     string // dead only
	Reason    string // dead only
	chars     int    // removed as boilerplate; clean and dup
	blocks    int
	reasons   []reasonCount // good until the next record is read into this

	added time.Time // zero if Added is not a time
}

type reasonCount struct {
	reason []byte // of the line
	blocks int
}

// read takes what is needed from the line and finds out whether it is one JSON object, by its
// outline.
func (c *counted) read(line []byte) error {
	*c = counted{reasons: c.reasons[:0], Lang: c.Lang, Site: c.Site, Verdict: c.Verdict} // strings to use again
	if bytes.IndexByte(line, '\n') >= 0 {
		return fmt.Errorf("%w: a newline in the line", ErrRecord)
	}
	lang, site, verdict := "", "", ""
	for o := (object{b: line}); ; {
		key, val, ok, err := o.next()
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		switch string(key) {
		case "seq":
			c.Seq, err = number(val)
		case "added":
			c.Added = text(val)
		case "published":
			c.Published = text(val)
		case "lang":
			lang = again(c.Lang, val)
		case "site":
			site = again(c.Site, val)
		case "verdict":
			verdict = again(c.Verdict, val)
		case "stage":
			c.Stage = text(val)
		case "reason":
			c.Reason = text(val)
		case "removed":
			err = c.readRemoved(val)
		}
		if err != nil {
			return err
		}
	}
	c.Lang, c.Site, c.Verdict = lang, site, verdict
	t, err := time.Parse(time.RFC3339, c.Added)
	if t = t.UTC(); err == nil && 1 <= t.Year() && t.Year() <= 9999 {
		c.added = t
	}
	return nil
}

func (c *counted) readRemoved(val []byte) error {
	for o := (object{b: val}); ; {
		key, val, ok, err := o.next()
		if err != nil || !ok {
			return err
		}
		var n uint64
		switch string(key) {
		case "chars":
			n, err = number(val)
			c.chars = int(n)
		case "blocks":
			n, err = number(val)
			c.blocks = int(n)
		case "reasons":
			err = c.readReasons(val)
		}
		if err != nil {
			return err
		}
	}
}

func (c *counted) readReasons(val []byte) error {
	for o := (object{b: val}); ; {
		key, val, ok, err := o.next()
		if err != nil || !ok {
			return err
		}
		n, err := number(val)
		if err != nil {
			return err
		}
		if bytes.IndexByte(key, '\\') >= 0 {
			key = []byte(text(append(append([]byte{'"'}, key...), '"')))
		}
		c.reasons = append(c.reasons, reasonCount{key, int(n)})
	}
}

// number reads a whole number that is not negative.
func number(val []byte) (n uint64, err error) {
	if len(val) == 0 || len(val) > 19 {
		return 0, fmt.Errorf("%w: number %.40q", ErrRecord, val)
	}
	for _, d := range val {
		if d < '0' || d > '9' {
			return 0, fmt.Errorf("%w: number %.40q", ErrRecord, val)
		}
		n = 10*n + uint64(d-'0')
	}
	return n, nil
}

// again is text that does not allocate when the value is the same as before.
func again(before string, val []byte) string {
	if len(val) == len(before)+2 && string(val[1:len(val)-1]) == before && bytes.IndexByte(val, '\\') < 0 {
		return before
	}
	return text(val)
}

// tally is what a writer, and whoever checks one, learns about a segment record by record. It
// becomes the counts of the manifest.
type tally struct {
	m           Manifest
	first, last time.Time // earliest and latest intake; zero until a record has one
	until       time.Time // when the next date begins
	dead        map[[2]string]int
	removed     map[string]*int // blocks by reason
}

// newTally begins a segment; byDate says whether it has a date.
func newTally(first uint64, byDate bool) *tally {
	date := ""
	if byDate {
		date = noDate
	}
	return &tally{
		m: Manifest{
			Version: manifestVersion, First: first, Last: first - 1, Date: date,
			Verdicts: map[string]int{}, Dead: []DeadCount{}, Files: []File{},
		},
		dead: map[[2]string]int{}, removed: map[string]*int{},
	}
}

// startsNext tells whether a record added at t belongs to a later partition than the segment's.
// The first record that has a date gives the segment its partition; earlier dates stay, so that
// documents out of order cannot make a segment of every record.
func (t *tally) startsNext(added time.Time) bool {
	return t.m.Date != "" && !t.first.IsZero() && !added.Before(t.until)
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
		m.Removed.Chars += c.chars
		m.Removed.Blocks += c.blocks
		for _, r := range c.reasons {
			t.remove(r.reason, r.blocks)
		}
	}
	if c.added.IsZero() {
		return
	}
	if t.first.IsZero() && m.Date != "" {
		m.Date = c.added.Format(time.DateOnly)
		t.until = c.added.Truncate(24 * time.Hour).Add(24 * time.Hour)
	}
	if t.first.IsZero() || c.added.Before(t.first) {
		t.first, m.AddedFirst = c.added, c.Added
	}
	if t.last.IsZero() || c.added.After(t.last) {
		t.last, m.AddedLast = c.added, c.Added
	}
}

// remove counts blocks by their reason.
func (t *tally) remove(reason []byte, blocks int) {
	n := t.removed[string(reason)]
	if n == nil {
		n = new(int)
		t.removed[string(reason)] = n
	}
	*n += blocks
}

// manifest returns the manifest so far, without its files.
func (t *tally) manifest() *Manifest {
	m := t.m
	for k, n := range t.dead {
		m.Dead = append(m.Dead, DeadCount{k[0], k[1], n})
	}
	slices.SortFunc(m.Dead, compareDead)
	m.Removed.Reasons = make(map[string]int, len(t.removed))
	for reason, n := range t.removed {
		m.Removed.Reasons[reason] = *n
	}
	return &m
}

func compareDead(a, b DeadCount) int {
	return cmp.Or(cmp.Compare(a.Stage, b.Stage), cmp.Compare(a.Reason, b.Reason))
}
