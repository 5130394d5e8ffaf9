package bus

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// retry calls f until it succeeds, fails for good, or ctx or the bus ends. f must be harmless to
// repeat; it uses b.pub.
func (b *Bus) retry(ctx context.Context, what string, f func(context.Context) error) (err error) {
	ctx, cancel := b.live(ctx)
	defer cancel()
	w := wait{b: b, call: what}
	defer func() { w.end(ctx, err) }()
	for n := 0; ; n++ {
		err := b.once(ctx, f)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("%s: %w", what, gaveUp(ctx, err))
		}
		if err = classify(err); !transient(err) {
			return fmt.Errorf("%s: %w", what, err)
		}
		w.begin(err)
		if sleep(ctx, backoff(n)) != nil {
			return fmt.Errorf("%s: %w", what, gaveUp(ctx, err))
		}
	}
}

// once calls f with a context that ends after callTimeout, or when the connection is lost.
func (b *Bus) once(ctx context.Context, f func(context.Context) error) error {
	if b.pub == nil { // not yet connected
		return f(ctx)
	}
	one, stop := while(ctx, b.pub.alive(), callTimeout)
	defer stop()
	return because(one, f(one))
}

// because returns err, or why ctx ended if it did.
func because(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// gaveUp is the error of a call whose context ended, with the trouble it had.
func gaveUp(ctx context.Context, last error) error {
	if errors.Is(last, context.Cause(ctx)) {
		return last
	}
	return fmt.Errorf("%w; the last trouble was: %w", context.Cause(ctx), last)
}

// live returns ctx ending with the bus, too.
func (b *Bus) live(ctx context.Context) (context.Context, context.CancelFunc) {
	return while(ctx, b.done, 0)
}

// Error codes of the JetStream API that nats.go has no name for.
const (
	codeAccountFull      = 10002
	codeUnavailable      = 10008
	codeNotLeader        = 10009
	codeInsufficient     = 10023
	codeNoMessage        = 10037
	codeNotEnabled       = 10076
	codeNotEnabledHere   = 10039
	codeStorageFull      = 10047
	codeTooLarge         = 10054
	codeStreamNotFound   = 10059
	codeWrongLast        = 10071
	codeStoreFailed      = 10077
	codeDuplicateInFlght = 10158
	codeWrongLastConst   = 10164
	codeTooManyRequests  = 10167
	codeBatchIncomplete  = 10176
	codeBatchDuplicate   = 10201
	codeBatchInFlight    = 10210
	codeStreamOffline    = 10118
)

// errAway stands for what nats.go says of a publish while it reconnects: "outbound buffer limit
// exceeded", there being no such buffer here.
var errAway = errors.New("the connection is lost")

// classify gives the broker's refusals the names of this package.
func classify(err error) error {
	if errors.Is(err, nats.ErrReconnectBufExceeded) {
		return errAway
	}
	var api *jetstream.APIError
	if !errors.As(err, &api) {
		return err
	}
	switch api.ErrorCode {
	case codeAccountFull, codeInsufficient, codeStorageFull, codeStoreFailed:
		return fmt.Errorf("%w: %w", ErrFull, err)
	case codeWrongLast, codeWrongLastConst:
		return fmt.Errorf("%w: %w", ErrFenced, err)
	case codeNoMessage:
		return fmt.Errorf("%w: %w", ErrNotFound, err)
	}
	return err
}

// transient tells whether trying again may help without anybody doing anything about the request.
func transient(err error) bool {
	var api *jetstream.APIError
	if errors.As(err, &api) {
		switch api.ErrorCode {
		case codeUnavailable, codeNotLeader, codeTooManyRequests, codeBatchIncomplete, codeBatchInFlight, codeDuplicateInFlght, codeStreamOffline:
			return true
		}
		return false
	}
	var network *net.OpError
	if errors.As(err, &network) {
		return network.Op != "remote error" // that is TLS: the peer does not like our certificate
	}
	if err != nil && strings.Contains(err.Error(), "Authentication Timeout") {
		return true // the broker was too busy to read who we are; nats.go has no name for it
	}
	for _, e := range []error{
		nats.ErrTimeout, context.DeadlineExceeded, nats.ErrNoResponders, jetstream.ErrNoStreamResponse,
		nats.ErrNoServers, nats.ErrDisconnected, nats.ErrConnectionReconnecting, errAway,
		nats.ErrStaleConnection, errTorn, errConsumer, io.EOF, io.ErrUnexpectedEOF,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
