//go:build linux

package sink_test

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"winnow/internal/bus"
	"winnow/internal/segment"
	"winnow/internal/sink"
)

// watcher is a log that calls f with every line.
type watcher struct {
	mu  sync.Mutex
	all bytes.Buffer
	f   func(line string)
}

func (w *watcher) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.f(string(b))
	return w.all.Write(b)
}

// On a real full disk the sink says so once, waits, and goes on without loss when there is space.
func TestFullDiskIsWaitedFor(t *testing.T) {
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=512k"); err != nil {
		t.Skipf("a small file system cannot be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(disk, 0); err != nil {
			t.Error(err)
		}
	})
	filler := filepath.Join(disk, "filler")
	if err := os.WriteFile(filler, make([]byte, 460<<10), 0o644); err != nil {
		t.Fatal(err)
	}
	const last = 1500
	news := openNews(t, bus.StreamConfig{})
	publish(t, news, 1, last/2, 'a')
	publish(t, news, last/2+1, last, 'a')

	log := &watcher{f: func(line string) {
		if strings.Contains(line, "disk is full") {
			time.AfterFunc(700*time.Millisecond, func() { // behind the second attempt
				if err := os.Remove(filler); err != nil {
					t.Error(err)
				}
			})
		}
	}}
	dir := filepath.Join(disk, "out")
	s, err := sink.New(sink.Config{
		News: news, Store: segment.Dir(dir), Segment: segment.Options{Records: 100, Frame: 1000}, Trim: true, Until: until(last),
		Log: slog.New(slog.NewTextHandler(log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	check(t, dir, last, 'a')
	for _, once := range []string{"disk is full", "written again"} {
		if n := strings.Count(log.all.String(), once); n != 1 {
			t.Errorf("%d lines with %q, want 1:\n%s", n, once, log.all.String())
		}
	}
}
