package segment_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"winnow/internal/record"
	"winnow/internal/segment"
)

// sequences returns those of the records that q asks for.
func sequences(t *testing.T, dir string, q segment.Query) []uint64 {
	t.Helper()
	var list []uint64
	for r, err := range segment.Scan(segment.Dir(dir), q) {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, r.Seq)
	}
	return list
}

// Law: a filter gives what a filter over all records gives.
func TestFilters(t *testing.T) {
	const last, days = 300, 5
	dir := written(t, last, days, segment.Options{Records: 40, Frame: 3000})
	from, until, err := segment.Day("2026-11-22")
	if err != nil {
		t.Fatal(err)
	}
	inDay := func(added string) bool { return strings.HasPrefix(added, "2026-11-22") }
	for _, test := range []struct {
		name string
		q    segment.Query
		want func(k segment.Kind, id, site, lang, added string) bool
	}{
		{"kind", segment.Query{Kinds: []segment.Kind{segment.Dup, segment.Dead}}, func(k segment.Kind, _, _, _, _ string) bool { return k != segment.Clean }},
		{"id", segment.Query{ID: "doc-17"}, func(_ segment.Kind, id, _, _, _ string) bool { return id == "doc-17" }},
		{"site and below", segment.Query{Site: "com.example"}, func(_ segment.Kind, _, site, _, _ string) bool {
			return site == "com.example" || site == "com.example.news"
		}},
		{"part of a label", segment.Query{Site: "com.exam"}, func(segment.Kind, string, string, string, string) bool { return false }},
		{"language", segment.Query{Lang: "de"}, func(_ segment.Kind, _, _, lang, _ string) bool { return lang == "de" }},
		{"day", segment.Query{From: from, Until: until}, func(_ segment.Kind, _, _, _, added string) bool { return inDay(added) }},
		{"all of it", segment.Query{From: from, Until: until, Site: "ie.paper", Lang: "en", Kinds: []segment.Kind{segment.Clean}}, func(k segment.Kind, _, site, lang, added string) bool {
			return k == segment.Clean && site == "ie.paper" && lang == "en" && inDay(added)
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var want []uint64
			for seq := uint64(1); seq <= last; seq++ {
				r := document(seq, days)
				var c record.Clean
				switch r.Kind {
				case segment.Clean:
					c, _ = record.ParseClean(r.Line)
				case segment.Dup:
					d, _ := record.ParseDup(r.Line)
					c = record.Clean{ID: d.ID, Site: d.Site, Lang: d.Lang, Added: d.Added}
				default:
					d, _ := record.ParseDead(r.Line)
					c = record.Clean{Added: d.Added}
				}
				if test.want(r.Kind, c.ID, c.Site, c.Lang, c.Added) {
					want = append(want, seq)
				}
			}
			if diff := cmp.Diff(want, sequences(t, dir, test.q)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCatJSONIsWhatWasAppended(t *testing.T) {
	dir := written(t, 100, 2, segment.Options{Records: 30})
	var want, got bytes.Buffer
	for seq := uint64(1); seq <= 100; seq++ {
		fmt.Fprintf(&want, "%s\n", document(seq, 2).Line)
	}
	if err := segment.Cat(t.Context(), &got, segment.Dir(dir), segment.Query{}, segment.CatOptions{}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.String(), got.String()); diff != "" {
		t.Error(diff)
	}
	got.Reset()
	if err := segment.Cat(t.Context(), &got, segment.Dir(dir), segment.Query{}, segment.CatOptions{Text: true}); err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"== 100 ", " clean en ", "dup en ", "% of it is in", "parse: not-json"} {
		if !strings.Contains(got.String(), s) {
			t.Errorf("the text has no %q", s)
		}
	}
}

func TestCatOfDamagedFileIsAnError(t *testing.T) {
	dir := written(t, 60, 0, segment.Options{Records: 30, Frame: 2000})
	const name = "date=2026-11-21/000000000031-000000000060.jsonl.zst"
	data := []byte(read(t, dir, name))
	data[len(data)/2] ^= 4
	put(t, dir, name, data)
	err := segment.Cat(t.Context(), &bytes.Buffer{}, segment.Dir(dir), segment.Query{}, segment.CatOptions{})
	if !errors.Is(err, segment.ErrDamaged) || !strings.Contains(err.Error(), name) {
		t.Errorf("error %v, want %v with the file's name", err, segment.ErrDamaged)
	}
}

func TestFollowSeesWhatIsCommittedLater(t *testing.T) {
	dir := t.TempDir()
	w, err := segment.Open(segment.Dir(dir), segment.Options{Records: 10})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var got []uint64
	idle := func() error { // the directory has been read to its end: write more
		if w.Last() >= 50 {
			cancel()
			return nil
		}
		fill(t, w, w.Last()+15, 0)
		return nil
	}
	for r, err := range segment.Follow(ctx, segment.Dir(dir), segment.Query{First: 3}, time.Millisecond, idle) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r.Seq)
	}
	var want []uint64
	for seq := uint64(3); seq <= w.Last(); seq++ {
		want = append(want, seq)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// corpus writes a small directory whose sums are known.
func corpus(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	w, err := segment.Open(segment.Dir(dir), segment.Options{Records: 3})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	removed := record.Removed{Chars: 10, Blocks: 1, Reasons: map[string]int{"caption": 1}}
	clean := func(id, site, lang, cluster, published string, chars int) []byte {
		return (&record.Clean{
			ID: id, Seq: w.Last() + 1, Site: site, Lang: lang, Title: "Title of " + id, Cluster: cluster, Removed: removed,
			Text: strings.Repeat("é", chars), Published: published, Added: "2026-11-21T10:00:00Z",
		}).AppendJSON(nil)
	}
	dup := func(id, site string, of uint64, cluster, published string) []byte {
		return (&record.Dup{
			ID: id, Seq: w.Last() + 1, Site: site, Lang: "en", Cluster: cluster, Verdict: "near", OfSeq: of, Share: 0.9, Relation: record.Syndication,
			Published: published, Added: "2026-11-21T10:00:01Z", Removed: removed,
		}).AppendJSON(nil)
	}
	add := func(k segment.Kind, line []byte) {
		t.Helper()
		if err := w.Append(segment.Record{Kind: k, Seq: w.Last() + 1, Chain: chain(w.Last() + 1), Line: line}); err != nil {
			t.Fatal(err)
		}
	}
	add(segment.Clean, clean("a", "com.wire", "en", "a", "2026-11-20T10:00:00Z", 100))
	add(segment.Dead, (&record.Dead{Seq: 2, Stage: "parse", Reason: "not-json"}).AppendJSON(nil))
	add(segment.Dup, dup("b", "com.paper", 1, "a", "2026-11-20T09:00:00Z"))
	add(segment.Dup, dup("a", "com.wire", 1, "a", "")) // the same document again
	add(segment.Clean, clean("c", "com.paper", "de", "c", "", 1000))
	add(segment.Clean, clean("d", "org.blog", "en", "a", "2026-11-20T10:30:00+02:00", 600)) // overlaps a
	add(segment.Dup, dup("e", "com.paper", 6, "a", "2026-11-20T12:00:00Z"))
	add(segment.Dup, dup("c", "com.paper.www", 5, "c", "")) // stats count it for com.paper
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestStats(t *testing.T) {
	st, err := segment.Summarize(t.Context(), segment.Dir(corpus(t)), 10)
	if err != nil {
		t.Fatal(err)
	}
	want := &segment.Stats{
		Totals: segment.Totals{
			Version: 1, Segments: 3, First: 1, Last: 8, Chain: chain(8), Bytes: st.Bytes, RawBytes: st.RawBytes,
			AddedFirst: time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC), AddedLast: time.Date(2026, 11, 21, 10, 0, 1, 0, time.UTC),
			Records:  segment.Count{Clean: 3, Dup: 4, Dead: 1},
			Verdicts: map[string]int{"near": 4},
			Dead:     []segment.DeadCount{{Stage: "parse", Reason: "not-json", Count: 1}},
			Removed:  segment.Removed{Chars: 70, Blocks: 7, Reasons: map[string]int{"caption": 7}},
			Files:    map[segment.Format]int{segment.JSONL: 6},
		},
		Sites:      []segment.SiteCount{{Site: "com.paper", Clean: 1, Dup: 3}, {Site: "com.wire", Clean: 1, Dup: 1}, {Site: "org.blog", Clean: 1}},
		SitesTotal: 3,
		Languages:  []segment.Ranked{{Name: "en", Count: 2}, {Name: "de", Count: 1}},
		Lengths:    []segment.Bucket{{From: 64, To: 128, Count: 1}, {From: 128, To: 256}, {From: 256, To: 512}, {From: 512, To: 1024, Count: 2}},
		Stories:    2,
		StorySizes: []segment.Bucket{{From: 2, To: 4, Count: 1}, {From: 4, To: 8, Count: 1}},
		Largest: []segment.Story{
			{ID: "a", Size: 5, Title: "Title of a", Site: "com.wire"}, {ID: "c", Size: 2, Title: "Title of c", Site: "com.paper"},
		},
		Republished: []segment.Pair{{By: "com.paper", Of: "com.wire", Count: 1}, {By: "com.paper", Of: "org.blog", Count: 1}},
		OwnCopies:   2,
	}
	if diff := cmp.Diff(want, st); diff != "" {
		t.Error(diff)
	}
	var out bytes.Buffer
	if err := st.WriteText(&out); err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"8 documents in 3 segments, sequences 1-8", "dup: near", "dead: parse: not-json", "com.paper of com.wire", "Title of a", "####"} {
		if !strings.Contains(out.String(), s) {
			t.Errorf("the text has no %q:\n%s", s, out.String())
		}
	}
}

// Stats and clusters name a story after its first record, also when its first copy is one that overlaps it.
func TestStatsNameStoriesAsClustersDo(t *testing.T) {
	dir := segment.Dir(t.TempDir())
	w, err := segment.Open(dir, segment.Options{Records: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for i, id := range []string{"alone", "first", "second", "other"} {
		c := record.Clean{ID: id, Seq: uint64(i + 1), Title: "Title of " + id, Site: "com." + id, Cluster: id, Text: "A text.", Added: "2026-11-21T10:00:00Z"}
		if id == "second" {
			c.Cluster = "first"
		}
		if err := w.Append(segment.Record{Kind: segment.Clean, Seq: c.Seq, Chain: chain(c.Seq), Line: c.AppendJSON(nil)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	st, err := segment.Summarize(t.Context(), dir, 10)
	if err != nil {
		t.Fatal(err)
	}
	stories, err := segment.Stories(t.Context(), dir, segment.StoryQuery{})
	if err != nil {
		t.Fatal(err)
	}
	stories[0].Members = nil
	if diff := cmp.Diff(stories, st.Largest); diff != "" || stories[0].Title != "Title of first" {
		t.Error(stories, diff)
	}
}

// Of a story whose first record was removed with its segment clusters and stats say so and do not count it: what is left is a copy of nothing one can see.
func TestStoryWithoutItsFirst(t *testing.T) {
	dir := segment.Dir(t.TempDir())
	w, err := segment.Open(dir, segment.Options{First: 101})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	first := record.Clean{ID: "first", Seq: 101, Title: "Rain", Cluster: "first", Text: "A text.", Added: "2026-11-21T10:00:00Z"}
	lines := []segment.Record{{Kind: segment.Clean, Seq: 101, Line: first.AppendJSON(nil)}}
	for i, of := range []string{"gone", "first"} {
		d := record.Dup{ID: of, Seq: uint64(102 + i), Verdict: "exact", Of: of, Cluster: of, Added: "2026-11-21T10:00:00Z"}
		lines = append(lines, segment.Record{Kind: segment.Dup, Seq: d.Seq, Line: d.AppendJSON(nil)})
	}
	for _, r := range lines {
		r.Chain = chain(r.Seq)
		if err := w.Append(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	stories, err := segment.Stories(t.Context(), dir, segment.StoryQuery{})
	if err != nil {
		t.Fatal(err)
	}
	for asJSON, want := range map[bool][]string{false: {"2 documents: Rain\n", "1 document: the first record of the story, gone, is no longer kept\n"}, true: {`"first_removed":true`}} {
		var out bytes.Buffer
		if err := segment.WriteStories(&out, stories, asJSON); err != nil {
			t.Fatal(err)
		}
		for _, s := range want {
			if strings.Count(out.String(), s) != 1 {
				t.Errorf("want once %q:\n%s", s, out.String())
			}
		}
	}
	st, err := segment.Summarize(t.Context(), dir, 10)
	if err != nil {
		t.Fatal(err)
	}
	for i := range stories {
		stories[i].Members = nil
	}
	if diff := cmp.Diff(stories, st.Largest); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]segment.Bucket{{From: 1, To: 2, Count: 1}, {From: 2, To: 4, Count: 1}}, st.StorySizes[len(st.StorySizes)-2:]); diff != "" {
		t.Error(diff)
	}
	var out bytes.Buffer
	if err := st.WriteText(&out); err != nil {
		t.Fatal(err)
	}
	if want := "       1  the first record of the story, gone, is no longer kept\n"; strings.Count(out.String(), want) != 1 {
		t.Errorf("want once %q:\n%s", want, out.String())
	}
}

// Parquet holds a long text three times at most, two of them in what a row group says of its bounds.
func TestLongTextInParquet(t *testing.T) {
	dir := t.TempDir()
	w, err := segment.Open(segment.Dir(dir), segment.Options{Formats: []segment.Format{segment.Parquet}})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	noise := make([]byte, 1<<20)
	random := rand.NewChaCha8([32]byte{})
	random.Read(noise)
	long := record.Clean{ID: "long", Seq: 1, Text: base64.StdEncoding.EncodeToString(noise), Added: "2026-11-21T10:00:00Z"}
	if err := w.Append(segment.Record{Kind: segment.Clean, Seq: 1, Chain: chain(1), Line: long.AppendJSON(nil)}); err != nil {
		t.Fatal(err)
	}
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	for name, data := range tree(t, dir) {
		if strings.HasSuffix(name, ".parquet") && len(data) > 3*len(long.Text)+16<<10 {
			t.Errorf("%s has %d bytes, the text %d", name, len(data), len(long.Text))
		}
	}
}

func TestStories(t *testing.T) {
	dir := corpus(t)
	ids := func(q segment.StoryQuery) (list []string) {
		t.Helper()
		stories, err := segment.Stories(t.Context(), segment.Dir(dir), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range stories {
			var line strings.Builder
			line.WriteString(fmt.Sprint(s.Title, ", ", s.Size, ":"))
			for _, m := range s.Members {
				line.WriteString(fmt.Sprint(" ", m.Seq))
			}
			list = append(list, line.String())
		}
		return list
	}
	for _, test := range []struct {
		name string
		q    segment.StoryQuery
		want []string
	}{
		{"all, in time order", segment.StoryQuery{}, []string{"Title of a, 5: 6 3 1 7 4", "Title of c, 2: 5 8"}},
		{"the largest", segment.StoryQuery{Top: 1}, []string{"Title of a, 5: 6 3 1 7 4"}},
		{"at least 3", segment.StoryQuery{Min: 3}, []string{"Title of a, 5: 6 3 1 7 4"}},
		{"of a member", segment.StoryQuery{ID: "c"}, []string{"Title of c, 2: 5 8"}},
		{"of a copy", segment.StoryQuery{ID: "e"}, []string{"Title of a, 5: 6 3 1 7 4"}},
		{"of nobody", segment.StoryQuery{ID: "zz"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, ids(test.q)); diff != "" {
				t.Error(diff)
			}
		})
	}
	stories, err := segment.Stories(t.Context(), segment.Dir(dir), segment.StoryQuery{})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := segment.WriteStories(&out, stories, false); err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"5 documents: Title of a", "near 90 %       syndication com.paper", "first", "overlaps"} {
		if !strings.Contains(out.String(), s) {
			t.Errorf("the text has no %q:\n%s", s, out.String())
		}
	}
}
