package bus_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"winnow/internal/bus"
)

// admin returns a JetStream client of an embedded bus that listens, for what the bus itself never does.
func admin(t testing.TB, b *bus.Bus) jetstream.JetStream {
	t.Helper()
	return adminAt(t, b.ClientURL())
}

func adminAt(t testing.TB, url string) jetstream.JetStream {
	t.Helper()
	nc, err := nats.Connect(url, nats.Timeout(patience))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc, jetstream.WithDefaultTimeout(patience))
	if err != nil {
		t.Fatal(err)
	}
	return js
}

func stream(t testing.TB, js jetstream.JetStream, name string) jetstream.Stream {
	t.Helper()
	s, err := js.Stream(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func publish(t testing.TB, s *bus.Stream, msgs []bus.Message) {
	t.Helper()
	if _, err := s.Publish(t.Context(), msgs); err != nil {
		t.Fatal(err)
	}
}

// wantGap fails unless reading from seq, by a new reader and by Read, gives the gap.
func wantGap(t *testing.T, s *bus.Stream, want bus.ErrGap) {
	t.Helper()
	r := s.Reader(want.Want, 0)
	defer r.Close()
	for range 2 { // the reader stays where it is
		_, err := r.Next(t.Context(), 0)
		got, _ := errors.AsType[bus.ErrGap](err)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("next: error %v: %s", err, d)
		}
	}
	_, err := s.Read(t.Context(), want.Want, 1, 0)
	if got, _ := errors.AsType[bus.ErrGap](err); got != want {
		t.Errorf("read: error %v, want %v", err, want)
	}
}

// Law: a deleted message is reported, where it is, and nothing around it is lost.
func TestDeletedMessage(t *testing.T) {
	url := startServer(t, &server.Options{}).ClientURL()
	s := raw(t, open(t, bus.Config{URL: url}), bus.StreamConfig{})
	publish(t, s, pages(1, 20))
	theirs := stream(t, adminAt(t, url), "RAW")
	for _, seq := range []uint64{7, 8, 20} {
		if err := theirs.DeleteMsg(t.Context(), seq); err != nil {
			t.Fatal(err)
		}
	}
	r := s.Reader(1, 0)
	defer r.Close()
	if msgs, err := r.Next(t.Context(), 0); err != nil || len(msgs) != 6 {
		t.Fatalf("%d messages, error %v, want 6", len(msgs), err)
	}
	for _, seq := range []uint64{7, 8, 20} {
		gap := bus.ErrGap{Stream: "RAW", Want: seq, First: 1, Last: 20}
		if gap.Trimmed() || !gap.Missing() || gap.Ahead() {
			t.Errorf("%v is not only missing", gap)
		}
		wantGap(t, s, gap)
		if _, err := s.Get(t.Context(), seq); !errors.Is(err, bus.ErrNotFound) {
			t.Errorf("get %d: error %v, want %v", seq, err, bus.ErrNotFound)
		}
	}
	readAll(t, s, 9, 19)
}

func TestTrimmed(t *testing.T) {
	s := raw(t, open(t, bus.Config{}), bus.StreamConfig{})
	publish(t, s, pages(1, 20))
	for _, trim := range []struct{ before, first, last uint64 }{
		{0, 1, 20}, {1, 1, 20}, {11, 11, 20}, {5, 11, 20}, {21, 21, 20}, {1000, 21, 20},
	} {
		if err := s.Trim(t.Context(), trim.before); err != nil {
			t.Fatal(err)
		}
		st, err := s.State(t.Context())
		if err != nil || st.First != trim.first || st.Last != trim.last || st.Messages != trim.last-trim.first+1 {
			t.Errorf("trimmed before %d: state %+v, error %v, want %+v", trim.before, st, err, trim)
		}
		if trim.first > 1 {
			gap := bus.ErrGap{Stream: "RAW", Want: trim.first - 1, First: trim.first, Last: trim.last}
			if !gap.Trimmed() || gap.Missing() || gap.Ahead() {
				t.Errorf("%v is not only trimmed", gap)
			}
			wantGap(t, s, gap)
		}
	}
	publish(t, s, pages(21, 1))
	readAll(t, s, 21, 21)
}

// Law: a position beyond the end is an error, not a wait for messages that another history gets.
func TestAhead(t *testing.T) {
	s := raw(t, open(t, bus.Config{}), bus.StreamConfig{})
	publish(t, s, pages(1, 3))
	gap := bus.ErrGap{Stream: "RAW", Want: 5, First: 1, Last: 3}
	if gap.Trimmed() || gap.Missing() || !gap.Ahead() {
		t.Errorf("%v is not only ahead", gap)
	}
	wantGap(t, s, gap)
}

// A reader that waits is woken by a message: its pull, which would wait for longer than the test, does not have to end.
func TestReaderWaitsAtTail(t *testing.T) {
	was := bus.SetPullLife(2 * patience)
	defer bus.SetPullLife(was)
	s := raw(t, open(t, bus.Config{}), bus.StreamConfig{})
	r := s.Reader(1, 0)
	defer r.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := r.Next(ctx, 0); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("error %v, want %v", err, context.DeadlineExceeded)
	}
	ctx, cancel = context.WithTimeout(t.Context(), patience)
	defer cancel()
	for i := range 5 { // each is published while the reader waits
		got := make(chan struct{})
		go func() {
			defer close(got)
			if msgs, err := r.Next(ctx, 0); err != nil || len(msgs) != 1 {
				t.Errorf("%d messages, error %v, want 1", len(msgs), err)
			}
		}()
		publish(t, s, pages(i, 1))
		<-got
	}
}

// Law: messages larger than a pull's bytes come like any other, and bytes survive as they are.
func TestLargeMessages(t *testing.T) {
	s := raw(t, open(t, bus.Config{}), bus.StreamConfig{})
	sizes := []int{1, 5 << 20, 0, 5 << 20, 100, 8<<20 - 300}
	var msgs []bus.Message
	for _, n := range sizes {
		data := make([]byte, n)
		for i := range data {
			data[i] = byte(i * 31)
		}
		msgs = append(msgs, bus.Message{Subject: bus.RawSubject("large"), Data: data, Header: map[string]string{"Winnow-Input": "ü/x y", "x-Lower": "1"}})
	}
	publish(t, s, msgs)
	for _, maxBytes := range []int{0, 1 << 20} {
		r := s.Reader(1, maxBytes)
		for i := 0; i < len(sizes); {
			got, err := r.Next(t.Context(), 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range got {
				if !bytes.Equal(m.Data, msgs[i].Data) {
					t.Errorf("message %d has %d bytes, want %d", i+1, len(m.Data), sizes[i])
				}
				if d := cmp.Diff(msgs[i].Header, m.Header); d != "" {
					t.Error(d)
				}
				i++
			}
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
	m, err := s.Get(t.Context(), 2)
	if err != nil || !bytes.Equal(m.Data, msgs[1].Data) || m.Subject != msgs[1].Subject || m.Seq != 2 || m.Time.IsZero() {
		t.Errorf("get: message %d of %d bytes on %s, error %v", m.Seq, len(m.Data), m.Subject, err)
	}
	if d := cmp.Diff(msgs[1].Header, m.Header); d != "" {
		t.Error(d)
	}
	_, err = s.Publish(t.Context(), append(pages(1, 1), bus.Message{Subject: "raw.x", Data: make([]byte, bus.MaxPayload)}))
	if big, ok := errors.AsType[bus.ErrTooLarge](err); !ok || big.Index != 1 || big.Max != bus.MaxPayload {
		t.Errorf("error %v, want message 1 to be too large for %d", err, bus.MaxPayload)
	}
	if st, err := s.State(t.Context()); err != nil || st.Last != uint64(len(sizes)) {
		t.Errorf("state %+v, error %v: a refused batch was stored", st, err)
	}
}

// Law: what is lost between the broker and a reader is read again. Here a thief pulls from the
// reader's consumer.
func TestReaderLosesMessages(t *testing.T) {
	b := open(t, bus.Config{Listen: "127.0.0.1:0"})
	s := raw(t, b, bus.StreamConfig{})
	js := admin(t, b)
	r := s.Reader(1, 0)
	defer r.Close()
	next := uint64(1)
	for round := range uint64(5) {
		var stolen []jetstream.MessageBatch
		for name := range stream(t, js, "RAW").ConsumerNames(t.Context()).Name() {
			consumer, err := js.Consumer(t.Context(), "RAW", name)
			if errors.Is(err, jetstream.ErrConsumerNotFound) {
				continue // the reader has just given it up
			}
			if err != nil {
				t.Fatal(err)
			}
			theft, err := consumer.Fetch(30, jetstream.FetchMaxWait(time.Second))
			if err != nil {
				t.Fatal(err)
			}
			stolen = append(stolen, theft)
		}
		if _, err := js.AccountInfo(t.Context()); err != nil { // the thief is in place
			t.Fatal(err)
		}
		publish(t, s, pages(0, 100))
		for _, theft := range stolen {
			for m := range theft.Messages() {
				_ = m
			}
		}
		for next <= 100*(round+1) {
			msgs, err := r.Next(t.Context(), 70)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range msgs {
				if m.Seq != next {
					t.Fatalf("read message %d, want %d", m.Seq, next)
				}
				next++
			}
		}
	}
}

// A reader outlives the consumer behind it.
func TestReaderLosesConsumer(t *testing.T) {
	b := open(t, bus.Config{Listen: "127.0.0.1:0"})
	s := raw(t, b, bus.StreamConfig{})
	js := admin(t, b)
	r := s.Reader(1, 0)
	defer r.Close()
	for i := range 3 {
		publish(t, s, pages(i, 2))
		if msgs, err := r.Next(t.Context(), 1); err != nil || msgs[0].Seq != uint64(2*i+1) {
			t.Fatalf("message %v, error %v, want %d", msgs, err, 2*i+1)
		}
		for name := range stream(t, js, "RAW").ConsumerNames(t.Context()).Name() {
			if err := js.DeleteConsumer(t.Context(), "RAW", name); err != nil && !errors.Is(err, jetstream.ErrConsumerNotFound) {
				t.Fatal(err)
			}
		}
		if msgs, err := r.Next(t.Context(), 1); err != nil || msgs[0].Seq != uint64(2*i+2) {
			t.Fatalf("message %v, error %v, want %d", msgs, err, 2*i+2)
		}
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}
