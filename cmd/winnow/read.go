package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"winnow/internal/cli"
	"winnow/internal/flags"
	"winnow/internal/segment"
)

// opener returns the one operand of a command that reads segments, as a store.
type opener func(ctx context.Context, env cli.Env) (segment.Store, error)

func dataset(fs *cli.Flags) opener {
	store := flags.Store(fs)
	return func(ctx context.Context, env cli.Env) (segment.Store, error) {
		if len(env.Args) != 1 {
			return nil, cli.Usagef("want one directory of segments, got %d", len(env.Args))
		}
		if env.Args[0] == "" {
			return nil, cli.Usagef("want a directory of segments, got an empty name")
		}
		return store(ctx, env, env.Args[0])
	}
}

// nothing says why a store gave no record: with an id none has it, a store without segments is perhaps no such store at
// all. A run that ended without documents is all right.
func nothing(from segment.Store, id string) error {
	list, err := segment.List(from)
	switch {
	case err != nil:
		return err
	case len(list.Segments) == 0 && !list.Finished:
		return fmt.Errorf("%v: no segments there", from)
	case id != "":
		return fmt.Errorf("%v: no record with the id %q there", from, id)
	}
	return nil
}

var catCommand = &cli.Command{
	Name:  "cat",
	Args:  "DIR",
	Short: "print records from segments",
	Long: `Prints the clean records of DIR in the order of their sequences, as JSON lines or for a person.
-kind asks for duplicates and dead records too.`,
	Examples: []cli.Example{
		{Line: "winnow cat -text clean/ | less", Doc: "read the articles"},
		{Line: "winnow cat -kind dead clean/", Doc: "what could not be used, and why"},
		{Line: "winnow cat -site com.reuters -lang en -date 2026-11-21 clean/", Doc: "one site and all below it, one language, one day"},
		{Line: "winnow cat -f clean/", Doc: "follow new segments as they are written"},
	},
	Setup: func(fs *cli.Flags) cli.RunFunc {
		var q segment.Query
		var kinds []string
		fs.Uint64Var(&q.First, "first", 0, "first `SEQUENCE`")
		fs.Uint64Var(&q.Last, "last", 0, "last `SEQUENCE`; 0: no end")
		fs.Strings(&kinds, "kind", "`KIND` of record: clean, dup, dead or all; a list, or given several times; default: clean")
		fs.StringVar(&q.ID, "id", "", "the record with this `ID`")
		fs.StringVar(&q.Site, "site", "", "a `SITE` with its labels reversed, and all below it")
		fs.StringVar(&q.Lang, "lang", "", "`LANGUAGE`, as in en or zh")
		date := fs.String("date", "", "`DAY` of intake, UTC, as in 2026-11-21")
		published := fs.String("published", "", "`DAY` of publication, UTC")
		text := fs.Bool("text", false, "print for a person")
		asJSON := fs.Bool("json", false, "print JSON lines, as without -text")
		follow := fs.Bool("f", false, "go on with segments that are written later")
		open := dataset(fs)
		return func(ctx context.Context, env cli.Env) error {
			from, err := open(ctx, env)
			if err != nil {
				return err
			}
			if q.Kinds, err = parseKinds(kinds); err != nil {
				return err
			}
			if *text && *asJSON {
				return cli.Usagef("-json or -text, not both")
			}
			if q.Last > 0 && q.First > q.Last {
				return cli.Usagef("-first %d is behind -last %d", q.First, q.Last)
			}
			if q.Lang = strings.ToLower(q.Lang); len(q.Lang) > 3 {
				return cli.Usagef("-lang %q: want a code of two or three letters, as in en, zh or und", q.Lang)
			}
			if strings.HasPrefix(q.Site, "www.") {
				return cli.Usagef("-site %q: want the labels reversed, as in de.example.www", q.Site)
			}
			if *date != "" {
				if q.From, q.Until, err = segment.Day(*date); err != nil {
					return cli.Usage(err)
				}
			}
			if *published != "" {
				if q.PublishedFrom, q.PublishedUntil, err = segment.Day(*published); err != nil {
					return cli.Usage(err)
				}
			}
			opt := segment.CatOptions{Text: *text}
			if *follow {
				read, cancel := cli.WhileRead(ctx, env.Stdout)
				defer cancel()
				ctx = read
				opt.Follow = 500 * time.Millisecond
				if flags.Remote(env.Args[0]) {
					opt.Follow = 10 * time.Second // each look is a paid listing
				}
			}
			out := &seen{Writer: env.Stdout}
			err = segment.Cat(ctx, out, from, q, opt)
			if errors.Is(context.Cause(ctx), cli.ErrUnread) {
				return nil
			}
			if err != nil || out.any || *follow {
				return err
			}
			if err := nothing(from, q.ID); err != nil {
				if len(q.Kinds) == 1 && q.ID != "" {
					err = fmt.Errorf("%w; -kind all looks among duplicates and dead records too", err)
				}
				return err
			}
			return nil
		}
	},
}

// seen is a writer that knows whether anything was written.
type seen struct {
	io.Writer
	any bool
}

// Write passes p on.
func (s *seen) Write(p []byte) (int, error) {
	s.any = s.any || len(p) > 0
	return s.Writer.Write(p)
}

func parseKinds(names []string) (kinds []segment.Kind, err error) {
	if len(names) == 0 {
		return []segment.Kind{segment.Clean}, nil
	}
	for name := range strings.SplitSeq(strings.Join(names, ","), ",") {
		if name == "all" {
			return nil, nil
		}
		k, err := segment.ParseKind(name)
		if err != nil {
			return nil, cli.Usage(err)
		}
		kinds = append(kinds, k)
	}
	return kinds, nil
}

var verifyCommand = &cli.Command{
	Name:  "verify",
	Args:  "DIR",
	Short: "prove a directory of segments from its files alone",
	Long: `Reads every file of DIR and checks its hash, that each sequence is there exactly once, that each
line or row is a record and lies where it belongs, that two formats say the same, that
raw = clean + dup + dead, and that the segments reach as far as dataset.json and _SUCCESS say. It changes nothing; every problem is named with
its file and what to do. Exit code 0: all is as it should be; 1: something is not.`,
	Examples: []cli.Example{{Line: "winnow verify clean/", Doc: "after a run, or before the files are handed on"}},
	Setup: func(fs *cli.Flags) cli.RunFunc {
		asJSON := fs.Bool("json", false, "print the report as one line of JSON")
		open := dataset(fs)
		return func(ctx context.Context, env cli.Env) error {
			from, err := open(ctx, env)
			if err != nil {
				return err
			}
			report, err := segment.Verify(ctx, from)
			if err != nil {
				return err
			}
			if *asJSON {
				err = json.NewEncoder(env.Stdout).Encode(report)
			} else {
				err = report.WriteText(env.Stdout)
			}
			if err == nil && !report.OK() {
				err = fmt.Errorf("%v: %d problems", from, len(report.Problems)+report.MoreTrouble)
			}
			if err == nil && report.Segments == 0 && !report.Finished {
				err = fmt.Errorf("%v: no segments there", from)
			}
			return err
		}
	},
}

var statsCommand = &cli.Command{
	Name:  "stats",
	Args:  "DIR",
	Short: "sum up a directory of segments",
	Long: `Reads the records of DIR and counts them: verdicts, sites, languages, the largest stories with their
copies, who republished whom, what was removed as boilerplate.`,
	Examples: []cli.Example{{Line: "winnow stats -top 20 clean/", Doc: "longer lists"}},
	Setup: func(fs *cli.Flags) cli.RunFunc {
		asJSON := fs.Bool("json", false, "print the statistics as one line of JSON")
		var top int
		fs.IntVar(&top, "top", 10, "length of the lists, `N`")
		open := dataset(fs)
		return func(ctx context.Context, env cli.Env) error {
			from, err := open(ctx, env)
			if err != nil {
				return err
			}
			stats, err := segment.Summarize(ctx, from, top)
			if err != nil {
				return err
			}
			if *asJSON {
				return json.NewEncoder(env.Stdout).Encode(stats)
			}
			return cmp.Or(stats.WriteText(env.Stdout), nothing(from, ""))
		}
	},
}

var clustersCommand = &cli.Command{
	Name:     "clusters",
	Args:     "DIR",
	Short:    "list stories with their copies in the order of their times",
	Examples: []cli.Example{{Line: "winnow clusters -top 5 clean/", Doc: "the five most copied stories"}, {Line: "winnow clusters -id ID clean/", Doc: "one document's story"}},
	Setup: func(fs *cli.Flags) cli.RunFunc {
		asJSON := fs.Bool("json", false, "print a line of JSON for each story")
		var q segment.StoryQuery
		fs.IntVar(&q.Top, "top", 20, "at most `N` stories, the largest first; 0: all")
		fs.IntVar(&q.Min, "min", 2, "only stories with at least `N` documents")
		fs.StringVar(&q.ID, "id", "", "the story that the document with this `ID` belongs to")
		open := dataset(fs)
		return func(ctx context.Context, env cli.Env) error {
			from, err := open(ctx, env)
			if err != nil {
				return err
			}
			list, err := segment.Stories(ctx, from, q)
			if err != nil {
				return err
			}
			if len(list) == 0 {
				return nothing(from, q.ID)
			}
			return segment.WriteStories(env.Stdout, list, *asJSON)
		}
	},
}
