package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"winnow/internal/bus"
	"winnow/internal/cleaner"
	"winnow/internal/cli"
	"winnow/internal/flags"
	"winnow/internal/ingester"
	"winnow/internal/sink"
	"winnow/internal/web"
)

var serveCommand = &cli.Command{
	Name:  "serve",
	Short: "a live pipeline in one process: HTTP intake, cleaner, segments, dashboard",
	Long: `Takes documents by POST /v1/documents (JSON lines), cleans them, publishes clean.<lang>.<site>, dup.<lang>.<site>
and dead.<stage> for NATS clients at -listen, and writes segments to -out. The dashboard, health
checks and metrics are at -ops.

The broker is inside the process; with -nats it is an external one.`,
	Examples: []cli.Example{
		{Line: "winnow serve -http :8080 -listen 127.0.0.1:4222 -ops 127.0.0.1:9090 -out live/", Doc: "everything on one machine"},
		{Line: `curl --data-binary @pages.jsonl http://127.0.0.1:8080/v1/documents`, Doc: "send documents"},
		{Line: `nats sub 'clean.en.>'`, Doc: "subscribe to clean English records"},
	},
	Setup: setupServe,
}

func setupServe(fs *cli.Flags) cli.RunFunc {
	out := fs.String("out", "winnow-out", "write segments to `DIR`, or s3://BUCKET/PREFIX")
	state := fs.String("state", "", "keep the broker's files and the state in `DIR`; default: a hidden folder of -out")
	intake := flags.Intake(fs, "127.0.0.1:8080")
	clean := flags.Cleaner(fs, 0)
	sinkConfig := flags.Sink(fs, 5*time.Minute, true, flags.KeepNews)
	store := flags.Store(fs)
	broker := flags.Either(fs, "winnow")
	var raw, news bus.StreamConfig
	flags.Limits(fs, &raw, &news)
	opsServer := flags.OpsServer(fs, "winnow")
	return func(ctx context.Context, env cli.Env) (err error) {
		defer func(ctx context.Context) { err = cli.IgnoreStop(ctx, err) }(ctx)
		serve, err := intake(env)
		if err != nil {
			return err
		}
		cfg, err := clean(env.Log)
		if err != nil {
			return err
		}
		if sinkConfig.Store, err = store(ctx, env, *out); err != nil {
			return err
		}
		if err := stateDir(state, *out); err != nil {
			return err
		}
		if external := broker.URL != "" || broker.Context != ""; !external {
			broker.Dir = filepath.Join(*state, "broker")
		} else if broker.Listen != "" {
			return cli.Usagef("-listen is of the broker inside, and -nats, WINNOW_NATS or -nats-context names another: leave out one of them")
		}
		broker.Log = env.Log
		o, err := opsServer(env)
		if err != nil {
			return err
		}
		return o.While(ctx, func(ctx context.Context) (err error) {
			b, err := bus.Open(ctx, *broker)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, b.Close()) }()
			if url := b.ClientURL(); url != "" {
				env.Log.Info("broker listens", "url", url)
			}
			rawStream, newsStream, err := b.Streams(ctx, raw, news)
			if err != nil {
				return err
			}
			cfg.Bus, cfg.Dir, cfg.Raw, cfg.News, cfg.Metrics = b, filepath.Join(*state, "cleaner"), raw, news, cleaner.NewMetrics(o.Registry)
			cleanService, err := cleaner.New(cfg)
			if err != nil {
				return err
			}
			sinkConfig.News, sinkConfig.Log, sinkConfig.Metrics = newsStream, env.Log, sink.NewMetrics(o.Registry)
			sinkService, err := sink.New(*sinkConfig)
			if err != nil {
				return err
			}
			o.Check("cleaner", cleanService.Check)
			o.Check("sink", sinkService.Ready)
			o.Ready(newsStream)
			d := &dashboard{since: time.Now(), cleaner: cfg.Metrics, sink: sinkConfig.Metrics, sinkReady: sinkService.Ready, raw: rawStream, news: newsStream, namespace: broker.Namespace}
			o.Handle("/", web.Handler(d.snapshot))

			g, running := errgroup.WithContext(ctx)
			g.Go(func() error { return d.watch(running) })
			g.Go(func() error { return serve(running, b, rawStream, ingester.NewMetrics(o.Registry)) })
			g.Go(func() error { return cleanService.Run(running) })
			g.Go(func() error { return sinkService.Run(running) })
			return g.Wait()
		})
	}
}

// dashboard gathers what the dashboard shows.
type dashboard struct {
	since     time.Time
	namespace string
	cleaner   *cleaner.Metrics
	sink      *sink.Metrics
	sinkReady func(context.Context) error
	raw, news *bus.Stream
	streams   atomic.Pointer[streamStates]
}

type streamStates struct {
	raw, news bus.State
	err       error
}

// watch asks for the streams' state once a second, so that no request has to wait for the broker.
func (d *dashboard) watch(ctx context.Context) error {
	for {
		var st streamStates
		st.raw, st.err = d.raw.State(ctx)
		if st.err == nil {
			st.news, st.err = d.news.State(ctx)
		}
		d.streams.Store(&st)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Second):
		}
	}
}

func (d *dashboard) snapshot() web.Snapshot {
	t := d.cleaner.Tally()
	s := web.Snapshot{
		Now: time.Now(), Since: d.since, Version: cli.Version().Version, Namespace: d.namespace,
		Raw: t.Raw, Clean: t.Clean, Dup: t.Dup, Dead: t.Dead, Removed: t.Removed, Langs: t.Langs,
	}
	for _, r := range t.Recent {
		s.Recent = append(s.Recent, web.Record(r))
	}
	if st := d.streams.Load(); st != nil {
		detail := ""
		if st.err != nil {
			detail = st.err.Error()
		}
		lag := st.raw.Last - min(st.raw.Last, st.news.Last)
		s.Store = web.Store{Bytes: st.raw.Bytes, Max: uint64(max(st.raw.MaxBytes, 0))}
		s.Stages = []web.Stage{
			{Name: "ingester", Position: st.raw.Last, Ready: st.err == nil, Detail: detail},
			{Name: "cleaner", Position: st.news.Last, Lag: lag, Ready: st.err == nil, Detail: detail},
			d.sinkStage(st.news.Last),
		}
	}
	return s
}

// sinkStage says where the sink stands to the end of NEWS.
func (d *dashboard) sinkStage(end uint64) web.Stage {
	read, committed := d.sink.Progress()
	s := web.Stage{Name: "sink", Position: read, Lag: end - min(end, read), Ready: true, Detail: fmt.Sprintf("in segments up to %d", committed)}
	if err := d.sinkReady(context.Background()); err != nil {
		s.Ready, s.Detail = false, err.Error()
	}
	return s
}
