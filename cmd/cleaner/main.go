// Command cleaner folds RAW into NEWS: it strips boilerplate and recognises duplicates. Start two
// and one stands by for the other.
package main

import (
	"context"
	"time"

	"winnow/internal/bus"
	"winnow/internal/cleaner"
	"winnow/internal/cli"
	"winnow/internal/flags"
)

func main() { cli.Main("cleaner", command.Run) }

var command = &cli.Command{
	Name:  "cleaner",
	Short: "turn pages into clean records, duplicates and dead records",
	Long: `Reads RAW and publishes NEWS: for every page, in RAW's order, exactly one clean record, duplicate or
dead record. It keeps its state in -state, goes on after a restart where NEWS ends, and needs no
acknowledgements.

A second cleaner, with a -state of its own, stands by: it keeps its index warm, and takes over when
NEWS stands still while RAW has more.`,
	Examples: []cli.Example{
		{Line: "cleaner -nats nats://127.0.0.1:4222 -state /var/lib/winnow/cleaner -ops :9090", Doc: "one of the services of a pipeline"},
	},
	Setup: setup,
}

func setup(fs *cli.Flags) cli.RunFunc {
	broker := flags.External(fs, "winnow-cleaner")
	config := flags.Cleaner(fs, 3*time.Second)
	dir := fs.String("state", "", "keep the state in `DIR`, which no other cleaner uses")
	var raw, news bus.StreamConfig
	flags.Limits(fs, &raw, &news)
	opsServer := flags.OpsServer(fs, "cleaner")
	return func(ctx context.Context, env cli.Env) (err error) {
		defer func(ctx context.Context) { err = cli.IgnoreStop(ctx, err) }(ctx)
		if err := flags.Required(broker, "-state", *dir); err != nil {
			return err
		}
		cfg, err := config(env.Log)
		if err != nil {
			return err
		}
		broker.Log = env.Log
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
			rawStream, _, err := b.Streams(ctx, raw, news)
			if err != nil {
				return err
			}
			cfg.Bus, cfg.Dir, cfg.Raw, cfg.News, cfg.Metrics = b, *dir, raw, news, cleaner.NewMetrics(o.Registry)
			s, err := cleaner.New(cfg)
			if err != nil {
				return err
			}
			o.Check("cleaner", s.Check)
			o.Ready(rawStream)
			return s.Run(ctx)
		})
	}
}
