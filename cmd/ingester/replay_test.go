package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"winnow/internal/bus"
	"winnow/internal/cli"
)

// terminal keeps what is written, and calls shown whenever it has the text.
type terminal struct {
	said  bytes.Buffer
	text  string
	shown func()
}

func (t *terminal) Write(b []byte) (int, error) {
	n, err := t.said.Write(b)
	if strings.Contains(t.said.String(), t.text) {
		t.shown()
	}
	return n, err
}

// On a terminal nothing stays of the status line, however the replay ends, and the summary comes last. The replay does
// not end before the line was shown.
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
		in, rest := io.Pipe()
		const status = " documents  " // and then how many a second
		out := &terminal{text: status, shown: func() { rest.Close() }}
		args := []string{"replay", "-nats", b.ClientURL(), "-restart", input, "-"}
		if code := cli.Run(t.Context(), "ingester", command.Run, cli.Env{Args: args, Stdin: in, Stderr: out, StderrTerminal: true}); code != cli.ExitDone {
			t.Fatalf("exit code %d\n%s", code, &out.said)
		}
		text := out.said.String()
		_, last, shown := strings.Cut(text, status)
		if !shown {
			t.Fatalf("no status line in %q", text)
		}
		if last = last[strings.LastIndex(last, "\x1b[K")+3:]; strings.Contains(last, "documents/s") || !strings.Contains(last, "replay done") || !strings.HasSuffix(last, "\n") {
			t.Errorf("the terminal ends with %q", text)
		}
	}
}

// Dead records and files left out are exit code 3, also of a run that finds the input done.
func TestReplayLeavesOut(t *testing.T) {
	b, err := bus.Open(t.Context(), bus.Config{Dir: t.TempDir(), Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	for _, tt := range []struct {
		name, file, data, says string
		code                   int
	}{
		{"good", "a.jsonl", `{"text":"It rained."}`, "", cli.ExitDone},
		{"a broken line", "a.jsonl", "{\"text\":\"It rained.\"}\nrain", "done, with dead records: 1 documents of the inputs are no records", cli.ExitDead},
		{"an image", "a.gif", "GIF89a", "done, with files left out: 1", cli.ExitDead},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, data := range map[string]string{tt.file: tt.data, "b.txt": "It shone."} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			for _, stored := range []string{"stored_before=0", "documents=0"} {
				if _, log := ingest(t, tt.code, "replay", "-nats", b.ClientURL(), dir); !strings.Contains(log, tt.says) || !strings.Contains(log, stored) {
					t.Errorf("it says\n%s", log)
				}
			}
		})
	}
}
