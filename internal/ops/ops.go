// Package ops is the operator's side of a service: one HTTP server with
//
//	/healthz   200 while the process can answer
//	/readyz    200 when every check passes, else 503 and which one does not
//	/metrics   Prometheus, from the server's own registry
//	/version   what the program was built from, as JSON
//	/debug/pprof/   profiles, only when asked for
//
// It holds no state of the pipeline. A [Server] is safe for concurrent use.
package ops

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// How long a readiness check may take, and how long requests in flight have at the end.
const (
	checkTimeout = 2 * time.Second
	drainTimeout = 5 * time.Second
)

// Config of a [Server].
type Config struct {
	Addr    string       // host:port to listen on; ":0" picks a free port
	Service string       // "cleaner"; label of winnow_build_info
	Version any          // what /version shows, as JSON; nil: {}
	Pprof   bool         // serve /debug/pprof/
	Log     *slog.Logger // default: discards
}

// Server is the HTTP server. Checks and handlers may be registered at any time.
type Server struct {
	cfg      Config
	listener net.Listener
	mux      *http.ServeMux
	registry *prometheus.Registry
	stopping atomic.Bool

	mu     sync.Mutex
	checks map[string]Check
}

// Check returns nil when its part is ready, otherwise why not. It is called for each
// request to /readyz, concurrently, with two seconds to answer.
type Check func(ctx context.Context) error

// New listens on cfg.Addr, so that a taken port is known at the start. The caller must
// call Run, or Close if it never does.
func New(cfg Config) (*Server, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	version, err := json.Marshal(cfg.Version, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("ops: version: %w", err)
	}
	if cfg.Version == nil {
		version = []byte("{}")
	}
	listener, err := net.Listen("tcp", cfg.Addr)
	if err != nil {
		return nil, fmt.Errorf("ops: %w", err)
	}
	s := &Server{cfg: cfg, listener: listener, mux: http.NewServeMux(), registry: newRegistry(cfg), checks: map[string]Check{}}
	s.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	s.mux.HandleFunc("GET /readyz", s.ready)
	s.mux.Handle("GET /metrics", promhttp.HandlerFor(s.registry, promhttp.HandlerOpts{Registry: s.registry}))
	s.mux.HandleFunc("GET /version", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, "%s\n", version)
	})
	if cfg.Pprof {
		s.mux.HandleFunc("/debug/pprof/", pprof.Index)
		s.mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
		s.mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
		s.mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
		s.mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	}
	return s, nil
}

// newRegistry returns a registry with the runtime, the process and the build in it.
func newRegistry(cfg Config) *prometheus.Registry {
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "winnow_build_info", Help: "Always 1; which service this is.",
		ConstLabels: prometheus.Labels{"service": cfg.Service},
	})
	build.Set(1)
	reg.MustRegister(build)
	return reg
}

// Registry is where the services register their metrics.
func (s *Server) Registry() *prometheus.Registry { return s.registry }

// Addr is the address the server listens on, host:port.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Check adds a readiness check; one of the same name is replaced.
func (s *Server) Check(name string, check Check) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.checks[name] = check
}

// Handle serves pattern with h on the same port, as [http.ServeMux.Handle] does.
func (s *Server) Handle(pattern string, h http.Handler) { s.mux.Handle(pattern, h) }

// Close gives the port back. It is for servers that never ran.
func (s *Server) Close() error { return s.listener.Close() }

// Run serves until ctx ends, then says not ready, lets requests in flight finish for at
// most five seconds, and returns nil.
func (s *Server) Run(ctx context.Context) error {
	srv := &http.Server{
		Handler: s.mux, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute,
		ErrorLog: slog.NewLogLogger(s.cfg.Log.Handler(), slog.LevelWarn),
		// Requests see the end of ctx: a stream of events must not hold up the stop.
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(s.listener) }()
	select {
	case err := <-served:
		return fmt.Errorf("ops: %w", err)
	case <-ctx.Done():
	}
	s.stopping.Store(true)
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	err := srv.Shutdown(drain)
	if errors.Is(err, context.DeadlineExceeded) {
		err = srv.Close()
	}
	if e := <-served; !errors.Is(e, http.ErrServerClosed) {
		err = errors.Join(err, e)
	}
	if err != nil {
		return fmt.Errorf("ops: shutdown: %w", err)
	}
	return nil
}

// ready runs every check and answers with one line each.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	if s.stopping.Load() {
		http.Error(w, "stopping", http.StatusServiceUnavailable)
		return
	}
	lines, ok := s.runChecks(r.Context())
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if !ok {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	fmt.Fprintln(w, strings.Join(lines, "\n"))
}

// runChecks returns a line a check, by name, and whether all passed.
func (s *Server) runChecks(ctx context.Context) (lines []string, ok bool) {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	var (
		wg sync.WaitGroup
		mu sync.Mutex
	)
	lines, ok = []string{}, true
	s.mu.Lock()
	for name, check := range s.checks {
		wg.Go(func() {
			err := check(ctx)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				ok = false
				lines = append(lines, name+": "+err.Error())
			} else {
				lines = append(lines, name+": ok")
			}
		})
	}
	s.mu.Unlock()
	wg.Wait()
	slices.Sort(lines)
	if ok {
		lines = append([]string{"ready"}, lines...)
	} else {
		lines = append([]string{"not ready"}, lines...)
	}
	return lines, ok
}
