package bus_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"winnow/internal/bus"
)

// patience is longer than anything here takes on a machine that is slow and busy with something else.
const patience = 5 * time.Minute

// open opens an embedded bus that logs to the test and is closed with it.
func open(t testing.TB, cfg bus.Config) *bus.Bus {
	t.Helper()
	if cfg.Dir == "" && cfg.URL == "" {
		cfg.Dir = t.TempDir()
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	}
	b, err := bus.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func raw(t testing.TB, b *bus.Bus, cfg bus.StreamConfig) *bus.Stream {
	t.Helper()
	s, err := b.Raw(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// pages returns n messages with numbered payloads from first on.
func pages(first, n int) []bus.Message {
	msgs := make([]bus.Message, n)
	for i := range msgs {
		msgs[i] = bus.Message{Subject: bus.RawSubject("test"), Data: fmt.Appendf(nil, "page %d", first+i)}
	}
	return msgs
}

// readAll reads messages from..to and fails unless they come in order.
func readAll(t testing.TB, s *bus.Stream, from, to uint64) []bus.Message {
	t.Helper()
	r := s.Reader(from, 0)
	defer r.Close()
	var all []bus.Message
	for from <= to {
		msgs, err := r.Next(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range msgs {
			if m.Seq != from {
				t.Fatalf("read message %d, want %d", m.Seq, from)
			}
			from++
		}
		all = append(all, msgs...)
	}
	return all
}

func TestPublishAndRead(t *testing.T) {
	s := raw(t, open(t, bus.Config{}), bus.StreamConfig{})
	want := pages(1, 2500)
	want[0].Header = map[string]string{"Content-Encoding": "zstd", "Winnow-Index": "7"}
	seqs, err := s.Publish(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	for i, seq := range seqs {
		if seq != uint64(i+1) {
			t.Fatalf("message %d has sequence %d", i, seq)
		}
	}
	got := readAll(t, s, 1, 2500)
	for i := range got {
		if got[i].Time.IsZero() || got[i].Subject != want[i].Subject || !bytes.Equal(got[i].Data, want[i].Data) {
			t.Fatalf("message %d is %+v, want %+v", i+1, got[i], want[i])
		}
	}
	if d := cmp.Diff(want[0].Header, got[0].Header); d != "" {
		t.Error(d)
	}
}

func TestFence(t *testing.T) {
	b := open(t, bus.Config{})
	s, err := b.News(t.Context(), bus.StreamConfig{FirstSeq: 41})
	if err != nil {
		t.Fatal(err)
	}
	msg := bus.Message{Subject: bus.CleanSubject("en", "com.example"), Data: []byte("{}")}
	if err := s.PublishAfter(t.Context(), 40, []bus.Message{msg, msg, msg}); err != nil {
		t.Fatal(err)
	}
	for _, last := range []uint64{40, 42, 44} {
		for n := range 2 {
			if err := s.PublishAfter(t.Context(), last, []bus.Message{msg, msg}[n:]); !errors.Is(err, bus.ErrFenced) {
				t.Errorf("after %d: error %v, want %v", last, err, bus.ErrFenced)
			}
		}
	}
	if err := s.PublishAfter(t.Context(), 43, []bus.Message{msg}); err != nil {
		t.Fatal(err)
	}
	st, err := s.State(t.Context())
	if err != nil || st.First != 41 || st.Last != 44 {
		t.Errorf("state %+v, error %v", st, err)
	}
}

// Guests of an embedded broker publish pages and read records; records are the cleaner's alone, and another
// service that would publish them is told so.
func TestGuests(t *testing.T) {
	b := open(t, bus.Config{Listen: "127.0.0.1:0", Namespace: "try"})
	news, err := b.News(t.Context(), bus.StreamConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Raw(t.Context(), bus.StreamConfig{}); err != nil {
		t.Fatal(err)
	}
	js := admin(t, b)
	if _, err := js.Publish(t.Context(), "try.raw.wire", []byte(`{"text":"a"}`)); err != nil {
		t.Error("a page: ", err)
	}
	for _, subject := range []string{"try.clean.en.example", "try.dup.en.example", "try.dead.extract"} {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		if _, err := js.Publish(ctx, subject, []byte("hello")); err == nil {
			t.Error(subject, ": was stored")
		}
		cancel()
	}
	refused := func(what string, do func(context.Context) error) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		if err := do(ctx); err == nil {
			t.Error(what, ": was done")
		}
	}
	if _, err := b.Checkpoints(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"RAW-try", "NEWS-try", "KV_winnow-checkpoints-try"} {
		stream, err := js.Stream(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		refused("purge "+name, func(ctx context.Context) error { return stream.Purge(ctx) })
		refused("take a message from "+name, func(ctx context.Context) error { return stream.DeleteMsg(ctx, 1) })
		refused("change "+name, func(ctx context.Context) error {
			_, err := js.UpdateStream(ctx, stream.CachedInfo().Config)
			return err
		})
		refused("delete "+name, func(ctx context.Context) error { return js.DeleteStream(ctx, name) })
	}
	r := news.Reader(1, 0)
	defer r.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := r.Next(ctx, 1); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("a reader of an empty NEWS gets %v", err)
	}
	for name := range stream(t, js, "NEWS-try").ConsumerNames(t.Context()).Name() {
		refused("pause a reader of NEWS", func(ctx context.Context) error {
			_, err := js.PauseConsumer(ctx, "NEWS-try", name, time.Now().Add(time.Hour))
			return err
		})
	}
	if st, err := news.State(t.Context()); err != nil || st.Last != 0 {
		t.Errorf("NEWS is at %d, error %v; want nothing in it", st.Last, err)
	}
	client := open(t, bus.Config{URL: b.ClientURL(), Namespace: "try"})
	theirs, err := client.News(t.Context(), bus.StreamConfig{})
	if err != nil {
		t.Fatal(err)
	}
	err = theirs.PublishAfter(t.Context(), 0, []bus.Message{{Subject: "clean.en.example", Data: []byte("{}")}})
	if !errors.Is(err, bus.ErrDenied) {
		t.Errorf("a cleaner that is a guest gets %v, want ErrDenied", err)
	}
}
