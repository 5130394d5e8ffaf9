package segment

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ErrNotContiguous is wrapped by the error for manifests with a gap or an overlap between them.
var ErrNotContiguous = errors.New("segments are not contiguous")

// Kind says what became of a document. The zero value is Clean.
type Kind uint8

// The three kinds; every document is exactly one of them.
const (
	Clean Kind = iota
	Dup
	Dead
	kinds int = iota
)

var kindNames = [kinds]string{"clean", "dup", "dead"}

// String returns "clean", "dup" or "dead".
func (k Kind) String() string {
	if int(k) >= kinds {
		return fmt.Sprintf("kind(%d)", uint8(k))
	}
	return kindNames[k]
}

// ParseKind is the inverse of [Kind.String].
func ParseKind(s string) (Kind, error) {
	i := slices.Index(kindNames[:], s)
	if i < 0 {
		return 0, fmt.Errorf("kind %q: want clean, dup or dead", s)
	}
	return Kind(i), nil
}

// ManifestSuffix is what the names of manifests end with.
const ManifestSuffix = ".manifest.json"

const (
	openDir  = ".open"
	lockFile = ".lock"
)

// Format is a layout of the records in a file.
type Format string

// The formats. A segment may have its records in both.
const (
	JSONL   Format = "jsonl"   // JSON lines in zstd
	Parquet Format = "parquet" // see [CleanRow]
)

// suffix is what names of the format's files end with.
func (f Format) suffix() string {
	if f == Parquet {
		return ".parquet"
	}
	return ".jsonl.zst"
}

// ParseFormats reads a comma-separated list of formats, each once.
func ParseFormats(s string) ([]Format, error) {
	var list []Format
	for name := range strings.SplitSeq(s, ",") {
		f := Format(strings.TrimSpace(name))
		if f != JSONL && f != Parquet || slices.Contains(list, f) {
			return nil, fmt.Errorf("format %q: want jsonl, parquet, or jsonl,parquet", s)
		}
		list = append(list, f)
	}
	slices.Sort(list)
	return list, nil
}

// Name identifies a segment: its first and last sequence, and the UTC date of its partition
// (2006-01-02), "" when segments are not partitioned by date.
type Name struct {
	First, Last uint64
	Date        string
}

// String returns the name as it stands in file names, such as 000000000001-000000004096.
func (n Name) String() string { return fmt.Sprintf("%012d-%012d", n.First, n.Last) }

// Manifest returns the name of the manifest in its store.
func (n Name) Manifest() string { return path.Join(n.folder(), n.String()+ManifestSuffix) }

// Data returns the name of the data file for records of kind k in the folder of their partition
// below the date's, "" for none.
func (n Name) Data(k Kind, folder string, f Format) string {
	name := path.Join(n.folder(), folder, n.String()+f.suffix())
	if k == Clean {
		return name
	}
	return k.String() + "/" + name
}

func (n Name) folder() string {
	if n.Date == "" {
		return ""
	}
	return "date=" + n.Date
}

var (
	namePattern   = regexp.MustCompile(`^(\d{12,20})-(\d{12,20})(\.jsonl\.zst|\.parquet|\.manifest\.json)$`)
	folderPattern = regexp.MustCompile(`^(?:(dup|dead)/)?(?:date=(\d{4}-\d\d-\d\d)/)?(?:(?:published|lang|site)=[^/]*/)*$`)
)

// parseName reads the name of a file in a store; ok is false for files that are not ours.
func parseName(name string) (n Name, k Kind, suffix string, ok bool) {
	dir, file := path.Split(name)
	m, in := namePattern.FindStringSubmatch(file), folderPattern.FindStringSubmatch(dir)
	if m == nil || in == nil {
		return Name{}, 0, "", false
	}
	if _, err := time.Parse(time.DateOnly, in[2]); in[2] != "" && err != nil {
		return Name{}, 0, "", false
	}
	if in[1] != "" {
		k, _ = ParseKind(in[1])
	}
	first, err1 := strconv.ParseUint(m[1], 10, 64)
	last, err2 := strconv.ParseUint(m[2], 10, 64)
	n = Name{First: first, Last: last, Date: in[2]}
	ok = err1 == nil && err2 == nil && 0 < first && first <= last && n.String()+m[3] == file
	if m[3] == ManifestSuffix {
		ok = ok && name == n.Manifest()
	}
	return n, k, m[3], ok
}

// Ours tells whether a file of that name in a store is a segment's data or manifest.
func Ours(name string) bool {
	_, _, _, ok := parseName(name)
	return ok
}

// Listing is what a store holds, by the names of its files alone.
type Listing struct {
	Segments []Name // the committed segments by first sequence
	Data     []Data // data files of committed segments
	Orphans  []Data // data files without a manifest
	Finished bool   // there is a file _SUCCESS
	dataset  bool
}

// Data is a data file by its name. A crash in a commit leaves some without a manifest behind the
// last segment; anywhere else something is wrong with these.
type Data struct {
	Name Name
	Path string // in the store
}

// List reads the names in s, which must be there. The result is not checked: see [Listing.Check].
func List(s Store) (*Listing, error) {
	names, err := s.Names()
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	l := &Listing{}
	var data []Data
	for _, name := range names {
		l.Finished = l.Finished || name == successFile
		l.dataset = l.dataset || name == datasetFile
		switch n, _, suffix, ok := parseName(name); {
		case ok && suffix == ManifestSuffix:
			l.Segments = append(l.Segments, n)
		case ok:
			data = append(data, Data{n, name})
		}
	}
	slices.SortFunc(l.Segments, compareNames)
	for _, d := range data {
		if _, ok := slices.BinarySearchFunc(l.Segments, d.Name, compareNames); ok {
			l.Data = append(l.Data, d)
		} else {
			l.Orphans = append(l.Orphans, d)
		}
	}
	return l, nil
}

// Check returns an error that wraps [ErrNotContiguous] and names the first two segments between
// which sequences are missing or that both claim a sequence.
func (l *Listing) Check() error {
	for i, n := range l.Segments {
		if i == 0 {
			continue
		}
		if err := l.Segments[i-1].before(n); err != nil {
			return err
		}
	}
	return nil
}

// pruned tells whether o lies before all segments, where an interrupted [Writer.Prune] leaves files.
func (l *Listing) pruned(o Data) bool {
	return len(l.Segments) > 0 && o.Name.Last < l.Segments[0].First
}

// before returns an error unless next goes on where n ends.
func (n Name) before(next Name) error {
	switch {
	case next.First <= n.Last:
		return fmt.Errorf("%w: %s and %s both hold sequence %d; one of them came from another run or a copy: move it away",
			ErrNotContiguous, n.Manifest(), next.Manifest(), next.First)
	case next.First > n.Last+1:
		return fmt.Errorf("%w: sequences %d-%d between %s and %s are missing; restore their files from a backup",
			ErrNotContiguous, n.Last+1, next.First-1, n.Manifest(), next.Manifest())
	}
	return nil
}

func compareNames(a, b Name) int {
	return cmp.Or(cmp.Compare(a.First, b.First), cmp.Compare(a.Last, b.Last), strings.Compare(a.Date, b.Date))
}
