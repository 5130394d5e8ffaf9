package bus

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
)

// Reader reads a stream in order from a sequence, and has the next messages sent while the caller
// works on the last ones. One goroutine uses it.
//
// It pulls from a consumer that keeps no acknowledgements, and trusts nothing but its own count of
// the sequence: when something else comes, or nothing, it asks the stream's leader and begins
// again with another consumer. It returns no message before the broker has committed it: a
// consumer shows those of an atomic batch while the batch is still being written.
type Reader struct {
	s        *Stream
	next     uint64    // sequence of buf[0], or of the message that is to come
	buf      []Message // received and not yet returned
	maxBytes int       // of one pull
	once     bool      // no pull ahead
	last     uint64    // digest of the message returned last; 0: none was
	settled  uint64    // what the consumer shows is committed up to this sequence
	seen     uint64    // messages up to this one were there when the consumer was made

	sub      *nats.Subscription // where the consumer delivers; nil when there is no consumer
	alive    context.Context    //nolint:containedctx // ends with the connection that the consumer was made on
	consumer string
	asked    int // messages the pull under way asked for
	left     int // those that may still come; 0 when no pull is under way
	room     int // bytes of the pull under way that are left
}

// Reader returns a Reader that begins at from. maxBytes bounds what is in flight, twice: what the
// broker is sending and what is about to be returned. Default and most: 8 MiB.
func (s *Stream) Reader(from uint64, maxBytes int) *Reader {
	if maxBytes <= 0 || maxBytes > maxInFlight/2 {
		maxBytes = maxInFlight / 2
	}
	return &Reader{s: s, next: max(from, 1), maxBytes: maxBytes}
}

// Close gives up what was sent ahead.
func (r *Reader) Close() error {
	r.drop()
	return nil
}

// Next waits for at least one message and returns at most max (0: 1,000), in order and without a
// gap: all that there are at this moment, up to max and the reader's bytes. After an ErrGap the
// reader stays where it is; ErrRewritten comes for good. The messages belong to the caller.
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
	r.last = xxhash.Sum64(out[n-1].Data)
	if len(r.buf) == 0 && r.left == 0 && !r.once && r.sub != nil {
		_ = r.pull(maxBatch) // ahead; the next call finds out if it failed
	}
	return out, nil
}

// A pull that found nothing ends after pullLife, and the reader asks again: no race between a
// message and a pull can stall it for longer. A variable for the tests.
var pullLife = 2 * time.Second

var (
	errTail     = errors.New("no message yet")
	errPulled   = errors.New("the pull is used up")
	errTooLarge = errors.New("the message is larger than a pull")
	errConsumer = errors.New("the broker dropped a reader")
)

// fill receives until there is a message in the buffer.
func (r *Reader) fill(ctx context.Context, max int) (err error) {
	w := wait{b: r.s.b, call: "read " + r.s.name}
	defer func() { w.end(ctx, err) }()
	for failed := 0; ; {
		err := r.receive(ctx, max)
		if len(r.buf) > 0 {
			if err = r.settle(ctx); err == nil {
				r.complete(ctx, max)
				return nil
			}
			r.buf = nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		switch err = classify(err); {
		case err == nil, errors.Is(err, errPulled):
			continue
		case errors.Is(err, errTail):
			w.well()
			failed = 0
			err = r.askLeader(ctx)
		case errors.Is(err, errTooLarge):
			r.drop() // it would stay before this message
			err = r.askLeader(ctx)
		case transient(err):
			r.drop()
			w.begin(err)
			err = sleep(ctx, backoff(failed))
			failed++
		}
		if err != nil {
			r.drop()
			return err
		}
	}
}

// receive moves what there is, at most max messages, into the buffer. It waits for the first.
func (r *Reader) receive(ctx context.Context, max int) error {
	if r.sub == nil {
		pending, err := r.begin(ctx)
		if err == nil && pending == 0 {
			err = r.askLeader(ctx)
		}
		if err != nil || len(r.buf) > 0 {
			return err
		}
	}
	if r.left == 0 {
		if err := r.pull(max); err != nil {
			return err
		}
	}
	ctx, cancel := while(ctx, r.alive, pullLife+callTimeout)
	defer cancel()
	for len(r.buf) < max && r.left > 0 {
		m, err := r.sub.NextMsgWithContext(ctx)
		if err != nil {
			return because(ctx, err)
		}
		pending, err := r.take(ctx, m)
		if err != nil || pending == 0 && len(r.buf) > 0 {
			return err
		}
	}
	return nil
}

// take puts a message into the buffer and returns how many more the stream has.
func (r *Reader) take(ctx context.Context, m *nats.Msg) (pending uint64, err error) {
	if m.Reply == "" {
		return 0, r.status(m)
	}
	r.left--
	if r.room -= m.Size(); r.room == 0 { // the broker ends a pull that comes out even without a word
		r.left = 0
	}
	meta, err := m.Metadata()
	if err != nil {
		return 0, fmt.Errorf("message of %s: %w", r.s.name, err)
	}
	want := r.next + uint64(len(r.buf))
	switch seq := meta.Sequence.Stream; {
	case seq < want: // had from the leader
	case seq > want: // deleted, or lost on the way
		r.drop()
		if len(r.buf) == 0 {
			err = r.askLeader(ctx)
		}
		return 0, err
	default:
		r.buf = append(r.buf, Message{
			Subject: strings.TrimPrefix(m.Subject, r.s.prefix), Header: header(m.Header), Data: m.Data,
			Seq: seq, Time: meta.Timestamp.UTC(),
		})
	}
	return meta.NumPending, nil
}

// status explains why a pull ended. Source: nats-server, consumer.go.
func (r *Reader) status(m *nats.Msg) error {
	code, text := m.Header.Get("Status"), m.Header.Get("Description")
	if text == "Batch Completed" {
		return nil // of a pull that was counted to its end
	}
	fresh := r.left == r.asked
	r.left = 0
	switch {
	case code == "408":
		return errTail
	case code == "503":
		return nats.ErrNoResponders
	case text == "Message Size Exceeds MaxBytes" && fresh:
		return errTooLarge
	case text == "Message Size Exceeds MaxBytes":
		return errPulled
	default:
		return fmt.Errorf("%w: %s %s", errConsumer, code, text)
	}
}

// begin makes a consumer that starts at the next message, and returns how many there are.
func (r *Reader) begin(ctx context.Context) (pending uint64, err error) {
	link := r.s.b.sub
	r.alive = link.alive()
	inbox := link.nc.NewInbox()
	sub, err := link.nc.SubscribeSync(inbox)
	if err != nil {
		return 0, err
	}
	r.sub, r.consumer, r.left, r.settled = sub, "winnow-"+nuid.Next(), 0, 0
	if err := sub.SetPendingLimits(-1, -1); err != nil { // a pull's bytes are the bound
		return 0, err
	}
	ctx, cancel := while(ctx, r.alive, callTimeout)
	defer cancel()
	made, err := link.js.CreateConsumer(ctx, r.s.name, jetstream.ConsumerConfig{
		Name:              r.consumer,
		DeliverPolicy:     jetstream.DeliverByStartSequencePolicy,
		OptStartSeq:       r.next,
		AckPolicy:         jetstream.AckNonePolicy,
		ReplayPolicy:      jetstream.ReplayInstantPolicy,
		InactiveThreshold: time.Minute,
		MemoryStorage:     true,
		Replicas:          1,
	})
	if err != nil {
		return 0, because(ctx, err)
	}
	pending = made.CachedInfo().NumPending
	r.seen = r.next + pending - 1
	return pending, r.recognize(ctx)
}

// recognize makes sure that the stream, if it still has the message returned last, is what was read: a broker that
// was away may have come back with another one.
func (r *Reader) recognize(ctx context.Context) error {
	if r.last == 0 {
		return nil
	}
	before, err := r.s.leaderGet(ctx, r.next-1)
	switch err = classify(err); {
	case errors.Is(err, ErrNotFound):
		return nil
	case err != nil:
		return because(ctx, err)
	case xxhash.Sum64(before.Data) != r.last:
		return fmt.Errorf("%w: message %d of %s is another one", ErrRewritten, r.next-1, r.s.name)
	}
	return nil
}

// pull asks for the next messages of which is known that they are there, or else for one: while more is asked for than
// there is, the consumer runs beside the commit of the next batch and is woken for each message of it. A reader that
// reads once asks for most messages at most.
func (r *Reader) pull(most int) error {
	if !r.once {
		most = maxBatch
	}
	n := 1
	if next, end := r.next+uint64(len(r.buf)), max(r.settled, r.seen); next <= end {
		n = int(min(end-next+1, uint64(most)))
	}
	body := fmt.Appendf(nil, `{"batch":%d,"max_bytes":%d,"expires":%d}`, n, r.maxBytes, pullLife)
	err := r.s.b.sub.nc.PublishRequest(r.s.b.api+"CONSUMER.MSG.NEXT."+r.s.name+"."+r.consumer, r.sub.Subject, body)
	if err == nil {
		r.asked, r.left, r.room = n, n, r.maxBytes
	}
	return err
}

// drop gives the consumer up; the broker forgets it in a minute if it does not hear of it.
func (r *Reader) drop() {
	if r.sub == nil {
		return
	}
	_ = r.sub.Unsubscribe()
	_ = r.s.b.sub.nc.Publish(r.s.b.api+"CONSUMER.DELETE."+r.s.name+"."+r.consumer, nil)
	r.sub, r.left = nil, 0
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
	r.buf = append(r.buf, r.s.fromLeader(raw))
	return nil
}
