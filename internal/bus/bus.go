package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Bus is a connection to a broker, and the broker itself when it is embedded. All methods may be
// called concurrently.
type Bus struct {
	cfg  Config
	log  *slog.Logger
	srv  *embedded               // nil when the broker is external
	pub  *link                   // publishing and the JetStream API
	sub  *link                   // reading
	api  string                  // subject prefix of the JetStream API, with the final dot
	done context.Context         //nolint:containedctx // the bus's life, no request's
	stop context.CancelCauseFunc // ends every call, with the reason

	troubles  troubles
	unlimited sync.Map // names of streams that were warned about
}

// Open starts the embedded broker, or connects to the external one, trying until ctx ends while
// nobody answers. It fails at once when the broker refuses the identity, has no JetStream, or takes too little
// ([ErrPayload]).
func Open(ctx context.Context, cfg Config) (*Bus, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	b := &Bus{cfg: cfg, log: cfg.Log, api: "$JS.API.", troubles: newTroubles()}
	b.done, b.stop = context.WithCancelCause(context.Background())
	if err := b.open(ctx); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

func (b *Bus) open(ctx context.Context) error {
	id, err := identify(b.cfg)
	if err != nil {
		return err
	}
	if id.apiPrefix != "" {
		b.api = id.apiPrefix + "."
	}
	if !b.cfg.external() {
		if b.srv, err = startEmbedded(b.cfg, b.stop); err != nil {
			return err
		}
		id = b.srv.identity()
	}
	if b.pub, err = b.connect(ctx, id, "publish"); err != nil {
		return err
	}
	if b.sub, err = b.connect(ctx, id, "read"); err != nil {
		return err
	}
	if v := b.pub.nc.ConnectedServerVersion(); olderThan(v, 2, 12) {
		return fmt.Errorf("the broker is nats-server %s: 2.12 or later is needed, for atomic batches", v)
	}
	if err := takesPayload(b.pub.nc); err != nil {
		return err
	}
	return b.retry(ctx, "connect to JetStream", func(ctx context.Context) error {
		_, err := b.pub.js.AccountInfo(ctx)
		if errors.Is(err, jetstream.ErrJetStreamNotEnabled) || errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount) {
			return fmt.Errorf("the broker has no JetStream for this account (server option jetstream): %w", err)
		}
		return err
	})
}

// takesPayload returns [ErrPayload] if the server that nc is connected to takes less than a message may have: a
// cleaner whose record it refuses could never get past it.
func takesPayload(nc *nats.Conn) error {
	if most := nc.MaxPayload(); most < MaxPayload {
		return fmt.Errorf("%w: its max_payload is %d bytes: set max_payload: %d in its configuration, as in deploy/nats.conf", ErrPayload, most, MaxPayload)
	}
	return nil
}

// Close ends every call that still waits, closes the connections and, when the broker is embedded,
// shuts it down and waits until its files are closed. What was acknowledged is stored.
func (b *Bus) Close() error {
	b.stop(ErrClosed)
	for _, l := range []*link{b.sub, b.pub} {
		if l != nil {
			l.nc.Close()
		}
	}
	if b.srv != nil {
		return b.srv.close()
	}
	return nil
}

// ClientURL returns the address outside clients reach the embedded broker at, "" when it listens
// on none or the broker is external.
func (b *Bus) ClientURL() string {
	if b.srv == nil || b.cfg.Listen == "" {
		return ""
	}
	return b.srv.server.ClientURL()
}

// name returns a stream's name in the namespace.
func (b *Bus) name(stream string) string {
	if b.cfg.Namespace == "" {
		return stream
	}
	return stream + "-" + b.cfg.Namespace
}

// prefix is what stands before the subjects of the namespace.
func (c *Config) prefix() string {
	if c.Namespace == "" {
		return ""
	}
	return c.Namespace + "."
}

// olderThan compares a version "major.minor.patch"; what it cannot read is not old.
func olderThan(version string, major, minor int) bool {
	var haveMajor, haveMinor int
	n, _ := fmt.Sscanf(version, "%d.%d", &haveMajor, &haveMinor)
	return n == 2 && (haveMajor < major || haveMajor == major && haveMinor < minor)
}
