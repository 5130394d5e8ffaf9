// Command ingester brings pages into RAW: over HTTP, or from archives.
package main

import (
	"context"

	"winnow/internal/bus"
	"winnow/internal/cli"
	"winnow/internal/flags"
	"winnow/internal/ingester"
)

func main() { cli.Main("ingester", command.Run) }

var command = &cli.Command{
	Name:  "ingester",
	Short: "bring pages into RAW, over HTTP or from archives",
	Long: `Without a subcommand it takes documents over HTTP: POST /v1/documents with JSON lines
{url, html or text, title?, id?, ...}; the keys of Scrapy, news-please, Zyte, Diffbot and Media Cloud items are
understood too. It answers a line for each line when all are stored, and 429 with Retry-After while
RAW is full. One page is POST /v1/documents?url=URL with Content-Type text/html. With -spool it also stores
the files that appear in a directory. A line that is no record is stored as well and becomes a dead record.`,
	Examples: []cli.Example{
		{Line: "ingester -nats nats://127.0.0.1:4222 -http :8080 -ops :9090", Doc: "HTTP intake"},
		{Line: `curl --data-binary @pages.jsonl http://127.0.0.1:8080/v1/documents`, Doc: "send it a file"},
		{Line: "ingester replay -nats nats://127.0.0.1:4222 archive.jsonl.gz pages/", Doc: "an archive"},
	},
	Setup: setup,
	Sub:   []*cli.Command{replayCommand, statusCommand, forgetCommand},
}

// open connects to the broker.
func open(ctx context.Context, env cli.Env, broker *bus.Config) (*bus.Bus, error) {
	if broker.URL == "" && broker.Context == "" {
		return nil, cli.Usagef("-nats is required")
	}
	broker.Log = env.Log
	return bus.Open(ctx, *broker)
}

// connect opens the broker and the streams.
func connect(ctx context.Context, env cli.Env, broker *bus.Config, raw, news bus.StreamConfig) (*bus.Bus, *bus.Stream, error) {
	b, err := open(ctx, env, broker)
	if err != nil {
		return nil, nil, err
	}
	stream, _, err := b.Streams(ctx, raw, news)
	if err != nil {
		b.Close()
		return nil, nil, err
	}
	return b, stream, nil
}

func setup(fs *cli.Flags) cli.RunFunc {
	intake := flags.Intake(fs, "127.0.0.1:8080")
	broker := flags.External(fs, "winnow-ingester")
	var raw, news bus.StreamConfig
	flags.Limits(fs, &raw, &news)
	opsServer := flags.OpsServer(fs, "ingester")
	return func(ctx context.Context, env cli.Env) (err error) {
		defer func(ctx context.Context) { err = cli.IgnoreStop(ctx, err) }(ctx)
		serve, err := intake(env)
		if err != nil {
			return err
		}
		o, err := opsServer(env)
		if err != nil {
			return err
		}
		return o.While(ctx, func(ctx context.Context) error {
			b, stream, err := connect(ctx, env, broker, raw, news)
			if err != nil {
				return err
			}
			defer b.Close()
			o.Ready(stream)
			return serve(ctx, b, stream, ingester.NewMetrics(o.Registry))
		})
	}
}
