package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"winnow/internal/bus"
	"winnow/internal/cleaner"
	"winnow/internal/cli"
	"winnow/internal/flags"
	"winnow/internal/ingester"
	"winnow/internal/sink"
)

var cleanCommand = &cli.Command{
	Name:  "clean",
	Args:  "INPUT...",
	Short: "the main job: files in, clean compressed segments out",
	Long: `Reads files, directories, globs or - (standard input) in the order given: WARC, JSON lines, CSV,
Parquet, HTML, text, feeds, tar and zip; gzip and zstd. Strips boilerplate, recognises duplicates and writes segments to -out: clean records
under date=DAY/, duplicates under dup/, dead records with the reason under dead/.

Everything runs in this process on an embedded broker that opens no port; its files and the state
lie in a hidden folder of -out. Killed and started again with the same inputs it goes on where it
was; once finished it does nothing. It exits with 3 when there were dead records or
files left out.`,
	Examples: []cli.Example{
		{Line: "winnow clean -out clean/ pages/ archive.jsonl.gz", Doc: "a directory and an archive"},
		{Line: "winnow clean -out clean/ -added 2026-11-21T00:00:00Z archive.jsonl.gz", Doc: "the same bytes every time"},
		{Line: "winnow clean -json - < items.jsonl", Doc: "from a pipe, the summary as JSON"},
	},
	Setup: setupClean,
}

// cleanRun is one run of the main job.
type cleanRun struct {
	env    cli.Env
	broker *bus.Config
	replay ingester.ReplayConfig
	clean  cleaner.Config
	sink   *sink.Config
	raw    bus.StreamConfig
	news   bus.StreamConfig
	ops    *flags.Ops
	done   *ingester.Progress // once it runs
}

func setupClean(fs *cli.Flags) cli.RunFunc {
	out := fs.String("out", "winnow-out", "write segments to `DIR`, or s3://BUCKET/PREFIX")
	state := fs.String("state", "", "keep the broker's files and the state in `DIR`; default: a hidden folder of -out")
	asJSON := fs.Bool("json", false, "print the summary as one line of JSON")
	replay := flags.Replay(fs)
	clean := flags.Cleaner(fs, 0)
	sinkConfig := flags.Sink(fs, 0, true, 0)
	store := flags.Store(fs)
	broker := flags.Embedded(fs, "winnow")
	var raw, news bus.StreamConfig
	flags.Limits(fs, &raw, &news)
	opsServer := flags.OpsServer(fs, "winnow")
	return func(ctx context.Context, env cli.Env) (err error) {
		if len(env.Args) == 0 {
			return cli.Usagef("an input is missing: name files, directories, globs, or - for standard input")
		}
		if err := outside(*out, env.Args); err != nil && !flags.Remote(*out) {
			return err
		}
		r := &cleanRun{env: env, broker: broker, sink: sinkConfig, raw: raw, news: news}
		services := env
		services.Log = slog.New(warnings{env.Log.Handler()})
		if r.replay, err = replay(services); err != nil {
			return err
		}
		if r.clean, err = clean(services.Log); err != nil {
			return err
		}
		if err := stateDir(state, *out); err != nil {
			return err
		}
		if sinkConfig.Store, err = store(ctx, env, *out); err != nil {
			return err
		}
		if r.ops, err = opsServer(env); err != nil {
			return err
		}
		broker.Dir, r.clean.Dir = filepath.Join(*state, "broker"), filepath.Join(*state, "cleaner")
		start := time.Now()
		if err := os.MkdirAll(*state, 0o755); err != nil {
			return err
		}
		if err := r.run(ctx); err != nil {
			r.unfinished(err)
			return err
		}
		return r.report(ctx, *out, time.Since(start), *asJSON)
	}
}

// stateDir chooses the folder for broker and state, unless it was named.
func stateDir(state *string, out string) error {
	switch {
	case *state != "":
	case flags.Remote(out):
		return cli.Usagef("-state is required when -out is %s: broker and cleaner keep their files there", out)
	default:
		*state = filepath.Join(out, ".winnow")
	}
	return nil
}

// outside makes sure that no input contains the output, which would become input at the next run.
func outside(out string, inputs []string) error {
	abs, err := filepath.Abs(out)
	if err != nil {
		return err
	}
	for _, in := range inputs {
		dir, err := filepath.Abs(in)
		if err != nil {
			return err
		}
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			continue
		}
		if rel, err := filepath.Rel(dir, abs); err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
			return cli.Usagef("the output %s lies in the input %s and would be read as input at the next run: choose another -out", out, in)
		}
	}
	return nil
}

// warnings is a log handler for services whose coming and going is nobody's business, unless
// somebody debugs.
type warnings struct{ slog.Handler }

func (w warnings) Enabled(ctx context.Context, l slog.Level) bool {
	return w.Handler.Enabled(ctx, l) && (l >= slog.LevelWarn || w.Handler.Enabled(ctx, slog.LevelDebug))
}

// refusals are errors that the same command meets again: they say what to do themselves.
var refusals = []error{cleaner.ErrParams, cleaner.ErrHistory, sink.ErrHistory, sink.ErrTrimmed, sink.ErrAhead}

// unfinished says what there is of a run that failed with why.
func (r *cleanRun) unfinished(why error) {
	if r.done == nil || slices.ContainsFunc(refusals, func(refusal error) bool { return errors.Is(why, refusal) }) {
		return
	}
	if n := r.done.Documents.Load() + r.done.Skipped.Load(); n > 0 {
		r.env.Log.Warn("not finished: the same command goes on from here", "documents_stored", n, "written", r.sink.Metrics.Written())
	}
}

// run brings the inputs through the services.
func (r *cleanRun) run(ctx context.Context) (err error) {
	r.broker.Log = r.clean.Log
	b, err := bus.Open(ctx, *r.broker)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	rawStream, newsStream, err := b.Streams(ctx, r.raw, r.news)
	if err != nil {
		return err
	}
	r.ops.Ready(newsStream)
	until := make(chan uint64, 1)
	r.replay.Bus, r.replay.Raw, r.replay.Inputs, r.replay.Metrics = b, rawStream, r.env.Args, ingester.NewMetrics(r.ops.Registry)
	r.clean.Bus, r.clean.Raw, r.clean.News, r.clean.Metrics = b, r.raw, r.news, cleaner.NewMetrics(r.ops.Registry)
	r.sink.News, r.sink.Until, r.sink.Log, r.sink.Metrics = newsStream, until, r.clean.Log, sink.NewMetrics(r.ops.Registry)
	replay, err1 := ingester.NewReplay(r.replay)
	clean, err2 := cleaner.New(r.clean)
	write, err3 := sink.New(*r.sink)
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}

	r.done = replay.Progress()
	g, running := errgroup.WithContext(ctx)
	cleaning, cleaned := context.WithCancel(running)
	showing, shown := context.WithCancel(running)
	defer cleaned()
	defer shown()
	g.Go(func() error { return r.ops.Run(showing) })
	g.Go(func() error {
		cli.Progress(showing, r.env, "clean", func() cli.Sample { return sample(replay.Progress(), r.clean.Metrics) })
		return nil
	})
	g.Go(func() error { return clean.Run(cleaning) })
	g.Go(func() error {
		defer shown()
		return write.Run(running)
	})
	g.Go(func() error {
		if err := replay.Run(running); err != nil {
			return err
		}
		last, err := caughtUp(running, rawStream, newsStream)
		if err != nil {
			return err
		}
		select {
		case <-clean.Ready(): // or the settings are refused, also when there is nothing to clean
		case <-running.Done():
			return context.Cause(running)
		}
		cleaned() // nothing more to clean: it writes its snapshot and ends
		until <- last
		return nil
	})
	if err := g.Wait(); err != nil {
		return err
	}
	return context.Cause(ctx)
}

// caughtUp waits until NEWS has a verdict for every message of RAW and returns the last sequence.
func caughtUp(ctx context.Context, raw, news *bus.Stream) (uint64, error) {
	for {
		r, err := raw.State(ctx)
		if err != nil {
			return 0, err
		}
		n, err := news.State(ctx)
		if err != nil || n.Last >= r.Last {
			return r.Last, err
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		}
	}
}

// sample is what the progress line shows.
func sample(in *ingester.Progress, folded *cleaner.Metrics) cli.Sample {
	t := folded.Tally()
	return cli.Sample{
		Done: in.Documents.Load() + in.Skipped.Load(), Total: in.Total(), Unit: "documents",
		Extra: []cli.Tally{{Name: "clean", N: int64(t.Clean)}, {Name: "dup", N: int64(t.DupTotal())}, {Name: "dead", N: int64(t.DeadTotal())}},
	}
}

// report prints the summary of everything in dir and says with the exit code whether there are
// dead records or files left out.
func (r *cleanRun) report(ctx context.Context, dir string, took time.Duration, asJSON bool) error {
	s, err := summarize(ctx, r.sink.Store, dir)
	if err != nil {
		return err
	}
	s.LeftOut, s.Passed = r.done.LeftOut.Load(), r.done.Passed()
	s.Run = runSummary{Documents: r.sink.Metrics.Written(), Seconds: took.Seconds()}
	if asJSON {
		err = s.writeJSON(r.env.Stdout)
	} else {
		err = s.write(r.env.Stdout, dir)
	}
	if err == nil && s.Dead > 0 {
		err = fmt.Errorf("%w: %s of them, see `winnow cat -kind dead %s`", cli.ErrDead, cli.Count(s.Dead), dir)
	}
	if err == nil && s.LeftOut > 0 {
		err = fmt.Errorf("%w: %s", cli.ErrLeftOut, cli.Count(s.LeftOut))
	}
	return err
}
