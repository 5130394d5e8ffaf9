package cleaner

import (
	"context"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"pgregory.net/rapid"

	"winnow/internal/bus"
	"winnow/internal/record"
	"winnow/pkg/boilerplate"
)

func testFold(t testing.TB, workers int) *Fold {
	t.Helper()
	params, err := DefaultParams()
	if err != nil {
		t.Fatal(err)
	}
	f, err := NewFold(params, boilerplate.DefaultRules(), workers, 0, NewMetrics(nil), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// stamped gives the messages the sequences and times the stream would.
func stamped(msgs []bus.Message) []bus.Message {
	out := slices.Clone(msgs)
	for i := range out {
		out[i].Seq = uint64(i + 1)
		out[i].Time = time.Date(2026, 11, 21, 0, 0, i, 0, time.UTC)
	}
	return out
}

func foldAll(t testing.TB, f *Fold, msgs []bus.Message) []bus.Message {
	t.Helper()
	news, err := f.Batch(context.Background(), msgs)
	if err != nil {
		t.Fatal(err)
	}
	return news
}

// The law, without the broker: every message of RAW becomes exactly one message of NEWS in RAW's
// order, and neither the cut into batches, nor the number of workers, nor a restart from a
// snapshot at any point, written while the fold went on, changes a byte.
func TestFoldIsPure(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		msgs := stamped(rawMessages(rt, 60))
		want := foldAll(t, testFold(t, 1), msgs)
		if len(want) != len(msgs) {
			rt.Fatalf("%d messages of RAW became %d of NEWS", len(msgs), len(want))
		}
		dir := filepath.Join(t.TempDir(), "state")
		f := testFold(t, rapid.IntRange(1, 4).Draw(rt, "workers"))
		var got []bus.Message
		for rest := msgs; len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(rt, "batch")
			got = append(got, foldAll(t, f, rest[:n])...)
			rest = rest[n:]
			if rapid.Bool().Draw(rt, "restart") {
				seq, snap, saved := f.Seq, f.freeze(), make(chan error, 1)
				go func() {
					_, err := snap.save(dir)
					saved <- err
				}()
				foldAll(t, f, rest[:rapid.IntRange(0, len(rest)).Draw(rt, "meanwhile")])
				if err := <-saved; err != nil {
					rt.Fatal(err)
				}
				f = testFold(t, rapid.IntRange(1, 4).Draw(rt, "workers"))
				if err := f.load(dir, seq); err != nil {
					rt.Fatal(err)
				}
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Fatalf("batches and restarts changed NEWS (-want +got):\n%s", diff)
		}
		for i, m := range got {
			checkRecord(rt, msgs[i], m)
		}
	})
}

// checkRecord parses what the subject promises and compares the sequence.
func checkRecord(t *rapid.T, raw, m bus.Message) {
	var seq uint64
	var err error
	switch bus.KindOf(m.Subject) {
	case bus.Clean:
		var r record.Clean
		r, err = record.ParseClean(m.Data)
		seq = r.Seq
	case bus.Dup:
		var r record.Dup
		r, err = record.ParseDup(m.Data)
		if seq = r.Seq; r.OfSeq >= seq || r.Of == "" {
			t.Fatalf("message %d is a duplicate of %q at %d: not an earlier record", seq, r.Of, r.OfSeq)
		}
	case bus.Dead:
		var r record.Dead
		r, err = record.ParseDead(m.Data)
		size := len(raw.Data)
		if payload, err := decode(raw.Header[bus.HeaderEncoding], raw.Data, MaxPayload); err == nil {
			size = len(payload)
		}
		if seq = r.Seq; r.Reason == "" || r.Size != size {
			t.Fatalf("dead record %d: reason %q, size %d of %d", seq, r.Reason, r.Size, size)
		}
	default:
		t.Fatalf("subject %q is no verdict", m.Subject)
	}
	if err != nil || seq != raw.Seq || m.Seq != raw.Seq {
		t.Fatalf("RAW %d became NEWS %d with seq %d: %v", raw.Seq, m.Seq, seq, err)
	}
}

// A dead record holds what came, decompressed, and its size: at every stage that can end a document.
func TestDeadHoldsThePayload(t *testing.T) {
	pack := func(payload string) []byte {
		enc, err := zstd.NewWriter(nil)
		if err != nil {
			t.Fatal(err)
		}
		return enc.EncodeAll([]byte(payload), nil)
	}
	long := strings.Repeat("x", 100<<10)
	noText := `{"id":"a","html":"<p></p>","metadata":{"x":"` + long + `"}}`
	for _, tt := range []struct {
		name, stage, reason, raw string
		data                     []byte
		header                   []string
		size                     int
	}{
		{"no text and no html", "extract", "empty", `{"id":"a","title":"` + long + `"}`, pack(`{"id":"a","title":"` + long + `"}`), []string{bus.HeaderEncoding, "zstd"}, 0},
		{"a page without text", "strip", "empty", noText, pack(noText), []string{bus.HeaderEncoding, "zstd"}, 0},
		{"no record", "decode", "syntax", `{"text":` + long, pack(`{"text":` + long), []string{bus.HeaderEncoding, "zstd"}, 0},
		{"rejected by the intake, whole", "ingest", "syntax", "{" + long, []byte("{" + long), []string{bus.HeaderDead, "syntax: line 1"}, 0},
		{"rejected by the intake, cut", "ingest", "oversize", "{", []byte("{"), []string{bus.HeaderDead, "oversize: line 1", bus.HeaderSize, "40000000"}, 40000000},
		{"a size that nobody should believe", "extract", "empty", "{}", []byte("{}"), []string{bus.HeaderSize, "40000000"}, 0},
		{"no zstd", "decode", "encoding", "{}", []byte("{}"), []string{bus.HeaderEncoding, "zstd"}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := bus.Message{Subject: "raw.x", Data: tt.data, Header: map[string]string{}}
			for i := 0; i < len(tt.header); i += 2 {
				m.Header[tt.header[i]] = tt.header[i+1]
			}
			news := foldAll(t, testFold(t, 1), stamped([]bus.Message{m}))
			d, err := record.ParseDead(news[0].Data)
			if err != nil {
				t.Fatal(err)
			}
			if d.Stage != tt.stage || d.Reason != tt.reason || d.Size != max(tt.size, len(tt.raw)) || string(d.Raw) != tt.raw[:min(len(tt.raw), record.MaxDeadBytes)] {
				t.Errorf("%s/%s, size %d, raw %.40q (%d)", d.Stage, d.Reason, d.Size, d.Raw, len(d.Raw))
			}
		})
	}
}

// No page makes a record that a message cannot hold: control characters take six bytes each in JSON.
func TestRecordsFitIntoMessages(t *testing.T) {
	bad := strings.Repeat("\x01", 910_000)
	words := strings.Repeat("The ferry sails again on Monday, the company said on Friday. ", 20)
	for name, r := range map[string]record.Raw{
		"headline and code": {HTML: `<script type="application/ld+json">{"@type":"Article","headline":"` + bad + `"}</script><p>` + words + "</p><pre>x\n" + bad + "\n</pre><p>" + words + "</p>"},
		"text":              {Text: words + "\n" + bad + bad},
		"text and title":    {Title: bad[:record.MaxTitle], Text: words + "\n" + bad},
	} {
		r.ID = "a"
		news := foldAll(t, testFold(t, 1), stamped([]bus.Message{{Subject: "raw.x", Data: r.AppendJSON(nil), Header: map[string]string{}}}))
		if n := len(news[0].Data); n > maxRecord {
			t.Errorf("%s: a record of %d bytes, the most is %d", name, n, maxRecord)
		}
	}
}

// value reads a gauge.
func value(g prometheus.Gauge) float64 { return testutil.ToFloat64(g) }
