package segment

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"reflect"
	"strings"

	"winnow/internal/record"
)

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

// failed notes that a file could not be read as it should.
func (s *segmentCheck) failed(file string, err error) {
	s.intact = false
	switch {
	case s.v.unreachable(err):
	case errors.Is(err, fs.ErrNotExist):
		s.damaged(file, "is missing")
	default:
		s.damaged(file, err.Error())
	}
}

// reader opens a data file; nil when it cannot be opened, which was said.
func (s *segmentCheck) reader(meta *File) lineReader {
	r, err := openFile(s.v.store, meta, s.v.dec)
	if err != nil {
		s.failed(meta.Name, err)
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

// advance moves f to its next record. A line that is no record is a problem and is passed over.
func (s *segmentCheck) advance(f *fileCheck) {
	for !f.end {
		line, err := f.line()
		if err != nil {
			f.end = true
			if err != io.EOF {
				f.broken = true
				s.failed(f.meta.Name, err)
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
		s.failed(f.meta.Name, err)
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
