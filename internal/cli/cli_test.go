package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestExitCodeAndMessage(t *testing.T) {
	tests := []struct {
		name string
		err  error
		code int
		text string // of standard error
	}{
		{"done", nil, 0, ""},
		{"failed", errors.New("no broker"), 1, "x: no broker\n"},
		{"usage", Usagef("no input"), 2, "x: no input\n"},
		{"usage inside", fmt.Errorf("clean: %w", Usagef("no input")), 2, "x: clean: no input\n"},
		{"dead", fmt.Errorf("3 of 40: %w", ErrDead), 3, "x: 3 of 40: done, with dead records\n"},
		{"no usage error", Usage(nil), 0, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var stderr bytes.Buffer
			code := Run(t.Context(), "x", func(context.Context, Env) error { return tt.err }, Env{Stderr: &stderr})
			if code != tt.code || stderr.String() != tt.text {
				t.Errorf("got %d %q, want %d %q", code, stderr.String(), tt.code, tt.text)
			}
		})
	}
}

func TestMissingPartsOfEnv(t *testing.T) {
	code := Run(t.Context(), "x", func(_ context.Context, env Env) error {
		env.Log.Info("seen")
		fmt.Fprint(env.Stdout, env.Getenv("HOME"))
		_, err := io.ReadAll(env.Stdin)
		return err
	}, Env{})
	if code != ExitDone {
		t.Error("exit code", code)
	}
}

// The first signal ends the context and lets the work finish, the second exits.
func TestSoftThenHardStop(t *testing.T) {
	sigs := make(chan os.Signal)
	exited := make(chan int)
	stderr, w := io.Pipe()
	lines := make(chan string, 8)
	go func() {
		var buf [256]byte
		for {
			n, err := stderr.Read(buf[:])
			if err != nil {
				close(lines)
				return
			}
			lines <- string(buf[:n])
		}
	}()
	ctx := watch(t.Context(), "x", sigs, w, func(code int) { exited <- code })
	if ctx.Err() != nil {
		t.Fatal("stopped before any signal")
	}
	sigs <- syscall.SIGTERM
	<-ctx.Done()
	if cause := context.Cause(ctx); !errors.Is(cause, ErrStopped) {
		t.Error("cause", cause)
	}
	if s := <-lines; !strings.Contains(s, "terminated: stopping once the work in flight is done") {
		t.Errorf("soft stop says %q", s)
	}
	sigs <- os.Interrupt
	if code := <-exited; code != ExitFailed {
		t.Error("exit code", code)
	}
	if s := <-lines; !strings.Contains(s, "interrupt: stopped at once") {
		t.Errorf("hard stop says %q", s)
	}
	w.Close()
	<-lines
}

func TestStoppedCommandSaysSo(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(ErrStopped)
	var stderr bytes.Buffer
	code := Run(ctx, "x", func(ctx context.Context, _ Env) error {
		return fmt.Errorf("publish: %w", ctx.Err())
	}, Env{Stderr: &stderr})
	if want := "x: stopped before it was done\n"; code != ExitFailed || stderr.String() != want {
		t.Errorf("got %d %q, want 1 %q", code, stderr.String(), want)
	}
}

// Only the end of the context is put into other words, and only when a signal ended it.
func TestOtherErrorsAreSaid(t *testing.T) {
	stopped, stop := context.WithCancelCause(t.Context())
	stop(ErrStopped)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, tt := range []struct {
		ctx  context.Context
		err  error
		want string
	}{
		{stopped, errors.New("disk full"), "x: disk full\n"},
		{cancelled, cancelled.Err(), "x: context canceled\n"},
	} {
		var stderr bytes.Buffer
		Run(tt.ctx, "x", func(context.Context, Env) error { return tt.err }, Env{Stderr: &stderr})
		if stderr.String() != tt.want {
			t.Errorf("got %q, want %q", stderr.String(), tt.want)
		}
	}
}

// A person needs the time, a file the date.
func TestTimeInTheLog(t *testing.T) {
	var terminal, file bytes.Buffer
	log := func(env Env) { newLogger(env, "text", slog.LevelInfo).WithGroup("g").Info("said", "time", "noon") }
	log(Env{Stderr: &terminal, StderrTerminal: true})
	log(Env{Stderr: &file})
	if !regexp.MustCompile(`^time=\d\d:\d\d:\d\d level=INFO msg=said g.time=noon\n$`).MatchString(terminal.String()) {
		t.Errorf("on a terminal: %q", terminal.String())
	}
	if !regexp.MustCompile(`^time=\d{4}-\d\d-\d\dT.* level=INFO msg=said g.time=noon\n$`).MatchString(file.String()) {
		t.Errorf("in a file: %q", file.String())
	}
}

func TestIgnoreStop(t *testing.T) {
	stopped, cancel := context.WithCancelCause(t.Context())
	cancel(ErrStopped)
	other := errors.New("disk full")
	late, cancelLate := context.WithTimeout(t.Context(), 0)
	defer cancelLate()
	<-late.Done()
	tests := []struct {
		name string
		ctx  context.Context
		err  error
		want error
	}{
		{"stopped", stopped, fmt.Errorf("read: %w", context.Canceled), nil},
		{"nothing", stopped, nil, nil},
		{"failed while stopping", stopped, other, other},
		{"cancelled, not stopped", t.Context(), context.Canceled, context.Canceled},
		{"late", late, context.DeadlineExceeded, context.DeadlineExceeded},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := IgnoreStop(tt.ctx, tt.err); !errors.Is(got, tt.want) || (got == nil) != (tt.want == nil) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestVersionNamesGoAndRevision(t *testing.T) {
	b := Build{Version: "v1.2.0", Go: "go1.26.8", Platform: "linux/amd64", Revision: "0123456789abcdef", Modified: true}
	if got, want := b.String(), "v1.2.0 (go1.26.8, linux/amd64, 0123456789ab, modified)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	info := &debug.BuildInfo{GoVersion: "go1.26.8", Main: debug.Module{Version: "(devel)"}, Settings: []debug.BuildSetting{
		{Key: "vcs.revision", Value: "abc"}, {Key: "vcs.time", Value: "2026-11-22T00:00:00Z"}, {Key: "vcs.modified", Value: "false"},
	}}
	want := Build{Version: "devel", Go: "go1.26.8", Platform: runtime.GOOS + "/" + runtime.GOARCH, Revision: "abc", Time: "2026-11-22T00:00:00Z"}
	if got := buildOf(info); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	info.Main.Version = "v1.2.0"
	if got := buildOf(info).Version; got != "v1.2.0" {
		t.Errorf("a release says %q", got)
	}
	if v := Version(); v.Version == "" || !strings.HasPrefix(v.Go, "go1.") {
		t.Errorf("this test binary is %+v", v)
	}
}

func TestNumbersForPeople(t *testing.T) {
	tests := []struct{ got, want string }{
		{Count(0), "0"},
		{Count(999), "999"},
		{Count(1000), "1,000"},
		{Count(-1234567), "-1,234,567"},
		{Count(uint64(1e18)), "1,000,000,000,000,000,000"},
		{Bytes(999), "999 B"},
		{Bytes(1000), "1.0 kB"},
		{Bytes(9_960), "10 kB"},
		{Bytes(999_499), "999 kB"},
		{Bytes(999_500), "1.0 MB"},
		{Bytes(24_310_000_000), "24 GB"},
		{Rate(4210, time.Second), "4,210/s"},
		{Rate(34, 10*time.Second), "3.4/s"},
		{Rate(1, 0), "-"},
		{Percent(1, 8), "12.5%"},
		{Percent(0, 0), "-"},
		{Elapsed(400 * time.Millisecond), "0.4s"},
		{Elapsed(59 * time.Second), "59s"},
		{Elapsed(185 * time.Second), "3m05s"},
		{Elapsed(130 * time.Minute), "2h10m"},
		{Elapsed(76 * time.Hour), "3d04h"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

func TestParseBytes(t *testing.T) {
	for s, want := range map[string]int64{
		"0": 0, "1500": 1500, "64KB": 64_000, "64kb": 64_000, "1.5 MB": 1_500_000, "2GiB": 2 << 30, " 7 B ": 7, "3k": 3000,
	} {
		if got, err := ParseBytes(s); err != nil || got != want {
			t.Errorf("%q: got %d, %v, want %d", s, got, err, want)
		}
	}
	for _, s := range []string{"", "MB", "-1", "1 XB", "1e300", "nan", "9223372036854775808", "1 MBMB"} {
		if got, err := ParseBytes(s); err == nil {
			t.Errorf("%q: got %d, want an error", s, got)
		}
	}
}

func FuzzParseBytes(f *testing.F) {
	f.Add("64KB")
	f.Add("1.5 GiB")
	f.Fuzz(func(t *testing.T, s string) {
		n, err := ParseBytes(s)
		if err != nil {
			return
		}
		if n < 0 {
			t.Fatalf("%q gives %d", s, n)
		}
		again, err := ParseBytes(Bytes(n))
		if err != nil {
			t.Fatalf("%q gives %d, written %q: %v", s, n, Bytes(n), err)
		}
		if diff := again - n; diff > n/15 || diff < -n/15 {
			t.Fatalf("%q gives %d, written %q, read %d", s, n, Bytes(n), again)
		}
	})
}
