package ingester

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"
)

// Serve answers HTTP requests to the intake at the listener, which it closes, until ctx ends;
// then requests under way have ten seconds to be stored and answered.
func (in *Intake) Serve(ctx context.Context, listener net.Listener) error {
	mux := http.NewServeMux()
	mux.Handle("/v1/documents", in)
	srv := &http.Server{
		Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: in.cfg.Timeout,
		WriteTimeout: 2*in.cfg.Timeout + 10*time.Second, IdleTimeout: time.Minute,
		MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(in.cfg.Log.Handler(), slog.LevelWarn),
	}
	in.cfg.Log.Info("taking documents", "url", "http://"+listener.Addr().String()+"/v1/documents")
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	g, failed := errgroup.WithContext(running)
	g.Go(func() error { return in.Run(failed) })
	g.Go(func() error {
		if err := srv.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	g.Go(func() error {
		select {
		case <-ctx.Done():
		case <-failed.Done():
		}
		drain, cancel := context.WithTimeout(running, 10*time.Second)
		defer cancel()
		err := srv.Shutdown(drain)
		if errors.Is(err, context.DeadlineExceeded) {
			err = srv.Close()
		}
		stop() // nobody is waiting for storage any more
		return err
	})
	return g.Wait()
}
