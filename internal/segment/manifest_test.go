package segment_test

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"winnow/internal/segment"
)

// A manifest either is not valid, with a typed error, or reads back as it was written.
func FuzzParseManifest(f *testing.F) {
	dir := written(f, 60, 3, segment.Options{Records: 30, Frame: 2000})
	for name, data := range tree(f, dir) {
		if strings.HasSuffix(name, ".manifest.json") {
			f.Add([]byte(data))
		}
	}
	f.Add([]byte(`{"version":2}`))
	f.Add([]byte(`{"version":1,"first":1,"last":18446744073709551615,"files":[]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := segment.ParseManifest(data)
		if err != nil {
			if !errors.Is(err, segment.ErrManifest) {
				t.Fatalf("error %v, want %v", err, segment.ErrManifest)
			}
			return
		}
		line := m.AppendJSON(nil)
		again, err := segment.ParseManifest(line)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if !reflect.DeepEqual(m, again) { // cmp has randomness in it, which spoils the coverage
			t.Fatal(cmp.Diff(m, again))
		}
		if !bytes.Equal(line, again.AppendJSON(nil)) || bytes.Count(line, []byte("\n")) != 1 {
			t.Fatalf("not one line, or not the same again: %s", line)
		}
	})
}

func TestManifestContradictions(t *testing.T) {
	dir := written(t, 30, 0, segment.Options{Records: 30, Frame: 2000})
	good := read(t, dir, "date=2026-11-21/000000000001-000000000030.manifest.json")
	if _, err := segment.ParseManifest([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ old, new string }{
		{`"version":1`, `"version":2`},
		{`"first":1,`, `"first":2,`},
		{`"last":30`, `"last":31`},
		{`"date":"2026-11-21"`, `"date":"2026-11-22"`},
		{`"date":"2026-11-21"`, `"date":"../2026"`},
		{`"chain":"`, `"chain":"x`},
		{`"name":"date=`, `"name":"../date=`},
		{`"kind":"dup"`, `"kind":"clean"`},
		{`"frames":[[1,0]`, `"frames":[[1,1]`},
		{`"frames":[[1,0]`, `"frames":[[0,0]`},
		{`"frames":[[1,0]`, `"frames":[[1,0],[1,0]`},
		{`"sha256":"`, `"sha256":"0`},
		{`"verdicts":{`, `"verdict":{`},
		{`"version":1`, `"version":1,"version":1`},
		{"", "[1,"}, // the second frame begins with the record that the first begins with
	} {
		if test.old == "" {
			test.old = secondFrame(good)
		}
		bad := strings.Replace(good, test.old, test.new, 1)
		if bad == good {
			t.Fatalf("the manifest has no %s: %s", test.old, good)
		}
		if _, err := segment.ParseManifest([]byte(bad)); !errors.Is(err, segment.ErrManifest) {
			t.Errorf("%s for %s: error %v, want %v", test.new, test.old, err, segment.ErrManifest)
		}
	}
}

// secondFrame returns how the second frame of a manifest begins.
func secondFrame(m string) string {
	_, rest, _ := strings.Cut(m, `"frames":[[1,0],`)
	seq, _, _ := strings.Cut(rest, ",")
	return seq + ","
}
