package ingester

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/cespare/xxhash/v2"

	"winnow/internal/bus"
	"winnow/internal/source"
)

// position is the place in one input. Its checkpoint has an empty Stamp while Seq is where the
// replay began, and not yet the sequence of one of its documents.
type position struct {
	bus.Checkpoint
	rev  uint64
	last uint64       // RAW's last sequence as far as it was looked at
	mark *source.Mark // of the document passed last
}

// pass moves cp's digest, and its marks if a new one is there, behind the next document.
func (pos *position) pass(cp *bus.Checkpoint, d *source.Document) {
	if m := d.Mark; m != nil && m != pos.mark {
		pos.mark = m
		at := &bus.Mark{Path: m.Path, Count: m.Index, Digest: cp.Digest, Files: m.Files, LeftOut: m.LeftOut, Passed: m.Passed, Place: (*bus.Place)(m.Place)}
		if m.Place == nil {
			cp.Mark, cp.Within = at, nil
		} else {
			cp.Within = at
		}
	}
	cp.Digest = chain(cp.Digest, d)
}

// noStamp stands for the stamp of inputs that have none, such as standard input.
const noStamp = "none"

// position loads the input's checkpoint, or makes one that keeps RAW from being trimmed past here.
func (r *Replay) position(ctx context.Context, key, name string) (*position, error) {
	cp, rev, err := r.checkpoints.Load(ctx, key)
	pos := &position{Checkpoint: cp, rev: rev}
	switch {
	case errors.Is(err, bus.ErrNotFound):
		pos = &position{Checkpoint: bus.Checkpoint{Input: key, Path: name}}
	case err != nil:
		return nil, err
	case r.cfg.Restart && !r.restarted[key]:
		pos.Checkpoint = bus.Checkpoint{Input: key, Path: name, Secret: cp.Secret}
	default:
		if !r.cfg.Added.IsZero() && pos.Count > 0 && !pos.Added.Equal(r.cfg.Added) {
			r.cfg.Log.Warn("documents that are stored already keep their time of intake; to have another one, choose another output or -restart", "input", name, "documents", pos.Count, "added", r.cfg.Added)
		}
		return pos, nil
	}
	r.restarted[key] = true // once: what this run has stored stays
	return pos, r.reopen(ctx, pos)
}

// reopen stores, before anything is published, that the input is not done and that whatever of it
// is stored from now on lies behind RAW's last message.
func (r *Replay) reopen(ctx context.Context, pos *position) error {
	st, err := r.cfg.Raw.State(ctx)
	if err != nil {
		return err
	}
	pos.Seq, pos.last, pos.Stamp, pos.Done = st.Last, st.Last, "", false
	pos.Secret = cmp.Or(pos.Secret, rand.Text())
	return r.checkpoint(ctx, pos)
}

func (r *Replay) checkpoint(ctx context.Context, pos *position) (err error) {
	pos.Updated = time.Now().UTC()
	if pos.rev, err = r.checkpoints.Store(ctx, pos.Input, pos.Checkpoint, pos.rev); errors.Is(err, bus.ErrConflict) {
		return fmt.Errorf("%w: stop one of them", ErrConcurrent)
	}
	return err
}

// stored returns how many documents of the input RAW holds: those of the checkpoint, and what a
// killed run published after it, with the digest of them all; "" when there is none.
func (r *Replay) stored(ctx context.Context, pos *position) (count uint64, digest string, err error) {
	if pos.Done {
		return pos.Count, "", nil
	}
	st, err := r.cfg.Raw.State(ctx)
	if err != nil {
		return 0, "", err
	}
	if err := r.verify(ctx, pos, st); err != nil {
		return 0, "", err
	}
	count = pos.Count
	pos.last = st.Last
	err = r.scan(ctx, pos.Seq, st.Last, func(m *bus.Message) error {
		switch n, ours := pos.indexOf(m); {
		case !ours || n < count:
		case n > count:
			return fmt.Errorf("%w: message %d is document %d of this input, and document %d is missing before it; %s", ErrLost, m.Seq, n, count, wayOut)
		default:
			count, pos.Seq, digest = n+1, m.Seq, m.Header[bus.HeaderDigest]
			if m.Header[bus.HeaderDead] != "" {
				pos.Dead++
			}
		}
		return nil
	})
	return count, digest, err
}

// scan calls f for the messages of RAW with first < Seq <= last; those deleted by an operator are
// passed over.
func (r *Replay) scan(ctx context.Context, first, last uint64, f func(*bus.Message) error) error {
	reader := r.cfg.Raw.Reader(first+1, 0)
	defer func() { reader.Close() }()
	for seq := first; seq < last; {
		msgs, err := reader.Next(ctx, 0)
		if gap, ok := errors.AsType[bus.ErrGap](err); ok && gap.Missing() {
			reader.Close()
			seq = gap.Want
			reader = r.cfg.Raw.Reader(seq+1, 0)
			continue
		}
		if err != nil {
			return err
		}
		for i := range msgs {
			if seq = msgs[i].Seq; seq > last {
				return nil
			}
			if err := f(&msgs[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// wayOut ends the messages of a replay that cannot go on by itself.
const wayOut = "to replay the input from its beginning use -restart: what is stored already will become duplicates"

// verify holds RAW against the checkpoint: sequences are used again where a broker lost its tail
// or was restored from a backup.
func (r *Replay) verify(ctx context.Context, pos *position, st bus.State) error {
	if st.Last < pos.Seq {
		return fmt.Errorf("%w: it ends at %d, and this replay stored message %d; %s", ErrLost, st.Last, pos.Seq, wayOut)
	}
	if st.First > pos.Seq+1 {
		return fmt.Errorf("%w: it begins at %d, what this replay stored last lies behind %d, and whether more was stored cannot be told; %s", ErrLost, st.First, pos.Seq, wayOut)
	}
	if pos.Stamp == "" {
		return nil
	}
	m, err := r.cfg.Raw.Get(ctx, pos.Seq)
	if errors.Is(err, bus.ErrNotFound) {
		return nil // trimmed, or deleted by an operator
	}
	if err != nil {
		return err
	}
	if n, ours := pos.indexOf(&m); !ours || n+1 != pos.Count {
		return fmt.Errorf("%w: message %d should be document %d of this input and is not; %s", ErrLost, pos.Seq, pos.Count-1, wayOut)
	}
	return nil
}

// indexOf returns the ordinal of a message's document in the input, if a run of this replay published it.
func (pos *position) indexOf(m *bus.Message) (n uint64, ours bool) {
	if m.Header[bus.HeaderInput] != pos.Input || m.Header[bus.HeaderReplay] != pos.Secret {
		return 0, false
	}
	n, err := strconv.ParseUint(m.Header[bus.HeaderIndex], 10, 64)
	return n, err == nil
}

// skip reads past the documents that are stored and checks on the way that they are those of the
// checkpoint and of the digest, unless that is "".
func (r *Replay) skip(ctx context.Context, in *reading, pos *position, stored uint64, digest string) error {
	cp, begin, recorded, recordedDigest := bus.Checkpoint{}, uint64(0), pos.Count, pos.Digest
	if in.from != nil {
		cp.Mark, cp.Digest, begin = pos.Mark, in.from.Digest, in.from.Count
		if in.from.Place != nil {
			cp.Within = in.from
		}
	}
	for n := begin; n < stored; n++ {
		doc, err := in.feed.next(ctx, nil)
		if err == io.EOF {
			return fmt.Errorf("%w: it has %d documents, and %d of it were stored; put it back as it was; %s", ErrChanged, n, stored, wayOut)
		}
		if err != nil {
			return err
		}
		pos.pass(&cp, &doc)
		if n+1 == recorded && cp.Digest != recordedDigest || n+1 == stored && digest != "" && digest != digestText(cp.Digest) {
			return fmt.Errorf("%w: its first %d documents are not those that were stored; put it back as it was; %s", ErrChanged, n+1, wayOut)
		}
		in.feed.release(doc)
	}
	pos.Count, pos.Digest, pos.Mark, pos.Within = stored, cp.Digest, cp.Mark, cp.Within
	r.progress.Skipped.Add(int64(stored))
	return nil
}

// digestText writes a digest as [bus.HeaderDigest] has it.
func digestText(digest uint64) string { return strconv.FormatUint(digest, 16) }

// chain extends the digest of an input's documents by one.
func chain(digest uint64, d *source.Document) uint64 {
	var h xxhash.Digest
	h.ResetWithSeed(digest)
	h.WriteString(d.Path)
	h.Write([]byte{0})
	h.WriteString(strconv.FormatInt(d.Size, 10))
	h.Write([]byte{0})
	h.Write(d.Data)
	return h.Sum64()
}
