package bus

import (
	"errors"
	"sync"
	"time"
)

// troubles are the things that calls wait for. Each is logged once when the first call begins to
// wait for it and once when the last one ends.
type troubles struct{ away, full, torn trouble }

type trouble struct {
	mu      sync.Mutex
	waiting int // calls
	since   time.Time
}

// wait is one call's part in the troubles.
type wait struct {
	b    *Bus
	call string
	in   *trouble // nil while the call is well
}

// begin notes that the call waits because of err.
func (w *wait) begin(err error) {
	all := &w.b.troubles
	in := &all.away
	switch {
	case errors.Is(err, ErrFull):
		in = &all.full
	case errors.Is(err, errTorn):
		in = &all.torn
	}
	if w.in == in {
		return
	}
	w.end()
	w.in = in
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.waiting++; in.waiting > 1 {
		return
	}
	in.since = time.Now()
	log := w.b.log.With("call", w.call, "error", err)
	switch in {
	case &all.away:
		log.Warn("broker does not answer, retrying")
	case &all.full:
		log.Warn("no room, waiting")
	case &all.torn:
		log.Warn("broker must be restarted, waiting")
	}
}

// end notes that the call goes on, or was given up.
func (w *wait) end() {
	in := w.in
	if in == nil {
		return
	}
	w.in = nil
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.waiting--; in.waiting > 0 {
		return
	}
	log := w.b.log.With("call", w.call, "after", time.Since(in.since).Round(time.Millisecond))
	switch in {
	case &w.b.troubles.away:
		log.Info("broker answers again")
	case &w.b.troubles.full:
		log.Info("room again")
	case &w.b.troubles.torn:
		log.Info("broker was restarted")
	}
}
