package segment_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"pgregory.net/rapid"

	"winnow/internal/record"
	"winnow/internal/segment"
)

func verify(t testing.TB, dir string) *segment.Report {
	t.Helper()
	r, err := segment.Verify(t.Context(), segment.Dir(dir))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Law: whatever a writer wrote verifies, and the accounting closes.
func TestWhatIsWrittenVerifies(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		opt := segment.Options{Records: rapid.IntRange(1, 200).Draw(rt, "records"), Frame: rapid.IntRange(-1, 10_000).Draw(rt, "frame")}
		last := uint64(rapid.IntRange(1, 100).Draw(rt, "last"))
		r := verify(t, written(t, last, rapid.IntRange(0, 20).Draw(rt, "days"), opt))
		if !r.OK() || r.First != 1 || r.Last != last || r.Chain != chain(last) || uint64(r.Records.Total()) != last || len(r.Notes) > 0 {
			rt.Fatalf("%+v", r)
		}
	})
}

// Law: a bit flipped anywhere in a data file is found, and the file is named.
func TestFlippedBitIsFound(t *testing.T) {
	dir := written(t, 60, 0, segment.Options{Records: 30, Frame: 2000})
	files := tree(t, dir)
	var names []string
	for name := range files {
		if strings.HasSuffix(name, ".zst") {
			names = append(names, name)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.SampledFrom(names).Draw(rt, "file")
		data := []byte(files[name])
		data[rapid.IntRange(0, len(data)-1).Draw(rt, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(rt, "bit")
		put(t, dir, name, data)
		defer put(t, dir, name, []byte(files[name]))
		if r := verify(t, dir); r.OK() || r.Problems[0].File != name {
			rt.Fatalf("problems %+v, want one with %s", r.Problems, name)
		}
	})
}

// Law: a manifest that says anything else is found out, but for its chain, which the stream proves.
func TestChangedManifestIsFound(t *testing.T) {
	dir := written(t, 60, 0, segment.Options{Records: 30})
	files := tree(t, dir)
	name := manifests(files)[0]
	rapid.Check(t, func(rt *rapid.T) {
		data := []byte(files[name])
		at := rapid.IntRange(0, len(data)-1).Draw(rt, "byte")
		data[at] ^= 1 << rapid.IntRange(0, 7).Draw(rt, "bit")
		i := bytes.Index(data, []byte(`"chain":"`))
		if i >= 0 && i+9 <= at && at < i+9+16 || at == len(data)-1 {
			rt.Skip("the chain, or the newline")
		}
		if bytes.EqualFold(data, []byte(files[name])) {
			rt.Skip("a hex digit in upper case")
		}
		put(t, dir, name, data)
		defer put(t, dir, name, []byte(files[name]))
		if r := verify(t, dir); r.OK() {
			rt.Fatalf("no problem with %s", data)
		}
	})
}

func manifests(files map[string]string) []string {
	var names []string
	for name := range files {
		if strings.HasSuffix(name, ".manifest.json") {
			names = append(names, name)
		}
	}
	return names
}

func put(t testing.TB, dir, name string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestVerifyNamesWhatIsWrong(t *testing.T) {
	const (
		second   = "000000000031-000000000060"
		data     = "date=2026-11-21/" + second + ".jsonl.zst"
		dup      = "dup/" + data
		manifest = "date=2026-11-21/" + second + ".manifest.json"
	)
	for _, test := range []struct {
		name   string
		do     func(t *testing.T, dir string)
		file   string
		want   string
		refuse bool // a writer refuses the directory too
	}{
		{"missing data file", func(t *testing.T, dir string) { remove(t, dir, dup) }, dup, "missing", false},
		{"truncated data file", func(t *testing.T, dir string) {
			put(t, dir, data, []byte(read(t, dir, data)[:100]))
		}, data, "100 bytes", false},
		{"longer data file", func(t *testing.T, dir string) {
			put(t, dir, data, []byte(read(t, dir, data)+"x"))
		}, data, "bytes", false},
		{"data of another segment", func(t *testing.T, dir string) {
			put(t, dir, data, []byte(read(t, dir, strings.Replace(data, second, "000000000001-000000000030", 1))))
		}, data, "bytes", false},
		{"missing manifest in the middle", func(t *testing.T, dir string) { remove(t, dir, manifest) }, "", "missing", true},
		{"two segments overlap", func(t *testing.T, dir string) {
			name := strings.Replace(manifest, second, "000000000055-000000000070", 1)
			put(t, dir, name, []byte(read(t, dir, manifest)))
		}, "", "both hold sequence 55", true},
		{"manifest cut short", func(t *testing.T, dir string) {
			put(t, dir, manifest, []byte(read(t, dir, manifest)[:50]))
		}, manifest, "not a valid manifest", false},
		{"data without manifest", func(t *testing.T, dir string) {
			put(t, dir, "dead/date=2026-11-22/000000000200-000000000300.jsonl.zst", nil)
		}, "dead/date=2026-11-22/000000000200-000000000300.jsonl.zst", "no manifest", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := written(t, 90, 0, segment.Options{Records: 30, Frame: 2000})
			test.do(t, dir)
			before := tree(t, dir)
			var found bool
			r := verify(t, dir)
			for _, p := range r.Problems {
				found = found || (test.file == "" || p.File == test.file) && strings.Contains(p.What, test.want) && p.Do != ""
			}
			if !found {
				t.Errorf("problems %+v, want one with %q about %q", r.Problems, test.file, test.want)
			}
			w, err := segment.Open(segment.Dir(dir), segment.Options{})
			if refused := errors.Is(err, segment.ErrNotContiguous); refused != test.refuse {
				t.Errorf("a writer says %v, want a refusal: %v", err, test.refuse)
			}
			if err == nil {
				w.Close()
			}
			if after := tree(t, dir); len(after) != len(before) {
				t.Error("verify or open changed the directory")
			}
		})
	}
}

func read(t testing.TB, dir, name string) string {
	t.Helper()
	data, err := fs.ReadFile(os.DirFS(dir), name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func remove(t testing.TB, dir, name string) {
	t.Helper()
	if err := os.Remove(filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
}

// forge writes a segment of a day whose hashes and numbers of records agree with its lines,
// whatever these are.
func forge(t *testing.T, dir string, first, last uint64, lines map[segment.Kind][]string, change func(*segment.Manifest)) {
	t.Helper()
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	m := segment.Manifest{
		Version: 1, First: first, Last: last, Date: "2026-11-21", Chain: chain(last),
		AddedFirst: "2026-11-21T10:00:00Z", AddedLast: "2026-11-21T10:00:00Z",
		Verdicts: map[string]int{}, Dead: []segment.DeadCount{}, Removed: segment.Removed{Reasons: map[string]int{}}, Files: []segment.File{},
	}
	for _, k := range []segment.Kind{segment.Clean, segment.Dup, segment.Dead} {
		if len(lines[k]) == 0 {
			continue
		}
		text := strings.Join(lines[k], "\n") + "\n"
		data := enc.EncodeAll([]byte(text), nil)
		m.Files = append(m.Files, segment.File{
			Name: m.Name().Data(k, "", segment.JSONL), Kind: k.String(), Records: len(lines[k]), Bytes: int64(len(data)), RawBytes: int64(len(text)),
			SHA256: fmt.Sprintf("%x", sha256.Sum256(data)), Frames: []segment.Frame{{first, 0}},
		})
		put(t, dir, m.Name().Data(k, "", segment.JSONL), data)
	}
	m.Records.Clean, m.Records.Dup = len(lines[segment.Clean]), len(lines[segment.Dup])
	m.Verdicts = map[string]int{"exact": m.Records.Dup}
	if m.Records.Dup == 0 {
		m.Verdicts = map[string]int{}
	}
	if change != nil {
		change(&m)
	}
	put(t, dir, m.Name().Manifest(), m.AppendJSON(nil))
}

// A file can have the hash that its manifest says and still not be right.
func TestVerifyReadsTheRecords(t *testing.T) {
	clean := func(seq uint64) string {
		return string((&record.Clean{Seq: seq, Added: "2026-11-21T10:00:00Z"}).AppendJSON(nil))
	}
	dup := func(seq uint64) string {
		return string((&record.Dup{Seq: seq, Added: "2026-11-21T10:00:00Z", Verdict: "exact", Relation: "repeat"}).AppendJSON(nil))
	}
	type lines = map[segment.Kind][]string
	for _, test := range []struct {
		name   string
		lines  lines
		change func(*segment.Manifest)
		want   string // "" = nothing is wrong
	}{
		{"right", lines{segment.Clean: {clean(1), clean(2), clean(3)}}, nil, ""},
		{"a sequence twice", lines{segment.Clean: {clean(1), clean(2), clean(2)}}, nil, "record 2 after record 2"},
		{"out of order", lines{segment.Clean: {clean(1), clean(3), clean(2)}}, nil, "record 2 after record 3"},
		{"in two files", lines{segment.Clean: {clean(1), clean(2)}, segment.Dup: {dup(2)}}, func(m *segment.Manifest) {
			m.Files[1].Frames[0] = segment.Frame{2, 0}
		}, "sequence 2 is in another file too"},
		{"one is missing", lines{segment.Clean: {clean(1), clean(2), clean(4)}}, nil, "sequences 3-3 are in none"},
		{"the last is missing", lines{segment.Clean: {clean(1), clean(2)}}, func(m *segment.Manifest) {
			m.Records.Clean, m.Files[0].Records = 3, 3
		}, "sequences 3-3 are in none"},
		{"a record of another kind", lines{segment.Clean: {clean(1), dup(2), clean(3)}}, nil, "line 2: "},
		{"not JSON", lines{segment.Clean: {clean(1), "{", clean(3)}}, nil, "line 2: "},
		{"a frame that begins with another record", lines{segment.Clean: {clean(1), clean(2)}, segment.Dup: {dup(3)}}, nil, "is said to begin with 1"},
		{"counts of something else", lines{segment.Clean: {clean(1), clean(2)}, segment.Dup: {dup(3)}}, func(m *segment.Manifest) {
			m.Files[1].Frames[0] = segment.Frame{3, 0}
			m.Verdicts = map[string]int{"near": 1}
		}, "verdicts is map[near:1], its records say map[exact:1]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			forge(t, dir, 1, 3, test.lines, test.change)
			r := verify(t, dir)
			switch {
			case test.want == "" && !r.OK():
				t.Errorf("problems %+v, want none", r.Problems)
			case test.want != "" && !strings.Contains(fmt.Sprint(r.Problems), test.want):
				t.Errorf("problems %+v, want one with %q", r.Problems, test.want)
			}
		})
	}
}

// One sequence too few, or too many, between two segments is enough.
func TestContiguity(t *testing.T) {
	for _, test := range []struct {
		name        string
		first, last uint64 // of the second segment; the first is 1-3
		want        string
	}{
		{"contiguous", 4, 6, ""},
		{"one missing", 5, 6, "sequences 4-4"},
		{"one twice", 3, 6, "both hold sequence 3"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			for _, n := range []segment.Name{{First: 1, Last: 3}, {First: test.first, Last: test.last}} {
				put(t, dir, segment.Name{First: n.First, Last: n.Last, Date: "2026-11-21"}.Manifest(), nil)
			}
			put(t, dir, "date=2026-11-21/0000000000009-0000000000010.manifest.json", nil) // not a name of ours
			put(t, dir, "date=21.11.2026/000000000009-000000000010.manifest.json", nil)
			list, err := segment.List(segment.Dir(dir))
			if err != nil {
				t.Fatal(err)
			}
			err = list.Check()
			if test.want == "" && err != nil || test.want != "" && (!errors.Is(err, segment.ErrNotContiguous) || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
}

// gone is a store that cannot be reached after some reads.
type gone struct {
	segment.Store
	reads int
}

func (g *gone) Open(name string) (segment.Blob, error) {
	b, err := g.Store.Open(name)
	return goneBlob{b, g}, err
}

type goneBlob struct {
	segment.Blob
	g *gone
}

func (b goneBlob) ReadAt(p []byte, off int64) (int, error) {
	if b.g.reads--; b.g.reads < 0 {
		return 0, fmt.Errorf("connection reset: %w", segment.ErrUnavailable)
	}
	return b.Blob.ReadAt(p, off)
}

// That a store goes away in the middle is an error and no damage.
func TestUnreachableIsNoDamage(t *testing.T) {
	for _, formats := range [][]segment.Format{{segment.JSONL}, {segment.JSONL, segment.Parquet}} {
		dir := segment.Dir(written(t, 100, 0, segment.Options{Records: 50, Frame: 2000, Formats: formats}))
		reads := 0
		for ; ; reads++ {
			r, err := segment.Verify(t.Context(), &gone{dir, reads})
			if err == nil {
				if !r.OK() || r.Last != 100 {
					t.Fatalf("%v, after %d reads: %+v", formats, reads, r)
				}
				break
			}
			if !errors.Is(err, segment.ErrUnavailable) || errors.Is(err, segment.ErrDamaged) {
				t.Fatalf("%v, after %d reads: %v", formats, reads, err)
			}
		}
		if reads < 4 {
			t.Errorf("%v: %d reads", formats, reads)
		}
		if err := segment.Cat(t.Context(), io.Discard, &gone{dir, 2}, segment.Query{}, segment.CatOptions{}); !errors.Is(err, segment.ErrUnavailable) || errors.Is(err, segment.ErrDamaged) {
			t.Errorf("cat: %v", err)
		}
	}
}
