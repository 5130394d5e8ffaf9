package segment

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
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

// noDate is the partition of a segment in which no record says when it was added. It is a date,
// and not a word, so that readers which infer the type of the partition key still see dates.
const noDate = "1970-01-01"

const (
	dataSuffix     = ".jsonl.zst"
	manifestSuffix = ".manifest.json"
	openDir        = ".open"
	lockFile       = ".lock"
)

// Name identifies a segment: its first and last sequence, and the UTC date of its partition
// (2006-01-02).
type Name struct {
	First, Last uint64
	Date        string
}

// String returns the name as it stands in file names, such as 000000000001-000000004096.
func (n Name) String() string { return fmt.Sprintf("%012d-%012d", n.First, n.Last) }

// Manifest returns the path of the manifest within the directory, with slashes.
func (n Name) Manifest() string { return "date=" + n.Date + "/" + n.String() + manifestSuffix }

// Data returns the path of the data file of kind k within the directory, with slashes.
func (n Name) Data(k Kind) string {
	file := "date=" + n.Date + "/" + n.String() + dataSuffix
	if k == Clean {
		return file
	}
	return k.String() + "/" + file
}

var namePattern = regexp.MustCompile(`^(\d{12,20})-(\d{12,20})(\.jsonl\.zst|\.manifest\.json)$`)

// parseName reads the name of a file in the partition of date; ok is false for files that are
// not ours.
func parseName(date, file string) (n Name, suffix string, ok bool) {
	m := namePattern.FindStringSubmatch(file)
	if m == nil {
		return Name{}, "", false
	}
	first, err1 := strconv.ParseUint(m[1], 10, 64)
	last, err2 := strconv.ParseUint(m[2], 10, 64)
	n = Name{First: first, Last: last, Date: date}
	ok = err1 == nil && err2 == nil && 0 < first && first <= last && n.String()+m[3] == file
	return n, m[3], ok
}

// Listing is what a directory holds, by the names of its files alone.
type Listing struct {
	Segments []Name   // the committed segments by first sequence
	Orphans  []Orphan // data files without a manifest
	Temps    []string // paths within the directory of files of an open or abandoned segment
}

// Orphan is a data file without a manifest. A crash between the renames of a commit leaves
// such files behind the last segment; anywhere else something is wrong.
type Orphan struct {
	Name Name
	Path string // within the directory, with slashes
}

// List reads the names in dir, which must be there. The result is not checked: see [Listing.Check].
func List(dir string) (*Listing, error) {
	if _, err := os.Stat(dir); err != nil {
		return nil, err
	}
	l := &Listing{}
	var data []Orphan
	for k := range Kind(kinds) {
		sub := ""
		if k != Clean {
			sub = k.String()
		}
		err := l.partitions(dir, sub, func(n Name, suffix, p string) {
			switch {
			case suffix == dataSuffix:
				data = append(data, Orphan{n, p})
			case k == Clean:
				l.Segments = append(l.Segments, n)
			}
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(l.Segments, compareNames)
	for _, d := range data {
		if _, ok := slices.BinarySearchFunc(l.Segments, d.Name, compareNames); !ok {
			l.Orphans = append(l.Orphans, d)
		}
	}
	temps, err := readDir(filepath.Join(dir, openDir))
	for _, e := range temps {
		l.Temps = append(l.Temps, path.Join(openDir, e.Name()))
	}
	return l, err
}

// partitions calls f for every file of ours in the date= folders of sub.
func (l *Listing) partitions(dir, sub string, f func(n Name, suffix, path string)) error {
	entries, err := readDir(filepath.Join(dir, sub))
	if err != nil {
		return err
	}
	for _, e := range entries {
		date, ok := strings.CutPrefix(e.Name(), "date=")
		if _, err := time.Parse(time.DateOnly, date); !ok || err != nil || !e.IsDir() {
			continue
		}
		files, err := readDir(filepath.Join(dir, sub, e.Name()))
		if err != nil {
			return err
		}
		for _, file := range files {
			if n, suffix, ok := parseName(date, file.Name()); ok {
				f(n, suffix, path.Join(sub, e.Name(), file.Name()))
			}
		}
	}
	return nil
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
func (l *Listing) pruned(o Orphan) bool {
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

// readDir is os.ReadDir for a folder that may be absent.
func readDir(dir string) ([]os.DirEntry, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return entries, err
}
