// Package flags declares the command-line flags of the services, once, for the programs that run
// them one by one and for those that run them together.
package flags

import (
	"cmp"
	"errors"
	"log/slog"
	"strconv"
	"time"

	"winnow/internal/bus"
	"winnow/internal/cleaner"
	"winnow/internal/cli"
	"winnow/pkg/boilerplate"
)

// External declares the flags of a connection to a broker that runs elsewhere. The returned
// configuration is filled when the flags are parsed.
func External(fs *cli.Flags, name string) *bus.Config {
	c := &bus.Config{Name: name}
	fs.Group("Broker")
	external(fs, c)
	namespace(fs, c)
	return c
}

// Embedded declares the flags of a broker inside this process.
func Embedded(fs *cli.Flags, name string) *bus.Config {
	c := &bus.Config{Name: name}
	fs.Group("Broker")
	embedded(fs, c)
	namespace(fs, c)
	return c
}

// Either declares the flags of both: without -nats the broker is inside this process.
func Either(fs *cli.Flags, name string) *bus.Config {
	c := &bus.Config{Name: name}
	fs.Group("Broker inside this process")
	embedded(fs, c)
	fs.Group("Broker elsewhere")
	external(fs, c)
	fs.Group("Broker")
	namespace(fs, c)
	return c
}

// Required returns wrong usage unless a broker is named and the flag with the name has a value.
func Required(broker *bus.Config, name, value string) error {
	switch nowhere := broker.URL == "" && broker.Context == ""; {
	case nowhere && value == "":
		return cli.Usagef("-nats and %s are required", name)
	case nowhere:
		return cli.Usagef("-nats is required")
	case value == "":
		return cli.Usagef("%s is required", name)
	}
	return nil
}

func external(fs *cli.Flags, c *bus.Config) {
	fs.StringVar(&c.URL, "nats", "", "servers of the broker, a comma-separated list of `URL`s")
	fs.Env("nats", "WINNOW_NATS")
	fs.StringVar(&c.Context, "nats-context", "", "connect as a `FILE` of the nats tool's contexts says")
	fs.StringVar(&c.Creds, "creds", "", "credentials `FILE` (JWT and seed)")
	fs.StringVar(&c.NKey, "nkey", "", "`FILE` with an nkey seed")
	fs.StringVar(&c.TokenFile, "token-file", "", "`FILE` with a token")
	fs.StringVar(&c.User, "user", "", "user `NAME`")
	fs.StringVar(&c.PasswordFile, "password-file", "", "`FILE` with the user's password")
	fs.StringVar(&c.TLSCert, "tls-cert", "", "client certificate `FILE`, PEM")
	fs.StringVar(&c.TLSKey, "tls-key", "", "`FILE` with the certificate's key, PEM")
	fs.StringVar(&c.TLSCA, "tls-ca", "", "`FILE` with the authorities to trust instead of the system's, PEM")
}

func embedded(fs *cli.Flags, c *bus.Config) {
	fs.StringVar(&c.Listen, "listen", "", "let NATS clients in at this `HOST:PORT`; without it no port is opened")
	fs.Enum(&c.Sync, "sync", "always", []string{"always", "interval"},
		"when the broker's files are synced: always survives a power cut, interval is faster and may lose the last two minutes to one")
	fs.Bytes(&c.MaxStore, "store", bus.DefaultMaxStore, "disk `SIZE` the broker may use")
}

func namespace(fs *cli.Flags, c *bus.Config) {
	fs.Func("namespace", "`NAME` that keeps several pipelines apart on one broker", func(v string) error {
		c.Namespace = v
		return bus.CheckNamespace(v)
	})
	fs.Env("namespace", "WINNOW_NAMESPACE")
}

// Limits declares the limits of the streams, used when they are made, or when they are to be changed. Call
// it after the broker's flags.
func Limits(fs *cli.Flags, raw, news *bus.StreamConfig) {
	fs.Group("Streams")
	fs.Bytes(&raw.MaxBytes, "raw-bytes", 0, "disk `SIZE` RAW may take before publishers must wait; 0: what it has, a new one the broker's limit alone")
	fs.Bytes(&news.MaxBytes, "news-bytes", 0, "disk `SIZE` NEWS may take before the cleaner must wait; 0: what it has, a new one the broker's limit alone")
	if fs.Lookup("nats") != nil { // several services on one broker must agree
		fs.Env("raw-bytes", "WINNOW_RAW_BYTES")
		fs.Env("news-bytes", "WINNOW_NEWS_BYTES")
	}
	fs.Func("replicas", "copies of the streams in a cluster, `N`; 0: what they have, new ones one", func(v string) error {
		n, err := strconv.ParseUint(v, 10, 8)
		raw.Replicas, news.Replicas = int(n), int(n)
		if err != nil {
			return errors.New("want a whole number, 0 or more")
		}
		return nil
	})
	fs.BoolFunc("change-limits", "change the limits of the streams that exist to those given, instead of refusing to start", func(v string) error {
		change, err := strconv.ParseBool(v)
		raw.Update, news.Update = change, change
		return err
	})
}

// Cleaner declares the cleaner's flags. The returned function gives its configuration, without
// bus and directory, once the flags are parsed.
func Cleaner(fs *cli.Flags, takeOver time.Duration) func(*slog.Logger) (cleaner.Config, error) {
	c := cleaner.Config{Trim: true}
	var rules []string
	fs.Group("Cleaner")
	learn := fs.Bool("learn", true, "learn each site's template from its pages")
	fs.Strings(&rules, "rules", "phrase rules beside the built-in ones, from `FILE` (its form: go doc ./pkg/boilerplate Rules); may be given several times")
	fs.IntVar(&c.Batch, "batch", 0, "largest batch in `DOCUMENTS`; 0: 1,000; changes no result")
	fs.IntVar(&c.Workers, "workers", 0, "`GOROUTINES` for the pure steps; 0: one a CPU; changes no result")
	fs.DurationVar(&c.Snapshot, "snapshot", time.Minute, "`TIME` between snapshots of the state")
	fs.BoolVar(&c.Trim, "trim", true, "trim RAW behind the snapshots")
	if takeOver > 0 {
		fs.DurationVar(&c.TakeOver, "take-over", takeOver, "stand by until NEWS has stood still for this `TIME` while RAW has more")
	}
	copies := Dedupe(fs, "Copies: stored with the state, which refuses others")
	var policy string
	fs.Enum(&policy, "policy", cleaner.Drop, []string{cleaner.Drop, cleaner.Tag},
		"what becomes of a copy: drop publishes its head, without text, to dup.>; tag its whole record to clean.>, the earlier record first in its overlaps")
	return func(log *slog.Logger) (cleaner.Config, error) {
		var err error
		if c.Rules, err = boilerplate.LoadRules(rules...); err != nil {
			return c, cli.Usagef("-rules: %w", err)
		}
		if c.Params, err = cleaner.DefaultParams(rules...); err != nil {
			return c, cli.Usage(err)
		}
		c.Params.Learn, c.Params.Policy = *learn, policy
		if c.Params.Dedupe, err = copies(); err != nil {
			return c, err
		}
		c.Log = cmp.Or(log, slog.Default())
		return c, nil
	}
}
