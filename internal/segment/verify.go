package segment

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/klauspost/compress/zstd"
)

// maxProblems bounds what a Report lists; more are counted.
const maxProblems = 1000

// Report is what [Verify] found.
type Report struct {
	Segments    int       `json:"segments"`
	First       uint64    `json:"first"` // 0 when there is no segment
	Last        uint64    `json:"last"`
	Chain       string    `json:"chain"` // of record Last
	Records     Count     `json:"records"`
	Bytes       int64     `json:"bytes"`     // of data files
	RawBytes    int64     `json:"raw_bytes"` // of lines
	Finished    bool      `json:"finished"`  // a bounded run ended, and says so
	Problems    []Problem `json:"problems"`  // the first 1000
	MoreTrouble int       `json:"more_problems"`
	Notes       []string  `json:"notes"` // worth knowing, not wrong
}

// Problem is something that is wrong.
type Problem struct {
	File string `json:"file"` // path within the directory
	What string `json:"what"`
	Do   string `json:"do"` // what a person can do about it
}

// OK tells whether nothing is wrong.
func (r *Report) OK() bool { return len(r.Problems) == 0 }

// WriteText writes the report for a person: problems, notes, and the accounting line.
func (r *Report) WriteText(w io.Writer) error {
	var out errWriter
	out.w = w
	for _, p := range r.Problems {
		out.printf("%s: %s\n    %s\n", p.File, p.What, p.Do)
	}
	if r.MoreTrouble > 0 {
		out.printf("and %d more problems\n", r.MoreTrouble)
	}
	for _, n := range r.Notes {
		out.printf("note: %s\n", n)
	}
	if r.Segments == 0 {
		out.printf("no segments")
		if r.Finished {
			out.printf(": the run had no documents")
		}
		out.printf("\n")
		return out.err
	}
	verdict := "all as it should be"
	if !r.OK() {
		verdict = fmt.Sprintf("%d problems", len(r.Problems)+r.MoreTrouble)
	}
	c := r.Records
	out.printf("%d segments, sequences %d-%d, chain %s\n", r.Segments, r.First, r.Last, r.Chain)
	out.printf("%d raw = %d clean + %d dup + %d dead: %s\n", r.Last-r.First+1, c.Clean, c.Dup, c.Dead, verdict)
	return out.err
}

// What to do about damage.
const (
	doRestore = "restore this file from a backup, or move everything away and run the same input again"
	doTail    = "; if the stream still has them, it is enough to move this segment and all later ones away"
)

// Verify reads all of s and proves it: every file is there with the hash, length, frames and
// records that its manifest says, every line is a record of its kind and in the folder it belongs
// to, every sequence is there once, raw = clean + dup + dead, the two formats of a file hold the
// same, and the counts of the manifests and of the dataset are those of the records. It changes
// nothing. Memory is bounded by the frames, or groups of rows, of a segment's files. The error is
// about reading s at all, or ctx's; what is wrong in it is in the report.
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
	}
	v.leftovers(list)
	v.summaries(list)
	return v.report, nil
}

type verifier struct {
	store  Store
	dec    *zstd.Decoder
	totals *Totals         // of the manifests that could be read
	named  map[string]bool // data files that manifests speak of
	report *Report
}

func (v *verifier) problem(file, what, do string) {
	if len(v.report.Problems) == maxProblems {
		v.report.MoreTrouble++
		return
	}
	v.report.Problems = append(v.report.Problems, Problem{file, what, do})
}

// leftovers judges the files that no manifest speaks of.
func (v *verifier) leftovers(list *Listing) {
	for _, o := range list.Orphans {
		switch {
		case o.Name.First == v.report.Last+1 || list.pruned(o):
			v.report.Notes = append(v.report.Notes, o.Path+": not committed; the sink removes it")
		default:
			v.problem(o.Path, "has no manifest", "restore "+o.Name.Manifest()+" from a backup, or move the file away")
		}
	}
	for _, d := range list.Data {
		if !v.named[d.Path] {
			v.problem(d.Path, "its manifest does not know it", "move the file away")
		}
	}
	temps, err := os.ReadDir(v.store.Spool())
	temps = slices.DeleteFunc(temps, func(e fs.DirEntry) bool { return e.Name() == lockFile })
	if n := len(temps); err == nil && n > 0 {
		v.report.Notes = append(v.report.Notes, fmt.Sprintf("%d files of a segment that is being written, or was abandoned, in %s", n, v.store.Spool()))
	}
}

// summaries compares the files with the dataset's totals with the manifests.
func (v *verifier) summaries(list *Listing) {
	if len(v.report.Problems) > 0 {
		return // the totals would only say it again
	}
	for name, there := range map[string]bool{successFile: list.Finished, datasetFile: list.dataset} {
		if !there {
			continue
		}
		data, err := v.store.ReadFile(name)
		var t Totals
		switch {
		case err == nil && bytes.Equal(data, v.totals.line()):
		case err == nil && json.Unmarshal(data, &t) == nil && (t.First != v.totals.First || name == datasetFile && t.Last != v.totals.Last):
			v.report.Notes = append(v.report.Notes, name+" is about another state; the sink writes it anew")
		default:
			v.problem(name, "does not sum up the segments", "remove it; the sink writes it anew")
		}
	}
}

// segment checks one segment.
func (v *verifier) segment(n Name) {
	r := v.report
	r.Segments++
	if r.First == 0 {
		r.First = n.First
	}
	r.Last = n.Last
	m, err := ReadManifest(v.store, n)
	if err != nil {
		v.problem(n.Manifest(), err.Error(), doRestore)
		return
	}
	r.Chain = m.Chain
	v.totals.add(m)
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
	r.Records.Clean += m.Records.Clean
	r.Records.Dup += m.Records.Dup
	r.Records.Dead += m.Records.Dead
}
