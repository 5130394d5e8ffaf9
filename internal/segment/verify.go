package segment

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"reflect"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/klauspost/compress/zstd"

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
	lineReader
	meta    *File
	kind    Kind
	keys    Partition // of its folder
	folder  []byte
	sum     hash.Hash // of JSON lines, as they are read
	seq     uint64    // of the record it stands at
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

// reader opens a data file; nil when it cannot be opened, which was said.
func (s *segmentCheck) reader(meta *File) lineReader {
	r, err := openFile(s.v.store, meta, s.v.dec)
	if errors.Is(err, fs.ErrNotExist) {
		err = errors.New("is missing")
	}
	if err != nil {
		s.damaged(meta.Name, err.Error())
		return nil
	}
	return r
}

func (s *segmentCheck) open(meta *File) {
	f := &fileCheck{meta: meta, sum: sha256.New()}
	if meta.format() == Parquet && !s.hashed(meta, f.sum) {
		return // a footer that is not as it was may say anything
	}
	if f.lineReader = s.reader(meta); f.lineReader == nil {
		return
	}
	if frames, ok := f.lineReader.(*frameReader); ok {
		frames.sum = f.sum
	}
	f.kind, _ = ParseKind(meta.Kind) // the manifest was checked
	for part := range strings.SplitSeq(meta.Folder, "/") {
		if key, _, ok := strings.Cut(part, "="); ok {
			f.keys = append(f.keys, key)
		}
	}
	s.files = append(s.files, f)
	s.advance(f)
}

// hashed reads a whole file into sum and tells whether it has the hash that its manifest says.
func (s *segmentCheck) hashed(meta *File, sum hash.Hash) bool {
	b, err := s.v.store.Open(meta.Name)
	if err == nil {
		_, err = io.Copy(sum, io.NewSectionReader(b, 0, b.Size()))
		err = errors.Join(err, b.Close())
	}
	is := hex.EncodeToString(sum.Sum(nil))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		s.damaged(meta.Name, "is missing")
	case err != nil:
		s.damaged(meta.Name, err.Error())
	case is != meta.SHA256:
		s.damaged(meta.Name, "its SHA-256 is "+is+", its manifest says "+meta.SHA256)
	default:
		return true
	}
	return false
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
		if err = f.read(line); err == nil {
			return
		}
		s.intact = false
		if f.bad++; f.bad == 1 {
			s.damaged(f.meta.Name, fmt.Sprintf("line %d: %v", f.records, err))
		}
	}
}

// read makes f stand at the record in line, or says why it does not belong there.
func (f *fileCheck) read(line []byte) error {
	if err := parseRecord(f.kind, line); err != nil {
		return err
	}
	c := &f.counted
	if err := c.read(line); err != nil {
		return err
	}
	if c.Seq <= f.seq {
		return fmt.Errorf("record %d after record %d", c.Seq, f.seq)
	}
	if r, ok := f.lineReader.(*frameReader); ok {
		if frame, first := r.first(); first && c.Seq != frame.Seq() {
			return fmt.Errorf("record %d begins a frame that is said to begin with %d", c.Seq, frame.Seq())
		}
	}
	if f.folder = f.keys.appendFolder(f.folder[:0], c); string(f.folder) != f.meta.Folder {
		return fmt.Errorf("record %d belongs in the folder %s", c.Seq, f.folder)
	}
	f.seq = c.Seq
	return nil
}

// parseRecord reads a line as strictly as package record can.
func parseRecord(k Kind, line []byte) (err error) {
	switch k {
	case Clean:
		_, err = record.ParseClean(line)
	case Dup:
		_, err = record.ParseDup(line)
	case Dead:
		_, err = record.ParseDead(line)
	}
	return err
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

// twins checks a file that holds the records of another one in another format.
func (s *segmentCheck) twins(first, second *File) {
	if !s.hashed(second, sha256.New()) {
		return
	}
	s.v.report.Bytes += second.Bytes
	if !s.intact {
		return // there is nothing to compare it with
	}
	a, b := s.reader(first), s.reader(second)
	if a != nil && b != nil {
		if err := sameLines(a, b); err != nil {
			s.damaged(second.Name, err.Error())
		}
	}
	for _, r := range []lineReader{a, b} {
		if r != nil {
			r.close() // nothing was written
		}
	}
}

// sameLines returns an error about the first line in which b is not a.
func sameLines(a, b lineReader) error {
	for n := 1; ; n++ {
		x, err1 := a.line()
		y, err2 := b.line()
		switch {
		case err1 == io.EOF && err2 == io.EOF:
			return nil
		case err2 != nil && err2 != io.EOF:
			return err2
		case err1 != nil || err2 != nil || !bytes.Equal(x, y):
			return fmt.Errorf("%w: row %d is not the record in the other format", ErrDamaged, n)
		}
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
