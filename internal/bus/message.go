package bus

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// Message is one message of a stream.
type Message struct {
	Subject string            // without the namespace
	Header  map[string]string // nil when there is none; names that begin with "Nats-" are the broker's
	Data    []byte
	Seq     uint64    // set when read
	Time    time.Time // when the broker stored it, UTC; set when read
}

// Headers of the broker. Source: nats-architecture-and-design, ADR-50 (atomic batch publish).
const (
	brokerPrefix     = "Nats-"
	headerMsgID      = "Nats-Msg-Id"
	headerBatchID    = "Nats-Batch-Id"
	headerBatchSeq   = "Nats-Batch-Sequence"
	headerCommit     = "Nats-Batch-Commit"
	headerExpectLast = "Nats-Expected-Last-Sequence"
	headerSequence   = "Nats-Sequence"
	headerStream     = "Nats-Stream"
)

// check finds what the broker would refuse, change, or store elsewhere.
func (s *Stream) check(m *Message) error {
	if !s.takes(m.Subject) {
		return fmt.Errorf("subject %q is none of stream %s", m.Subject, s.name)
	}
	for k, v := range m.Header {
		if k == "" || strings.HasPrefix(k, brokerPrefix) || !plainKey(k) {
			return fmt.Errorf("header %q: want letters, digits and -, and not the broker's Nats-", k)
		}
		if strings.IndexByte(v, '\r') >= 0 || strings.IndexByte(v, '\n') >= 0 || v != strings.TrimSpace(v) {
			return fmt.Errorf("header %s: value %q has a line break, or white space around it", k, v)
		}
	}
	return nil
}

// takes tells whether a subject is one of the stream's.
func (s *Stream) takes(subject string) bool {
	first, rest, _ := strings.Cut(subject, ".")
	switch {
	case !slices.Contains(s.subjects, first+".>"), strings.ContainsAny(subject, " \t\r\n*>"):
		return false
	}
	return rest != "" && rest[0] != '.' && rest[len(rest)-1] != '.' && !strings.Contains(rest, "..")
}

// plainKey tells whether a header's name has letters, digits, - and _ alone.
func plainKey(k string) bool {
	for i := range len(k) {
		switch c := k[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_':
		default:
			return false
		}
	}
	return true
}

// encoder makes the broker's messages of a batch. There is one, with one map, which each message has until the next.
type encoder struct {
	msg    nats.Msg
	values []string // of the headers
}

// encode makes the broker's message of m.
func (e *encoder) encode(s *Stream, m *Message) *nats.Msg {
	e.msg.Subject, e.msg.Reply, e.msg.Data = s.prefix+m.Subject, "", m.Data
	clear(e.msg.Header)
	e.values = e.values[:0]
	for k, v := range m.Header {
		e.set(k, v)
	}
	return &e.msg
}

// set gives the message a header.
func (e *encoder) set(key, value string) {
	n := len(e.values)
	e.values = append(e.values, value)
	e.msg.Header[key] = e.values[n:]
}

// size returns the bytes of m on the wire, at most.
func (s *Stream) size(m *Message) int {
	n := len(s.prefix) + len(m.Subject) + len(m.Data) + 256 // the broker's headers
	for k, v := range m.Header {
		n += len(k) + len(v) + 4
	}
	return n
}

// header drops the broker's own headers.
func header(in nats.Header) map[string]string {
	var out map[string]string
	for k, v := range in {
		if len(v) == 0 || strings.HasPrefix(k, brokerPrefix) {
			continue
		}
		if out == nil {
			out = make(map[string]string, 2)
		}
		out[k] = v[0]
	}
	return out
}
