package bus

import (
	"context"
	"errors"
	"strconv"
)

// This file is about atomic batches, of which a consumer shows what is written while the rest is not. What was
// received waits for the commit, and takes the rest of the batch along: each part that a reader returns by itself would
// cost it a request, and make those who work on it wait for each other message by message.

// lastMessage asks for the last message of a stream.
const lastMessage = `{"last_by_subj":">"}`

// settle waits until what was received is committed. A get waits for the commit that is under way;
// the last message says how far commits have come.
func (r *Reader) settle(ctx context.Context) error {
	end := r.next + uint64(len(r.buf)) - 1
	if end <= r.settled {
		return nil
	}
	ctx, cancel := while(ctx, r.alive, ackTimeout)
	defer cancel()
	nc := r.s.b.sub.nc
	m, err := nc.RequestWithContext(ctx, r.s.b.api+"DIRECT.GET."+r.s.name, []byte(lastMessage))
	if err != nil {
		return because(ctx, err)
	}
	last, _ := strconv.ParseUint(m.Header.Get(headerSequence), 10, 64)
	if m.Header.Get(headerStream) != r.s.name { // a mirror, which waits for nobody's commit, or the last one was deleted
		raw, err := r.s.leaderAsk(ctx, nc, lastMessage)
		if err = classify(err); err != nil && !errors.Is(err, ErrNotFound) {
			return because(ctx, err)
		}
		if last = 0; err == nil {
			last = raw.Sequence
		}
	}
	r.settled = max(end, last)
	return nil
}

// complete moves into the buffer, up to max messages, what was committed meanwhile. Nothing of it is waited for that the
// consumer was not asked for.
func (r *Reader) complete(ctx context.Context, max int) {
	if r.next+uint64(len(r.buf)) > r.settled {
		return
	}
	ctx, cancel := while(ctx, r.alive, callTimeout)
	defer cancel()
	for len(r.buf) < max && r.sub != nil && r.next+uint64(len(r.buf)) <= r.settled {
		if r.left == 0 && r.pull(max) != nil {
			return
		}
		m, err := r.sub.NextMsgWithContext(ctx)
		if err == nil {
			_, err = r.take(ctx, m)
		}
		if err != nil {
			return // the next call finds it again, or out
		}
	}
}
