package bus

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Get returns one message. Errors: ErrNotFound.
func (s *Stream) Get(ctx context.Context, seq uint64) (Message, error) {
	raw, err := s.leaderMessage(ctx, seq)
	if err != nil {
		return Message{}, err
	}
	return s.fromLeader(raw), nil
}

func (s *Stream) fromLeader(raw *jetstream.RawStreamMsg) Message {
	return Message{
		Subject: raw.Subject[len(s.prefix):], Header: header(raw.Header), Data: raw.Data,
		Seq: raw.Sequence, Time: raw.Time.UTC(),
	}
}

// leaderMessage asks the stream's leader, not a replica that may lag.
func (s *Stream) leaderMessage(ctx context.Context, seq uint64) (raw *jetstream.RawStreamMsg, err error) {
	what := "message " + strconv.FormatUint(seq, 10) + " of " + s.name
	err = s.b.retry(ctx, what, func(ctx context.Context) error {
		raw, err = s.leaderGet(ctx, seq)
		return err
	})
	return raw, err
}

func (s *Stream) leaderGet(ctx context.Context, seq uint64) (*jetstream.RawStreamMsg, error) {
	nc := s.b.sub.nc
	answer, err := nc.RequestWithContext(ctx, s.b.api+"STREAM.MSG.GET."+s.name, fmt.Appendf(nil, `{"seq":%d}`, seq))
	if err != nil {
		return nil, err
	}
	var resp struct {
		Error   *jetstream.APIError `json:"error"`
		Message *struct {
			Subject string    `json:"subject"`
			Seq     uint64    `json:"seq"`
			Hdrs    []byte    `json:"hdrs"`
			Data    []byte    `json:"data"`
			Time    time.Time `json:"time"`
		} `json:"message"`
	}
	if err := json.Unmarshal(answer.Data, &resp); err != nil {
		return nil, fmt.Errorf("answer of the broker: %w", err)
	}
	if resp.Error != nil {
		return nil, resp.Error
	}
	if resp.Message == nil {
		return nil, errors.New("answer of the broker has no message")
	}
	m := resp.Message
	raw := &jetstream.RawStreamMsg{Subject: m.Subject, Sequence: m.Seq, Data: m.Data, Time: m.Time}
	if len(m.Hdrs) > 0 {
		if raw.Header, err = nats.DecodeHeadersMsg(m.Hdrs); err != nil {
			return nil, fmt.Errorf("headers of message %d: %w", seq, err)
		}
	}
	return raw, nil
}

// Read waits until message from exists and returns it with those that follow, in order and without
// a gap: at most max messages and, beyond the first, about maxBytes bytes (0: the defaults, 1,000
// messages and 8 MiB). It returns an ErrGap when message from is not there and will not come.
func (s *Stream) Read(ctx context.Context, from uint64, max, maxBytes int) ([]Message, error) {
	r := s.Reader(from, maxBytes)
	defer r.Close()
	r.once = true
	return r.Next(ctx, max)
}

// Reader reads a stream in order from a sequence and has the next messages fetched while the
// caller works on the last ones. One goroutine uses it.
type Reader struct {
	s        *Stream
	next     uint64    // the sequence to return next
	buf      []Message // fetched and not yet returned; buf[0].Seq == next
	maxBytes int
	once     bool // no prefetching
	sub      *nats.Subscription
	inbox    string // subject of the replies but for the request's number
	requests uint64
	waiting  bool // request number requests, from next+len(buf), is unanswered
}

// Reader returns a Reader that begins at from. maxBytes bounds one fetch and thereby what is in
// flight beside what the caller holds: default and most 8 MiB, and one message.
func (s *Stream) Reader(from uint64, maxBytes int) *Reader {
	if maxBytes <= 0 || maxBytes > maxInFlight/2 {
		maxBytes = maxInFlight / 2
	}
	return &Reader{s: s, next: from, maxBytes: maxBytes}
}

// Close gives up what was fetched ahead.
func (r *Reader) Close() error {
	if r.sub == nil {
		return nil
	}
	err := r.sub.Unsubscribe()
	r.sub = nil
	if errors.Is(err, nats.ErrConnectionClosed) || errors.Is(err, nats.ErrBadSubscription) {
		return nil
	}
	return err
}

// Next waits for at least one message and returns at most max (0: 1,000), in order and without a
// gap. After an ErrGap the reader stays where it is.
func (r *Reader) Next(ctx context.Context, max int) ([]Message, error) {
	if max <= 0 || max > maxBatch {
		max = maxBatch
	}
	ctx, cancel := r.s.b.live(ctx)
	defer cancel()
	if len(r.buf) == 0 {
		if err := r.fill(ctx, max); err != nil {
			return nil, fmt.Errorf("read %s from %d: %w", r.s.name, r.next, err)
		}
	}
	n := min(max, len(r.buf))
	out := r.buf[:n:n]
	r.buf = r.buf[n:]
	r.next += uint64(n)
	if len(r.buf) == 0 && !r.once {
		_ = r.request(maxBatch) // ahead; if it fails the next fill asks again
	}
	return out, nil
}

// errNone: the replica asked has nothing at or after the sequence.
var errNone = errors.New("nothing there")

// fill fetches until there is a message. At the tail it asks again every few milliseconds.
func (r *Reader) fill(ctx context.Context, max int) error {
	trouble := outage{log: r.s.b.log, what: "read " + r.s.name}
	defer trouble.end()
	idle, failed := 0, 0
	var checked time.Time
	for {
		err := r.fetch(ctx, max)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		pause := tailPause(idle)
		switch err = classify(err); {
		case errors.Is(err, errNone):
			trouble.end()
			failed = 0
			if time.Since(checked) > leaderCheck {
				checked = time.Now()
				if err := r.askLeader(ctx); err != nil || len(r.buf) > 0 {
					return err
				}
			}
			idle++
		case transient(err):
			trouble.begin(err)
			pause = backoff(failed)
			failed++
		default:
			return err
		}
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
}

// leaderCheck is how often a reader that waits at the tail makes sure with the leader that it is
// the tail.
const leaderCheck = time.Second

func tailPause(idle int) time.Duration {
	return min(time.Millisecond<<min(idle, 10), 15*time.Millisecond)
}

// askLeader finds out why message next did not come: it returns nil when it does not exist yet,
// fills the buffer when only the replica lagged, or returns an ErrGap.
func (r *Reader) askLeader(ctx context.Context) error {
	st, err := r.s.State(ctx)
	if err != nil {
		return err
	}
	if r.next == st.Last+1 {
		return nil
	}
	gap := ErrGap{Stream: r.s.name, Want: r.next, First: st.First, Last: st.Last}
	if !gap.Missing() {
		return gap
	}
	raw, err := r.s.leaderMessage(ctx, r.next)
	if errors.Is(err, ErrNotFound) {
		return gap
	}
	if err != nil {
		return err
	}
	r.buf = append(r.buf[:0:0], r.s.fromLeader(raw))
	return nil
}

// request asks for what follows.
func (r *Reader) request(max int) error {
	nc := r.s.b.sub.nc
	if r.sub == nil {
		r.inbox = nc.NewInbox()
		sub, err := nc.SubscribeSync(r.inbox + ".*")
		if err != nil {
			return err
		}
		if err := sub.SetPendingLimits(-1, -1); err != nil { // a request's max_bytes is the bound
			return err
		}
		r.sub = sub
	}
	r.requests++
	reply := r.inbox + "." + strconv.FormatUint(r.requests, 10)
	body := fmt.Appendf(nil, `{"seq":%d,"batch":%d,"max_bytes":%d}`, r.next, max, r.maxBytes)
	err := nc.PublishRequest(r.s.b.api+"DIRECT.GET."+r.s.name, reply, body)
	r.waiting = err == nil
	return err
}

// fetch sends a request unless one is under way, and collects its answer in the buffer.
func (r *Reader) fetch(ctx context.Context, max int) error {
	if !r.waiting {
		if err := r.request(max); err != nil {
			return err
		}
	}
	r.waiting = false
	reply := r.inbox + "." + strconv.FormatUint(r.requests, 10)
	for {
		m, err := r.receive(ctx)
		if err != nil {
			return err
		}
		if m.Subject != reply {
			continue // of a request that was given up
		}
		switch status := m.Header.Get("Status"); status {
		case "":
		case "204": // end of the batch
			return r.complete(ctx)
		case "404":
			return errNone
		case "503":
			return nats.ErrNoResponders
		default:
			return fmt.Errorf("the broker refuses to read: %s %s", status, m.Header.Get("Description"))
		}
		msg, err := r.s.decode(m)
		if err != nil {
			return err
		}
		if msg.Seq == r.next+uint64(len(r.buf)) {
			r.buf = append(r.buf, msg)
		}
	}
}

// receive waits for one reply; silence, and a lost connection, end the wait and the buffer.
func (r *Reader) receive(ctx context.Context) (*nats.Msg, error) {
	ctx, cancel := r.s.b.sub.while(ctx, callTimeout)
	defer cancel()
	m, err := r.sub.NextMsgWithContext(ctx)
	if err != nil {
		r.buf = nil
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
	}
	return m, err
}

// complete ends a fetch: nothing in order means a hole, about which the leader decides.
func (r *Reader) complete(ctx context.Context) error {
	if len(r.buf) > 0 {
		return nil
	}
	err := r.askLeader(ctx)
	if err == nil && len(r.buf) == 0 {
		return errNone
	}
	return err
}
