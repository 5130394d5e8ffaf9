package flags_test

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"testing"

	"winnow/internal/bus"
	"winnow/internal/cli"
	"winnow/internal/flags"
	"winnow/internal/ingester"
	"winnow/internal/lockfile"
)

// An intake whose spool directory another process holds never listens: where its port is taken too, the directory
// is what it ends for.
func TestIntakeHoldsSpoolBeforeItListens(t *testing.T) {
	dir := t.TempDir()
	held, err := lockfile.Hold(filepath.Join(dir, ".lock"))
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	b, err := bus.Open(t.Context(), bus.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	raw, err := b.Raw(t.Context(), bus.StreamConfig{})
	if err != nil {
		t.Fatal(err)
	}
	c := &cli.Command{Name: "x", Setup: func(fs *cli.Flags) cli.RunFunc {
		intake := flags.Intake(fs, "")
		return func(ctx context.Context, env cli.Env) error {
			serve, err := intake(env)
			if err != nil {
				return err
			}
			return serve(ctx, b, raw, ingester.NewMetrics(nil))
		}
	}}
	err = c.Run(t.Context(), cli.Env{Name: "x", Args: []string{"-http", taken.Addr().String(), "-spool", dir}, Getenv: func(string) string { return "" }})
	if !errors.Is(err, lockfile.ErrHeld) {
		t.Errorf("error %v, want %v", err, lockfile.ErrHeld)
	}
}
