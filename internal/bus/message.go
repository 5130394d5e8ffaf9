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
)

// check finds what the broker would refuse, change, or store elsewhere.
func (s *Stream) check(m *Message) error {
	tokens := strings.Split(m.Subject, ".")
	if len(tokens) < 2 || !slices.Contains(s.subjects, tokens[0]+".>") || slices.Contains(tokens, "") || strings.ContainsAny(m.Subject, " \t\r\n*>") {
		return fmt.Errorf("subject %q is none of stream %s", m.Subject, s.name)
	}
	for k, v := range m.Header {
		if k == "" || strings.Trim(k, headerChars) != "" || strings.HasPrefix(k, brokerPrefix) {
			return fmt.Errorf("header %q: want letters, digits and -, and not the broker's Nats-", k)
		}
		if strings.ContainsAny(v, "\r\n") || v != strings.TrimSpace(v) {
			return fmt.Errorf("header %s: value %q has a line break, or white space around it", k, v)
		}
	}
	return nil
}

const headerChars = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// encode makes the broker's message of m, with room for the batch's headers.
func (s *Stream) encode(m *Message) *nats.Msg {
	h := make(nats.Header, len(m.Header)+4)
	for k, v := range m.Header {
		h[k] = []string{v}
	}
	return &nats.Msg{Subject: s.prefix + m.Subject, Header: h, Data: m.Data}
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
