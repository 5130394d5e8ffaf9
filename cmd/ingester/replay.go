package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"winnow/internal/bus"
	"winnow/internal/cli"
	"winnow/internal/flags"
	"winnow/internal/ingester"
)

var replayCommand = &cli.Command{
	Name:  "replay",
	Args:  "INPUT...",
	Short: "bring archives into RAW, resuming where an earlier run was stopped or killed",
	Long: `Reads files, directories, globs or - (standard input) in the order given: WARC, JSON lines, CSV,
Parquet, HTML, text, feeds, tar and zip; gzip and zstd. Its position is kept in the broker; run again, it continues with the first document
that is not in RAW, and an input that is done costs nothing.`,
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
			watch, done := context.WithCancel(ctx)
			defer done()
			p := r.Progress()
			go cli.Progress(watch, env, "replay", func() cli.Sample {
				return cli.Sample{Done: p.Documents.Load() + p.Skipped.Load(), Total: p.Total(), Unit: "documents", Extra: []cli.Tally{{Name: "skipped", N: p.Skipped.Load()}}}
			})
			if err := r.Run(ctx); err != nil {
				return err
			}
			env.Log.Info("replay done", "documents", p.Documents.Load(), "malformed", p.Malformed.Load(), "stored_before", p.Skipped.Load(),
				"files_left_out", p.LeftOut.Load(), "records_passed_over", p.Passed.Load())
			return nil
		}
	},
}

var statusCommand = &cli.Command{
	Name:  "status",
	Short: "list the replays the broker knows and how far they are",
	Long: `STATE is done, open (running, or stopped before its end) or begun (nothing stored yet). RAW is the sequence of the
last document stored: while a replay is open, RAW is not trimmed past it. KEY names the input for ingester forget.`,
	Setup: func(fs *cli.Flags) cli.RunFunc {
		return withCheckpoints(fs, func(ctx context.Context, env cli.Env, checkpoints *bus.Checkpoints) error {
			list, err := checkpoints.List(ctx)
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(env.Stdout, 0, 8, 2, ' ', 0)
			fmt.Fprintln(w, "STATE\tDOCUMENTS\tRAW\tUPDATED\tKEY\tINPUT")
			for i := range list {
				if cp := &list[i]; cp.Replay() {
					fmt.Fprintf(w, "%s\t%d\t%d\t%s\t%s\t%s\n", stateOf(cp), cp.Count, cp.Seq, cp.Updated.Format(time.RFC3339), cp.Input, cp.Path)
				}
			}
			return w.Flush()
		})
	},
}

func stateOf(cp *bus.Checkpoint) string {
	switch {
	case cp.Done:
		return "done"
	case cp.Count == 0:
		return "begun"
	}
	return "open"
}

var forgetCommand = &cli.Command{
	Name:  "forget",
	Args:  "INPUT...",
	Short: "forget replays that nobody will continue, so that RAW can be trimmed",
	Long: `An INPUT is a path as it was given to replay, or a KEY of ingester status. What is stored stays. Replayed again, a
forgotten input is taken from its beginning, and what was stored of it becomes duplicates. Do not forget an
input whose replay is running: the replay would stop with an error.`,
	Examples: []cli.Example{{Line: "ingester forget -nats nats://127.0.0.1:4222 old/crawl.warc.gz"}},
	Setup: func(fs *cli.Flags) cli.RunFunc {
		forget := withCheckpoints(fs, func(ctx context.Context, env cli.Env, checkpoints *bus.Checkpoints) error {
			list, err := checkpoints.List(ctx)
			if err != nil {
				return err
			}
			for _, input := range env.Args {
				known := false
				for i := range list {
					cp := &list[i]
					if !cp.Replay() || cp.Input != input && cp.Path != input {
						continue
					}
					known = true
					if err := checkpoints.Delete(ctx, cp.Input); err != nil {
						return err
					}
					fmt.Fprintf(env.Stdout, "forgot %s (%s), %d documents stored\n", cp.Path, stateOf(cp), cp.Count)
				}
				if !known {
					return fmt.Errorf("no replay of %s is known: see ingester status", input)
				}
			}
			return nil
		})
		return func(ctx context.Context, env cli.Env) error {
			if len(env.Args) == 0 {
				return cli.Usagef("an input is missing")
			}
			return forget(ctx, env)
		}
	},
}

// withCheckpoints makes a command of a function over the broker's checkpoints.
func withCheckpoints(fs *cli.Flags, f func(context.Context, cli.Env, *bus.Checkpoints) error) cli.RunFunc {
	broker := flags.External(fs, "winnow-status")
	return func(ctx context.Context, env cli.Env) error {
		b, _, err := connect(ctx, env, broker, bus.StreamConfig{}, bus.StreamConfig{})
		if err != nil {
			return err
		}
		defer b.Close()
		checkpoints, err := b.Checkpoints(ctx)
		if err != nil {
			return err
		}
		return f(ctx, env, checkpoints)
	}
}
