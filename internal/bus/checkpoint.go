package bus

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Checkpoint is how far the replay of one input has come. Its names of files may have any bytes.
type Checkpoint struct {
	Input   string    `json:"input"`             // what identifies the input: the key it is stored under
	Path    string    `json:"path"`              // where it was found, for people
	Count   uint64    `json:"count"`             // documents of the input stored in RAW
	Seq     uint64    `json:"seq"`               // RAW's sequence of the last of them, or where the replay began
	Digest  uint64    `json:"digest"`            // of those documents
	Done    bool      `json:"done"`              // the whole input is in RAW
	Secret  string    `json:"secret,omitempty"`  // see [HeaderReplay]; "" for a replay that an earlier version began
	Stamp   string    `json:"stamp"`             // what the input looked like when it was last read to its end
	Updated time.Time `json:"updated"`           // UTC
	Added   time.Time `json:"added,omitzero"`    // the time of intake of what was stored last, if one was asked for
	LeftOut uint64    `json:"left_out,omitzero"` // files of the input that are no documents, once it is done

	Passed map[string]int `json:"passed,omitempty"` // records of its web archives that are no documents, by kind, once it is done
	Mark   *Mark          `json:"mark,omitempty"`   // the file where reading begins again, of an input of several files
	Within *Mark          `json:"within,omitempty"` // and the place within a file, if the file is what it was
	Dead   uint64         `json:"dead,omitzero"`    // of Count, documents that are no records
}

// Mark is the beginning of a file of an input, or a place within one, before which nothing has to be read again.
type Mark struct {
	Path    string         `json:"path"`   // of the file in the input
	Count   uint64         `json:"count"`  // documents before it
	Digest  uint64         `json:"digest"` // of those documents
	Files   string         `json:"files"`  // what the files before it looked like
	LeftOut int            `json:"left_out,omitzero"`
	Passed  map[string]int `json:"passed,omitempty"`
	Place   *Place         `json:"place,omitempty"` // nil: the beginning of the file
}

// Place is where a document begins in a file.
type Place struct {
	File   string `json:"file"`           // what the file looked like
	Offset int64  `json:"offset"`         // in the file: of the document, or of the compressed part it lies in
	Plain  int64  `json:"plain"`          // decompressed bytes before that part
	Inner  int64  `json:"inner,omitzero"` // decompressed bytes of that part before the document
	Lines  uint64 `json:"lines,omitzero"` // lines before it

	Rewinds int   `json:"rewinds,omitzero"` // how often reading had gone back behind damage before it
	Vain    int64 `json:"vain,omitzero"`    // places that it had decompressed in vain there
}

// checkpointBucket is the bucket's name, without the namespace.
const checkpointBucket = "winnow-checkpoints"

// Checkpoints keeps the positions of replays in a key-value bucket of the broker. All methods may
// be called concurrently.
type Checkpoints struct {
	b  *Bus
	kv jetstream.KeyValue
}

// Checkpoints opens the bucket, making it if there is none.
func (b *Bus) Checkpoints(ctx context.Context) (*Checkpoints, error) {
	c := &Checkpoints{b: b}
	err := b.retry(ctx, "open checkpoints", func(ctx context.Context) (err error) {
		c.kv, err = b.pub.js.KeyValue(ctx, b.name(checkpointBucket))
		if !errors.Is(err, jetstream.ErrBucketNotFound) {
			return err
		}
		replicas := 1
		if raw, err := b.pub.js.Stream(ctx, b.name("RAW")); err == nil {
			replicas = raw.CachedInfo().Config.Replicas
		}
		if err := b.makeBucket(ctx, checkpointBucket, replicas); err != nil {
			return err
		}
		c.kv, err = b.pub.js.KeyValue(ctx, b.name(checkpointBucket))
		return err
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

// makeBucket makes a key-value bucket as the client library does, but for one thing: no message may take the place of
// all others, which a header could ask for. Source: NATS ADR-8.
func (b *Bus) makeBucket(ctx context.Context, bucket string, replicas int) error {
	_, err := b.pub.js.CreateStream(ctx, jetstream.StreamConfig{
		Name: "KV_" + b.name(bucket), Description: "positions of replays", Subjects: []string{"$KV." + b.name(bucket) + ".>"},
		MaxMsgsPerSubject: 1, Discard: jetstream.DiscardNew, DenyDelete: true, AllowDirect: true, Replicas: replicas,
	})
	if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) { // made by somebody else meanwhile
		return nil
	}
	return err
}

// Load returns the checkpoint under key and its revision. Errors: ErrNotFound.
func (c *Checkpoints) Load(ctx context.Context, key string) (cp Checkpoint, rev uint64, err error) {
	err = c.b.retry(ctx, "checkpoint "+key, func(ctx context.Context) error {
		e, err := c.kv.Get(ctx, kvKey(key))
		if errors.Is(err, jetstream.ErrKeyNotFound) {
			return ErrNotFound
		}
		if err != nil {
			return err
		}
		rev = e.Revision()
		return cp.decode(e.Value())
	})
	return cp, rev, err
}

// Store writes the checkpoint under key if its revision is still rev (0: there is none yet), and
// returns the new revision. Errors: ErrConflict.
func (c *Checkpoints) Store(ctx context.Context, key string, cp Checkpoint, rev uint64) (uint64, error) {
	data, err := cp.encode()
	if err != nil {
		return 0, fmt.Errorf("checkpoint %s: %w", key, err)
	}
	unanswered := false
	err = c.b.retry(ctx, "checkpoint "+key, func(ctx context.Context) error {
		next, err := c.swap(ctx, kvKey(key), data, rev)
		if errors.Is(err, ErrConflict) && unanswered { // with our own earlier try?
			var e jetstream.KeyValueEntry
			if e, err = c.kv.Get(ctx, kvKey(key)); err == nil && !bytes.Equal(e.Value(), data) {
				err = ErrConflict
			} else if err == nil {
				next = e.Revision()
			}
		}
		if err == nil {
			rev = next
		}
		unanswered = true
		return err
	})
	if err != nil {
		return 0, err
	}
	return rev, nil
}

func (c *Checkpoints) swap(ctx context.Context, key string, data []byte, rev uint64) (next uint64, err error) {
	if rev == 0 {
		next, err = c.kv.Create(ctx, key, data) // also where one was deleted
	} else {
		next, err = c.kv.Update(ctx, key, data, rev)
	}
	if errors.Is(err, jetstream.ErrKeyExists) || isCode(err, codeWrongLast) || isCode(err, codeWrongLastConst) {
		err = ErrConflict
	}
	return next, err
}

// Delete removes the checkpoint under key; none is no error.
func (c *Checkpoints) Delete(ctx context.Context, key string) error {
	return c.b.retry(ctx, "checkpoint "+key, func(ctx context.Context) error {
		return c.kv.Delete(ctx, kvKey(key))
	})
}

// List returns all checkpoints, ordered by path and input. What stands among them and is none, of whoever may write
// there, is logged and passed over.
func (c *Checkpoints) List(ctx context.Context) (list []Checkpoint, err error) {
	err = c.b.retry(ctx, "list checkpoints", func(ctx context.Context) error {
		list = list[:0]
		w, err := c.kv.WatchAll(ctx, jetstream.IgnoreDeletes())
		if err != nil {
			return err
		}
		defer func() { _ = w.Stop() }()
		for {
			select {
			case e := <-w.Updates():
				if e == nil { // all there are
					return nil
				}
				var cp Checkpoint
				if err := cp.decode(e.Value()); err != nil {
					c.b.log.Warn("passed over what is no checkpoint", "bucket", e.Bucket(), "key", e.Key(), "error", err)
					continue
				}
				list = append(list, cp)
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	})
	slices.SortFunc(list, func(a, b Checkpoint) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Input, b.Input))
	})
	return list, err
}

// HoldFor is how long a cleaner's hold lasts after it was last renewed: then the cleaner is gone, and
// RAW is not kept for it any more.
const HoldFor = 10 * time.Minute

// CleanerHold returns the key of a cleaner's hold: a checkpoint whose Seq is where the cleaner
// would continue from if it were started again.
func CleanerHold(name string) string { return "cleaner " + name }

// Replay tells whether the checkpoint is a replay's, and not a cleaner's hold.
func (c *Checkpoint) Replay() bool { return !strings.HasPrefix(c.Input, CleanerHold("")) }

// Hold returns the smallest sequence that an unfinished replay or a cleaner stands at, if there is
// one: RAW must not be trimmed past it, since whoever resumes looks behind it.
func (c *Checkpoints) Hold(ctx context.Context) (seq uint64, held bool, err error) {
	list, err := c.List(ctx)
	for _, cp := range list {
		if cp.Done || !cp.Replay() && time.Since(cp.Updated) > HoldFor {
			continue
		}
		if !held || cp.Seq < seq {
			seq, held = cp.Seq, true
		}
	}
	return seq, held, err
}
