package flags_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"winnow/internal/bus"
	"winnow/internal/cleaner"
	"winnow/internal/cli"
	"winnow/internal/flags"
	"winnow/internal/sink"
	"winnow/pkg/dedupe"
)

// parse runs a command with these arguments and variables; declare declares its flags and returns what looks
// at them afterwards.
func parse(t *testing.T, vars map[string]string, declare func(*cli.Flags) func(cli.Env), args ...string) {
	t.Helper()
	c := &cli.Command{Name: "x", Setup: func(fs *cli.Flags) cli.RunFunc {
		look := declare(fs)
		return func(_ context.Context, env cli.Env) error { look(env); return nil }
	}}
	if err := c.Run(t.Context(), cli.Env{Name: "x", Args: args, Getenv: func(k string) string { return vars[k] }}); err != nil {
		t.Fatal(err)
	}
}

func TestLimits(t *testing.T) {
	var raw, news bus.StreamConfig
	limits := func(broker func(*cli.Flags, string) *bus.Config) func(fs *cli.Flags) func(cli.Env) {
		return func(fs *cli.Flags) func(cli.Env) {
			raw, news = bus.StreamConfig{}, bus.StreamConfig{}
			broker(fs, "test")
			flags.Limits(fs, &raw, &news)
			return func(cli.Env) {}
		}
	}
	declare := limits(flags.External)
	vars := map[string]string{"WINNOW_RAW_BYTES": "2GB", "WINNOW_NEWS_BYTES": "1GB"}
	parse(t, vars, declare, "-raw-bytes", "3GB", "-replicas", "3", "-change-limits")
	want := bus.StreamConfig{MaxBytes: 3e9, Replicas: 3, Update: true}
	if d := cmp.Diff(want, raw); d != "" {
		t.Error("RAW:", d)
	}
	want.MaxBytes = 1e9
	if d := cmp.Diff(want, news); d != "" {
		t.Error("NEWS:", d)
	}
	parse(t, nil, declare)
	if d := cmp.Diff([]bus.StreamConfig{{}, {}}, []bus.StreamConfig{raw, news}); d != "" {
		t.Error("without flags: ", d)
	}
	// The variables are for services that share a broker; one that nobody else uses keeps what it has.
	parse(t, vars, limits(flags.Embedded))
	if raw.MaxBytes != 0 || news.MaxBytes != 0 {
		t.Errorf("embedded broker: %+v %+v", raw, news)
	}
}

// What a live pipeline has written to segments stays in NEWS for a while, for consumers that lag; clean, whose
// broker nobody can reach, keeps nothing.
func TestKeepNews(t *testing.T) {
	for _, tt := range []struct {
		keep uint64
		args []string
		want uint64
	}{
		{flags.KeepNews, nil, 1_000_000},
		{flags.KeepNews, []string{"-keep-news", "5"}, 5},
		{0, nil, 0},
	} {
		var cfg *sink.Config
		parse(t, nil, func(fs *cli.Flags) func(cli.Env) {
			cfg = flags.Sink(fs, 0, true, tt.keep)
			return func(cli.Env) {}
		}, tt.args...)
		if cfg.Keep != tt.want || !cfg.Trim {
			t.Errorf("%v: keeps %d, want %d", tt.args, cfg.Keep, tt.want)
		}
	}
}

// The bound of the index is one of the parameters that are stored with the state.
func TestIndexDocs(t *testing.T) {
	for args, want := range map[string]int{"": 10_000_000, "-index-docs=1234": 1234} {
		var list []string
		if args != "" {
			list = []string{args}
		}
		parse(t, nil, func(fs *cli.Flags) func(cli.Env) {
			config := flags.Cleaner(fs, 0)
			return func(env cli.Env) {
				cfg, err := config(env.Log)
				if err != nil {
					t.Fatal(err)
				}
				base, err := cleaner.DefaultParams()
				if err != nil {
					t.Fatal(err)
				}
				base.Dedupe.MaxDocs = want
				if d := cmp.Diff(base, cfg.Params); d != "" {
					t.Errorf("%q: %s", args, d)
				}
			}
		}, list...)
	}
}

// The seed comes from a file that a flag or its variable names, and an error about states that differ does not tell it.
func TestHashSeed(t *testing.T) {
	dir := t.TempDir()
	for name, secret := range map[string]string{"a": "five seeds\n", "b": "five seeds", "c": "other", "empty": "\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(secret), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	seed := func(variable, flag string) (p dedupe.Params, err error) {
		var args []string
		if flag != "" {
			args = []string{"-hash-seed-file", filepath.Join(dir, flag)}
		}
		vars := map[string]string{}
		if variable != "" {
			vars["WINNOW_HASH_SEED_FILE"] = filepath.Join(dir, variable)
		}
		parse(t, vars, func(fs *cli.Flags) func(cli.Env) {
			copies := flags.Dedupe(fs, "Copies")
			return func(cli.Env) { p, err = copies() }
		}, args...)
		return p, err
	}
	none, _ := seed("", "")
	a, _ := seed("a", "")
	b, _ := seed("c", "b")
	c, _ := seed("c", "")
	if none != dedupe.DefaultParams() || a.Seed == none.Seed || b != a || c.Seed == a.Seed {
		t.Errorf("seeds %x, %x, %x, %x", uint64(none.Seed), uint64(a.Seed), uint64(b.Seed), uint64(c.Seed))
	}
	for _, bad := range []string{"empty", "missing"} {
		if _, err := seed("", bad); err == nil {
			t.Errorf("%s: no error", bad)
		}
	}
	e := &dedupe.ParamsError{Fields: []string{"Seed"}, Want: none, Have: a}
	if s := e.Error(); strings.Contains(s, fmt.Sprint(uint64(a.Seed))) || !strings.Contains(s, "Seed") {
		t.Error(s)
	}
}
