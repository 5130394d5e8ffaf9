package flags

import (
	"context"
	"fmt"
	"net"
	"os"
	"strings"
	"time"
	"unicode"

	"golang.org/x/sync/errgroup"

	"winnow/internal/bus"
	"winnow/internal/cli"
	"winnow/internal/ingester"
	"winnow/internal/record"
	"winnow/internal/source"
)

// Replay declares the flags of a replay. The returned function gives its configuration, without
// broker and inputs, once the flags are parsed.
func Replay(fs *cli.Flags) func(cli.Env) (ingester.ReplayConfig, error) {
	var c ingester.ReplayConfig
	fs.Group("Input")
	fs.StringVar(&c.Source, "source", "", "`NAME` of the source, for records that name none; default: the input's name")
	added := fs.String("added", "", "time of intake of the records that bring none, `RFC3339`, so that a replay gives the same bytes again; default: the clock's")
	fs.BoolVar(&c.Restart, "restart", false, "forget what earlier runs stored and take every input from its beginning: what is stored already will become duplicates")
	fs.Float64Var(&c.Rate, "rate", 0, "take at most so many `DOCUMENTS` a second; 0: as fast as it goes")
	fs.IntVar(&c.Options.Readers, "readers", 0, "read `N` files at once; 0: as many as there are CPUs, at most four; changes no result")
	mapping := mappingFlag(fs)
	return func(env cli.Env) (_ ingester.ReplayConfig, err error) {
		if c.Rate < 0 || c.Options.Readers < 0 {
			return c, cli.Usagef("-rate and -readers: want 0 or more")
		}
		if *added != "" {
			if c.Added, err = time.Parse(time.RFC3339, *added); err != nil {
				return c, cli.Usagef("-added %q: want a time such as 2026-11-21T08:00:00Z", *added)
			}
			if record.Future(c.Added, time.Now()) {
				return c, cli.Usagef("-added %q lies in the future: no cleaner would believe it", *added)
			}
		}
		c.Log = env.Log
		c.Options.Stdin = env.Stdin
		c.Options.Mapping, err = mapping()
		return c, err
	}
}

func mappingFlag(fs *cli.Flags) func() (record.Mapping, error) {
	s := fs.String("map", "", "names of the producers' keys, `KEY=FIELD,...`, beside the ones that are understood; as in -map body=text,link=url; a.b is key b of the object under a")
	return func() (record.Mapping, error) {
		if *s == "" {
			return nil, nil
		}
		m, err := record.ParseMapping(*s)
		return m, cli.Usage(err)
	}
}

// Serve takes documents over HTTP, and from the spool directory if there is one, and stores them in RAW
// until its context ends.
type Serve func(ctx context.Context, b *bus.Bus, raw *bus.Stream, metrics *ingester.Metrics) error

// Intake declares the flags of the HTTP intake; addr is the default of -http. The returned
// function checks them, once they are parsed, and gives what serves it.
func Intake(fs *cli.Flags, addr string) func(cli.Env) (Serve, error) {
	var c ingester.IntakeConfig
	fs.Group("HTTP intake")
	fs.StringVar(&addr, "http", addr, "take documents by POST /v1/documents at this `HOST:PORT`")
	tokenFile := fs.String("http-token-file", "", "ask for the bearer token in this `FILE`")
	fs.StringVar(&c.Source, "http-source", "http", "`NAME` of the source, for records that name none")
	fs.Bytes(&c.MaxBody, "http-body", 64<<20, "largest body of a request, `SIZE` after decompression; of its lines, one of more than 32 MiB becomes a dead record")
	fs.Bytes(&c.InFlight, "http-in-flight", 256<<20, "`SIZE` of all requests being handled before new ones must wait")
	fs.DurationVar(&c.Timeout, "http-timeout", time.Minute, "`TIME` a request may take")
	spoolDir := fs.String("spool", "", "store the files that appear in `DIR`, and move them aside into its folder .done, those that cannot be read into .failed; write them under a name that begins with a dot and rename")
	mapping := mappingFlag(fs)
	return func(env cli.Env) (_ Serve, err error) {
		if *tokenFile != "" {
			token, err := os.ReadFile(*tokenFile)
			if err != nil {
				return nil, cli.Usagef("-http-token-file: %w", err)
			}
			if c.Token = strings.TrimSpace(string(token)); c.Token == "" {
				return nil, cli.Usagef("-http-token-file %s is empty", *tokenFile)
			}
			if strings.ContainsFunc(c.Token, unicode.IsSpace) {
				return nil, cli.Usagef("-http-token-file %s: want one token, have several words or lines, which no header can carry", *tokenFile)
			}
		}
		if c.Mapping, err = mapping(); err != nil {
			return nil, err
		}
		return func(ctx context.Context, b *bus.Bus, raw *bus.Stream, metrics *ingester.Metrics) error {
			c.Raw, c.Metrics, c.Log = raw, metrics, env.Log
			in, err := ingester.NewIntake(c)
			if err != nil {
				return err
			}
			var spool *ingester.Spool // held before anybody is served
			if *spoolDir != "" {
				replay := ingester.ReplayConfig{Bus: b, Raw: raw, Log: env.Log, Metrics: metrics, Options: source.Options{Mapping: c.Mapping}}
				if spool, err = ingester.NewSpool(ingester.SpoolConfig{Dir: *spoolDir, Replay: replay}); err != nil {
					return err
				}
				if err := spool.Hold(); err != nil {
					return err
				}
				defer spool.Close()
			}
			listener, err := net.Listen("tcp", addr)
			if err != nil {
				return fmt.Errorf("HTTP intake: %w", err)
			}
			g, ctx := errgroup.WithContext(ctx)
			g.Go(func() error { return in.Serve(ctx, listener) })
			if spool != nil {
				g.Go(func() error { return spool.Run(ctx) })
			}
			return g.Wait()
		}, nil
	}
}
