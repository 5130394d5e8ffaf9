package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"winnow/internal/bus"
	"winnow/internal/cli"
	"winnow/internal/flags"
)

var statusCommand = &cli.Command{
	Name:  "status",
	Short: "list the replays the broker knows and how far they are",
	Long: `STATE is done, open (running, or stopped before its end) or begun (nothing stored yet). RAW is the sequence of the
last document stored: while a replay is open, RAW is not trimmed past it. KEY names the input for ingester forget.`,
	Setup: func(fs *cli.Flags) cli.RunFunc {
		asJSON := fs.Bool("json", false, "print a line of JSON for each replay")
		return withReplays(fs, func(ctx context.Context, env cli.Env, _ *bus.Checkpoints, replays []bus.Checkpoint) error {
			if *asJSON {
				out := json.NewEncoder(env.Stdout)
				for i := range replays {
					if err := out.Encode(statusOf(&replays[i])); err != nil {
						return err
					}
				}
				return nil
			}
			w := tabwriter.NewWriter(env.Stdout, 0, 8, 2, ' ', 0)
			fmt.Fprintln(w, "STATE\tDOCUMENTS\tRAW\tUPDATED\tKEY\tINPUT")
			for i := range replays {
				s := statusOf(&replays[i])
				fmt.Fprintf(w, "%s\t%d\t%d\t%s\t%s\t%s\n", s.State, s.Documents, s.Raw, s.Updated.Format(time.RFC3339), s.Key, s.Input)
			}
			return w.Flush()
		})
	},
}

// status is a replay, for people and scripts.
type status struct {
	State     string    `json:"state"`     // done, open or begun
	Documents uint64    `json:"documents"` // stored
	Raw       uint64    `json:"raw"`       // sequence of the last of them, or where the replay began
	Updated   time.Time `json:"updated"`
	Key       string    `json:"key"`
	Input     string    `json:"input"` // as it was given, in UTF-8
}

func statusOf(cp *bus.Checkpoint) status {
	s := status{State: "open", Documents: cp.Count, Raw: cp.Seq, Updated: cp.Updated, Key: cp.Input, Input: strings.ToValidUTF8(cp.Path, "\uFFFD")}
	switch {
	case cp.Done:
		s.State = "done"
	case cp.Count == 0:
		s.State = "begun"
	}
	return s
}

var forgetCommand = &cli.Command{
	Name:  "forget",
	Args:  "INPUT...",
	Short: "forget replays that nobody will continue, so that RAW can be trimmed",
	Long: `An INPUT is a path as it was given to replay, or a KEY of ingester status. What is stored stays. Replayed again, a
forgotten input is taken from its beginning, and what was stored of it becomes duplicates. Do not forget an
input whose replay is running: the replay would stop with an error.`,
	Examples: []cli.Example{{Line: "ingester forget -nats nats://127.0.0.1:4222 old/crawl.warc.gz", Doc: "an archive that was deleted before it was read to its end"}},
	Setup: func(fs *cli.Flags) cli.RunFunc {
		forget := withReplays(fs, func(ctx context.Context, env cli.Env, checkpoints *bus.Checkpoints, replays []bus.Checkpoint) error {
			var chosen []*bus.Checkpoint
			for _, input := range env.Args {
				cp, err := replayOf(replays, input)
				if err != nil {
					return err // before any other is forgotten
				}
				chosen = append(chosen, cp)
			}
			for _, cp := range chosen {
				if err := checkpoints.Delete(ctx, cp.Input); err != nil {
					return err
				}
				s := statusOf(cp)
				fmt.Fprintf(env.Stdout, "forgot %s (%s), %d documents stored\n", s.Input, s.State, s.Documents)
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

// replayOf returns the one replay that input names by its key or its path.
func replayOf(replays []bus.Checkpoint, input string) (found *bus.Checkpoint, err error) {
	for i := range replays {
		switch cp := &replays[i]; {
		case cp.Input == input:
			return cp, nil
		case cp.Path == input && found != nil:
			return nil, fmt.Errorf("several replays were given as %s, from different folders, such as %s and %s: name one by its key, see ingester status", input, found.Input, cp.Input)
		case cp.Path == input:
			found = cp
		}
	}
	if found == nil {
		return nil, fmt.Errorf("no replay of %s is known: see ingester status", input)
	}
	return found, nil
}

// withReplays makes a command of a function over the replays that the broker knows. It makes nothing there.
func withReplays(fs *cli.Flags, f func(context.Context, cli.Env, *bus.Checkpoints, []bus.Checkpoint) error) cli.RunFunc {
	broker := flags.External(fs, "winnow-status")
	return func(ctx context.Context, env cli.Env) error {
		b, err := open(ctx, env, broker)
		if err != nil {
			return err
		}
		defer b.Close()
		made, err := b.Made(ctx)
		if err != nil {
			return err
		}
		if !made {
			env.Log.Info("there is no pipeline on this broker yet")
			return f(ctx, env, nil, nil)
		}
		checkpoints, err := b.Checkpoints(ctx)
		if err != nil {
			return err
		}
		list, err := checkpoints.List(ctx)
		if err != nil {
			return err
		}
		list = slices.DeleteFunc(list, func(cp bus.Checkpoint) bool { return !cp.Replay() }) // a cleaner's hold
		return f(ctx, env, checkpoints, list)
	}
}
