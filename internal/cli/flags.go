package cli

import (
	"flag"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
)

// Flags is the standard flag set with what help and completion want to know besides:
// groups, environment variables and closed sets of values. Flags and operands may come in
// any order on the command line; what follows "--" is an operand.
type Flags struct {
	*flag.FlagSet

	group     string
	groups    []string            // in order of first use
	meta      map[string]flagMeta // set for flags with an environment variable or closed values
	members   map[string]string   // flag name -> group
	logFormat string
	logLevel  slog.Level
}

type flagMeta struct {
	env    string
	values []string
}

// Group puts the flags that are declared from here on under a heading of the help.
func (fs *Flags) Group(name string) {
	fs.assign()
	fs.group = name
	if !slices.Contains(fs.groups, name) {
		fs.groups = append(fs.groups, name)
	}
}

// assign records the group of every flag that has none yet.
func (fs *Flags) assign() {
	if fs.members == nil {
		fs.members = map[string]string{}
	}
	fs.VisitAll(func(f *flag.Flag) {
		if _, ok := fs.members[f.Name]; !ok {
			fs.members[f.Name] = fs.group
		}
	})
}

// Env names the environment variable that gives flag name its value when it is not on
// the command line. It panics if there is no such flag.
func (fs *Flags) Env(name, variable string) {
	if fs.Lookup(name) == nil {
		panic("cli: Env of an undeclared flag -" + name)
	}
	m := fs.meta[name]
	m.env = variable
	fs.meta[name] = m
}

// Enum declares a flag that takes one of values.
func (fs *Flags) Enum(p *string, name, value string, values []string, usage string) {
	*p = value
	fs.Var(&enum{p, values}, name, usage)
	m := fs.meta[name]
	m.values = values
	fs.meta[name] = m
}

// Bytes declares a flag that takes a size: 1500, 64KB, 2GiB. See [ParseBytes].
func (fs *Flags) Bytes(p *int64, name string, value int64, usage string) {
	*p = value
	fs.Var((*byteSize)(p), name, usage)
}

// Strings declares a flag that may be given several times.
func (fs *Flags) Strings(p *[]string, name, usage string) { fs.Var((*list)(p), name, usage) }

// parse reads flags and operands in any order, then the environment.
func (fs *Flags) parse(env Env) (operands []string, err error) {
	args := env.Args
	for {
		if err := fs.Parse(args); err != nil {
			return nil, fs.explain(err)
		}
		rest := fs.Args()
		if len(rest) == 0 {
			break
		}
		if n := len(args) - len(rest); n > 0 && args[n-1] == "--" {
			operands = append(operands, rest...)
			break
		}
		operands, args = append(operands, rest[0]), rest[1:]
	}
	return operands, fs.fromEnv(env)
}

// fromEnv sets the flags that are not on the command line from their variables.
func (fs *Flags) fromEnv(env Env) error {
	given := map[string]bool{}
	fs.Visit(func(f *flag.Flag) { given[f.Name] = true })
	for name, m := range fs.meta {
		if m.env == "" || given[name] {
			continue
		}
		if v := env.Getenv(m.env); v != "" {
			if err := fs.Set(name, v); err != nil {
				return fmt.Errorf("%s=%q for -%s: %w", m.env, v, name, err)
			}
		}
	}
	return nil
}

// explain adds the nearest flag to the error about an unknown one.
func (fs *Flags) explain(err error) error {
	name, ok := strings.CutPrefix(err.Error(), "flag provided but not defined: -")
	if !ok {
		return err
	}
	var names []string
	fs.VisitAll(func(f *flag.Flag) { names = append(names, "-"+f.Name) })
	return fmt.Errorf("unknown flag -%s%s", name, didYouMean("-"+strings.TrimPrefix(name, "-"), names))
}

// isBool reports whether f stands without a value.
func isBool(f *flag.Flag) bool {
	b, ok := f.Value.(interface{ IsBoolFlag() bool })
	return ok && b.IsBoolFlag()
}

type enum struct {
	p      *string
	values []string
}

func (e *enum) String() string {
	if e.p == nil {
		return ""
	}
	return *e.p
}

func (e *enum) Set(s string) error {
	if !slices.Contains(e.values, s) {
		return fmt.Errorf("want one of %s", strings.Join(e.values, ", "))
	}
	*e.p = s
	return nil
}

type byteSize int64

// String writes the size exactly, in the largest unit that divides it.
func (b *byteSize) String() string {
	n, unit := int64(*b), ""
	for _, u := range []string{"kB", "KiB", "MB", "MiB", "GB", "GiB", "TB", "TiB"} {
		if size := byteUnits[strings.ToLower(u)]; n != 0 && int64(*b)%size == 0 {
			n, unit = int64(*b)/size, u
		}
	}
	return strconv.FormatInt(n, 10) + unit
}

func (b *byteSize) Set(s string) error {
	n, err := ParseBytes(s)
	*b = byteSize(n)
	return err
}

type list []string

func (l *list) String() string { return strings.Join(*l, ",") }

func (l *list) Set(s string) error {
	*l = append(*l, s)
	return nil
}
