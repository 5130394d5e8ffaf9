package ingester

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/klauspost/compress/zstd"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"winnow/internal/bus"
	"winnow/internal/record"
	"winnow/internal/source"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errKilled = errors.New("killed")

// However often a replay is killed, between storing documents and storing its position too, with
// others publishing beside it and its input growing meanwhile: RAW holds each document once, in
// order.
func TestReplayKilledAnywhere(t *testing.T) {
	b, raw := openBus(t, bus.StreamConfig{})
	dir := t.TempDir()
	runs := 0
	rapid.Check(t, func(rt *rapid.T) {
		runs++
		path := filepath.Join(dir, fmt.Sprintf("%d.jsonl", runs))
		total := rapid.IntRange(0, 30).Draw(rt, "documents")
		grown := rapid.IntRange(0, total).Draw(rt, "at first")
		write(t, path, jsonLines(0, grown))
		before := state(t, raw).Last
		kills := rapid.SliceOfN(rapid.IntRange(0, 4), 0, 4).Draw(rt, "kills")
		for attempt := 0; ; attempt++ {
			if rapid.Bool().Draw(rt, "somebody else publishes") {
				if _, err := raw.Publish(t.Context(), []bus.Message{{Subject: "raw.other", Data: []byte("x")}}); err != nil {
					rt.Fatal(err)
				}
			}
			if rapid.Bool().Draw(rt, "somebody forges") {
				forge(t, raw, path, rapid.IntRange(0, 31).Draw(rt, "document"))
			}
			r := newReplay(t, b, raw, path)
			r.cfg.Batch = rapid.IntRange(1, 8).Draw(rt, "batch")
			r.cfg.Options.MarkEvery = 100 // bytes, three documents
			if attempt < len(kills) {
				left := kills[attempt]
				r.failpoint = func() error {
					if left--; left < 0 {
						return errKilled
					}
					return nil
				}
			}
			if err := r.Run(t.Context()); err != nil && !errors.Is(err, errKilled) {
				rt.Fatal(err)
			} else if err == nil && grown == total {
				break
			}
			grown = rapid.IntRange(grown, total).Draw(rt, "grown to")
			if attempt > len(kills) {
				grown = total
			}
			write(t, path, jsonLines(0, grown))
		}
		if got := ids(t, raw, before); !slices.Equal(got, numbers(total)) {
			rt.Fatalf("RAW holds %v of %d documents", got, total)
		}
	})
}

// A replay whose context ends at any moment goes on where it was.
func TestReplayCancelled(t *testing.T) {
	b, raw := openBus(t, bus.StreamConfig{})
	path := write(t, filepath.Join(t.TempDir(), "a.jsonl"), jsonLines(0, 400))
	for most, done := 1, false; !done; most += 2 { // slow machines get there too
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(rand.IntN(most))*time.Millisecond)
		r := newReplay(t, b, raw, path)
		r.cfg.Batch = 20
		err := r.Run(ctx)
		cancel()
		if done = err == nil; !done && !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
	}
	if got := ids(t, raw, 0); !slices.Equal(got, numbers(400)) {
		t.Fatalf("RAW holds %d documents: %v", len(got), got)
	}
}

func TestReplayDone(t *testing.T) {
	b, raw := openBus(t, bus.StreamConfig{})
	dir := t.TempDir()
	write(t, filepath.Join(dir, "in", "a.jsonl"), jsonLines(0, 10))
	in := filepath.Join(dir, "in")
	run(t, newReplay(t, b, raw, in))
	again := newReplay(t, b, raw, in, in)
	run(t, again)
	if n := state(t, raw).Messages; n != 10 {
		t.Fatalf("RAW holds %d messages", n)
	}
	if p := again.Progress(); p.Documents.Load() != 0 || p.Skipped.Load() != 20 || p.Inputs.Load() != 2 || p.Bytes.Load() != p.Size.Load() {
		t.Errorf("documents %d, skipped %d, bytes %d", p.Documents.Load(), p.Skipped.Load(), p.Bytes.Load())
	}
	// Trimmed RAW is no obstacle once an input is done, and a new file at the end is what is new.
	if err := raw.Trim(t.Context(), 11); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(in, "b.jsonl"), jsonLines(10, 13))
	more := newReplay(t, b, raw, in)
	run(t, more)
	if p := more.Progress(); p.Documents.Load() != 3 || p.Skipped.Load() != 10 || state(t, raw).Messages != 3 {
		t.Errorf("documents %d, skipped %d", p.Documents.Load(), p.Skipped.Load())
	}
}

func TestReplayStandardInput(t *testing.T) {
	b, raw := openBus(t, bus.StreamConfig{})
	for range 2 {
		r := newReplay(t, b, raw, "-")
		r.cfg.Options.Stdin = strings.NewReader(jsonLines(0, 5))
		run(t, r)
	}
	other := newReplay(t, b, raw, "-")
	other.cfg.Options.Stdin = strings.NewReader(jsonLines(5, 6))
	run(t, other)
	if n := state(t, raw).Messages; n != 6 {
		t.Errorf("RAW holds %d messages", n)
	}
}

// Of two replays of one input at once at least one is told to stop, and none is stored twice.
func TestReplayConcurrent(t *testing.T) {
	b, raw := openBus(t, bus.StreamConfig{})
	path := write(t, filepath.Join(t.TempDir(), "a.jsonl"), jsonLines(0, 300))
	errs := make(chan error, 2)
	var both sync.WaitGroup // have stored something, or ended
	both.Add(2)
	for range 2 {
		r := newReplay(t, b, raw, path)
		r.cfg.Batch = 5
		here := sync.OnceFunc(both.Done)
		r.failpoint = func() error {
			here()
			both.Wait()
			return nil
		}
		go func() {
			err := r.Run(t.Context())
			here()
			errs <- err
		}()
	}
	first, second := <-errs, <-errs
	if !errors.Is(first, ErrConcurrent) && !errors.Is(second, ErrConcurrent) {
		t.Fatalf("got %v and %v", first, second)
	}
	run(t, newReplay(t, b, raw, path))
	if got := ids(t, raw, 0); !slices.Equal(got, numbers(300)) {
		t.Errorf("RAW holds %v", got)
	}
}

// While RAW is full a replay waits, and goes on when there is room; meanwhile it can be ended.
func TestReplayFullRaw(t *testing.T) {
	b, raw := openBus(t, bus.StreamConfig{MaxBytes: 64 << 10})
	line := func(i int) string { return fmt.Sprintf(`{"id":"%d","text":"%s"}`+"\n", i, strings.Repeat("x", 8<<10)) }
	var content strings.Builder
	for i := range 30 {
		content.WriteString(line(i))
	}
	path := write(t, filepath.Join(t.TempDir(), "a.jsonl"), content.String())
	r := newReplay(t, b, raw, path)
	r.cfg.Batch = 2
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := r.Run(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("got %v", err)
	}
	r = newReplay(t, b, raw, path)
	r.cfg.Batch = 2
	done := make(chan error, 1)
	go func() { done <- r.Run(t.Context()) }()
	var got []string
	reader := raw.Reader(1, 0)
	defer reader.Close()
	for len(got) < 30 { // a consumer that makes room behind itself
		msgs, err := reader.Next(t.Context(), 4)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range msgs {
			got = append(got, m.Header[bus.HeaderIndex])
		}
		cps, err := b.Checkpoints(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		before := msgs[len(msgs)-1].Seq + 1
		if hold, held, err := cps.Hold(t.Context()); err != nil {
			t.Fatal(err)
		} else if held {
			before = min(before, hold+1)
		}
		if err := raw.Trim(t.Context(), before); err != nil {
			t.Fatal(err)
		}
	}
	if err := <-done; err != nil || !slices.Equal(got, numbers(30)) {
		t.Errorf("%v, read %v", err, got)
	}
}

// What is no record is stored as it stood, and says why it is dead.
func TestReplayMalformed(t *testing.T) {
	b, raw := openBus(t, bus.StreamConfig{})
	dir := t.TempDir()
	noise := make([]byte, 9<<20)
	rand.NewChaCha8([32]byte{}).Read(noise)
	for i := range noise {
		noise[i] = ' ' + noise[i]%90 | 1
	}
	noise = bytes.ReplaceAll(noise, []byte(`\`), []byte(`/`))
	write(t, filepath.Join(dir, "a.jsonl"), "{\"text\":\"a\"}\nno\r\n{\"text\":1}\n")
	write(t, filepath.Join(dir, "b.jsonl"), `{"html":"`+strings.ReplaceAll(string(noise), `"`, "'")+`"}`)
	write(t, filepath.Join(dir, "c.bin"), "\x7fELF\x02\x00")
	r := newReplay(t, b, raw, dir)
	r.cfg.Options.MaxLine = 32 << 20
	run(t, r)
	msgs := messages(t, raw, 0)
	if len(msgs) != 4 {
		t.Fatalf("%d messages", len(msgs))
	}
	for i, want := range []struct{ dead, data string }{
		{"", `"text":"a"`}, {`not-object: a.jsonl:2: want a JSON object`, "no"}, {`wrong-type: a.jsonl:3: "text"`, `{"text":1}`}, {"oversize: ", `{"id":"`},
	} {
		m := msgs[i]
		if dead := m.Header[bus.HeaderDead]; !strings.HasPrefix(dead, want.dead) || want.dead == "" && dead != "" || !strings.Contains(string(m.Data), want.data) {
			t.Errorf("message %d: %q, %.80q", m.Seq, dead, m.Data)
		}
	}
	if size, _ := strconv.Atoi(msgs[3].Header[bus.HeaderSize]); size < 9<<20 {
		t.Errorf("the oversize document is said to have had %d bytes", size)
	}
	if m := msgs[3]; len(m.Data) != record.MaxDeadBytes || m.Header[bus.HeaderEncoding] != "" {
		t.Errorf("%d bytes of the oversize document, encoding %q", len(m.Data), m.Header[bus.HeaderEncoding])
	}
	if p := r.Progress(); p.Documents.Load() != 4 || p.Malformed.Load() != 3 || p.LeftOut.Load() != 1 {
		t.Errorf("documents %d, malformed %d, left out %d", p.Documents.Load(), p.Malformed.Load(), p.LeftOut.Load())
	}
}

// Large payloads are compressed, small ones are not; what comes out is the record.
func TestReplayCompresses(t *testing.T) {
	b, raw := openBus(t, bus.StreamConfig{})
	big := strings.Repeat("<p>It rained all day.</p>\n", 4000)
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.html"), big)
	write(t, filepath.Join(dir, "b.html"), "<p>It rained.")
	run(t, newReplay(t, b, raw, dir))
	msgs := messages(t, raw, 0)
	dec, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer dec.Close()
	payload, err := dec.DecodeAll(msgs[0].Data, nil)
	if err != nil || msgs[0].Header[bus.HeaderEncoding] != "zstd" || len(msgs[0].Data) > len(big)/10 {
		t.Fatalf("%d bytes, %v, %v", len(msgs[0].Data), msgs[0].Header, err)
	}
	got, err := record.ParseRaw(payload, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := record.Raw{HTML: big, Source: "test", Added: "2026-11-21T08:00:00Z", Metadata: []byte(`{"path":"a.html"}`)}
	want.ID = record.DerivedID(&want)
	if got.ID != want.ID || got.HTML != big || got.Added != want.Added || string(got.Metadata) != string(want.Metadata) || msgs[0].Subject != "raw.test" {
		t.Errorf("got %+v in %s", got, msgs[0].Subject)
	}
	if msgs[1].Header[bus.HeaderEncoding] != "" {
		t.Error("a small payload is compressed")
	}
}

// Documents between the source and storage are bounded by their bytes.
func TestFeedIsBounded(t *testing.T) { synctest.Test(t, testFeedIsBounded) } // no reader is too slow for a batch

func testFeedIsBounded(t *testing.T) {
	line := `{"text":"` + strings.Repeat("x", 3<<20) + `"}` + "\n"
	src, err := source.Open(t.Context(), "-", source.Options{Stdin: strings.NewReader(strings.Repeat(line, 30))})
	if err != nil {
		t.Fatal(err)
	}
	p := &Progress{}
	f := newFeed(t.Context(), src, &p.Bytes)
	defer f.close()
	total := 0
	for {
		chunk, end, err := f.collect(t.Context(), batchDocs)
		if err != nil {
			t.Fatal(err)
		}
		if total += len(chunk); end {
			break
		}
		if len(chunk) != 3 { // 9 MiB: the first sum over the bound
			t.Fatalf("%d documents in a batch", len(chunk))
		}
		if len(f.docs) > 2 {
			t.Fatalf("%d documents wait", len(f.docs))
		}
		f.release(chunk...)
	}
	if total != 30 {
		t.Errorf("%d documents", total)
	}
}
