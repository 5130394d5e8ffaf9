package segment_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"winnow/internal/segment"
)

func verify(t testing.TB, dir string) *segment.Report {
	t.Helper()
	r, err := segment.Verify(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Law: whatever a writer wrote verifies, and the accounting closes.
func TestWhatIsWrittenVerifies(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		opt := segment.Options{Records: rapid.IntRange(1, 200).Draw(rt, "records"), Frame: rapid.IntRange(-1, 10_000).Draw(rt, "frame")}
		last := uint64(rapid.IntRange(1, 200).Draw(rt, "last"))
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
			w, err := segment.Open(dir, segment.Options{})
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
