package cleaner

import (
	"maps"
	"slices"
	"sync"

	"winnow/pkg/dedupe"
)

// recentKept is how many of the last verdicts a tally keeps.
const recentKept = 50

// Tally counts what this process folded. It includes what NEWS already had after a restart.
type Tally struct {
	Raw, Clean uint64
	Dup        map[string]uint64 // by verdict
	Dead       map[string]uint64 // by stage/reason
	Removed    map[string]uint64 // blocks of boilerplate by reason
	Langs      map[string]uint64 // clean records by language
	Recent     []Recent          // the last verdicts, newest first
}

// Recent is one of the last verdicts.
type Recent struct {
	Seq                                     uint64
	Verdict, Site, Lang, Title, URL, Detail string
}

// DupTotal returns the number of duplicates.
func (t *Tally) DupTotal() (n uint64) { return sum(t.Dup) }

// DeadTotal returns the number of dead records.
func (t *Tally) DeadTotal() (n uint64) { return sum(t.Dead) }

func sum(m map[string]uint64) (n uint64) {
	for _, v := range m {
		n += v
	}
	return n
}

// tally is a Tally that is being counted.
type tally struct {
	mu sync.Mutex
	Tally
	next int // slot of the ring Recent that is oldest
}

func newTally() *tally {
	return &tally{Tally: Tally{
		Dup: map[string]uint64{}, Dead: map[string]uint64{}, Removed: map[string]uint64{}, Langs: map[string]uint64{},
	}}
}

// Tally returns the counts so far. It may be called at any time.
func (m *Metrics) Tally() Tally {
	t := m.tally
	t.mu.Lock()
	defer t.mu.Unlock()
	out := t.Tally
	out.Dup, out.Dead, out.Removed, out.Langs = maps.Clone(t.Dup), maps.Clone(t.Dead), maps.Clone(t.Removed), maps.Clone(t.Langs)
	out.Recent = slices.Concat(t.Recent[t.next:], t.Recent[:t.next])
	slices.Reverse(out.Recent)
	return out
}

func (t *tally) count(d *document) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := &d.clean
	r := Recent{Seq: c.Seq, Verdict: d.verdict.Kind.String(), Site: c.Site, Lang: c.Lang, Title: c.Title, URL: c.URL}
	t.Raw++
	switch {
	case d.dead != nil:
		r.Verdict, r.Detail = "dead", d.dead.Stage+"/"+d.dead.Reason
		t.Dead[r.Detail]++
	case d.verdict.Kind == dedupe.Unique:
		t.Clean++
		t.Langs[c.Lang]++
	default:
		r.Detail = d.verdict.Of.ID
		t.Dup[r.Verdict]++
	}
	for reason, n := range c.Removed.Reasons {
		t.Removed[reason] += uint64(n)
	}
	if len(t.Recent) < recentKept {
		t.Recent = append(t.Recent, r)
		return
	}
	t.Recent[t.next] = r
	t.next = (t.next + 1) % recentKept
}
