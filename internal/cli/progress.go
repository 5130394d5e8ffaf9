package cli

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// Sample is how far the work is. Progress asks for one at every tick.
type Sample struct {
	Done  int64  // units done so far
	Total int64  // units there will be; 0 = unknown
	Unit  string // "documents"
	Extra []Tally
}

// Tally is a further count beside the main one: {"dup", 120}. Name is one word.
type Tally struct {
	Name string
	N    int64
}

// How often a terminal is redrawn and a log line is written.
const (
	redrawEvery = 200 * time.Millisecond
	logEvery    = 5 * time.Second
)

// Progress shows how far the work is until ctx ends: on a terminal as a status line that
// is taken away at the end, elsewhere as a log line every five seconds. sample is called
// from this goroutine and must be safe to call while the work goes on. It blocks; run it
// beside the work:
//
//	ctx, done := context.WithCancel(ctx)
//	g.Go(func() error { cli.Progress(ctx, env, "clean", sample); return nil })
func Progress(ctx context.Context, env Env, label string, sample func() Sample) {
	scr, terminal := env.Stderr.(*screen)
	every := logEvery
	if terminal {
		every = redrawEvery
		defer scr.setLine("")
	}
	start := time.Now()
	tick := time.NewTicker(every)
	defer tick.Stop()
	var speed meter
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			s := sample()
			speed.add(now.Sub(start), s.Done)
			if terminal {
				scr.setLine(statusLine(label, s, now.Sub(start), speed.rate(), env.Columns))
			} else {
				logSample(ctx, env.Log, label, s, now.Sub(start), speed.rate())
			}
		}
	}
}

// statusLine is the line on the terminal, cut to columns characters (0: not cut).
func statusLine(label string, s Sample, elapsed time.Duration, rate float64, columns int) string {
	var b strings.Builder
	b.WriteString(label)
	if s.Total > 0 {
		const width = 20
		full := int(width * min(s.Done, s.Total) / s.Total)
		fmt.Fprintf(&b, " [%s%s] %s", strings.Repeat("=", full), strings.Repeat(" ", width-full), Percent(s.Done, s.Total))
	}
	fmt.Fprintf(&b, " %s %s  %s/s  %s", Count(s.Done), s.Unit, Count(int64(rate)), Elapsed(elapsed))
	if left := timeLeft(s, rate); left > 0 {
		fmt.Fprintf(&b, ", %s left", Elapsed(left))
	}
	for _, t := range s.Extra {
		fmt.Fprintf(&b, "  %s %s", t.Name, Count(t.N))
	}
	line := b.String()
	if columns > 0 && len(line) >= columns {
		line = line[:columns-1]
	}
	return line
}

func logSample(ctx context.Context, log *slog.Logger, label string, s Sample, elapsed time.Duration, rate float64) {
	attrs := []slog.Attr{
		slog.String("task", label), slog.Int64("done", s.Done), slog.String("unit", s.Unit),
		slog.Int64("per_second", int64(rate)), slog.String("elapsed", Elapsed(elapsed)),
	}
	if s.Total > 0 {
		attrs = append(attrs, slog.Int64("total", s.Total))
	}
	if left := timeLeft(s, rate); left > 0 {
		attrs = append(attrs, slog.String("left", Elapsed(left)))
	}
	for _, t := range s.Extra {
		attrs = append(attrs, slog.Int64(t.Name, t.N))
	}
	log.LogAttrs(ctx, slog.LevelInfo, "progress", attrs...)
}

// timeLeft is 0 when it cannot be known.
func timeLeft(s Sample, rate float64) time.Duration {
	if s.Total <= s.Done || rate <= 0 {
		return 0
	}
	return time.Duration(float64(s.Total-s.Done) / rate * float64(time.Second))
}

// meter is the speed over the last sixteen ticks.
type meter struct {
	at   [16]time.Duration
	done [16]int64
	n    int
}

func (m *meter) add(at time.Duration, done int64) {
	m.at[m.n%len(m.at)], m.done[m.n%len(m.done)] = at, done
	m.n++
}

// rate is in units a second, measured from the oldest tick kept, or from the start.
func (m *meter) rate() float64 {
	last := (m.n - 1) % len(m.at)
	var at time.Duration
	var done int64
	if m.n > len(m.at) {
		at, done = m.at[m.n%len(m.at)], m.done[m.n%len(m.done)]
	}
	if d := m.at[last] - at; d > 0 {
		return float64(m.done[last]-done) / d.Seconds()
	}
	return 0
}
