package bus

import (
	"context"
	"errors"

	"github.com/nats-io/nats.go/jetstream"
)

// Streams opens RAW and NEWS, making those that do not exist. NEWS is made to begin where RAW
// begins, so that message n of NEWS is the verdict on message n of RAW; news.FirstSeq is ignored.
func (b *Bus) Streams(ctx context.Context, raw, news StreamConfig) (r, n *Stream, err error) {
	if r, err = b.Raw(ctx, raw); err != nil {
		return nil, nil, err
	}
	st, err := r.State(ctx)
	if err != nil {
		return nil, nil, err
	}
	news.FirstSeq = st.First
	n, err = b.News(ctx, news)
	return r, n, err
}

// Made tells whether the streams have been made.
func (b *Bus) Made(ctx context.Context) (made bool, err error) {
	err = b.retry(ctx, "look for the streams", func(ctx context.Context) error {
		_, err := b.pub.js.Stream(ctx, b.name("RAW"))
		if made = err == nil; errors.Is(err, jetstream.ErrStreamNotFound) {
			return nil
		}
		return err
	})
	return made, err
}
