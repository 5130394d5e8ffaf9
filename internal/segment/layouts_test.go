package segment_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"path"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"winnow/internal/segment"
)

// drawLayout draws formats and partitions.
func drawLayout(rt *rapid.T) (opt segment.Options) {
	var err error
	formats := rapid.SampledFrom([]string{"jsonl", "parquet", "jsonl,parquet", "parquet,jsonl"}).Draw(rt, "formats")
	if opt.Formats, err = segment.ParseFormats(formats); err != nil {
		rt.Fatal(err)
	}
	keys := rapid.SampledFrom([]string{"date", "none", "lang", "date,site,lang", "site", "published", "date,lang,published"}).Draw(rt, "partition")
	if opt.Partition, err = segment.ParsePartition(keys); err != nil {
		rt.Fatal(err)
	}
	opt.Records = rapid.IntRange(1, 100).Draw(rt, "records")
	opt.Files = rapid.IntRange(1, 20).Draw(rt, "files")
	opt.Frame = rapid.IntRange(-1, 10_000).Draw(rt, "frame")
	return opt
}

// Law: in every format and partition, the directory verifies, gives back every line, has no
// segment with more files than it may have, and is the same bytes when it is written again with a
// restart in the middle.
func TestEveryLayoutGivesBackTheLines(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		opt := drawLayout(rt)
		last := uint64(rapid.IntRange(1, 80).Draw(rt, "last"))
		days := rapid.IntRange(0, 20).Draw(rt, "days")
		dir := written(t, last, days, opt)
		if r := verify(t, dir); !r.OK() || r.Last != last || len(r.Notes) > 0 {
			rt.Fatalf("%+v", r)
		}
		seq := uint64(0)
		for r, err := range segment.Scan(segment.Dir(dir), segment.Query{}) {
			if err != nil {
				rt.Fatal(err)
			}
			seq++
			if want := document(seq, days); r.Seq != seq || r.Kind != want.Kind || !bytes.Equal(r.Line, want.Line) {
				rt.Fatalf("got %v %d\n%s, want %v %d\n%s", r.Kind, r.Seq, r.Line, want.Kind, seq, want.Line)
			}
		}
		if seq != last {
			rt.Fatalf("%d records, want %d", seq, last)
		}
		list, err := segment.List(segment.Dir(dir))
		if err != nil {
			rt.Fatal(err)
		}
		for _, n := range list.Segments {
			m, err := segment.ReadManifest(segment.Dir(dir), n)
			if err != nil || len(m.Files) > opt.Files*len(opt.Formats) {
				rt.Fatalf("%v has %d files in %d formats, want at most %d; error %v", n, len(m.Files), len(opt.Formats), opt.Files, err)
			}
		}

		again := t.TempDir()
		for _, stop := range []uint64{rapid.Uint64Range(0, last).Draw(rt, "stop"), last} {
			w, err := segment.Open(segment.Dir(again), opt)
			if err != nil {
				rt.Fatal(err)
			}
			for w.Last() < stop {
				if err := w.Append(document(w.Last()+1, days)); err != nil {
					rt.Fatal(err)
				}
			}
			if stop == last {
				if err := w.Commit(); err != nil {
					rt.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				rt.Fatal(err)
			}
		}
		if diff := cmp.Diff(tree(t, dir), tree(t, again)); diff != "" {
			rt.Fatal(diff)
		}
	})
}

func TestPartitionFolders(t *testing.T) {
	for _, test := range []struct {
		keys string
		want []string // a pattern each of which must have a file
		bad  bool
	}{
		{"none", []string{"0*.jsonl.zst", "dup/0*.jsonl.zst", "0*.manifest.json"}, false},
		{"date,lang", []string{"date=2026-11-21/lang=en/0*", "date=2026-11-21/lang=de/0*", "dead/date=2026-11-21/lang=__HIVE_DEFAULT_PARTITION__/0*", "date=2026-11-21/0*.manifest.json"}, false},
		{"site", []string{"site=com.example.news/0*", "dup/site=com.example/0*"}, false},
		{"published", []string{"published=__HIVE_DEFAULT_PARTITION__/0*"}, false},
		{"lang,date", nil, true},
		{"lang,lang", nil, true},
		{"host", nil, true},
		{"", nil, true},
	} {
		t.Run(test.keys, func(t *testing.T) {
			keys, err := segment.ParsePartition(test.keys)
			if (err != nil) != test.bad {
				t.Fatalf("error %v", err)
			}
			if err != nil {
				return
			}
			files := tree(t, written(t, 60, 0, segment.Options{Partition: keys}))
			for _, pattern := range test.want {
				found := false
				for name := range files {
					ok, err := path.Match(pattern, name)
					if err != nil {
						t.Fatal(err)
					}
					found = found || ok
				}
				if !found {
					t.Errorf("no file is %s", pattern)
				}
			}
		})
	}
}

func TestParseFormats(t *testing.T) {
	for in, want := range map[string]string{
		"jsonl": "[jsonl]", "parquet": "[parquet]", "parquet, jsonl": "[jsonl parquet]", "": "", "csv": "", "jsonl,jsonl": "",
	} {
		got, err := segment.ParseFormats(in)
		if (err != nil) != (want == "") || err == nil && fmt.Sprint(got) != want {
			t.Errorf("%q: %v, error %v", in, got, err)
		}
	}
}

// Law: a bit flipped anywhere in a Parquet file is found, and the file is named, whether it is the
// only copy or a second one.
func TestFlippedBitInParquetIsFound(t *testing.T) {
	for _, formats := range [][]segment.Format{{segment.Parquet}, {segment.JSONL, segment.Parquet}} {
		dir := written(t, 60, 0, segment.Options{Records: 30, Formats: formats})
		files := tree(t, dir)
		var names []string
		for name := range files {
			if strings.HasSuffix(name, ".parquet") {
				names = append(names, name)
			}
		}
		for range 30 {
			name := names[rand.IntN(len(names))]
			data := []byte(files[name])
			at, bit := rand.IntN(len(data)), rand.IntN(8)
			data[at] ^= 1 << bit
			put(t, dir, name, data)
			if r := verify(t, dir); r.OK() || r.Problems[0].File != name {
				t.Fatalf("byte %d, bit %d: problems %+v, want one with %s", at, bit, r.Problems, name)
			}
			for _, err := range segment.Scan(segment.Dir(dir), segment.Query{}) { // it may not notice, and must not panic
				if err != nil {
					break
				}
			}
			put(t, dir, name, []byte(files[name]))
		}
	}
}
