// Package examples_test runs the example clients against the real intake.
package examples_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"winnow/internal/bus"
	"winnow/internal/ingester"
	"winnow/internal/record"
)

// Each client stores every document once, through an intake that asks for a token and refuses some at first because
// RAW is full. The proxy that a crawl goes through is not asked for an intake on the same machine.
func TestClients(t *testing.T) {
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, program string
		args          []string
		files         bool // not standard input
	}{
		{"Go", "go", []string{"run", "./send", "-batch", "20000", "-token-file", token, "-url"}, false},
		{"Go, files", "go", []string{"run", "./send", "-batch", "20000", "-token-file", token, "-url"}, true},
		{"Python", "python3", []string{"scrapy/winnow_pipeline.py", "20000"}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := exec.LookPath(tt.program); err != nil {
				t.Skipf("%s is not here", tt.program)
			}
			b, err := bus.Open(t.Context(), bus.Config{Dir: t.TempDir()})
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			raw, err := b.Raw(t.Context(), bus.StreamConfig{MaxBytes: 128 << 10})
			if err != nil {
				t.Fatal(err)
			}
			in, err := ingester.NewIntake(ingester.IntakeConfig{Raw: raw, Token: "secret"})
			if err != nil {
				t.Fatal(err)
			}
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			go in.Serve(ctx, listener)
			const n = 60
			var lines [2]strings.Builder
			for i := range n {
				fmt.Fprintf(&lines[2*i/n], "{\"id\":\"%d\",\"text\":\"%s\"}\n", i, strings.Repeat("It rained. ", 400))
			}
			cmd := exec.CommandContext(ctx, tt.program, append(tt.args, "http://"+listener.Addr().String())...)
			cmd.Env = append(os.Environ(), "WINNOW_TOKEN_FILE="+token, "http_proxy=http://127.0.0.1:1")
			for i := range lines {
				if !tt.files {
					cmd.Stdin = strings.NewReader(lines[0].String() + lines[1].String())
					break
				}
				path := filepath.Join(t.TempDir(), fmt.Sprint(i, ".jsonl"))
				if err := os.WriteFile(path, []byte(lines[i].String()), 0o644); err != nil {
					t.Fatal(err)
				}
				cmd.Args = append(cmd.Args, path)
			}
			done := make(chan error, 1)
			go func() {
				out, err := cmd.CombinedOutput()
				if err != nil {
					err = fmt.Errorf("%w\n%s", err, out)
					cancel()
				}
				done <- err
			}()
			seen := map[string]int{}
			reader := raw.Reader(1, 0)
			defer reader.Close()
			for len(seen) < n {
				msgs, err := reader.Next(ctx, 8)
				if ctx.Err() != nil {
					t.Fatal(<-done)
				}
				if err != nil {
					t.Fatal(err)
				}
				for _, m := range msgs {
					r, err := record.ParseRaw(m.Data, nil)
					if err != nil {
						t.Fatal(err)
					}
					seen[r.ID]++
				}
				if err := raw.Trim(ctx, msgs[len(msgs)-1].Seq); err != nil {
					t.Fatal(err)
				}
			}
			if err := <-done; err != nil {
				t.Fatal(err)
			}
			for id, times := range seen {
				if times != 1 {
					t.Errorf("document %s came %d times", id, times)
				}
			}
		})
	}
}
