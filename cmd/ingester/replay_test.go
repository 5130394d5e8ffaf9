package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"winnow/internal/bus"
	"winnow/internal/cli"
)

// On a terminal nothing stays of the status line, however the replay ends, and the summary comes last.
func TestReplayOnATerminal(t *testing.T) {
	b, err := bus.Open(t.Context(), bus.Config{Dir: t.TempDir(), Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	input := filepath.Join(t.TempDir(), "a.jsonl")
	if err := os.WriteFile(input, []byte(strings.Repeat("{\"text\":\"It rained.\"}\n", 5)), 0o644); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		var out bytes.Buffer
		args := []string{"replay", "-nats", b.ClientURL(), "-restart", "-rate", "15", input}
		if code := cli.Run(t.Context(), "ingester", command.Run, cli.Env{Args: args, Stderr: &out, StderrTerminal: true}); code != cli.ExitDone {
			t.Fatalf("exit code %d\n%s", code, &out)
		}
		text := out.String()
		_, last, shown := strings.Cut(text, "replay [")
		if !shown {
			t.Fatalf("no status line in %q", text)
		}
		if last = last[strings.LastIndex(last, "\x1b[K")+3:]; strings.Contains(last, "documents/s") || !strings.Contains(last, "replay done") || !strings.HasSuffix(last, "\n") {
			t.Errorf("the terminal ends with %q", text)
		}
	}
}
