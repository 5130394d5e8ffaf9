package cli

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// steady is a job that does 100 documents a second and stops at total.
func steady(start time.Time, total int64) func() Sample {
	return func() Sample {
		n := min(total, int64(time.Since(start)/(10*time.Millisecond)))
		return Sample{Done: n, Total: total, Unit: "documents", Extra: []Tally{{"dup", n / 10}}}
	}
}

func runProgress(t *testing.T, env Env, d time.Duration, total int64) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), d)
		defer cancel()
		Progress(ctx, env, "clean", steady(time.Now(), total))
	})
}

func TestProgressWithoutTerminalIsALogLineNowAndThen(t *testing.T) {
	var stderr bytes.Buffer
	runProgress(t, Env{Stderr: &stderr}.complete("x"), 11*time.Second, 2000)
	var got []string
	for line := range strings.Lines(stderr.String()) {
		_, line, _ = strings.Cut(line, " ") // the time
		got = append(got, line)
	}
	want := []string{
		"level=INFO msg=progress task=clean done=500 unit=documents per_second=100 elapsed=5.0s total=2000 left=15s dup=50\n",
		"level=INFO msg=progress task=clean done=1000 unit=documents per_second=100 elapsed=10s total=2000 left=10s dup=100\n",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestProgressOnATerminalIsOneLineThatGoesAway(t *testing.T) {
	var stderr bytes.Buffer
	runProgress(t, Env{Stderr: &stderr, StderrTerminal: true, Columns: 100}.complete("x"), 4100*time.Millisecond, 800)
	frames := strings.Split(stderr.String(), clearLine)
	if frames[0] != "" || frames[len(frames)-1] != "" {
		t.Errorf("the line is still there: %q", frames)
	}
	if n := len(frames) - 2; n != 20 {
		t.Errorf("drawn %d times in 4.1 s, want 20", n)
	}
	want := "clean [==========          ] 50.0% 400 documents  100/s  4.0s, 4.0s left  dup 40"
	if diff := cmp.Diff(want, frames[len(frames)-2]); diff != "" {
		t.Error(diff)
	}
}

func TestStatusLineFitsTheTerminal(t *testing.T) {
	s := Sample{Done: 123_456, Unit: "documents", Extra: []Tally{{"dup", 12}, {"dead", 3}}}
	if got, want := statusLine("clean", s, time.Minute, 1234, 0), "clean 123,456 documents  1,234/s  1m00s  dup 12  dead 3"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := statusLine("clean", s, time.Minute, 1234, 20); len(got) != 19 {
		t.Errorf("%d characters on a terminal of 20: %q", len(got), got)
	}
}

// What is logged while the status line is shown stands above it.
func TestLogAboveTheStatusLine(t *testing.T) {
	var out bytes.Buffer
	scr := &screen{w: &out}
	fmt.Fprintln(scr, "first")
	scr.setLine("50%")
	fmt.Fprintln(scr, "second")
	fmt.Fprint(scr, "half a line")
	scr.setLine("")
	scr.setLine("")
	fmt.Fprintln(scr, "third")
	want := "first\n" + clearLine + "50%" + clearLine + "second\n50%" + clearLine + "half a line" + clearLine + "third\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}

func TestRateForgetsAnOldPause(t *testing.T) {
	var m meter
	m.add(100*time.Second, 0) // a slow start
	for i := range 40 {
		m.add(100*time.Second+time.Duration(i)*time.Second, int64(50*i))
	}
	if got := m.rate(); got != 50 {
		t.Errorf("got %v, want 50", got)
	}
}
