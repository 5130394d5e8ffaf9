package bus

import (
	"errors"
	"fmt"
	"strings"
)

// Answers of the broker that a caller branches on with errors.Is.
var (
	// ErrFull: the stream refuses more: its own limit, the account's, the store's, or the disk is
	// full. Nothing of the refused atomic batch was stored. Back off, or use the Wait methods.
	ErrFull = errors.New("stream is full")
	// ErrFenced: somebody else wrote to the stream since the sequence the caller knew.
	ErrFenced = errors.New("another writer moved the stream")
	// ErrNotFound: no message, no checkpoint, with that sequence or key.
	ErrNotFound = errors.New("not found")
	// ErrConflict: the checkpoint was changed by somebody else since the revision the caller knew.
	ErrConflict = errors.New("checkpoint was changed by another writer")
	// ErrInUse: another process has the embedded broker's directory open.
	ErrInUse = errors.New("store directory is in use by another process")
	// ErrBroken: the embedded broker could not write to its disk and stores nothing any more. What
	// was acknowledged is stored; start the process again when the disk is well.
	ErrBroken = errors.New("the embedded broker cannot write and must be started again")
	// ErrPayload: the broker takes less than a message may have. Every call returns it after reconnecting to such a one.
	ErrPayload = errors.New("the broker takes no messages of 8 MiB")
	// ErrDenied: the broker does not let this user publish or subscribe to what a service needs; the
	// broker that winnow serve runs lets nobody else write records.
	ErrDenied = errors.New("the broker's permissions keep this service out (see deploy/users.conf)")
	// ErrRewritten: the message before the next one is not the one that a reader returned there: the
	// stream was restored, or made anew, while it was being read.
	ErrRewritten = errors.New("the stream has another history than what was read of it")
	// ErrClosed: the bus was closed.
	ErrClosed = errors.New("bus is closed")
)

// ErrGap is returned by value when message Want cannot be read in order, as the stream's leader
// confirmed. First and Last are the stream's bounds at that moment, Last being First-1 when the
// stream is empty. Which of the three cases it is: Trimmed, Missing, Ahead.
type ErrGap struct {
	Stream            string
	Want, First, Last uint64
}

// Trimmed tells that Want is older than the stream's first message.
func (e ErrGap) Trimmed() bool { return e.Want < e.First }

// Missing tells that Want lies within the stream but was deleted or lost.
func (e ErrGap) Missing() bool { return e.First <= e.Want && e.Want <= e.Last }

// Ahead tells that Want is beyond the next message to be written: the stream lost its tail (a restored
// backup, a power cut without sync) since the caller took its position from it.
func (e ErrGap) Ahead() bool { return e.Want > e.Last && !e.Trimmed() }

func (e ErrGap) Error() string {
	switch {
	case e.Trimmed():
		return fmt.Sprintf("stream %s: message %d was trimmed, the first one is %d", e.Stream, e.Want, e.First)
	case e.Missing():
		return fmt.Sprintf("stream %s: message %d is missing between %d and %d", e.Stream, e.Want, e.First, e.Last)
	}
	return fmt.Sprintf("stream %s: message %d lies beyond the end %d: the stream was rolled back", e.Stream, e.Want, e.Last)
}

// ErrTooLarge is returned by value when message Index of a publish is larger than the broker takes.
// Size and Max are bytes, subject and headers included.
type ErrTooLarge struct{ Index, Size, Max int }

func (e ErrTooLarge) Error() string {
	return fmt.Sprintf("message %d of the batch has %d bytes, the broker takes %d", e.Index, e.Size, e.Max)
}

// StreamMismatchError says in which fields an existing stream differs from what this program needs,
// and what to do about it.
type StreamMismatchError struct {
	Stream string
	Fields []FieldMismatch
}

// FieldMismatch is one differing field: what this program wants and what the broker has.
type FieldMismatch struct{ Field, Want, Have string }

func (e *StreamMismatchError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "stream %s exists with another configuration:", e.Stream)
	for _, f := range e.Fields {
		fmt.Fprintf(&b, " %s is %s, want %s;", f.Field, f.Have, f.Want)
	}
	b.WriteString(e.todo())
	return b.String()
}

// limitFlags are the flags of the services that set a stream's limits, by the stream's kind and the field.
var limitFlags = map[string]map[string]string{
	"RAW":  {"max_bytes": "-raw-bytes", "replicas": "-replicas"},
	"NEWS": {"max_bytes": "-news-bytes", "replicas": "-replicas"},
}

// todo says how to go on.
func (e *StreamMismatchError) todo() string {
	kind, _, _ := strings.Cut(e.Stream, "-") // the rest is the namespace
	var have []string
	for _, f := range e.Fields {
		flag, ok := limitFlags[kind][f.Field]
		if !ok {
			return " use another -namespace, or remove the stream and its messages (nats stream rm " + e.Stream + ")"
		}
		if f.Have == "-1" {
			have = append(have, "no "+flag)
		} else {
			have = append(have, flag+" "+f.Have)
		}
	}
	return " give every service the same limits: start with what it has (" + strings.Join(have, ", ") + "), or once with -change-limits"
}
