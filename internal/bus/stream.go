package bus

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// StreamConfig holds the limits of a stream. A zero field is no opinion: the default when the
// stream is made, and whatever an existing one has.
type StreamConfig struct {
	MaxBytes int64         // bytes on disk before the stream refuses more; -1 or the default: the broker's limit alone
	MaxAge   time.Duration // messages older than this are removed; default never
	Replicas int           // copies in a cluster; default 1
	FirstSeq uint64        // sequence of the first message, used only when the stream is made; default 1
	Update   bool          // change MaxBytes, MaxAge and Replicas of an existing stream instead of refusing it
}

// Stream is one of the two streams. All methods may be called concurrently.
type Stream struct {
	b        *Bus
	name     string
	prefix   string        // of its subjects in the broker: the namespace and a dot, or ""
	subjects []string      // without that prefix
	turn     chan struct{} // holds a token while somebody publishes
}

// State is what a stream holds. An empty stream has Last == First-1.
type State struct {
	First, Last, Messages, Bytes uint64
	MaxBytes                     int64  // -1: no limit of its own
	Room                         int64  // bytes that it may take for sure: MaxBytes, or its share of what the embedded broker may store; -1: not known
	Begin                        uint64 // sequence the stream was made to begin with
}

// Raw opens the stream of pages, making it if there is none. An existing one that differs is a
// *StreamMismatchError.
func (b *Bus) Raw(ctx context.Context, cfg StreamConfig) (*Stream, error) {
	return b.stream(ctx, "RAW", []string{"raw.>"}, cfg)
}

// News opens the stream of verdicts, making it if there is none. An existing one that differs is a
// *StreamMismatchError.
func (b *Bus) News(ctx context.Context, cfg StreamConfig) (*Stream, error) {
	return b.stream(ctx, "NEWS", newsSubjects, cfg)
}

func (b *Bus) stream(ctx context.Context, name string, subjects []string, cfg StreamConfig) (*Stream, error) {
	s := &Stream{b: b, name: b.name(name), prefix: b.cfg.prefix(), subjects: subjects, turn: make(chan struct{}, 1)}
	want := jetstream.StreamConfig{
		Name:               s.name,
		Description:        "winnow " + strings.ToLower(name),
		Retention:          jetstream.LimitsPolicy,
		Discard:            jetstream.DiscardNew,
		Storage:            jetstream.FileStorage,
		MaxMsgs:            -1,
		MaxMsgsPerSubject:  -1,
		MaxMsgSize:         -1,
		MaxConsumers:       -1,
		MaxBytes:           cfg.MaxBytes,
		MaxAge:             cfg.MaxAge,
		Replicas:           cfg.Replicas,
		FirstSeq:           cfg.FirstSeq,
		Duplicates:         duplicateWindow,
		AllowDirect:        true,
		AllowAtomicPublish: true,
	}
	for _, subject := range subjects {
		want.Subjects = append(want.Subjects, s.prefix+subject)
	}
	if want.MaxAge > 0 {
		want.Duplicates = min(want.Duplicates, want.MaxAge)
	}
	err := b.retry(ctx, "open stream "+s.name, func(ctx context.Context) error {
		return b.createOrCheck(ctx, want, cfg.Update)
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// pages tells that the stream is RAW.
func (s *Stream) pages() bool { return s.subjects[0] == "raw.>" }

func (b *Bus) createOrCheck(ctx context.Context, want jetstream.StreamConfig, update bool) error {
	have, err := b.pub.js.Stream(ctx, want.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		have, err = b.create(ctx, want)
	}
	if err != nil {
		return err
	}
	is := have.CachedInfo().Config
	limits, fixed := compare(want, is)
	if update && len(limits) > 0 && len(fixed) == 0 {
		is.MaxBytes, is.MaxAge, is.Replicas = orDefault(want.MaxBytes, is.MaxBytes), orDefault(want.MaxAge, is.MaxAge), orDefault(want.Replicas, is.Replicas)
		if is.MaxAge > 0 {
			is.Duplicates = min(is.Duplicates, is.MaxAge)
		}
		_, err := b.pub.js.UpdateStream(ctx, is)
		return err
	}
	if diff := append(fixed, limits...); len(diff) > 0 {
		return &StreamMismatchError{Stream: want.Name, Fields: diff}
	}
	if b.srv == nil && is.Replicas == 1 && is.MaxBytes < 0 {
		b.warnUnlimited(want.Name)
	}
	return nil
}

// warnUnlimited says once that a stream can fill the broker's store.
func (b *Bus) warnUnlimited(stream string) {
	if _, told := b.unlimited.LoadOrStore(stream, true); !told {
		b.log.Warn("stream has no limit of its own: publishers are refused only when the broker's store is full, after which the broker must be restarted; "+
			"give every service -raw-bytes and -news-bytes, once with -change-limits", "stream", stream)
	}
}

func (b *Bus) create(ctx context.Context, cfg jetstream.StreamConfig) (jetstream.Stream, error) {
	cfg.MaxBytes, cfg.Replicas = orDefault(cfg.MaxBytes, -1), orDefault(cfg.Replicas, 1)
	s, err := b.pub.js.CreateStream(ctx, cfg)
	switch {
	case errors.Is(err, jetstream.ErrStreamNameAlreadyInUse): // somebody was faster
		return b.pub.js.Stream(ctx, cfg.Name)
	case isCode(err, codeStorageFull):
		return nil, fmt.Errorf("the broker cannot set %d bytes aside on its disk; lower -raw-bytes or -news-bytes, or raise the broker's max_file_store (-store of an embedded one) (%s)", cfg.MaxBytes, err.Error())
	}
	return s, err
}

// compare lists the fields in which an existing stream differs: the limits, which can be changed,
// and the rest, without which the pipeline would not be right.
func compare(want, have jetstream.StreamConfig) (limits, fixed []FieldMismatch) {
	add := func(to *[]FieldMismatch, field string, want, have any) {
		if w, h := fmt.Sprint(want), fmt.Sprint(have); w != h {
			*to = append(*to, FieldMismatch{Field: field, Want: w, Have: h})
		}
	}
	add(&limits, "max_bytes", orDefault(want.MaxBytes, have.MaxBytes), have.MaxBytes)
	add(&limits, "max_age", orDefault(want.MaxAge, have.MaxAge), have.MaxAge)
	add(&limits, "replicas", orDefault(want.Replicas, have.Replicas), have.Replicas)

	add(&fixed, "subjects", want.Subjects, have.Subjects)
	add(&fixed, "retention", want.Retention, have.Retention)
	add(&fixed, "discard", want.Discard, have.Discard)
	add(&fixed, "discard_new_per_subject", false, have.DiscardNewPerSubject)
	add(&fixed, "storage", want.Storage, have.Storage)
	add(&fixed, "max_msgs", want.MaxMsgs, have.MaxMsgs)
	add(&fixed, "max_msgs_per_subject", want.MaxMsgsPerSubject, have.MaxMsgsPerSubject)
	add(&fixed, "max_msg_size", want.MaxMsgSize, have.MaxMsgSize)
	add(&fixed, "no_ack", false, have.NoAck)
	add(&fixed, "sealed", false, have.Sealed)
	add(&fixed, "deny_purge", false, have.DenyPurge)
	add(&fixed, "allow_direct", true, have.AllowDirect)
	add(&fixed, "allow_atomic", true, have.AllowAtomicPublish)
	add(&fixed, "mirror", false, have.Mirror != nil)
	add(&fixed, "sources", 0, len(have.Sources))
	add(&fixed, "subject_transform", false, have.SubjectTransform != nil)
	return limits, fixed
}

func orDefault[T comparable](v, def T) T {
	var zero T
	if v == zero {
		return def
	}
	return v
}

// State asks the stream's leader.
func (s *Stream) State(ctx context.Context) (State, error) {
	var st State
	err := s.b.retry(ctx, "state of "+s.name, func(ctx context.Context) error {
		have, err := s.b.pub.js.Stream(ctx, s.name)
		if err != nil {
			return err
		}
		info := have.CachedInfo()
		st = State{First: info.State.FirstSeq, Last: info.State.LastSeq, Messages: info.State.Msgs, Bytes: info.State.Bytes, MaxBytes: info.Config.MaxBytes, Begin: max(1, info.Config.FirstSeq)}
		if st.Messages == 0 {
			st.First = st.Last + 1
		}
		if st.Room = st.MaxBytes; s.b.srv != nil {
			st.Room = s.b.srv.share(st.MaxBytes, s.pages())
		}
		return nil
	})
	return st, err
}

// Trim removes the messages before a sequence. Those that are not there yet stay out of it: the
// stream's numbering does not change.
func (s *Stream) Trim(ctx context.Context, before uint64) error {
	st, err := s.State(ctx)
	if err != nil || before <= st.First {
		return err
	}
	before = min(before, st.Last+1)
	return s.b.retry(ctx, "trim "+s.name, func(ctx context.Context) error {
		have, err := s.b.pub.js.Stream(ctx, s.name)
		if err != nil {
			return err
		}
		return have.Purge(ctx, jetstream.WithPurgeSequence(before))
	})
}

// Delete removes one message for good, as an operator does with one that must not stay. A reader
// of the stream gets an ErrGap that is Missing for it.
func (s *Stream) Delete(ctx context.Context, seq uint64) error {
	return s.b.retry(ctx, "delete from "+s.name, func(ctx context.Context) error {
		have, err := s.b.pub.js.Stream(ctx, s.name)
		if err != nil {
			return err
		}
		return have.DeleteMsg(ctx, seq)
	})
}
