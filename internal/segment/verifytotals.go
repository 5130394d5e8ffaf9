package segment

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"

	"github.com/go-json-experiment/json"
)

// summary is a file with the dataset's totals.
type summary struct {
	name   string
	data   []byte
	totals *Totals // nil: it says none
}

// readTotals reads what the file says; its counts are not checked.
func readTotals(s Store, name string) (sum summary, err error) {
	sum.name = name
	if sum.data, err = s.ReadFile(name); err != nil {
		return sum, err
	}
	t := newTotals()
	if json.Unmarshal(sum.data, t) == nil && t.Version == manifestVersion {
		sum.totals = t
	}
	return sum, nil
}

// summaries reads the files with the dataset's totals.
func (v *verifier) summaries(list *Listing) (sums []summary) {
	for _, name := range []string{datasetFile, successFile} {
		if name == datasetFile && !list.dataset || name == successFile && !list.Finished {
			continue
		}
		sum, err := readTotals(v.store, name)
		switch {
		case v.unreachable(err):
		case name == successFile && errors.Is(err, fs.ErrNotExist):
			v.report.Finished = false // a writer began another segment meanwhile
		default:
			sums = append(sums, sum)
		}
	}
	return sums
}

// lost returns where the dataset ended once if segments are missing at its end, else 0. Totals are written
// behind the last manifest, and retention leaves the last segment: they may be behind it, never ahead.
func (v *verifier) lost(sums []summary) uint64 {
	for _, sum := range sums {
		if sum.totals == nil || sum.totals.Last <= v.report.Last {
			continue
		}
		now, err := List(v.store) // segments may have been written since
		if err != nil {
			v.err = err
			return 0
		}
		if n := len(now.Segments); n > 0 && now.Segments[n-1].Last >= sum.totals.Last {
			continue
		}
		what := fmt.Sprintf("there are no segments, and it sums up sequences %d-%d", sum.totals.First, sum.totals.Last)
		if v.report.Last > 0 {
			what = fmt.Sprintf("segments end at %d, and it sums up all to %d: %d-%d are missing", v.report.Last, sum.totals.Last, v.report.Last+1, sum.totals.Last)
		}
		v.problem(sum.name, what, doRefill)
		return sum.totals.Last
	}
	return 0
}

// compare compares the totals with the manifests.
func (v *verifier) compare(sums []summary) {
	if len(v.report.Problems) > 0 {
		return // the totals would only say it again
	}
	r := v.report
	for _, sum := range sums {
		t := sum.totals
		switch {
		case bytes.Equal(sum.data, v.totals.line()):
		case t != nil && t.Last > r.Last:
			r.Notes = append(r.Notes, sum.name+" is about a later state: segments were written meanwhile")
		case t != nil && t.Last < r.Last && sum.name == datasetFile:
			r.Notes = append(r.Notes, fmt.Sprintf("%s ends at %d: the sink had no time to write it anew, and will", sum.name, t.Last))
		case t != nil && t.Last == r.Last && t.Chain == r.Chain && t.First != v.totals.First:
			r.Notes = append(r.Notes, fmt.Sprintf("%s begins at %d and the segments at %d, as when retention comes between; the sink writes it anew",
				sum.name, t.First, v.totals.First))
		default:
			v.problem(sum.name, "does not sum up the segments", "remove it; the sink writes it anew")
		}
	}
}
