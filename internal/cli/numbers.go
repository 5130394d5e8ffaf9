package cli

import (
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"
)

// IntVar declares a flag that takes a whole number. None of ours means anything below zero, so a negative one is
// refused, as with the other numbers here.
func (fs *Flags) IntVar(p *int, name string, value int, usage string) {
	*p = value
	fs.Var(&number[int]{p, "a whole number, 0 or more", func(s string) (int, bool) {
		n, err := strconv.Atoi(s)
		return n, err == nil && n >= 0
	}}, name, usage)
}

// Uint64Var declares a flag that takes a whole number up to 2^64-1.
func (fs *Flags) Uint64Var(p *uint64, name string, value uint64, usage string) {
	*p = value
	fs.Var(&number[uint64]{p, "a whole number, 0 or more", func(s string) (uint64, bool) {
		n, err := strconv.ParseUint(s, 10, 64)
		return n, err == nil
	}}, name, usage)
}

// Float64Var declares a flag that takes a number.
func (fs *Flags) Float64Var(p *float64, name string, value float64, usage string) {
	*p = value
	fs.Var(&number[float64]{p, "a number, 0 or more, such as 0.8", func(s string) (float64, bool) {
		n, err := strconv.ParseFloat(s, 64)
		return n, err == nil && n >= 0 // and no NaN
	}}, name, usage)
}

// DurationVar declares a flag that takes a time.
func (fs *Flags) DurationVar(p *time.Duration, name string, value time.Duration, usage string) {
	*p = value
	fs.Var(&number[time.Duration]{p, "a time, 0 or more, with its unit: 500ms, 30s, 5m, 72h", func(s string) (time.Duration, bool) {
		d, err := time.ParseDuration(s)
		return d, err == nil && d >= 0
	}}, name, usage)
}

// level declares a flag that takes a level of the log.
func (fs *Flags) level(p *slog.Level, name, usage string) {
	fs.Var(&number[slog.Level]{p, "debug, info, warn or error", func(s string) (l slog.Level, ok bool) {
		return l, l.UnmarshalText([]byte(s)) == nil
	}}, name, usage)
}

// number is the value of a flag that says in words what it takes.
type number[T any] struct {
	p     *T
	want  string
	parse func(string) (T, bool)
}

// String is the value as help shows it.
func (n *number[T]) String() string {
	if n.p == nil { // package flag makes an empty one to ask what is no default
		return ""
	}
	return strings.ToLower(fmt.Sprint(*n.p))
}

// Set takes the value, or says what is wanted.
func (n *number[T]) Set(s string) error {
	v, ok := n.parse(s)
	if !ok {
		return errors.New("want " + n.want)
	}
	*n.p = v
	return nil
}
