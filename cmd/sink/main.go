// Command sink writes NEWS to compressed segments in a directory.
package main

import (
	"context"
	"time"

	"winnow/internal/bus"
	"winnow/internal/cli"
	"winnow/internal/flags"
	"winnow/internal/sink"
)

func main() { cli.Main("sink", command.Run) }

var command = &cli.Command{
	Name:  "sink",
	Short: "write clean records to compressed segments",
	Long: `Reads NEWS in order and writes it to segments of JSON lines or Parquet under -out, each record
exactly once: the directory, or bucket, itself is the position. "winnow verify" proves it, "winnow cat" reads it.`,
	Examples: []cli.Example{
		{Line: "sink -nats nats://127.0.0.1:4222 -out /data/clean -ops :9090", Doc: "one of the services of a pipeline"},
		{Line: "sink -nats nats://127.0.0.1:4222 -out s3://news/clean -s3-endpoint https://s3.example.com -format jsonl,parquet", Doc: "to object storage"},
	},
	Setup: setup,
}

func setup(fs *cli.Flags) cli.RunFunc {
	broker := flags.External(fs, "winnow-sink")
	cfg := flags.Sink(fs, 5*time.Minute, false, flags.KeepNews)
	out := fs.String("out", "", "write segments to `DIR`, or s3://BUCKET/PREFIX, which no other sink uses")
	store := flags.Store(fs)
	var raw, news bus.StreamConfig
	flags.Limits(fs, &raw, &news)
	opsServer := flags.OpsServer(fs, "sink")
	return func(ctx context.Context, env cli.Env) (err error) {
		defer func(ctx context.Context) { err = cli.IgnoreStop(ctx, err) }(ctx)
		if err := flags.Required(broker, "-out", *out); err != nil {
			return err
		}
		broker.Log = env.Log
		if cfg.Store, err = store(ctx, env, *out); err != nil {
			return err
		}
		o, err := opsServer(env)
		if err != nil {
			return err
		}
		return o.While(ctx, func(ctx context.Context) error {
			b, err := bus.Open(ctx, *broker)
			if err != nil {
				return err
			}
			defer b.Close()
			if _, cfg.News, err = b.Streams(ctx, raw, news); err != nil {
				return err
			}
			cfg.Log, cfg.Metrics = env.Log, sink.NewMetrics(o.Registry)
			s, err := sink.New(*cfg)
			if err != nil {
				return err
			}
			o.Ready(cfg.News)
			o.Check("sink", s.Ready)
			return s.Run(ctx)
		})
	}
}
