package bus

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// link is one connection that reconnects for ever, and the news of whether it is up.
type link struct {
	nc *nats.Conn
	js jetstream.JetStream

	mu   sync.Mutex
	up   context.Context //nolint:containedctx // ends when the connection is lost, with a cause
	down context.CancelCauseFunc
}

// connect dials until somebody answers or ctx ends. Reading and publishing have a link each, so
// that neither waits behind the other's bytes.
func (b *Bus) connect(ctx context.Context, id identity, use string) (*link, error) {
	l := &link{}
	l.reset()
	opts := append([]nats.Option{
		nats.Name(b.cfg.Name + " " + use),
		nats.MaxReconnects(-1),
		nats.ReconnectBufSize(-1), // a publish while away fails at once, and is retried by who knows how
		nats.CustomReconnectDelay(backoff),
		nats.IgnoreAuthErrorAbort(),
		nats.PingInterval(10 * time.Second),
		nats.SyncQueueLen(4 * maxBatch), // made for every subscription; more than a pull or a batch has answers
		nats.Timeout(callTimeout),
		nats.FlusherTimeout(callTimeout),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) { l.lost(err) }),
		nats.ReconnectHandler(func(nc *nats.Conn) {
			if err := takesPayload(nc); err != nil {
				b.stop(err)
			}
			l.reset()
		}),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			b.log.Warn("broker connection error", "use", use, "error", err)
			if errors.Is(err, nats.ErrPermissionViolation) { // what was refused is not answered
				b.stop(fmt.Errorf("%w: %w", ErrDenied, err))
			}
		}),
	}, id.opts...)
	err := b.retry(ctx, "connect to "+redacted(id.url), func(context.Context) error {
		var err error
		l.nc, err = nats.Connect(id.url, opts...)
		return err
	})
	if err != nil {
		return nil, err
	}
	if id.apiPrefix != "" {
		l.js, err = jetstream.NewWithAPIPrefix(l.nc, id.apiPrefix)
	} else {
		l.js, err = jetstream.New(l.nc)
	}
	return l, err
}

// redacted returns the URLs of servers without the password or token in them.
func redacted(urls string) string {
	list := strings.Split(urls, ",")
	for i, u := range list {
		scheme, rest, _ := strings.Cut(u, "://")
		if rest == "" {
			scheme, rest = "nats", u
		}
		if at := strings.LastIndexByte(rest, '@'); at >= 0 {
			list[i] = scheme + "://xxxxx" + rest[at:]
		}
	}
	return strings.Join(list, ",")
}

func (l *link) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.up == nil || l.up.Err() != nil {
		l.up, l.down = context.WithCancelCause(context.Background())
	}
}

func (l *link) lost(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil {
		err = nats.ErrConnectionClosed
	}
	l.down(fmt.Errorf("%w: %w", nats.ErrDisconnected, err))
}

// alive returns a context that ends when the present connection is lost.
func (l *link) alive() context.Context {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.up
}

// while returns ctx ending also with alive, for alive's cause, and after d unless that is 0.
func while(ctx, alive context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	if alive.Err() != nil {
		cancel(context.Cause(alive))
	}
	off := context.AfterFunc(alive, func() { cancel(context.Cause(alive)) })
	stop := context.CancelFunc(func() {})
	if d > 0 {
		ctx, stop = context.WithTimeoutCause(ctx, d, nats.ErrTimeout)
	}
	return ctx, func() { off(); stop(); cancel(context.Canceled) }
}

// backoff returns how long to wait before try n+1, n counting from 0: 20 ms doubling to 2 s, by
// half more or less at random.
func backoff(n int) time.Duration {
	d := min(20*time.Millisecond<<min(n, 10), 2*time.Second)
	return d/2 + rand.N(d)
}

// sleep waits for d or until ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
