package apptest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"winnow/internal/bus"
	"winnow/internal/freeport"
)

// bin is where TestMain puts the programs.
var bin string

func TestMain(m *testing.M) {
	for _, setting := range os.Environ() { // the programs shall not have those of whoever runs the tests
		switch name, _, _ := strings.Cut(setting, "="); {
		case name == "WINNOW_SOAK", name == "WINNOW_S3_SERVER":
		case strings.HasPrefix(name, "WINNOW_"):
			os.Unsetenv(name)
		}
	}
	code, err := func() (int, error) {
		dir, err := os.MkdirTemp("", "winnow-apptest-")
		if err != nil {
			return 1, err
		}
		defer os.RemoveAll(dir)
		bin = dir
		build := exec.Command("go", "build", "-ldflags=-s -w", "-o", dir+"/", "winnow/cmd/...", "github.com/nats-io/nats-server/v2")
		if out, err := build.CombinedOutput(); err != nil {
			return 1, fmt.Errorf("%w\n%s", err, out)
		}
		return m.Run(), nil
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

// proc is a program that is kept running: killed, it is started again until stop.
type proc struct {
	t    testing.TB
	name string
	args []string
	log  string // file that takes standard error of all its lives

	mu      sync.Mutex
	cmd     *exec.Cmd
	kills   int
	stopped bool
	done    chan struct{} // closed when it is not started again
	err     error         // of the last life, when it ended by itself
}

// keep starts a program. A once program that ends with exit code 0 is done; any other end that
// is not by kill fails the test.
func keep(t testing.TB, once bool, name string, args ...string) *proc {
	t.Helper()
	p := &proc{t: t, name: name, args: args, log: filepath.Join(t.TempDir(), name+".log"), done: make(chan struct{})}
	go func() {
		defer close(p.done)
		for p.live(once) {
		}
	}()
	t.Cleanup(p.stop)
	return p
}

// live runs the program once and tells whether to start it again.
func (p *proc) live(once bool) bool {
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		p.err = err
		return false
	}
	defer log.Close()
	cmd := exec.Command(filepath.Join(bin, p.name), p.args...)
	cmd.Stderr = log
	p.mu.Lock()
	if p.stopped {
		p.mu.Unlock()
		return false
	}
	err = cmd.Start()
	p.cmd = cmd
	p.mu.Unlock()
	if err == nil {
		err = cmd.Wait()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	exit, _ := errors.AsType[*exec.ExitError](err)
	switch killed := exit != nil && exit.Sys().(syscall.WaitStatus).Signaled(); {
	case p.stopped, once && (err == nil || exit != nil && exit.ExitCode() == 3): // the archives have broken lines
		return false
	case killed:
		return true
	}
	p.err = fmt.Errorf("%s ended by itself: %w\n%s", p.name, err, p.tail())
	return false
}

// kill is kill -9, if the program is running.
func (p *proc) kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd != nil && p.cmd.Process != nil && p.cmd.Process.Kill() == nil {
		p.kills++
	}
}

// stop ends the program for good.
func (p *proc) stop() {
	p.mu.Lock()
	p.stopped = true
	if p.cmd != nil && p.cmd.Process != nil {
		p.cmd.Process.Kill()
	}
	p.mu.Unlock()
	<-p.done
}

// check fails the test if the program ended by itself.
func (p *proc) check() {
	p.t.Helper()
	select {
	case <-p.done:
		if p.err != nil {
			p.t.Fatal(p.err)
		}
	default:
	}
}

// tail is the end of the program's log.
func (p *proc) tail() string {
	data, _ := os.ReadFile(p.log)
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	return strings.Join(lines[max(0, len(lines)-15):], "\n")
}

// cluster is the services of one pipeline, each a process.
type cluster struct {
	t        testing.TB
	dir, url string
	broker   *proc
	cleaners []*proc
	sink     *proc
}

// start runs a broker with the configuration that we deploy, n cleaners and a sink.
func start(t testing.TB, cleaners int) *cluster {
	t.Helper()
	port := freePort(t)
	c := &cluster{t: t, dir: t.TempDir(), url: "nats://127.0.0.1:" + port}
	c.broker = keep(t, false, "nats-server", "-c", "../deploy/nats.conf", "-a", "127.0.0.1", "-p", port, "-m", "0", "-sd", filepath.Join(c.dir, "broker"))
	for i := range cleaners {
		c.cleaners = append(c.cleaners, keep(t, false, "cleaner", "-nats", c.url, "-state", filepath.Join(c.dir, fmt.Sprint("state", i)),
			"-take-over", "500ms", "-snapshot", "500ms", "-batch", "100"))
	}
	c.sink = keep(t, false, "sink", "-nats", c.url, "-out", c.out(), "-segment-records", fmt.Sprint(segmentRecords), "-segment-age", "0")
	return c
}

func (c *cluster) out() string { return filepath.Join(c.dir, "out") }

// replay starts the ingester on a file; it is done when the file is in RAW.
func (c *cluster) replay(file string, args ...string) *proc {
	return keep(c.t, true, "ingester", slices.Concat([]string{"replay", "-nats", c.url, "-added", "2026-11-21T12:00:00Z", "-source", "archive"}, args, []string{file})...)
}

// bus connects to the pipeline as a bystander.
func (c *cluster) bus() (*bus.Bus, *bus.Stream, *bus.Stream) {
	c.t.Helper()
	b, err := bus.Open(c.t.Context(), bus.Config{URL: c.url})
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { b.Close() })
	raw, news, err := b.Streams(c.t.Context(), bus.StreamConfig{}, bus.StreamConfig{})
	if err != nil {
		c.t.Fatal(err)
	}
	return b, raw, news
}

func (c *cluster) check() {
	c.t.Helper()
	for _, p := range append([]*proc{c.broker, c.sink}, c.cleaners...) {
		p.check()
	}
}

// wait polls until ok, failing when a service has ended or patience ends.
func (c *cluster) wait(what string, ok func(context.Context) bool) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !ok(ctx) {
		c.check()
		select {
		case <-tick.C:
		case <-ctx.Done():
			for _, p := range append([]*proc{c.broker, c.sink}, c.cleaners...) {
				c.t.Logf("%s:\n%s", p.name, p.tail())
			}
			c.t.Fatalf("never: %s", what)
		}
	}
}

func freePort(t testing.TB) string {
	t.Helper()
	address, err := freeport.Address()
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	return port
}
