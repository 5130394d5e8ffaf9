package bus

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// batch is one atomic batch on its way into a stream.
type batch struct {
	s      *Stream
	id     string    // kept with the messages, so that they are recognised
	msgs   []Message // empty when they are stored
	bytes  int       // of msgs on the wire, at most
	seqs   []uint64  // of the messages stored: those of earlier batches, then these
	low    uint64    // msgs are stored after this sequence or not at all
	fenced bool      // right after it, that is
	doubt  bool      // a try was given up without an answer
	torn   bool      // only a part is stored, as yet
	turn   *turn     // to publish
}

// store publishes until the batch is stored, refused, or ctx ends. A lack of room is no refusal
// until patience ends, if that is not nil.
func (b *batch) store(ctx, patience context.Context) (err error) {
	w := wait{b: b.s.b, call: "publish to " + b.s.name, writes: true}
	defer func() { w.end(ctx, err) }()
	full := ctx // waits for room
	if patience != nil {
		var stop context.CancelFunc
		full, stop = while(ctx, patience, 0)
		defer stop()
	}
	for try := 0; ; try++ {
		err := b.attempt(ctx, try)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return gaveUp(ctx, err)
		}
		unanswered := transient(err) || isCode(err, codeBatchDuplicate)
		again := unanswered || patience != nil && errors.Is(err, ErrFull)
		if again {
			w.begin(err)
		}
		if b.doubt = b.doubt || unanswered; b.doubt {
			if lost := b.locate(ctx); lost != nil || len(b.msgs) == 0 {
				return lost
			}
		}
		if !again {
			return err
		}
		if b.fenced && !unanswered { // full: is the place still free?
			if st, err := b.s.State(ctx); err == nil && st.Last != b.low {
				return fmt.Errorf("%w: it is at %d", ErrFenced, st.Last)
			}
		}
		if !b.doubt {
			b.turn.give()
		}
		until := ctx
		if !unanswered {
			until = full
		}
		if sleep(until, backoff(try)) != nil || !b.turn.mine && b.turn.take(until) != nil {
			return gaveUp(until, err)
		}
	}
}

// send publishes the batch once and waits until it is stored. From the second try on every message
// asks for an answer, so that the reason of a refusal is not lost.
func (b *batch) send(ctx context.Context, try int) error {
	link := b.s.b.pub
	ctx, cancel := while(ctx, link.alive(), 0)
	defer cancel()
	inbox := link.nc.NewRespInbox()
	answers, err := link.nc.SubscribeSync(inbox)
	if err != nil {
		return err
	}
	defer func() { _ = answers.Unsubscribe() }()
	id := b.id + "-" + strconv.Itoa(try)
	e := encoder{msg: nats.Msg{Header: nats.Header{}}}
	for i := range b.msgs {
		m := e.encode(b.s, &b.msgs[i])
		if i == 0 {
			e.set(headerMsgID, b.id)
			if b.fenced {
				e.set(headerExpectLast, strconv.FormatUint(b.low, 10))
			}
		}
		if len(b.msgs) > 1 {
			e.set(headerBatchID, id)
			e.set(headerBatchSeq, strconv.Itoa(i+1))
		}
		final := i == len(b.msgs)-1
		if final && i > 0 {
			e.set(headerCommit, "1")
		}
		if final || try > 0 {
			m.Reply = inbox
		}
		if err := link.nc.PublishMsg(m); err != nil {
			return err
		}
	}
	ctx, stop := context.WithTimeoutCause(ctx, ackTimeout, nats.ErrTimeout)
	defer stop()
	return b.await(ctx, answers)
}

// await waits for the acknowledgement, or the first refusal.
func (b *batch) await(ctx context.Context, answers *nats.Subscription) error {
	for {
		m, err := answers.NextMsgWithContext(ctx)
		switch {
		case err != nil:
			return because(ctx, err)
		case m.Header.Get("Status") == "503":
			return nats.ErrNoResponders
		case len(m.Data) == 0:
			continue // staged; stored only with the last one
		}
		var ack struct {
			Seq   uint64              `json:"seq"` // of the last message; of a single one that was stored by an earlier try: its own
			Error *jetstream.APIError `json:"error"`
		}
		if err := json.Unmarshal(m.Data, &ack); err != nil {
			return fmt.Errorf("acknowledgement %q: %w", m.Data, err)
		}
		if ack.Error != nil {
			return ack.Error
		}
		b.stored(ack.Seq)
		return nil
	}
}

// stored notes that the batch ends at sequence last.
func (b *batch) stored(last uint64) {
	for seq := last - uint64(len(b.msgs)) + 1; seq <= last; seq++ {
		b.seqs = append(b.seqs, seq)
	}
	b.msgs, b.low = nil, last
}

// errTorn: the broker's disk failed within the batch. It has the whole batch aside and completes
// it when it is restarted.
var errTorn = errors.New("the broker stored a part of an atomic batch: its disk or its store limit was full, or the disk failed; it completes the batch when it is restarted")

// attempt sends the batch unless that cannot help.
func (b *batch) attempt(ctx context.Context, try int) error {
	if b.torn {
		return errTorn
	}
	if srv := b.s.b.srv; srv != nil {
		if err := srv.room(b.bytes, b.s.pages()); err != nil {
			return err
		}
	}
	return classify(b.send(ctx, try))
}

// locate finds out, from the stream's leader, whether a try that had no answer was stored.
func (b *batch) locate(ctx context.Context) error {
	st, err := b.s.State(ctx)
	if err != nil {
		return err
	}
	if st.First > b.low+1 {
		return fmt.Errorf("stream was trimmed to %d while the answer to a publish after %d was awaited: whether it was stored cannot be known", st.First, b.low)
	}
	last := st.Last
	if b.fenced {
		last = min(last, b.low+1)
	}
	for seq := b.low + 1; seq <= last; seq++ {
		m, err := b.s.leaderMessage(ctx, seq)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if m.Header.Get(headerMsgID) == b.id {
			return b.found(ctx, seq, st.Last)
		}
	}
	return nil
}

// found checks that the whole batch is stored from first on; end is the stream's.
func (b *batch) found(ctx context.Context, first, end uint64) error {
	last := first + uint64(len(b.msgs)) - 1
	b.torn = last > end
	if !b.torn && last > first {
		m, err := b.s.leaderMessage(ctx, last)
		if err != nil {
			return err
		}
		b.torn = !strings.HasPrefix(m.Header.Get(headerBatchID), b.id+"-")
	}
	if !b.torn {
		b.stored(last)
	}
	return nil
}

func isCode(err error, code jetstream.ErrorCode) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && api.ErrorCode == code
}
