package ingester

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"winnow/internal/bus"
)

// What one request may take of the intake: memory as its bytes arrive, and time while they do.
const (
	firstRoom = 8 << 10 // bytes reserved before the first one has come
	smallRoom = 4 << 20 // up to here a request may use the part that is kept from larger ones
	keptShare = 8       // one part in so many is kept for small requests
	docRoom   = 1 << 10 // what a document takes beside its bytes: its message's headers, its result

	paceBytes = 64 << 10         // what must arrive within paceTime, or else the request is given up
	paceTime  = 10 * time.Second // so a client needs 6.4 KiB/s
)

// reservation is a request's part of IntakeConfig.InFlight. Large requests leave a part of it to
// small ones, so that a few of them never keep everybody else out.
type reservation struct {
	in    *Intake
	fixed int64 // what decompression takes beside the body
	n     int64 // reserved
}

// grow reserves n bytes for the body, or says why there is no room.
func (r *reservation) grow(n int64) *httpError {
	n += r.fixed
	most := r.in.cfg.InFlight
	if n > smallRoom {
		most -= most / keptShare
	}
	if n > most {
		return &httpError{code: http.StatusRequestEntityTooLarge, text: fmt.Sprintf("the request's documents take more than %d MiB of memory; send fewer at once; nothing was stored", most>>20)}
	}
	if r.in.flight.Add(n-r.n) > most {
		r.in.flight.Add(r.n - n)
		return &httpError{http.StatusTooManyRequests, "too many requests are being handled; try again", true}
	}
	r.in.cfg.Metrics.inFlight.Add(float64(n - r.n))
	r.n = n
	return nil
}

// add reserves room for a document beside what is reserved for the body.
func (r *reservation) add(m *bus.Message, res *Result) *httpError {
	return r.grow(r.n - r.fixed + docRoom + int64(cap(m.Data)+len(m.Header[bus.HeaderDead])+len(res.Error)))
}

func (r *reservation) release() {
	r.in.flight.Add(-r.n)
	r.in.cfg.Metrics.inFlight.Sub(float64(r.n))
}

// pace reads a body as it comes from the network and gives up on a client that sends less than
// paceBytes in paceTime, or that is not done at the end of the request's time. The server lifts the
// deadline at the end of the body.
type pace struct {
	body    io.Reader
	conn    *http.ResponseController
	time    time.Duration // for paceBytes
	end     time.Time     // of the request's time
	due     int           // bytes until the deadline moves
	stalled bool
}

func (in *Intake) pace(w http.ResponseWriter, body io.Reader) *pace {
	return &pace{body: body, conn: http.NewResponseController(w), time: in.paceTime, end: time.Now().Add(in.cfg.Timeout)}
}

func (p *pace) Read(b []byte) (int, error) {
	if p.due <= 0 {
		p.due = paceBytes
		next := time.Now().Add(p.time)
		if next.After(p.end) {
			next = p.end
		}
		_ = p.conn.SetReadDeadline(next) // a test's recorder has none
	}
	n, err := p.body.Read(b)
	p.due -= n
	p.stalled = p.stalled || errors.Is(err, os.ErrDeadlineExceeded)
	return n, err
}

// errStalled answers a client that was too slow.
func (p *pace) errStalled() *httpError {
	return &httpError{code: http.StatusRequestTimeout, text: fmt.Sprintf("the body came too slowly: send %d KiB every %v; nothing was stored", paceBytes>>10, p.time), retry: true}
}
