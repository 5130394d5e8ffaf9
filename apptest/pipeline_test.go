package apptest

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// pipeline is a broker that a test stops and starts, and where its services keep their things.
type pipeline struct {
	t         testing.TB
	dir, port string
	store     string // of the broker
	broker    *child
}

func newPipeline(t testing.TB) *pipeline {
	t.Helper()
	p := &pipeline{t: t, dir: t.TempDir(), port: freePort(t)}
	p.store = filepath.Join(p.dir, "broker")
	p.start()
	return p
}

// start starts the broker, with the configuration that we deploy.
func (p *pipeline) start() {
	p.t.Helper()
	p.broker = launch(p.t, "nats-server", "-c", "../deploy/nats.conf", "-a", "127.0.0.1", "-p", p.port, "-m", "0", "-sd", p.store)
	p.broker.says("Server is ready", 1)
}

func (p *pipeline) url() string { return "nats://127.0.0.1:" + p.port }
func (p *pipeline) out() string { return filepath.Join(p.dir, "out") }

func (p *pipeline) cleaner(name string, args ...string) *child {
	p.t.Helper()
	return launch(p.t, "cleaner", append([]string{
		"-nats", p.url(), "-state", filepath.Join(p.dir, name), "-take-over", "500ms", "-snapshot", "200ms", "-batch", "50",
	}, args...)...)
}

func (p *pipeline) sink(args ...string) *child {
	p.t.Helper()
	return launch(p.t, "sink", append([]string{
		"-nats", p.url(), "-out", p.out(), "-segment-records", fmt.Sprint(segmentRecords), "-segment-age", "0",
	}, args...)...)
}

func (p *pipeline) replay(inputs ...string) *child {
	p.t.Helper()
	args := []string{"replay", "-nats", p.url(), "-added", "2026-11-21T12:00:00Z", "-source", "archive"}
	return launch(p.t, "ingester", append(args, inputs...)...)
}

// manifest is the file that commits the segment which ends with sequence last.
func manifest(out string, last int) string {
	return filepath.Join(out, "date=2026-11-21", fmt.Sprintf("%012d-%012d.manifest.json", last-segmentRecords+1, last))
}

// written waits until the segment that ends with sequence last is committed.
func (p *pipeline) written(last int) {
	p.t.Helper()
	poll(p.t, fmt.Sprintf("segment up to %d", last), func() bool { return exists(manifest(p.out(), last)) })
}

// archives writes the first n archives.
func archives(t testing.TB, n int) []string {
	t.Helper()
	dir := t.TempDir()
	var names []string
	for i := range n {
		names = append(names, archive(t, dir, i))
	}
	return names
}

// calm returns the output of a run of the same inputs in which nothing happens: by `winnow clean`,
// since one process with everything in it and the separate services write the same bytes.
func calm(t testing.TB, inputs ...string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "calm")
	c := launch(t, "winnow", slices.Concat(cleanArgs(out), inputs)...)
	if code := c.code(patience); code != 3 { // the archives have dead records
		t.Fatalf("winnow clean: exit code %d\n%s", code, c.stderr())
	}
	return out
}

// sameSegments compares what services have written with a calm run, which is marked as complete
// where services never end.
func sameSegments(t testing.TB, calm, got string) {
	t.Helper()
	if err := os.Remove(filepath.Join(calm, "_SUCCESS")); err != nil {
		t.Error(err)
	}
	sameFiles(t, calm, got)
}

func cleanArgs(out string) []string {
	return []string{
		"clean", "-out", out, "-added", "2026-11-21T12:00:00Z", "-source", "archive",
		"-segment-records", fmt.Sprint(segmentRecords), "-snapshot", "50ms",
	}
}
