package segment_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"winnow/internal/record"
	"winnow/internal/segment"
)

// Most of a test's time on a disk is fsync, so the directories lie in memory where that is easy.
func TestMain(m *testing.M) {
	const memory = "/dev/shm"
	if st, err := os.Stat(memory); err == nil && st.IsDir() && os.Getenv("TMPDIR") == "" {
		os.Setenv("TMPDIR", memory)
	}
	goleak.VerifyTestMain(m)
}

// chain stands for the digest of the history up to seq.
func chain(seq uint64) string { return fmt.Sprintf("%016x", seq*0x9E3779B97F4A7C15) }

const words = "the of minister said on Tuesday that storm parliament vote harbour flood river match won lost price oil wheat strike talks"

// sentence returns n words that differ from one r to the next.
func sentence(r *rand.Rand, n int) string {
	w := strings.Fields(words)
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(w[r.IntN(len(w))])
		if r.IntN(9) == 0 {
			fmt.Fprintf(&b, " %d", r.IntN(1000))
		}
	}
	return b.String()
}

// document returns the record with sequence seq: a function of seq and days, the number of days
// over which the times of intake are spread, out of order now and then.
func document(seq uint64, days int) segment.Record {
	r := rand.New(rand.NewPCG(seq, 7))
	day := int(seq) * days / 400
	if r.IntN(10) == 0 {
		day -= r.IntN(3)
	}
	added := time.Date(2026, 11, 21, 23, 0, 0, 0, time.UTC).AddDate(0, 0, day).Add(time.Duration(seq) * time.Second)
	id := fmt.Sprintf("doc-%d", seq)
	site := []string{"com.example", "com.example.news", "org.beispiel", "ie.paper"}[r.IntN(4)]
	rec := segment.Record{Seq: seq, Chain: chain(seq)}
	removed := record.Removed{Chars: 40, Blocks: 2, Reasons: map[string]int{"site-template": 1, "caption": 1}}
	of := uint64(r.Int64N(int64(seq))) + 1
	switch n := r.IntN(10); {
	case n == 0:
		d := record.Dead{Seq: seq, Stage: "parse", Reason: []string{"not-json", "too-long"}[r.IntN(2)], Size: 3, Raw: []byte("???")}
		if r.IntN(2) == 0 {
			d.Added = added.Format(time.RFC3339)
		}
		rec.Kind, rec.Line = segment.Dead, d.AppendJSON(nil)
	case n <= 3 && seq > 1:
		d := record.Dup{
			ID: id, Seq: seq, Source: "feed", Site: site, Title: sentence(r, 5), Lang: "en", Added: added.Format(time.RFC3339),
			Cluster: fmt.Sprintf("doc-%d", of), Verdict: []string{record.Exact, record.Near, record.Contained}[r.IntN(3)],
			Of: fmt.Sprintf("doc-%d", of), OfSeq: of, Share: 1, ShareOfOther: 0.5,
			Relation: []string{record.Syndication, record.Repeat, record.Revision}[seq%3], Removed: removed,
		}
		rec.Kind, rec.Line = segment.Dup, d.AppendJSON(nil)
	default:
		c := record.Clean{
			ID: id, Seq: seq, Source: "feed", URL: "https://example.com/" + id, Site: site, Title: sentence(r, 5),
			Text: sentence(r, 20+r.IntN(200)), Lang: []string{"en", "de"}[r.IntN(2)], Added: added.Format(time.RFC3339), Cluster: id, Removed: removed,
		}
		rec.Line = c.AppendJSON(nil)
	}
	return rec
}

// fill appends documents up to last and commits what is open.
func fill(t testing.TB, w *segment.Writer, last uint64, days int) {
	t.Helper()
	for w.Last() < last {
		if err := w.Append(document(w.Last()+1, days)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
}

// written returns a new directory with documents 1 to last.
func written(t testing.TB, last uint64, days int, opt segment.Options) string {
	t.Helper()
	dir := t.TempDir()
	w, err := segment.Open(segment.Dir(dir), opt)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, w, last, days)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// tree returns the files of dir by path, but for the lock.
func tree(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path == ".lock" {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, path))
		files[path] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// Law: neither restarts, at any point, nor what was in the open segment then, change a byte.
func TestRestartsChangeNoByte(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		opt := segment.Options{
			Records: rapid.IntRange(1, 200).Draw(rt, "records"),
			Bytes:   int64(rapid.IntRange(1000, 100_000).Draw(rt, "bytes")),
			Frame:   rapid.IntRange(-1, 10_000).Draw(rt, "frame"),
		}
		days := rapid.IntRange(0, 20).Draw(rt, "days")
		last := uint64(rapid.IntRange(1, 120).Draw(rt, "last"))
		stops := rapid.SliceOfN(rapid.Uint64Range(1, 80), 0, 6).Draw(rt, "stops")
		want := tree(t, written(t, last, days, opt))

		dir := t.TempDir()
		for _, n := range append(stops, 1<<40) {
			w, err := segment.Open(segment.Dir(dir), opt)
			if err != nil {
				rt.Fatal(err)
			}
			stop := min(last, w.Last()+n)
			for w.Last() < stop {
				if err := w.Append(document(w.Last()+1, days)); err != nil {
					rt.Fatal(err)
				}
			}
			if n == 1<<40 {
				if err := w.Commit(); err != nil {
					rt.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				rt.Fatal(err)
			}
		}
		if diff := cmp.Diff(want, tree(t, dir)); diff != "" {
			rt.Fatal(diff)
		}
	})
}

// Law: a scan gives back every line, once, in the order of the sequences, from any sequence on.
func TestScanGivesBackWhatWasAppended(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		opt := segment.Options{Records: rapid.IntRange(1, 200).Draw(rt, "records"), Frame: rapid.IntRange(-1, 10_000).Draw(rt, "frame")}
		last := uint64(rapid.IntRange(1, 120).Draw(rt, "last"))
		dir := written(t, last, 3, opt)
		q := segment.Query{First: rapid.Uint64Range(0, last+2).Draw(rt, "first"), Last: rapid.Uint64Range(0, last+2).Draw(rt, "to")}
		next := max(1, q.First)
		for r, err := range segment.Scan(segment.Dir(dir), q) {
			if err != nil {
				rt.Fatal(err)
			}
			want := document(next, 3)
			if r.Seq != next || r.Kind != want.Kind || !bytes.Equal(r.Line, want.Line) {
				rt.Fatalf("got %v %d %s, want %v %d", r.Kind, r.Seq, r.Line, want.Kind, next)
			}
			next++
		}
		end := last
		if q.Last != 0 {
			end = min(end, q.Last)
		}
		if next != max(end+1, max(1, q.First)) {
			rt.Fatalf("ended before %d, want %d", next, end+1)
		}
	})
}

// Law: a segment ends with the record that fills it, by number or by bytes, and not before.
func TestSegmentsAreJustFull(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		opt := segment.Options{Records: rapid.IntRange(1, 30).Draw(rt, "records"), Bytes: int64(rapid.IntRange(1, 20_000).Draw(rt, "bytes"))}
		const last = 40
		dir := written(t, last, 0, opt)
		list, err := segment.List(segment.Dir(dir))
		if err != nil {
			rt.Fatal(err)
		}
		for i, n := range list.Segments {
			m, err := segment.ReadManifest(segment.Dir(dir), n)
			if err != nil {
				rt.Fatal(err)
			}
			raw := int64(0)
			for seq := n.First; seq <= n.Last; seq++ {
				raw += int64(len(document(seq, 0).Line)) + 1
			}
			one := int64(len(document(n.Last, 0).Line)) + 1
			full := m.Records.Total() == opt.Records || raw >= opt.Bytes
			early := m.Records.Total() > opt.Records || raw-one >= opt.Bytes
			later := i+1 < len(list.Segments) && list.Segments[i+1].Date > n.Date
			if early || !full && !later && n.Last != last {
				rt.Fatalf("segment %v has %d records in %d bytes with %+v", n, m.Records.Total(), raw, opt)
			}
		}
	})
}

// A line may be longer than every buffer, and than a frame.
func TestLongLines(t *testing.T) {
	dir := t.TempDir()
	w, err := segment.Open(segment.Dir(dir), segment.Options{Frame: 1000})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	var want []string
	for _, size := range []int{10, 64<<10 - 200, 64 << 10, 100, 5 << 20, 3} {
		seq := w.Last() + 1
		line := (&record.Clean{ID: "x", Seq: seq, Text: strings.Repeat("word ", size/5), Added: "2026-11-21T10:00:00Z"}).AppendJSON(nil)
		want = append(want, string(line))
		if err := w.Append(segment.Record{Seq: seq, Chain: chain(seq), Line: line}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	if r := verify(t, dir); !r.OK() {
		t.Fatalf("%+v", r)
	}
	for r, err := range segment.Scan(segment.Dir(dir), segment.Query{}) {
		if err != nil || string(r.Line) != want[r.Seq-1] {
			t.Fatalf("record %d has %d bytes, error %v; want %d", r.Seq, len(r.Line), err, len(want[r.Seq-1]))
		}
	}
}
