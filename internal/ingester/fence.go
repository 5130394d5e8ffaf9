package ingester

import (
	"context"
	"errors"
	"fmt"

	"winnow/internal/bus"
)

// A replay that is killed may leave a batch on its way to the broker, stored only after its
// successor has looked for it. So batches carry a fence: RAW's last sequence as the replay knows
// it. What the dead replay left is then either found, or refused once the successor has stored
// something. The fence also keeps two replays of one input from storing a document twice.
//
// Other publishers move RAW too. A batch that keeps losing against them goes without a fence after
// maxFenced tries; a document could be stored twice only if the replay is killed in that moment
// and its batch arrives late. It would become a duplicate.
const maxFenced = 4

// maxMoves bounds how often an input is taken up again.
const maxMoves = 20

// errMoved says that RAW received documents of this input that the replay did not store.
var errMoved = errors.New("documents of this input were stored by somebody else")

// publish stores msgs in parts that RAW has room for at all.
func (r *Replay) publish(ctx context.Context, pos *position, msgs []bus.Message) (seqs []uint64, err error) {
	for len(msgs) > 0 {
		n, err := fits(msgs, r.room)
		if err != nil {
			return seqs, err
		}
		more, err := r.publishPart(ctx, pos, msgs[:n])
		seqs = append(seqs, more...)
		if err != nil {
			return seqs, err
		}
		msgs = msgs[n:]
	}
	return seqs, nil
}

// ErrTooLarge is wrapped when a document takes more than RAW's whole limit: it can never be stored.
var ErrTooLarge = errors.New("larger than RAW's whole limit")

// overhead is more than what a stream keeps beside a message's payload.
const overhead = 512 // bytes

// fits returns how many of msgs, but for one at least, take at most half of room (0: no bound).
func fits(msgs []bus.Message, room int64) (n int, err error) {
	var size int64
	for ; n < len(msgs) && room > 0; n++ {
		next := int64(len(msgs[n].Data)) + overhead
		if next > room {
			return 0, fmt.Errorf("document of %d bytes: %w, %d bytes: give it more (-raw-bytes)", len(msgs[n].Data), ErrTooLarge, room)
		}
		if size += next; n > 0 && size > room/2 {
			return n, nil
		}
	}
	return len(msgs), nil
}

// publishPart stores msgs behind pos.last, and waits while RAW is full.
func (r *Replay) publishPart(ctx context.Context, pos *position, msgs []bus.Message) (seqs []uint64, err error) {
	for range maxFenced {
		err = fitting(msgs, func() error { return r.cfg.Raw.PublishAfterWait(ctx, pos.last, msgs) })
		if err == nil {
			for range msgs {
				pos.last++
				seqs = append(seqs, pos.last)
			}
			return seqs, nil
		}
		if !errors.Is(err, bus.ErrFenced) {
			return nil, err
		}
		if err := r.lookBehind(ctx, pos); err != nil {
			return nil, err
		}
	}
	err = fitting(msgs, func() (err error) {
		seqs, err = r.cfg.Raw.PublishWait(ctx, msgs)
		return err
	})
	if len(seqs) > 0 {
		pos.last = seqs[len(seqs)-1]
	}
	return seqs, err
}

// lookBehind moves pos.last to RAW's last message; errMoved if one on the way is of this input.
func (r *Replay) lookBehind(ctx context.Context, pos *position) error {
	st, err := r.cfg.Raw.State(ctx)
	if err != nil {
		return err
	}
	err = r.scan(ctx, pos.last, st.Last, func(m *bus.Message) error {
		if _, ours := pos.indexOf(m); ours {
			return errMoved
		}
		return nil
	})
	if err == nil {
		pos.last = st.Last
	}
	return err
}
