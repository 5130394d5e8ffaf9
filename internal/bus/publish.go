package bus

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
)

// duplicateWindow is how long the broker remembers the id of a batch (one id a batch, not one a
// message): long enough for a commit that is still under way when its answer is given up.
const duplicateWindow = 2 * time.Minute

// Publish stores msgs in order, in atomic batches, and returns when they are stored, with the
// sequence of each. Sequences are contiguous within an atomic batch; other publishers' messages
// may lie between batches. On error the sequences returned are those of the batches stored
// before it: msgs[len(seqs):] are not stored.
//
// While the broker is away Publish tries again until ctx ends, and finds out before each try
// whether the last one was stored. If ctx ends in between, the batch in flight may be stored.
// Errors: ErrFull, ErrTooLarge.
func (s *Stream) Publish(ctx context.Context, msgs []Message) ([]uint64, error) {
	return s.publish(ctx, nil, msgs, false)
}

// PublishWait is Publish, but while the stream is full it backs off and tries again until ctx ends.
func (s *Stream) PublishWait(ctx context.Context, msgs []Message) ([]uint64, error) {
	return s.publish(ctx, nil, msgs, true)
}

// PublishAfter stores msgs so that msgs[i] gets sequence last+1+i. It is atomic for up to 1,000
// messages of 8 MiB together; of more, whole batches may be stored when it fails. It returns
// ErrFenced when the stream's last sequence is not last, ErrFull and ErrTooLarge like Publish.
// Whatever happens on the way, the answer is the truth: after a time-out or a lost connection it
// finds out what was stored. Only if ctx ends may the batch in flight be stored nevertheless.
func (s *Stream) PublishAfter(ctx context.Context, last uint64, msgs []Message) error {
	_, err := s.publish(ctx, &last, msgs, false)
	return err
}

// PublishAfterWait is PublishAfter, but while the stream is full it backs off and tries again
// until ctx ends.
func (s *Stream) PublishAfterWait(ctx context.Context, last uint64, msgs []Message) error {
	_, err := s.publish(ctx, &last, msgs, true)
	return err
}

func (s *Stream) publish(ctx context.Context, fence *uint64, msgs []Message, wait bool) ([]uint64, error) {
	ends, err := s.split(msgs)
	if err != nil {
		return nil, fmt.Errorf("publish to %s: %w", s.name, err)
	}
	ctx, cancel := s.b.live(ctx)
	defer cancel()
	select {
	case s.inFlight <- struct{}{}:
		defer func() { <-s.inFlight }()
	case <-ctx.Done():
		return nil, fmt.Errorf("publish to %s: %w", s.name, context.Cause(ctx))
	}
	seqs := make([]uint64, 0, len(msgs))
	for _, end := range ends {
		first, err := s.store(ctx, fence, msgs[len(seqs):end], wait)
		if err != nil {
			return seqs, fmt.Errorf("publish to %s: %w", s.name, err)
		}
		for len(seqs) < end {
			seqs = append(seqs, first)
			first++
		}
		if fence != nil {
			last := first - 1
			fence = &last
		}
	}
	return seqs, nil
}

// split returns where the atomic batches end, and checks every message first.
func (s *Stream) split(msgs []Message) (ends []int, err error) {
	limit := int(s.b.pub.nc.MaxPayload())
	count, bytes := 0, 0
	for i := range msgs {
		size := s.size(&msgs[i])
		if size > limit {
			return nil, ErrTooLarge{Index: i, Size: size, Max: limit}
		}
		for k := range msgs[i].Header {
			if strings.HasPrefix(k, brokerPrefix) {
				return nil, fmt.Errorf("message %d: header %s is reserved for the broker", i, k)
			}
		}
		if count > 0 && (count == maxBatch || bytes+size > maxBatchBytes) {
			ends = append(ends, i)
			count, bytes = 0, 0
		}
		count, bytes = count+1, bytes+size
	}
	if count > 0 {
		ends = append(ends, len(msgs))
	}
	return ends, nil
}

// store publishes one atomic batch and returns the sequence of its first message.
func (s *Stream) store(ctx context.Context, fence *uint64, msgs []Message, wait bool) (uint64, error) {
	b := batch{s: s, id: nuid.Next(), fence: fence, msgs: msgs}
	trouble := outage{log: s.b.log, what: "publish to " + s.name}
	defer trouble.end()
	for try := 0; ; try++ {
		err := b.locateLow(ctx)
		if err != nil {
			return 0, err
		}
		first, err := b.send(ctx, try)
		if err == nil {
			return first, nil
		}
		if ctx.Err() != nil {
			return 0, errors.Join(context.Cause(ctx), err)
		}
		err = classify(err)
		full := errors.Is(err, ErrFull)
		duplicate := isCode(err, codeBatchDuplicate)
		fenced := errors.Is(err, ErrFenced)
		switch {
		case full && !wait, !full && !fenced && !duplicate && !transient(err):
			if !b.ambiguous {
				return 0, err
			}
		case fenced && !b.ambiguous:
			return 0, err
		}
		// Somebody has to look: an earlier try may have been stored although its answer was lost.
		if !full && !fenced && !duplicate {
			b.ambiguous = true
		}
		if b.ambiguous || duplicate {
			first, found, lerr := b.locate(ctx)
			if lerr != nil {
				return 0, lerr
			}
			if found {
				return first, nil
			}
		}
		if fenced || full && !wait || !full && !duplicate && !transient(err) {
			return 0, err
		}
		trouble.begin(err)
		if serr := sleep(ctx, backoff(try)); serr != nil {
			return 0, errors.Join(serr, err)
		}
	}
}

func isCode(err error, code jetstream.ErrorCode) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && api.ErrorCode == code
}

// batch is one atomic batch on its way.
type batch struct {
	s         *Stream
	id        string  // kept with its first message
	fence     *uint64 // the stream's last sequence must be this
	msgs      []Message
	low       uint64 // it cannot be stored at or below this sequence
	lowKnown  bool
	ambiguous bool // a try may have been stored
}

// locateLow notes the stream's end before the first try.
func (b *batch) locateLow(ctx context.Context) error {
	if b.lowKnown {
		return nil
	}
	if b.fence != nil {
		b.low, b.lowKnown = *b.fence, true
		return nil
	}
	st, err := b.s.State(ctx)
	b.low, b.lowKnown = st.Last, err == nil
	return err
}

type pubAck struct {
	Seq       uint64              `json:"seq"`
	Duplicate bool                `json:"duplicate"`
	Error     *jetstream.APIError `json:"error"`
}

// send publishes the batch once and waits for its acknowledgement. From the second try on every
// message asks for an answer, so that the reason of a refusal is not lost.
func (b *batch) send(ctx context.Context, try int) (uint64, error) {
	link := b.s.b.pub
	ctx, cancel := link.while(ctx, ackTimeout)
	defer cancel()
	inbox := link.nc.NewRespInbox()
	answers, err := link.nc.SubscribeSync(inbox)
	if err != nil {
		return 0, err
	}
	defer func() { _ = answers.Unsubscribe() }()
	id := b.id + "-" + strconv.Itoa(try)
	for i := range b.msgs {
		m := b.s.encode(&b.msgs[i])
		final := i == len(b.msgs)-1
		if len(b.msgs) > 1 {
			m.Header[headerBatchID] = []string{id}
			m.Header[headerBatchSeq] = []string{strconv.Itoa(i + 1)}
			if final {
				m.Header[headerCommit] = []string{"1"}
			}
		}
		if i == 0 {
			m.Header[headerMsgID] = []string{b.id}
			if b.fence != nil {
				m.Header[headerExpectLast] = []string{strconv.FormatUint(*b.fence, 10)}
			}
		}
		if final || try > 0 {
			m.Reply = inbox
		}
		if err := link.nc.PublishMsg(m); err != nil {
			return 0, err
		}
	}
	return b.await(ctx, answers)
}

// await returns the first sequence from the acknowledgement, or the first refusal.
func (b *batch) await(ctx context.Context, answers *nats.Subscription) (uint64, error) {
	for {
		m, err := answers.NextMsgWithContext(ctx)
		if err != nil {
			if ctx.Err() != nil {
				err = context.Cause(ctx)
			}
			return 0, err
		}
		if m.Header.Get("Status") == "503" {
			return 0, nats.ErrNoResponders
		}
		if len(m.Data) == 0 {
			continue // staged, not yet committed
		}
		var ack pubAck
		if err := json.Unmarshal(m.Data, &ack); err != nil {
			return 0, fmt.Errorf("acknowledgement %q: %w", m.Data, err)
		}
		if ack.Error != nil {
			return 0, ack.Error
		}
		if ack.Duplicate { // of a single message: the sequence is the first try's
			return ack.Seq, nil
		}
		return ack.Seq - uint64(len(b.msgs)) + 1, nil
	}
}

// locate looks for the batch among the messages after b.low.
func (b *batch) locate(ctx context.Context) (first uint64, found bool, err error) {
	st, err := b.s.State(ctx)
	if err != nil {
		return 0, false, err
	}
	last := st.Last
	if b.fence != nil {
		last = min(last, b.low+1)
	}
	for seq := b.low + 1; seq <= last; seq++ {
		m, err := b.s.leaderMessage(ctx, seq)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return 0, false, err
		}
		if m.Header.Get(headerMsgID) == b.id {
			return seq, true, nil
		}
	}
	return 0, false, nil
}
