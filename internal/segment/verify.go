package segment

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/klauspost/compress/zstd"
)

// What to do about damage.
const (
	doRestore = "restore this file from a backup, or move everything away and run the same input again"
	doRefill  = "restore the segments that are missing from a backup and leave this file: if the stream still has their records, the sink writes them again; if not, " +
		"move everything away and run the same input again"
	doTail = "; if the stream still has them, it is enough to move this segment and all later ones away"
)

// Verify reads all of s and proves it: every file is there with the hash, length, frames and
// records that its manifest says, every line is a record of its kind and in the folder it belongs
// to, every sequence is there once, raw = clean + dup + dead, the two formats of a file hold the
// same, the counts of the manifests and of the dataset are those of the records, and the segments
// reach as far as the dataset's totals. It changes nothing. Memory is bounded by the frames, or groups of rows, of a segment's files. The error is
// about reaching s, or ctx's; what is wrong in it is in the report.
func Verify(ctx context.Context, s Store) (*Report, error) {
	list, err := List(s)
	if err != nil {
		return nil, err
	}
	v := &verifier{
		store: s, dec: newDecoder(), totals: newTotals(), named: map[string]bool{},
		report: &Report{Finished: list.Finished, Problems: []Problem{}, Notes: []string{}},
	}
	defer v.dec.Close()
	for i, n := range list.Segments {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if i > 0 {
			if err := list.Segments[i-1].before(n); err != nil {
				v.problem(n.Manifest(), err.Error(), "see there; the accounting below does not close")
			}
		}
		v.segment(n)
		if v.err != nil {
			return nil, v.err
		}
	}
	sums := v.summaries(list)
	lost := v.lost(sums)
	v.leftovers(list, lost)
	v.compare(sums)
	return v.report, v.err
}

type verifier struct {
	store  Store
	dec    *zstd.Decoder
	totals *Totals         // of the manifests that could be read
	named  map[string]bool // data files that manifests speak of
	gone   []Name          // segments that were removed meanwhile
	report *Report
	err    error // why s can no longer be read, which says nothing about what is in it
}

// unreachable tells whether err is about reaching the store, and keeps it.
func (v *verifier) unreachable(err error) bool {
	if !outside(err) {
		return false
	}
	if v.err == nil {
		v.err = err
	}
	return true
}

func (v *verifier) problem(file, what, do string) {
	if len(v.report.Problems) == maxProblems {
		v.report.MoreTrouble++
		return
	}
	v.report.Problems = append(v.report.Problems, Problem{file, what, do})
}

// leftovers judges the files that no manifest speaks of; up to sequence lost they had one.
func (v *verifier) leftovers(list *Listing, lost uint64) {
	for _, o := range list.Orphans {
		switch {
		case list.pruned(o) || o.Name.First == v.report.Last+1 && o.Name.First > lost:
			v.report.Notes = append(v.report.Notes, o.Path+": not committed; the sink removes it")
		default:
			v.problem(o.Path, "has no manifest", "restore "+o.Name.Manifest()+" from a backup, or move the file away")
		}
	}
	for _, d := range list.Data {
		if !v.named[d.Path] && !slices.Contains(v.gone, d.Name) {
			v.problem(d.Path, "its manifest does not know it", "move the file away")
		}
	}
	temps, err := os.ReadDir(v.store.Spool())
	temps = slices.DeleteFunc(temps, func(e fs.DirEntry) bool { return e.Name() == lockFile })
	if n := len(temps); err == nil && n > 0 {
		v.report.Notes = append(v.report.Notes, fmt.Sprintf("%d files of a segment that is being written, or was abandoned, in %s", n, v.store.Spool()))
	}
}

// segment checks one segment, unless retention removes it meanwhile.
func (v *verifier) segment(n Name) {
	before := *v.report
	v.check(n)
	if len(v.report.Problems) == len(before.Problems) && v.report.MoreTrouble == before.MoreTrouble || v.err != nil {
		return
	}
	if _, err := v.store.ReadFile(n.Manifest()); errors.Is(err, fs.ErrNotExist) {
		*v.report, v.gone = before, append(v.gone, n)
		v.report.Notes = append(v.report.Notes, n.Manifest()+": removed while it was read; run it again if that was not retention")
	}
}

func (v *verifier) check(n Name) {
	r := v.report
	r.Segments++
	if r.First == 0 {
		r.First = n.First
	}
	r.Last = n.Last
	m, err := ReadManifest(v.store, n)
	if v.unreachable(err) {
		return
	}
	if err != nil {
		v.problem(n.Manifest(), err.Error(), doRestore)
		return
	}
	r.Chain = m.Chain
	s := &segmentCheck{v: v, m: m, intact: true, tally: newTally(m.First, m.Date != "")}
	for i := range m.Files {
		v.named[m.Files[i].Name] = true
		if m.readable(i) {
			s.open(&m.Files[i])
		}
	}
	s.merge()
	for _, f := range s.files {
		s.finish(f)
	}
	if s.intact {
		s.compare()
	}
	for i := range m.Files {
		if !m.readable(i) {
			s.twins(&m.Files[i-1], &m.Files[i])
		}
	}
	v.totals.add(m)
	r.Records.Clean += m.Records.Clean
	r.Records.Dup += m.Records.Dup
	r.Records.Dead += m.Records.Dead
}
