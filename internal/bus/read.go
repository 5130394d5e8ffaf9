package bus

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Get returns one message. Errors: ErrNotFound.
func (s *Stream) Get(ctx context.Context, seq uint64) (Message, error) {
	raw, err := s.leaderMessage(ctx, seq)
	if err != nil {
		return Message{}, err
	}
	return s.fromLeader(raw), nil
}

func (s *Stream) fromLeader(raw *jetstream.RawStreamMsg) Message {
	return Message{
		Subject: raw.Subject[len(s.prefix):], Header: header(raw.Header), Data: raw.Data,
		Seq: raw.Sequence, Time: raw.Time.UTC(),
	}
}

// leaderMessage asks the stream's leader, not a replica that may lag.
func (s *Stream) leaderMessage(ctx context.Context, seq uint64) (raw *jetstream.RawStreamMsg, err error) {
	what := "message " + strconv.FormatUint(seq, 10) + " of " + s.name
	err = s.b.retry(ctx, what, func(ctx context.Context) error {
		raw, err = s.leaderGet(ctx, seq)
		return err
	})
	return raw, err
}

func (s *Stream) leaderGet(ctx context.Context, seq uint64) (*jetstream.RawStreamMsg, error) {
	return s.leaderAsk(ctx, s.b.pub.nc, fmt.Sprintf(`{"seq":%d}`, seq))
}

// leaderAsk gets the message that a request names.
func (s *Stream) leaderAsk(ctx context.Context, nc *nats.Conn, request string) (*jetstream.RawStreamMsg, error) {
	answer, err := nc.RequestWithContext(ctx, s.b.api+"STREAM.MSG.GET."+s.name, []byte(request))
	if err != nil {
		return nil, err
	}
	var resp struct {
		Error   *jetstream.APIError `json:"error"`
		Message *struct {
			Subject string    `json:"subject"`
			Seq     uint64    `json:"seq"`
			Hdrs    []byte    `json:"hdrs"`
			Data    []byte    `json:"data"`
			Time    time.Time `json:"time"`
		} `json:"message"`
	}
	if err := json.Unmarshal(answer.Data, &resp); err != nil {
		return nil, fmt.Errorf("answer of the broker: %w", err)
	}
	if resp.Error != nil {
		return nil, resp.Error
	}
	if resp.Message == nil {
		return nil, errors.New("answer of the broker has no message")
	}
	m := resp.Message
	raw := &jetstream.RawStreamMsg{Subject: m.Subject, Sequence: m.Seq, Data: m.Data, Time: m.Time}
	if len(m.Hdrs) > 0 {
		if raw.Header, err = nats.DecodeHeadersMsg(m.Hdrs); err != nil {
			return nil, fmt.Errorf("headers of message %d: %w", m.Seq, err)
		}
	}
	return raw, nil
}

// Read waits until message from exists and returns it with those that follow, in order and without
// a gap: at most max messages and about maxBytes bytes, but at least one message (0: the defaults,
// 1,000 messages and 8 MiB). It returns an ErrGap when message from is not there and will not
// come. Whoever reads on uses a Reader.
func (s *Stream) Read(ctx context.Context, from uint64, max, maxBytes int) ([]Message, error) {
	r := s.Reader(from, maxBytes)
	r.once = true
	msgs, err := r.Next(ctx, max)
	return msgs, errors.Join(err, r.Close())
}
