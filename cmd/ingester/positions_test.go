package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"winnow/internal/bus"
	"winnow/internal/cli"
	"winnow/internal/ingester"
)

// ingest runs the command, in this process, and returns what it says.
func ingest(t *testing.T, code int, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, log bytes.Buffer
	if got := cli.Run(t.Context(), "ingester", command.Run, cli.Env{Args: args, Stdout: &out, Stderr: &log}); got != code {
		t.Fatalf("ingester %v: exit code %d, want %d\n%s", args, got, code, &log)
	}
	return out.String(), log.String()
}

// half replays the beginning of a file, as a replay does that is stopped.
func half(t *testing.T, b *bus.Bus, raw *bus.Stream, file string) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	r, err := ingester.NewReplay(ingester.ReplayConfig{Bus: b, Raw: raw, Inputs: []string{file}, Rate: 5, Batch: 1, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	for r.Progress().Documents.Load() < 2 { // the checkpoint behind the first is stored then
		select {
		case err := <-done:
			t.Fatal(err)
		case <-time.After(time.Millisecond):
		}
	}
	stop()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

// A replay that was stopped is listed as open and keeps RAW from being trimmed, until somebody forgets it; what
// is stored stays, and the input can be replayed from its beginning.
func TestForget(t *testing.T) {
	b, err := bus.Open(t.Context(), bus.Config{Dir: t.TempDir(), Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	nats := []string{"-nats", b.ClientURL()}
	if out, log := ingest(t, cli.ExitDone, append([]string{"status"}, nats...)...); strings.Count(out, "\n") != 1 || !strings.Contains(log, "no pipeline on this broker") {
		t.Errorf("status of an empty broker: %q, %q", out, log)
	}
	if made, err := b.Made(t.Context()); made || err != nil {
		t.Errorf("status made the streams: %v, %v", made, err)
	}
	raw, _, err := b.Streams(t.Context(), bus.StreamConfig{}, bus.StreamConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	line := "{\"text\":\"The ferry sails again on Monday.\"}\n"
	for name, n := range map[string]int{"whole.jsonl": 3, "half.jsonl": 100, "sub/half.jsonl": 100} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(strings.Repeat(line, n)), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	ingest(t, cli.ExitDone, append(append([]string{"replay"}, nats...), "whole.jsonl")...)
	half(t, b, raw, "half.jsonl")
	checkpoints, err := b.Checkpoints(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = checkpoints.Store(t.Context(), bus.CleanerHold("x"), bus.Checkpoint{Input: bus.CleanerHold("x"), Done: true}, 0)
	if err != nil {
		t.Fatal(err)
	}

	out, _ := ingest(t, cli.ExitDone, append([]string{"status"}, nats...)...)
	var list []status
	asJSON, _ := ingest(t, cli.ExitDone, append([]string{"status", "-json"}, nats...)...)
	for dec := json.NewDecoder(strings.NewReader(asJSON)); dec.More(); {
		var s status
		if err := dec.Decode(&s); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{s.State, s.Key, s.Input, s.Updated.Format(time.RFC3339)} {
			if !strings.Contains(out, want) {
				t.Errorf("status does not say %q:\n%s", want, out)
			}
		}
		list = append(list, s)
	}
	if len(list) != 2 || list[0].State != "open" || list[0].Input != "half.jsonl" || list[0].Documents == 0 || list[0].Documents == 100 ||
		list[1].State != "done" || list[1].Documents != 3 || list[1].Raw != 3 {
		t.Fatalf("status: %+v\n%s", list, out)
	}
	hold(t, checkpoints, list[0].Raw, true)

	// What is not known, or not by that name alone, is an error, and nothing is forgotten.
	_, log := ingest(t, cli.ExitFailed, append(append([]string{"forget"}, nats...), "half.jsonl", "none.jsonl")...)
	if !strings.Contains(log, "no replay of none.jsonl is known") {
		t.Error(log)
	}
	t.Chdir("sub")
	half(t, b, raw, "half.jsonl")
	if _, log := ingest(t, cli.ExitFailed, append(append([]string{"forget"}, nats...), "half.jsonl")...); !strings.Contains(log, "name one by its key") || !strings.Contains(log, list[0].Key) {
		t.Error(log)
	}
	hold(t, checkpoints, list[0].Raw, true)

	out, _ = ingest(t, cli.ExitDone, append(append([]string{"forget"}, nats...), list[0].Key)...)
	ingest(t, cli.ExitDone, append(append([]string{"forget"}, nats...), "half.jsonl")...) // it is alone now
	if !strings.Contains(out, "forgot half.jsonl (open), ") {
		t.Error(out)
	}
	hold(t, checkpoints, 0, false)
	if out, _ := ingest(t, cli.ExitDone, append([]string{"status"}, nats...)...); strings.Contains(out, "half") || !strings.Contains(out, "whole") {
		t.Errorf("status:\n%s", out)
	}
	before, err := raw.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ingest(t, cli.ExitDone, append(append([]string{"replay"}, nats...), "half.jsonl")...)
	if st, err := raw.State(t.Context()); err != nil || st.Messages != before.Messages+100 {
		t.Errorf("replayed again: %d messages after %d, %v", st.Messages, before.Messages, err)
	}
}

// A name that is not UTF-8 is shown in UTF-8, and known by its bytes.
func TestForgetOddName(t *testing.T) {
	b, err := bus.Open(t.Context(), bus.Config{Dir: t.TempDir(), Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	t.Chdir(t.TempDir())
	const name = "caf\xe9.jsonl"
	if err := os.WriteFile(name, []byte("{\"text\":\"It rained.\"}\n"), 0o644); err != nil {
		t.Skip("this file system wants UTF-8:", err)
	}
	nats := []string{"-nats", b.ClientURL()}
	ingest(t, cli.ExitDone, append(append([]string{"replay"}, nats...), name)...)
	for _, args := range [][]string{append([]string{"status"}, nats...), append(append([]string{"forget"}, nats...), name)} {
		if out, _ := ingest(t, cli.ExitDone, args...); !strings.Contains(out, "caf\uFFFD.jsonl") {
			t.Errorf("%v: %q", args, out)
		}
	}
}

// hold wants RAW to be kept from a sequence on, or not at all.
func hold(t *testing.T, checkpoints *bus.Checkpoints, seq uint64, held bool) {
	t.Helper()
	gotSeq, gotHeld, err := checkpoints.Hold(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]any{seq, held}, []any{gotSeq, gotHeld}); diff != "" {
		t.Errorf("hold of RAW: %s", diff)
	}
}
