package bus

import "context"

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
