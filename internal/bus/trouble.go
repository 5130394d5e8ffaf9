package bus

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// troubles are the things that calls wait for. Each is logged once when the first call begins to
// wait for it, and once when a call got what others, or itself, had waited for. A call that is given up
// tells nothing: nobody knows whether its trouble is over.
type troubles struct{ away, full, torn trouble }

func newTroubles() troubles {
	return troubles{
		away: trouble{begins: "broker does not answer, retrying", ends: "broker answers again"},
		full: trouble{begins: "no room, waiting", ends: "room again"},
		torn: trouble{begins: "broker must be restarted, waiting", ends: "broker was restarted"},
	}
}

type trouble struct {
	begins, ends string // what the log says

	mu      sync.Mutex
	waiting int       // calls
	since   time.Time // zero: there is none
}

// begin notes that one more call waits.
func (t *trouble) begin(log *slog.Logger, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.waiting++
	if t.since.IsZero() {
		t.since = time.Now()
		log.Warn(t.begins, "error", err) //nolint:sloglint // one of the constants in newTroubles
	}
}

// leave notes that a call waits no longer.
func (t *trouble) leave() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.waiting--
}

// over notes that a call got what the trouble would have kept from it. Whoever still waits will find
// out too: the last one ends the trouble.
func (t *trouble) over(log *slog.Logger) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.waiting == 0 && !t.since.IsZero() {
		log.Info(t.ends, "after", time.Since(t.since).Round(time.Millisecond)) //nolint:sloglint // as in begin
		t.since = time.Time{}
	}
}

// wait is one call's part in the troubles.
type wait struct {
	b      *Bus
	call   string
	writes bool     // it stores messages: its success says that there is room
	in     *trouble // nil while the call is well
}

func (w *wait) log() *slog.Logger { return w.b.log.With("call", w.call) }

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
	was := w.in
	w.leave()
	if was != nil {
		was.over(w.log())
	}
	w.in = in
	in.begin(w.log(), err)
}

// leave notes that the call waits no longer.
func (w *wait) leave() {
	if w.in != nil {
		w.in.leave()
		w.in = nil
	}
}

// well notes that the broker answered.
func (w *wait) well() {
	w.leave()
	w.b.troubles.away.over(w.log())
}

// end notes that the call returns err. If ctx, the call's own, has ended, it was given up.
func (w *wait) end(ctx context.Context, err error) {
	w.leave()
	if ctx.Err() != nil {
		return
	}
	w.well()
	if w.writes && err == nil {
		w.b.troubles.full.over(w.log())
		w.b.troubles.torn.over(w.log())
	}
}
