package bus_test

import (
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"

	"winnow/internal/bus"
)

// Law: a reader that waits for an atomic batch gets the batch, not the parts of it that the broker shows while it is
// written: they would be as many batches for whoever works on them.
func TestReaderGetsWholeBatches(t *testing.T) {
	was := bus.SetPullLife(patience) // on a busy machine one might end in the middle of a batch
	defer bus.SetPullLife(was)
	const rounds, size = 8, 500
	s := raw(t, open(t, bus.Config{Sync: "interval"}), bus.StreamConfig{})
	parts := make(chan int)
	go func() {
		defer close(parts)
		r := s.Reader(1, 0)
		defer r.Close()
		for n := 0; n < rounds*size; {
			msgs, err := r.Next(t.Context(), 0)
			if err != nil {
				t.Error(err)
				return
			}
			n += len(msgs)
			parts <- len(msgs)
		}
	}()
	var all []int
	var publisher sync.WaitGroup // the reader may have a batch before its answer comes
	defer publisher.Wait()
	for round := range rounds {
		publisher.Wait()
		publisher.Go(func() {
			if _, err := s.Publish(t.Context(), pages(round*size, size)); err != nil {
				t.Error(err)
			}
		})
		for n := 0; n < size; {
			part, ok := <-parts
			if !ok {
				return
			}
			all = append(all, part)
			n += part
		}
	}
	if len(all) > 2*rounds { // a machine that stands still for seconds may cut one in two
		t.Errorf("%d batches came in %d parts: %d messages", rounds, len(all), all)
	}
}

// A reader that finds much more than its bound returns it in parts of about the bound.
func TestReaderBoundsWhatItReturns(t *testing.T) {
	const bound = 1 << 20
	s := raw(t, open(t, bus.Config{Sync: "interval"}), bus.StreamConfig{})
	large := pages(0, 60)
	for i := range large {
		large[i].Data = make([]byte, 100<<10)
	}
	publish(t, s, large)
	r := s.Reader(1, bound)
	defer r.Close()
	for n := 0; n < len(large); {
		msgs, err := r.Next(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		bytes := 0
		for i := range msgs {
			bytes += len(msgs[i].Data)
		}
		if n += len(msgs); bytes > 2*bound {
			t.Errorf("%d messages of %d bytes at once", len(msgs), bytes)
		}
	}
}

// A mirror answers direct gets in the stream's place, and waits for none of its commits: a reader asks the stream.
func TestReaderTrustsNoMirror(t *testing.T) {
	const rounds, size = 30, 100
	url := startServer(t, &server.Options{}).ClientURL()
	s := raw(t, open(t, bus.Config{URL: url}), bus.StreamConfig{})
	mirror, err := adminAt(t, url).CreateStream(t.Context(), jetstream.StreamConfig{
		Name: "COPY", Mirror: &jetstream.StreamSource{Name: "RAW", FilterSubject: "raw.other"}, // for ever behind
	})
	if err != nil || !mirror.CachedInfo().Config.MirrorDirect {
		t.Fatalf("error %v: a mirror that answers nobody", err)
	}
	publish(t, s, []bus.Message{{Subject: "raw.other"}})
	r := s.Reader(2, 0)
	defer r.Close()
	parts := 0
	var wg sync.WaitGroup
	defer wg.Wait()
	for round := range rounds {
		wg.Go(func() {
			if _, err := s.Publish(t.Context(), pages(round*size, size)); err != nil {
				t.Error(err)
			}
		})
		for n := 0; n < size; parts++ {
			msgs, err := r.Next(t.Context(), 0)
			if err != nil {
				t.Fatal(err)
			}
			n += len(msgs)
		}
	}
	if parts > rounds*3/2 { // those that wait for no commit are single messages
		t.Errorf("%d batches came in %d parts", rounds, parts)
	}
}

// Law: a pull whose bytes come out even with the messages stalls nobody; the broker says nothing at its end.
func TestReaderWhosePullComesOutEven(t *testing.T) {
	const messages, size = 8, 150 // bytes on the way: more than a message takes without data
	s := raw(t, open(t, bus.Config{Sync: "interval"}), bus.StreamConfig{})
	publish(t, s, pages(0, messages))
	for bound := 2 * size; bound < 3*size; bound++ { // one of them is the size of two or three
		r := s.Reader(1, bound)
		began := time.Now()
		for n := 0; n < messages; {
			msgs, err := r.Next(t.Context(), 0)
			if err != nil {
				t.Fatal(err)
			}
			n += len(msgs)
		}
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("%d bytes a pull: took %v", bound, took)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}
