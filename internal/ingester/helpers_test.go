package ingester

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"winnow/internal/bus"
	"winnow/internal/record"
	"winnow/internal/source"
)

var added = time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)

func openBus(t testing.TB, cfg bus.StreamConfig) (*bus.Bus, *bus.Stream) {
	t.Helper()
	b, err := bus.Open(t.Context(), bus.Config{Dir: t.TempDir(), Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	raw, err := b.Raw(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return b, raw
}

func write(t testing.TB, path, content string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func jsonLines(from, to int) string {
	var out strings.Builder
	for i := from; i < to; i++ {
		fmt.Fprintf(&out, `{"id":"%d","text":"document %d"}`+"\n", i, i)
	}
	return out.String()
}

func newReplay(t testing.TB, b *bus.Bus, raw *bus.Stream, inputs ...string) *Replay {
	t.Helper()
	r, err := NewReplay(ReplayConfig{Bus: b, Raw: raw, Inputs: inputs, Added: added, Source: "test", Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// wholeBatches lets replays wait until a batch is full or the input at its end, however slowly it is read: for tests that
// kill a replay by the count of its batches.
func wholeBatches(t testing.TB) {
	was := batchWait
	batchWait = patience
	t.Cleanup(func() { batchWait = was })
}

func run(t testing.TB, r *Replay) {
	t.Helper()
	if err := r.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func state(t testing.TB, raw *bus.Stream) bus.State {
	t.Helper()
	st, err := raw.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// messages returns what RAW holds after a sequence.
func messages(t testing.TB, raw *bus.Stream, after uint64) (all []bus.Message) {
	t.Helper()
	last := state(t, raw).Last
	r := raw.Reader(after+1, 0)
	defer r.Close()
	for after < last {
		msgs, err := r.Next(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		all, after = append(all, msgs...), msgs[len(msgs)-1].Seq
	}
	return all
}

// ids returns the ids of an input's documents in RAW, in order; their ordinals must count from 0.
func ids(t testing.TB, raw *bus.Stream, after uint64) (list []string) {
	t.Helper()
	for _, m := range messages(t, raw, after) {
		if m.Header[bus.HeaderInput] == "" || m.Subject == forgedSubject {
			continue // not of a replay
		}
		if m.Header[bus.HeaderIndex] != strconv.Itoa(len(list)) {
			t.Fatalf("message %d is document %s, want %d", m.Seq, m.Header[bus.HeaderIndex], len(list))
		}
		r, err := record.ParseRaw(m.Data, nil)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, r.ID)
	}
	return list
}

// forgedSubject is that of the messages that forge publishes.
const forgedSubject = "raw.forged"

// forge publishes what somebody can who may publish to RAW and not read it, and knows the path of the input: a
// message that says that it is a document of it.
func forge(t testing.TB, raw *bus.Stream, path string, index int) {
	t.Helper()
	m := bus.Message{Subject: forgedSubject, Data: []byte("{}"), Header: map[string]string{bus.HeaderInput: source.FileKey(path), bus.HeaderIndex: strconv.Itoa(index), bus.HeaderDigest: "1"}}
	if _, err := raw.Publish(t.Context(), []bus.Message{m}); err != nil {
		t.Fatal(err)
	}
}

func numbers(n int) (list []string) {
	for i := range n {
		list = append(list, strconv.Itoa(i))
	}
	return list
}
