package apptest

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// child is one life of a program, which a test signals as it likes.
type child struct {
	t     testing.TB
	name  string
	cmd   *exec.Cmd
	log   string // file that takes standard error
	out   bytes.Buffer
	ended chan struct{}
	err   error // of Wait; read it when ended is closed
}

// launch starts a program; it is killed at the end of the test if it still runs.
func launch(t testing.TB, name string, args ...string) *child {
	t.Helper()
	c := &child{t: t, name: name, log: filepath.Join(t.TempDir(), "stderr"), ended: make(chan struct{})}
	log, err := os.Create(c.log)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	c.cmd = exec.Command(filepath.Join(bin, name), args...)
	c.cmd.Stderr, c.cmd.Stdout = log, &c.out
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		c.err = c.cmd.Wait()
		close(c.ended)
	}()
	t.Cleanup(func() {
		c.signal(syscall.SIGKILL)
		<-c.ended
		if t.Failed() {
			t.Logf("%s:\n%s", name, c.stderr())
		}
	})
	return c
}

func (c *child) signal(s syscall.Signal) { c.cmd.Process.Signal(s) }

// kill is kill -9, and waits for the end.
func (c *child) kill() {
	c.signal(syscall.SIGKILL)
	<-c.ended
}

// code waits for the end of the program and returns its exit code, or -1 when a signal ended it.
func (c *child) code(within time.Duration) int {
	c.t.Helper()
	select {
	case <-c.ended:
	case <-time.After(within):
		c.t.Fatalf("%s still runs after %v", c.name, within)
	}
	if exit, ok := errors.AsType[*exec.ExitError](c.err); ok {
		return exit.ExitCode()
	}
	if c.err != nil {
		c.t.Fatal(c.err)
	}
	return 0
}

// done waits for an end with exit code 0; of a replay also with 3, since archives have broken lines.
func (c *child) done(within time.Duration) {
	c.t.Helper()
	if code := c.code(within); code != 0 && (code != 3 || c.name != "ingester") {
		c.t.Fatalf("%s: exit code %d\n%s", c.name, code, c.stderr())
	}
}

func (c *child) stderr() string {
	data, _ := os.ReadFile(c.log)
	return string(data)
}

// says waits until the program has written what to standard error, n times.
func (c *child) says(what string, n int) {
	c.t.Helper()
	poll(c.t, c.name+" says: "+what, func() bool { return strings.Count(c.stderr(), what) >= n })
}

// patience is longer than anything here takes, also on a machine that is slow and busy with something else. No test takes
// so long unless it fails.
const patience = 5 * time.Minute

// poll waits until ok, failing when patience ends.
func poll(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ok(); <-time.After(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

// exists tells whether a file is there.
func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// soak returns long for WINNOW_SOAK=1 and short otherwise.
func soak(short, long int) int {
	if os.Getenv("WINNOW_SOAK") != "" {
		return long
	}
	return short
}
