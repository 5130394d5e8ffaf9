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

// ErrTooLarge is wrapped when a document takes more than RAW may ever hold: it can never be stored.
var ErrTooLarge = errors.New("larger than RAW's whole limit")

// overhead is more than what a stream keeps beside a message's payload.
const overhead = 512 // bytes

// fits returns how many of msgs, but for one at least, take at most half of room (0: no bound).
func fits(msgs []bus.Message, room int64) (n int, err error) {
	var size int64
	for ; n < len(msgs) && room > 0; n++ {
		next := int64(len(msgs[n].Data)) + overhead
		if next > room {
			return 0, fmt.Errorf("document of %d bytes: %w, %d bytes: give it more (-raw-bytes, -store)", len(msgs[n].Data), ErrTooLarge, room)
		}
		if size += next; n > 0 && size > room/2 {
			return n, nil
		}
	}
	return len(msgs), nil
}

// publish stores msgs, which are one atomic batch, behind pos.last, and waits while RAW is full.
func (r *Replay) publish(ctx context.Context, pos *position, msgs []bus.Message) (seqs []uint64, err error) {
	for lost := 0; ; lost++ {
		if lost == maxFenced {
			err = fitting(msgs, func() (err error) {
				seqs, err = r.cfg.Raw.Publish(ctx, msgs)
				return err
			})
			lost = 0
		} else {
			err = fitting(msgs, func() error { return r.cfg.Raw.PublishAfter(ctx, pos.last, msgs) })
			seqs = following(pos.last, msgs)
		}
		if errors.Is(err, bus.ErrFull) {
			if err := r.giveWay(ctx, pos); err != nil {
				return nil, err
			}
			err = fitting(msgs, func() error { return r.cfg.Raw.PublishAfterWait(ctx, ctx, pos.last, msgs) })
			seqs = following(pos.last, msgs)
		}
		if err == nil {
			pos.last = seqs[len(seqs)-1]
			return seqs, nil
		}
		if !errors.Is(err, bus.ErrFenced) {
			return nil, err
		}
		if err := r.lookBehind(ctx, pos); err != nil {
			return nil, err
		}
	}
}

// following returns the sequences of msgs behind last.
func following(last uint64, msgs []bus.Message) (seqs []uint64) {
	for i := range msgs {
		seqs = append(seqs, last+1+uint64(i))
	}
	return seqs
}

// giveWay moves the checkpoint behind what others stored: RAW is not trimmed past it, and while RAW is full nobody
// would come on.
func (r *Replay) giveWay(ctx context.Context, pos *position) error {
	if err := r.lookBehind(ctx, pos); err != nil || pos.last == pos.Seq {
		return err
	}
	pos.Seq, pos.Stamp = pos.last, ""
	return r.checkpoint(ctx, pos)
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
