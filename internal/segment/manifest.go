package segment

import (
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/go-json-experiment/json"
)

// ErrManifest is wrapped by the errors for bytes that are not a manifest this version reads.
var ErrManifest = errors.New("not a valid manifest")

// manifestVersion is the only version so far.
const manifestVersion = 1

// Manifest says what a segment holds. On disk it is one line of JSON.
type Manifest struct {
	Version int    `json:"version"`
	First   uint64 `json:"first"` // first sequence
	Last    uint64 `json:"last"`  // last sequence
	Date    string `json:"date"`  // partition, UTC; "" when there is none by date
	Chain   string `json:"chain"` // of record Last: 16 hex digits that identify the history up to it

	AddedFirst string `json:"added_first"` // earliest and latest time of intake as it stands in
	AddedLast  string `json:"added_last"`  // the records, "" if none has one

	Records  Count          `json:"records"`
	Verdicts map[string]int `json:"verdicts"` // duplicates by verdict
	Dead     []DeadCount    `json:"dead"`     // dead records by stage and reason, in that order
	Removed  Removed        `json:"removed"`  // boilerplate taken from clean and dup records
	Files    []File         `json:"files"`    // by kind (clean, dup, dead), folder and format; without empty ones
}

// Count counts records by kind.
type Count struct {
	Clean int `json:"clean"`
	Dup   int `json:"dup"`
	Dead  int `json:"dead"`
}

// Total returns the number of records of all kinds.
func (c Count) Total() int { return c.Clean + c.Dup + c.Dead }

// Of returns the number of records of kind k.
func (c Count) Of(k Kind) int { return *c.of(k) }

func (c *Count) of(k Kind) *int { return [kinds]*int{&c.Clean, &c.Dup, &c.Dead}[k] }

// DeadCount is the number of dead records with one stage and reason.
type DeadCount struct {
	Stage  string `json:"stage"`
	Reason string `json:"reason"`
	Count  int    `json:"count"`
}

// Removed sums up boilerplate: characters, blocks, and blocks by reason.
type Removed struct {
	Chars   int            `json:"chars"`
	Blocks  int            `json:"blocks"`
	Reasons map[string]int `json:"reasons"`
}

// File describes a data file.
type File struct {
	Name     string  `json:"name"` // in its store
	Kind     string  `json:"kind"`
	Format   Format  `json:"format"`
	Folder   string  `json:"folder"` // of its partition below the date's, such as lang=en; "" = none
	Records  int     `json:"records"`
	Bytes    int64   `json:"bytes"`     // of the file
	RawBytes int64   `json:"raw_bytes"` // of its lines, newlines included
	SHA256   string  `json:"sha256"`    // of the file, in hex
	Frames   []Frame `json:"frames"`    // of JSON lines; Parquet has its own
}

// format returns the file's format; manifests of the first version did not name it.
func (f *File) format() Format { return cmp.Or(f.Format, JSONL) }

// Frame is the place of one zstd frame in its file: the sequence of its first record and its
// offset in bytes. In JSON it is [seq, offset].
type Frame [2]uint64

// Seq returns the sequence of the frame's first record.
func (f Frame) Seq() uint64 { return f[0] }

// Offset returns the frame's offset in the file, in bytes.
func (f Frame) Offset() int64 { return int64(f[1]) }

// frameEnd returns the offset at which frame i ends.
func (f *File) frameEnd(i int) int64 {
	if i+1 < len(f.Frames) {
		return f.Frames[i+1].Offset()
	}
	return f.Bytes
}

// Name returns the name that the manifest gives its segment.
func (m *Manifest) Name() Name { return Name{m.First, m.Last, m.Date} }

// addedSpan returns the earliest and latest time of intake in UTC, zero if there is none.
func (m *Manifest) addedSpan() (first, last time.Time) {
	if at, err := time.Parse(time.RFC3339, m.AddedFirst); err == nil {
		first = at.UTC()
	}
	if at, err := time.Parse(time.RFC3339, m.AddedLast); err == nil {
		last = at.UTC()
	}
	return first, last
}

// bytes returns the size of the data files.
func (m *Manifest) bytes() (n int64) {
	for i := range m.Files {
		n += m.Files[i].Bytes
	}
	return n
}

// rawBytes returns the size of the lines, once.
func (m *Manifest) rawBytes() (n int64) {
	for i := range m.Files {
		if m.readable(i) {
			n += m.Files[i].RawBytes
		}
	}
	return n
}

// readable tells whether file i is the one to read its records from: the only one, or the JSON
// lines of two.
func (m *Manifest) readable(i int) bool {
	return i == 0 || m.Files[i].Kind != m.Files[i-1].Kind || m.Files[i].Folder != m.Files[i-1].Folder
}

// AppendJSON appends the manifest as one line of JSON with its newline. The bytes are a function
// of the manifest: the keys of maps are sorted.
func (m *Manifest) AppendJSON(dst []byte) []byte {
	b, err := json.Marshal(m, json.Deterministic(true))
	if err != nil {
		panic(fmt.Sprintf("segment: manifest: %v", err)) // strings and numbers only
	}
	return append(append(dst, b...), '\n')
}

// ParseManifest reads what [Manifest.AppendJSON] wrote and checks that it makes sense in itself.
// Its errors wrap [ErrManifest].
func ParseManifest(data []byte) (*Manifest, error) {
	m := &Manifest{}
	if err := json.Unmarshal(data, m, json.RejectUnknownMembers(true)); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrManifest, err)
	}
	if m.Version != manifestVersion {
		return nil, fmt.Errorf("%w: version %d, this program reads version %d", ErrManifest, m.Version, manifestVersion)
	}
	if err := m.check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrManifest, err)
	}
	if m.Verdicts == nil || m.Dead == nil || m.Removed.Reasons == nil || m.Files == nil {
		return nil, fmt.Errorf("%w: a key is absent or null", ErrManifest)
	}
	return m, nil
}

// ReadManifest reads the manifest of segment n in s and checks that it is that segment's.
func ReadManifest(s Store, n Name) (*Manifest, error) {
	data, err := s.ReadFile(n.Manifest())
	if err != nil {
		return nil, err
	}
	m, err := ParseManifest(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", n.Manifest(), err)
	}
	if m.Name() != n {
		return nil, fmt.Errorf("%s: %w: it says that it is %s", n.Manifest(), ErrManifest, m.Name().Manifest())
	}
	return m, nil
}

// check returns an error for the first thing in m that contradicts another or cannot be.
func (m *Manifest) check() error {
	span := m.Last - m.First
	switch {
	case m.First == 0 || m.Last < m.First || span >= math.MaxInt64:
		return fmt.Errorf("sequences %d-%d", m.First, m.Last)
	case m.Records.Clean < 0 || m.Records.Dup < 0 || m.Records.Dead < 0 || uint64(m.Records.Total()) != span+1:
		return fmt.Errorf("%d clean + %d dup + %d dead records in sequences %d-%d",
			m.Records.Clean, m.Records.Dup, m.Records.Dead, m.First, m.Last)
	case !validChain(m.Chain):
		return fmt.Errorf("chain %q: want 16 hex digits", m.Chain)
	}
	if d, err := time.Parse(time.DateOnly, m.Date); m.Date != "" && (err != nil || d.Format(time.DateOnly) != m.Date) {
		return fmt.Errorf("date %q", m.Date)
	}
	return m.checkFiles()
}

// checkFiles returns an error unless the files hold the records, once in each format.
func (m *Manifest) checkFiles() error {
	left := m.Records
	for i := range m.Files {
		f := &m.Files[i]
		k, err := ParseKind(f.Kind)
		if err != nil {
			return err
		}
		if format := f.format(); format != JSONL && format != Parquet {
			return fmt.Errorf("format %q", f.Format)
		}
		if f.Name != m.Name().Data(k, f.Folder, f.format()) {
			return fmt.Errorf("file %q: want %q", f.Name, m.Name().Data(k, f.Folder, f.format()))
		}
		if _, in, _, ok := parseName(f.Name); !ok || in != k {
			return fmt.Errorf("file %q: not a name of ours", f.Name)
		}
		if err := f.check(m.First, m.Last); err != nil {
			return fmt.Errorf("file %q: %w", f.Name, err)
		}
		if m.readable(i) {
			*left.of(k) -= f.Records
			continue
		}
		if twin := &m.Files[i-1]; f.format() == twin.format() || f.Records != twin.Records || f.RawBytes != twin.RawBytes {
			return fmt.Errorf("file %q does not hold what %q holds", f.Name, twin.Name)
		}
	}
	if left != (Count{}) {
		return fmt.Errorf("the records of the files differ from the records by kind by %+v", left)
	}
	return nil
}

// check returns an error unless the frames tile the file in the order of their sequences.
func (f *File) check(first, last uint64) error {
	if f.Records <= 0 || f.Bytes <= 0 || f.RawBytes <= 0 || f.format() == JSONL && len(f.Frames) == 0 {
		return errors.New("it is said to be empty")
	}
	if b, err := hex.DecodeString(f.SHA256); err != nil || len(b) != 32 {
		return fmt.Errorf("sha256 %q", f.SHA256)
	}
	if len(f.Frames) > 0 && (f.format() != JSONL || f.Frames[0].Offset() != 0) {
		return errors.New("its frames do not begin at 0")
	}
	for i, fr := range f.Frames {
		if fr.Offset() >= f.frameEnd(i) || fr.Seq() < first || fr.Seq() > last {
			return fmt.Errorf("frame %d: %d", i, fr)
		}
		first = fr.Seq() + 1
	}
	return nil
}

func validChain(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == 8
}
