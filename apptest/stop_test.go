package apptest

import (
	"strings"
	"syscall"
	"testing"
	"time"
)

// drain is longer than any service takes to stop.
const drain = 35 * time.Second

// stop stops a service as an operator does and wants exit code 0.
func stop(t testing.TB, c *child) {
	t.Helper()
	c.signal(syscall.SIGTERM)
	c.done(drain)
	if !strings.Contains(c.stderr(), "stopping once the work in flight is done") {
		t.Errorf("%s does not say that it stops:\n%s", c.name, c.stderr())
	}
}

// SIGTERM in the middle of the work: each service exits with 0, a replay with 1 since it is not
// done; all are started again, and the segments are those of a calm run.
func TestStoppedInTheMiddle(t *testing.T) {
	p := newPipeline(t)
	in := archives(t, 3)
	for last := segmentRecords; last < 3*fileRecords; last += 2 * segmentRecords {
		cleaner, sink, replay := p.cleaner("state"), p.sink(), p.replay(in...)
		p.written(last)
		stop(t, sink)
		stop(t, cleaner)
		replay.signal(syscall.SIGTERM)
		if code := replay.code(drain); code != 0 && code != 3 && (code != 1 || !strings.Contains(replay.stderr(), "stopped before it was done")) {
			t.Errorf("replay: exit code %d\n%s", code, replay.stderr())
		}
	}
	p.cleaner("state")
	p.sink()
	p.replay(in...).done(patience)
	p.written(3 * fileRecords)
	status := launch(t, "ingester", "status", "-nats", p.url())
	status.done(drain)
	if got := status.out.String(); strings.Count(got, "done") != len(in) || strings.Contains(got, "open") {
		t.Errorf("ingester status:\n%s", got)
	}
	sameSegments(t, calm(t, in...), p.out())
}

// A service without a broker stops as well, and HTTP intake and serve do when idle.
func TestStoppedWhileIdle(t *testing.T) {
	p := newPipeline(t)
	http := "127.0.0.1:" + freePort(t)
	intake := launch(t, "ingester", "-nats", p.url(), "-http", http)
	intake.says("taking documents", 1)
	stop(t, intake)
	serve := launch(t, "winnow", "serve", "-http", http, "-out", t.TempDir())
	serve.says("taking documents", 1)
	stop(t, serve)
	p.broker.kill()
	lost := p.cleaner("state")
	lost.says(away, 1)
	stop(t, lost)
}

// A second signal ends a service at once, whatever it waits for.
func TestSecondSignal(t *testing.T) {
	p := newPipeline(t)
	p.sink()
	cleaner := p.cleaner("state", "-snapshot", "1h")
	p.replay(archives(t, 1)...).done(patience)
	p.written(fileRecords)
	p.broker.signal(syscall.SIGSTOP) // now nothing can be finished
	cleaner.signal(syscall.SIGTERM)
	cleaner.says("stopping once the work in flight is done", 1)
	cleaner.signal(syscall.SIGTERM)
	if code := cleaner.code(drain); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	cleaner.says("stopped at once; the work in flight will be done again at the next start", 1) // not: not finished in time
}
