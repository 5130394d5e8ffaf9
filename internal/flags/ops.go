package flags

import (
	"context"
	"errors"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"winnow/internal/bus"
	"winnow/internal/cli"
	"winnow/internal/ops"
)

// Ops is a service's operations server, or none when none was asked for: its methods work either
// way.
type Ops struct {
	Registry *prometheus.Registry
	server   *ops.Server // nil: not asked for
}

// OpsServer declares the flags of the operations server. The returned function makes it, once the
// flags are parsed.
func OpsServer(fs *cli.Flags, service string) func(cli.Env) (*Ops, error) {
	fs.Group("Operations")
	addr := fs.String("ops", "", "serve /healthz, /readyz, /metrics and /version at this `HOST:PORT`")
	pprof := fs.Bool("pprof", false, "serve profiles there too, under /debug/pprof/")
	return func(env cli.Env) (*Ops, error) {
		if *addr == "" {
			return &Ops{Registry: prometheus.NewRegistry()}, nil
		}
		srv, err := ops.New(ops.Config{Addr: *addr, Service: service, Version: cli.Version(), Pprof: *pprof, Log: env.Log})
		if err != nil {
			return nil, err
		}
		env.Log.Info("operations", "addr", srv.Addr())
		srv.Check("broker", func(context.Context) error { return errNoBroker })
		return &Ops{Registry: srv.Registry(), server: srv}, nil
	}
}

var errNoBroker = errors.New("has not answered yet")

// Ready makes the server's readiness, which there is none before, depend on the broker's answer.
func (o *Ops) Ready(s *bus.Stream) {
	o.Check("broker", func(ctx context.Context) error {
		_, err := s.State(ctx)
		return err
	})
}

// Check makes the server's readiness depend on check, too.
func (o *Ops) Check(name string, check ops.Check) {
	if o.server != nil {
		o.server.Check(name, check)
	}
}

// Handle serves pattern on the same port.
func (o *Ops) Handle(pattern string, h http.Handler) {
	if o.server != nil {
		o.server.Handle(pattern, h)
	}
}

// While serves while body runs, so that a service can be asked how it is while it waits for its
// broker. It returns the error of either; the end of one is the end of both.
func (o *Ops) While(ctx context.Context, body func(context.Context) error) error {
	g, ctx := errgroup.WithContext(ctx)
	serving, served := context.WithCancel(ctx)
	g.Go(func() error { return o.Run(serving) })
	g.Go(func() error {
		defer served()
		return body(ctx)
	})
	return g.Wait()
}

// Run serves until ctx ends.
func (o *Ops) Run(ctx context.Context) error {
	if o.server != nil {
		return o.server.Run(ctx)
	}
	<-ctx.Done()
	return nil
}
