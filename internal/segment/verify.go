package segment

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"reflect"

	"winnow/internal/record"
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
		out.printf("no segments\n")
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
	doRestore = "restore this file from a backup, or move the directory away and run the same input again"
	doTail    = "; if the stream still has them, it is enough to move this segment and all later ones away"
)

// Verify reads all of dir and proves it: every file is there with the hash, length, frames and
// records that its manifest says, every line is a record of its kind, every sequence is there
// once, raw = clean + dup + dead, and the counts of the manifests are those of the records. It
// changes nothing. Memory is bounded by a few records. The error is about reading dir at all, or
// ctx's; what is wrong in it is in the report.
func Verify(ctx context.Context, dir string) (*Report, error) {
	list, err := List(dir)
	if err != nil {
		return nil, err
	}
	v := &verifier{dir: dir, report: &Report{Problems: []Problem{}, Notes: []string{}}}
	defer v.dec.close()
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
	return v.report, nil
}

type verifier struct {
	dir    string
	dec    decoders
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
	if len(list.Temps) > 0 {
		v.report.Notes = append(v.report.Notes, fmt.Sprintf("%d files of a segment that is being written, or was abandoned, in %s", len(list.Temps), openDir))
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
	m, err := ReadManifest(v.dir, n)
	if err != nil {
		v.problem(n.Manifest(), err.Error(), doRestore)
		return
	}
	r.Chain = m.Chain
	s := &segmentCheck{v: v, m: m, intact: true, tally: newTally(m.First)}
	for i := range m.Files {
		s.open(&m.Files[i])
	}
	s.merge()
	for _, f := range s.files {
		s.finish(f)
	}
	if s.intact {
		s.compare()
	}
	r.Records.Clean += m.Records.Clean
	r.Records.Dup += m.Records.Dup
	r.Records.Dead += m.Records.Dead
}

// segmentCheck reads a segment in the order of its sequences and counts it as the writer did.
type segmentCheck struct {
	v      *verifier
	m      *Manifest
	files  []*fileCheck
	intact bool // all records could be read
	tally  *tally
}

// fileCheck is a data file being read.
type fileCheck struct {
	*fileReader
	seq     uint64 // of the record it stands at
	counted counted
	end     bool
	broken  bool
	records int
	raw     int64
	bad     int // lines that are no record of the file; the first is reported
}

// damaged notes a problem after which the counts of the segment mean nothing.
func (s *segmentCheck) damaged(file, what string) {
	s.intact = false
	s.v.problem(file, what, doRestore+doTail)
}

func (s *segmentCheck) open(meta *File) {
	r, err := openFile(s.v.dir, meta, &s.v.dec)
	if errors.Is(err, fs.ErrNotExist) {
		err = errors.New("is missing")
	}
	if err != nil {
		s.damaged(meta.Name, err.Error())
		return
	}
	r.sum = sha256.New()
	f := &fileCheck{fileReader: r}
	s.files = append(s.files, f)
	s.advance(f)
}

// advance moves f to its next record. A line that is no record is a problem and is passed over.
func (s *segmentCheck) advance(f *fileCheck) {
	for !f.end {
		line, err := f.line()
		if err != nil {
			f.end = true
			if err != io.EOF {
				f.broken = true
				s.damaged(f.meta.Name, err.Error())
			}
			return
		}
		f.records++
		f.raw += int64(len(line)) + 1
		c, err := parseRecord(f.kind, line)
		if err == nil && c.Seq <= f.seq {
			err = fmt.Errorf("record %d after record %d", c.Seq, f.seq)
		}
		if frame := f.meta.Frames[f.next-1]; err == nil && f.first() && c.Seq != frame.Seq() {
			err = fmt.Errorf("record %d begins a frame that is said to begin with %d", c.Seq, frame.Seq())
		}
		if err == nil {
			f.seq, f.counted = c.Seq, c
			return
		}
		s.intact = false
		if f.bad++; f.bad == 1 {
			s.damaged(f.meta.Name, fmt.Sprintf("line %d: %v", f.records, err))
		}
	}
}

// parseRecord reads a line as strictly as package record can.
func parseRecord(k Kind, line []byte) (counted, error) {
	var c counted
	var err error
	switch k {
	case Clean:
		var r record.Clean
		r, err = record.ParseClean(line)
		c = counted{Seq: r.Seq, Added: r.Added, Removed: Removed(r.Removed)}
	case Dup:
		var r record.Dup
		r, err = record.ParseDup(line)
		c = counted{Seq: r.Seq, Added: r.Added, Verdict: r.Verdict, Removed: Removed(r.Removed)}
	case Dead:
		var r record.Dead
		r, err = record.ParseDead(line)
		c = counted{Seq: r.Seq, Added: r.Added, Stage: r.Stage, Reason: r.Reason}
	}
	c.date()
	return c, err
}

// merge takes the records of all files in the order of their sequences.
func (s *segmentCheck) merge() {
	next := s.m.First
	for {
		var f *fileCheck
		for _, o := range s.files {
			if !o.end && (f == nil || o.seq < f.seq) {
				f = o
			}
		}
		end := s.m.Last + 1
		if f != nil {
			end = f.seq
		}
		switch {
		case !s.intact: // what is missing is damaged, and said to be
		case end > next:
			s.damaged(s.m.Name().Manifest(), fmt.Sprintf("sequences %d-%d are in none of its files", next, end-1))
		case f != nil && end < next:
			s.damaged(f.meta.Name, fmt.Sprintf("sequence %d is in another file too, or outside of the segment", end))
		}
		if f == nil {
			return
		}
		s.tally.add(f.kind, &f.counted)
		next = end + 1
		s.advance(f)
	}
}

// finish closes f and compares it as a whole with what the manifest says.
func (s *segmentCheck) finish(f *fileCheck) {
	err := f.close()
	s.v.report.Bytes += f.meta.Bytes
	s.v.report.RawBytes += f.raw
	sum := hex.EncodeToString(f.sum.Sum(nil))
	switch {
	case f.broken: // it could not be read to its end, and that was said
	case err != nil:
		s.damaged(f.meta.Name, err.Error())
	case sum != f.meta.SHA256:
		s.damaged(f.meta.Name, "its SHA-256 is "+sum+", its manifest says "+f.meta.SHA256)
	case f.records != f.meta.Records || f.raw != f.meta.RawBytes:
		s.damaged(f.meta.Name, fmt.Sprintf("%d records in %d bytes of lines, its manifest says %d in %d",
			f.records, f.raw, f.meta.Records, f.meta.RawBytes))
	}
}

// compare checks the counts of the manifest against those of the records.
func (s *segmentCheck) compare() {
	is, says := s.tally.manifest(), s.m
	for _, c := range []struct {
		what     string
		is, says any
	}{
		{"date", is.Date, says.Date},
		{"added_first", is.AddedFirst, says.AddedFirst},
		{"added_last", is.AddedLast, says.AddedLast},
		{"records", is.Records, says.Records},
		{"verdicts", is.Verdicts, says.Verdicts},
		{"dead", is.Dead, says.Dead},
		{"removed", is.Removed, says.Removed},
	} {
		if !reflect.DeepEqual(c.is, c.says) {
			s.v.problem(s.m.Name().Manifest(), fmt.Sprintf("%s is %v, its records say %v", c.what, c.says, c.is), doRestore)
		}
	}
}
