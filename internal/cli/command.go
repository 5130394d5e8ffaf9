package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
)

// Command is a program or one of its subcommands. The root of a tree also answers to
// `version`, `completion SHELL`,
// `health ADDR` and `help [SUBCOMMAND]`.
type Command struct {
	Name     string // one word, as typed
	Args     string // the operands in the synopsis, "INPUT..."; "" = none are taken
	Short    string // one line, without a full stop
	Long     string // what a newcomer needs to know; paragraphs separated by empty lines
	Examples []Example
	Sub      []*Command
	Filter   bool // it reads standard input: a file among the arguments is answered with how to give it

	// Setup declares the flags on fs and returns the body, which finds the operands in
	// Env.Args. It is called once a run, and once to write help or completion, so it
	// does nothing else. Nil: the command only has subcommands.
	Setup func(fs *Flags) RunFunc
}

// Example is a command line that works, and what it is for.
type Example struct{ Line, Doc string }

// Run parses env.Args, finds the subcommand, sets env.Log and runs the body.
// It is a [RunFunc]; call it on the root.
func (c *Command) Run(ctx context.Context, env Env) error {
	return c.run(ctx, env, c)
}

func (c *Command) run(ctx context.Context, env Env, root *Command) error {
	if len(env.Args) > 0 {
		word := env.Args[0]
		sub := c.find(word)
		if c == root && sub == nil {
			sub = builtin(root, strings.TrimPrefix(strings.TrimPrefix(word, "-"), "-"), word)
		}
		if sub != nil {
			env.Name, env.Args = env.Name+" "+sub.Name, env.Args[1:]
			return hint(env.Name, sub.run(ctx, env, root))
		}
	}
	if c.Setup == nil {
		return c.runParent(env)
	}
	fs := c.flags()
	body := c.Setup(fs)
	operands, err := fs.parse(env)
	if errors.Is(err, flag.ErrHelp) {
		return c.WriteHelp(env.Stdout, env.Name)
	}
	if err != nil {
		return hint(env.Name, Usage(err))
	}
	if c.Filter && len(operands) > 0 {
		return hint(env.Name, Usagef("unexpected argument %q: it reads standard input, as in %s < %[1]s", operands[0], env.Name))
	}
	if c.Args == "" && len(operands) > 0 {
		return hint(env.Name, Usagef("unexpected argument %q%s", operands[0], didYouMean(operands[0], c.names())))
	}
	env.Args = operands
	env.Log = newLogger(env, fs.logFormat, fs.logLevel)
	return hint(env.Name, body(ctx, env))
}

// runParent answers for a command that is only a parent: help if asked, else an error.
func (c *Command) runParent(env Env) error {
	switch {
	case len(env.Args) == 0:
		if err := c.WriteHelp(env.Stderr, env.Name); err != nil {
			return err
		}
		return Usagef("a subcommand is missing")
	case isHelp(env.Args[0]):
		return c.WriteHelp(env.Stdout, env.Name)
	}
	word := env.Args[0]
	return hint(env.Name, Usagef("unknown subcommand %q%s", word, didYouMean(word, c.names())))
}

// flags returns the command's empty flag set with the flags every command has.
func (c *Command) flags() *Flags {
	fs := &Flags{FlagSet: flag.NewFlagSet(c.Name, flag.ContinueOnError), meta: map[string]flagMeta{}}
	fs.SetOutput(io.Discard)
	fs.Usage = func() {}
	fs.Group("Log")
	fs.Enum(&fs.logFormat, "log", "text", []string{"text", "json"}, "write the log to standard error as `FORMAT`: text or json")
	fs.level(&fs.logLevel, "log-level", "log what is at least this `LEVEL`: debug, info, warn or error")
	fs.Env("log", "WINNOW_LOG")
	fs.Env("log-level", "WINNOW_LOG_LEVEL")
	fs.Group("Flags")
	return fs
}

// declared returns the command's flags for help and completion.
func (c *Command) declared() *Flags {
	fs := c.flags()
	if c.Setup != nil {
		c.Setup(fs)
	}
	return fs
}

func (c *Command) find(name string) *Command {
	for _, s := range c.Sub {
		if s.Name == name {
			return s
		}
	}
	return nil
}

func (c *Command) names() []string {
	var names []string
	for _, b := range builtins(c) {
		names = append(names, b.Name)
	}
	for _, s := range c.Sub {
		names = append(names, s.Name)
	}
	return names
}

// builtin returns the built-in subcommand of root called name, or nil. As flags (word
// begins with a dash) only version is one: -h belongs to the flag set.
func builtin(root *Command, name, word string) *Command {
	if word != name && name != "version" {
		return nil
	}
	for _, b := range builtins(root) {
		if b.Name == name {
			return b
		}
	}
	return nil
}

func builtins(root *Command) []*Command {
	return []*Command{
		{
			Name: "version", Short: "print the version, the Go release and the revision it was built from",
			Setup: func(*Flags) RunFunc {
				return func(_ context.Context, env Env) error {
					_, err := fmt.Fprintf(env.Stdout, "%s %s\n", root.Name, Version())
					return err
				}
			},
		},
		{
			Name: "completion", Args: "bash|zsh|fish", Short: "print a completion script for a shell",
			Setup: func(*Flags) RunFunc {
				return func(_ context.Context, env Env) error { return root.completion(env) }
			},
		},
		{
			Name: "health", Args: "ADDR", Short: "ask the service whose -ops address is ADDR whether it is ready",
			Setup: func(*Flags) RunFunc { return health },
		},
		{
			Name: "help", Args: "[SUBCOMMAND...]", Short: "explain a subcommand",
			Setup: func(*Flags) RunFunc {
				return func(_ context.Context, env Env) error { return root.help(env) }
			},
		},
	}
}

// help writes the help of the subcommand that env.Args leads to.
func (c *Command) help(env Env) error {
	name := c.Name
	for _, word := range env.Args {
		sub := c.find(word)
		if sub == nil {
			return Usagef("no subcommand %q%s", word, didYouMean(word, c.names()))
		}
		c, name = sub, name+" "+sub.Name
	}
	return c.WriteHelp(env.Stdout, name)
}

// hinted is a usage error that already says where the help is.
type hinted struct{ error }

func (h hinted) Unwrap() error { return h.error }

// hint adds where to find help to a usage error of the command called name, once.
func hint(name string, err error) error {
	if exitCode(err) != ExitUsage {
		return err
	}
	if _, ok := errors.AsType[hinted](err); ok {
		return err
	}
	return hinted{fmt.Errorf("%w\nSee '%s -h'", err, name)}
}

func isHelp(s string) bool { return s == "-h" || s == "-help" || s == "--help" || s == "--h" }
