package bus_test

import (
	"testing"

	"winnow/internal/bus"
)

// Law: a reader that waits for an atomic batch gets the batch, not the parts of it that the broker shows while it is
// written: they would be as many batches for whoever works on them.
func TestReaderGetsWholeBatches(t *testing.T) {
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
	for round := range rounds {
		go func() {
			if _, err := s.Publish(t.Context(), pages(round*size, size)); err != nil {
				t.Error(err)
			}
		}()
		for n := 0; n < size; {
			part, ok := <-parts
			if !ok {
				return
			}
			all = append(all, part)
			n += part
		}
	}
	if len(all) > 2*rounds { // a busy machine may let a pull end in the middle of a batch
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
