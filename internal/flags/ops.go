package flags

import (
	"context"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"

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
		return &Ops{Registry: srv.Registry(), server: srv}, nil
	}
}

// Ready makes the server's readiness depend on the broker's answer.
func (o *Ops) Ready(s *bus.Stream) {
	if o.server != nil {
		o.server.Check("broker", func(ctx context.Context) error {
			_, err := s.State(ctx)
			return err
		})
	}
}

// Handle serves pattern on the same port.
func (o *Ops) Handle(pattern string, h http.Handler) {
	if o.server != nil {
		o.server.Handle(pattern, h)
	}
}

// Run serves until ctx ends.
func (o *Ops) Run(ctx context.Context) error {
	if o.server != nil {
		return o.server.Run(ctx)
	}
	<-ctx.Done()
	return nil
}
