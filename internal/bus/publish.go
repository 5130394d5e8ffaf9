package bus

import (
	"context"
	"fmt"
	"time"

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
	return s.publish(ctx, nil, nil, msgs)
}

// PublishAfter stores msgs so that msgs[i] gets sequence last+1+i. It is atomic for up to 1,000
// messages of 8 MiB together; of more, whole batches may be stored when it fails. It returns
// ErrFenced when the stream's last sequence is not last, ErrFull and ErrTooLarge like Publish.
// Whatever happens on the way, the answer is the truth: after a time-out or a lost connection it
// finds out what was stored. Only if ctx ends may the batch in flight be stored nevertheless.
func (s *Stream) PublishAfter(ctx context.Context, last uint64, msgs []Message) error {
	_, err := s.publish(ctx, nil, &last, msgs)
	return err
}

// PublishAfterWait is PublishAfter, but while the stream is full and its last sequence is last it backs off and
// tries again until patience ends; a try that is under way then has until ctx ends.
func (s *Stream) PublishAfterWait(ctx, patience context.Context, last uint64, msgs []Message) error {
	_, err := s.publish(ctx, patience, &last, msgs)
	return err
}

// publish waits for room until patience ends; nil: not at all.
func (s *Stream) publish(ctx, patience context.Context, fence *uint64, msgs []Message) (seqs []uint64, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("publish to %s: %w", s.name, err)
		}
	}()
	parts, err := s.split(msgs)
	if err != nil {
		return nil, err
	}
	ctx, cancel := s.b.live(ctx)
	defer cancel()
	turn := turn{of: s.turn}
	if err := turn.take(ctx); err != nil {
		return nil, err
	}
	defer turn.give()
	var low uint64 // the messages are stored after this sequence
	if fence != nil {
		low = *fence
	} else if st, err := s.State(ctx); err != nil {
		return nil, err
	} else {
		low = st.Last
	}
	seqs = make([]uint64, 0, len(msgs))
	for _, part := range parts {
		b := batch{s: s, id: nuid.Next(), msgs: msgs[len(seqs):part.end], bytes: part.bytes, seqs: seqs, low: low, fenced: fence != nil, turn: &turn}
		err = b.store(ctx, patience)
		seqs, low = b.seqs, b.low
		if err != nil {
			return seqs, err
		}
	}
	return seqs, nil
}

// turn is a publisher's: one at a time sends, and who waits for room lets the others come.
type turn struct {
	of   chan struct{}
	mine bool
}

func (t *turn) take(ctx context.Context) error {
	select {
	case t.of <- struct{}{}:
		t.mine = true
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (t *turn) give() {
	if t.mine {
		<-t.of
		t.mine = false
	}
}

// Fitting returns how many of the first messages make one atomic batch.
func (s *Stream) Fitting(msgs []Message) int {
	var p part
	for p.end < len(msgs) && p.add(s.size(&msgs[p.end])) {
	}
	return p.end
}

// part is the messages of an atomic batch.
type part struct {
	end   int // the place behind the last of them
	n     int
	bytes int // on the wire, at most
}

// add puts one more message into the part, unless it is full.
func (p *part) add(size int) bool {
	if p.n == maxBatch || p.n > 0 && p.bytes+size > maxBatchBytes {
		return false
	}
	p.end, p.n, p.bytes = p.end+1, p.n+1, p.bytes+size
	return true
}

// split checks every message, and makes atomic batches of them.
func (s *Stream) split(msgs []Message) (parts []part, err error) {
	limit := int(s.b.pub.nc.MaxPayload())
	for i := range msgs {
		if err := s.check(&msgs[i]); err != nil {
			return nil, fmt.Errorf("message %d: %w", i, err)
		}
		size := s.size(&msgs[i])
		if size > limit {
			return nil, ErrTooLarge{Index: i, Size: size, Max: limit}
		}
		if len(parts) == 0 || !parts[len(parts)-1].add(size) {
			parts = append(parts, part{end: i})
			parts[len(parts)-1].add(size)
		}
	}
	return parts, nil
}
