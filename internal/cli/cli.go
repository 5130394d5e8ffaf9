package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/term"
)

// Exit codes of every command.
const (
	ExitDone   = 0
	ExitFailed = 1
	ExitUsage  = 2
	ExitDead   = 3
)

// ErrDead says that the work was done and that some records were dead: exit code 3.
var ErrDead = errors.New("done, with dead records")

// ErrLeftOut says that the work was done and that some files of the input were of no use: exit
// code 3, too.
var ErrLeftOut = errors.New("done, with files left out")

// ErrStopped is the cause of a context that a signal ended.
var ErrStopped = errors.New("stopped before it was done")

// usageError marks an error of whoever typed the command line.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// Usage marks err as wrong usage: exit code 2 and a pointer to the help. Usage(nil) is nil.
func Usage(err error) error {
	if err == nil {
		return nil
	}
	return &usageError{err}
}

// Usagef is Usage of a formatted error.
func Usagef(format string, args ...any) error { return Usage(fmt.Errorf(format, args...)) }

// RunFunc is the body of a command. It returns nil when the work is done.
type RunFunc func(ctx context.Context, env Env) error

// Env is the world as a command sees it. Tests make their own.
type Env struct {
	Name           string   // the command as typed, with its subcommands: "winnow clean"
	Args           []string // what follows Name; for a [Command] the operands, flags taken out
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string // nil: nothing is set

	StdinTerminal, StdoutTerminal, StderrTerminal bool

	Columns int          // width of the terminal at Stderr in characters; 0: unknown
	Log     *slog.Logger // writes to Stderr; [Command.Run] sets it from -log and -log-level
}

// Main runs run with the process's arguments, streams and signals, and exits.
func Main(name string, run RunFunc) {
	sigs := make(chan os.Signal, 2)
	signal.Notify(sigs, os.Interrupt, syscall.SIGTERM)
	ctx := watch(context.Background(), name, sigs, os.Stderr, os.Exit)
	os.Exit(Run(ctx, name, run, osEnv()))
}

// osEnv is the environment of this process.
func osEnv() Env {
	tty := func(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }
	env := Env{
		Args:  os.Args[1:],
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Getenv:        os.Getenv,
		StdinTerminal: tty(os.Stdin), StdoutTerminal: tty(os.Stdout), StderrTerminal: tty(os.Stderr),
	}
	if w, _, err := term.GetSize(int(os.Stderr.Fd())); err == nil {
		env.Columns = w
	}
	return env
}

// Run calls run and returns the exit code of what it returned. An error is written to
// env.Stderr, in one place and once. Missing parts of env are filled with empty ones.
func Run(ctx context.Context, name string, run RunFunc, env Env) int {
	env = env.complete(name)
	err := run(ctx, env)
	code := exitCode(err)
	if code == ExitDone {
		return code
	}
	if cause := context.Cause(ctx); errors.Is(err, context.Canceled) && errors.Is(cause, ErrStopped) {
		err = cause // "context canceled" tells nobody anything
	}
	fmt.Fprintf(env.Stderr, "%s: %v\n", name, err)
	return code
}

// complete returns env with usable values in place of missing ones.
func (env Env) complete(name string) Env {
	env.Name = name
	if env.Stdin == nil {
		env.Stdin = eof{}
	}
	if env.Stdout == nil {
		env.Stdout = io.Discard
	}
	if env.Stderr == nil {
		env.Stderr = io.Discard
	}
	if env.Getenv == nil {
		env.Getenv = func(string) string { return "" }
	}
	if env.StderrTerminal {
		env.Stderr = &screen{w: env.Stderr}
	}
	if env.Log == nil {
		env.Log = newLogger(env, "text", slog.LevelInfo)
	}
	return env
}

func exitCode(err error) int {
	if err == nil {
		return ExitDone
	}
	if _, ok := errors.AsType[*usageError](err); ok {
		return ExitUsage
	}
	if errors.Is(err, ErrDead) || errors.Is(err, ErrLeftOut) {
		return ExitDead
	}
	return ExitFailed
}

// IgnoreStop returns nil if err is only ctx's end by a signal, and err otherwise: for
// services, where being stopped is a normal end.
func IgnoreStop(ctx context.Context, err error) error {
	if errors.Is(context.Cause(ctx), ErrStopped) && (errors.Is(err, context.Canceled) || errors.Is(err, ErrStopped)) {
		return nil
	}
	return err
}

// watch returns a context that the first signal ends. The second calls exit(1).
func watch(parent context.Context, name string, sigs <-chan os.Signal, stderr io.Writer, exit func(int)) context.Context {
	ctx, cancel := context.WithCancelCause(parent)
	go func() {
		s := <-sigs
		fmt.Fprintf(stderr, "%s: %v: stopping once the work in flight is done; again to stop at once\n", name, s)
		cancel(ErrStopped)
		s = <-sigs
		fmt.Fprintf(stderr, "%s: %v: stopped at once; the work in flight will be done again at the next start\n", name, s)
		exit(ExitFailed)
	}()
	return ctx
}

// eof is an empty standard input.
type eof struct{}

func (eof) Read([]byte) (int, error) { return 0, io.EOF }
