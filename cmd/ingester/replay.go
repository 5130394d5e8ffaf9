package main

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"winnow/internal/bus"
	"winnow/internal/cli"
	"winnow/internal/flags"
	"winnow/internal/ingester"
)

var replayCommand = &cli.Command{
	Name:  "replay",
	Args:  "INPUT...",
	Short: "bring archives into RAW, resuming where an earlier run was stopped or killed",
	Long: `Reads files, directories, globs or - (standard input): WARC, JSON lines, CSV, Parquet, HTML, text, feeds, tar
and zip; gzip and zstd. Several files are read at once; RAW holds the inputs in the order given, and the files of a directory or glob in
the order of their paths. Its position is kept in the broker; run again, it continues with the first document
that is not in RAW, and an input that is done costs nothing. It exits with 3 when documents of the inputs are no
records, whichever run stored them, or files were left out.`,
	Examples: []cli.Example{
		{Line: "ingester replay -nats nats://127.0.0.1:4222 -added 2026-11-21T00:00:00Z archive.jsonl.gz", Doc: "the same output every time"},
	},
	Setup: func(fs *cli.Flags) cli.RunFunc {
		config := flags.Replay(fs)
		broker := flags.External(fs, "winnow-replay")
		var raw, news bus.StreamConfig
		flags.Limits(fs, &raw, &news)
		return func(ctx context.Context, env cli.Env) error {
			if len(env.Args) == 0 {
				return cli.Usagef("an input is missing")
			}
			cfg, err := config(env)
			if err != nil {
				return err
			}
			b, stream, err := connect(ctx, env, broker, raw, news)
			if err != nil {
				return err
			}
			defer b.Close()
			cfg.Bus, cfg.Raw, cfg.Inputs = b, stream, env.Args
			r, err := ingester.NewReplay(cfg)
			if err != nil {
				return err
			}
			p := r.Progress()
			g, running := errgroup.WithContext(ctx)
			showing, shown := context.WithCancel(running)
			g.Go(func() error {
				cli.Progress(showing, env, "replay", func() cli.Sample {
					return cli.Sample{Done: p.Documents.Load() + p.Skipped.Load(), Total: p.Total(), Unit: "documents", Extra: []cli.Tally{{Name: "skipped", N: p.Skipped.Load()}}}
				})
				return nil
			})
			g.Go(func() error {
				defer shown()
				return r.Run(running)
			})
			if err := g.Wait(); err != nil {
				return err
			}
			env.Log.Info("replay done", "documents", p.Documents.Load(), "malformed", p.Malformed.Load(), "stored_before", p.Skipped.Load(),
				"files_left_out", p.LeftOut.Load(), "records_passed_over", p.Passed())
			if n := p.Dead.Load(); n > 0 {
				return fmt.Errorf("%w: %s documents of the inputs are no records", cli.ErrDead, cli.Count(n))
			}
			if n := p.LeftOut.Load(); n > 0 {
				return fmt.Errorf("%w: %s", cli.ErrLeftOut, cli.Count(n))
			}
			return nil
		}
	},
}
