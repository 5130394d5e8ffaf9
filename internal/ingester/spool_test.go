package ingester

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"winnow/internal/bus"
	"winnow/internal/lockfile"
)

func newSpool(t testing.TB, b *bus.Bus, raw *bus.Stream, dir string) *Spool {
	t.Helper()
	s, err := NewSpool(SpoolConfig{Dir: dir, Every: 5 * time.Millisecond, Replay: ReplayConfig{Bus: b, Raw: raw, Added: added, Source: "test", Log: slog.New(slog.NewTextHandler(t.Output(), nil))}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// looks lets a spool look n times.
func looks(t testing.TB, s *Spool, n int) {
	t.Helper()
	for range n {
		if err := s.look(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func listDir(t testing.TB, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// Files are stored once each when they have come to rest, in the order of their names, and moved aside.
func TestSpool(t *testing.T) {
	b, raw := openBus(t, bus.StreamConfig{})
	dir := t.TempDir()
	s := newSpool(t, b, raw, dir)
	var log bytes.Buffer
	s.log = slog.New(slog.NewTextHandler(&log, nil))
	write(t, filepath.Join(dir, "sub", "d.jsonl"), jsonLines(90, 91))
	if err := os.Symlink("a.jsonl", filepath.Join(dir, "link.jsonl")); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "b.jsonl"), jsonLines(2, 4))
	write(t, filepath.Join(dir, "a.jsonl"), jsonLines(0, 2))
	write(t, filepath.Join(dir, ".hidden.jsonl"), jsonLines(90, 91))
	write(t, filepath.Join(dir, "c.jsonl.tmp"), jsonLines(90, 91))
	write(t, filepath.Join(dir, "x.bin"), "\x7fELF\x02\x00")
	looks(t, s, 1)
	if n := state(t, raw).Messages; n != 0 {
		t.Fatalf("%d messages of files that may still be written", n)
	}
	write(t, filepath.Join(dir, "b.jsonl"), jsonLines(2, 5))
	looks(t, s, 1)
	if n := state(t, raw).Messages; n != 2 {
		t.Fatalf("%d messages, want those of a.jsonl", n)
	}
	looks(t, s, 1)
	write(t, filepath.Join(dir, "a.jsonl"), jsonLines(5, 7)) // the name again
	looks(t, s, 3)
	var got []string
	for _, m := range messages(t, raw, 0) {
		got = append(got, string(m.Data[7:8]))
	}
	if want := []string{"0", "1", "2", "3", "4", "5", "6"}; !slices.Equal(got, want) {
		t.Errorf("RAW holds %v", got)
	}
	for folder, want := range map[string][]string{"": {".done", ".failed", ".hidden.jsonl", "c.jsonl.tmp", "link.jsonl", "sub"}, spoolDone: {"a.jsonl", "a.jsonl.2", "b.jsonl"}, spoolFailed: {"x.bin"}} {
		if diff := cmp.Diff(want, listDir(t, filepath.Join(dir, folder))); diff != "" {
			t.Errorf("%s: %s", folder, diff)
		}
	}
	for _, what := range []string{`no file" name=sub`, `a link" name=link.jsonl`} {
		if n := strings.Count(log.String(), what); n != 1 {
			t.Errorf("%s: %d times:\n%s", what, n, &log)
		}
	}
	cps, err := b.Checkpoints(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if list, err := cps.List(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("%v, checkpoints %+v: they would hold RAW", err, list)
	}
}

// A file that breaks off is stored as far as it goes, and a warning names it, the place and what is left out.
func TestSpoolBrokenFile(t *testing.T) {
	b, raw := openBus(t, bus.StreamConfig{})
	dir := t.TempDir()
	var log bytes.Buffer
	s := newSpool(t, b, raw, dir)
	s.log = slog.New(slog.NewTextHandler(&log, nil))
	s.cfg.Replay.Log = s.log
	whole, err := io.ReadAll(packed(t, "gzip", jsonLines(0, 5)))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "a.jsonl.gz"), string(whole[:len(whole)-9]))
	write(t, filepath.Join(dir, "b.jsonl"), jsonLines(5, 6))
	looks(t, s, 2)
	if n := state(t, raw).Messages; n < 2 {
		t.Fatalf("%d messages", n)
	}
	for _, want := range []string{
		`level=WARN msg="file left out" path=`, filepath.Join(dir, "a.jsonl.gz"), ` reason="its rest, from a.jsonl.gz:`,
		`level=WARN msg="spool file stored" file=a.jsonl.gz`, `malformed=1 files_left_out=1`, `level=INFO msg="spool file stored" file=b.jsonl documents=1 malformed=0`,
	} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log has no %s:\n%s", want, &log)
		}
	}
}

// Killed between any two steps it neither loses a file nor stores one twice.
func TestSpoolKilled(t *testing.T) {
	b, raw := openBus(t, bus.StreamConfig{})
	dir := t.TempDir()
	path := write(t, filepath.Join(dir, "a.jsonl"), jsonLines(0, 10))
	half := newReplay(t, b, raw, path)
	half.cfg.Batch = 4
	killed := errors.New("killed")
	n := 0
	half.failpoint = func() error {
		if n++; n == 2 {
			return killed
		}
		return nil
	}
	if err := half.Run(t.Context()); !errors.Is(err, killed) {
		t.Fatal(err)
	}
	run(t, newReplay(t, b, raw, path)) // stored, not yet moved
	looks(t, newSpool(t, b, raw, dir), 2)
	if n := state(t, raw).Messages; n != 10 {
		t.Fatalf("%d messages", n)
	}
	// Moved, and not yet forgotten, when a new file of the name arrives.
	path = write(t, filepath.Join(dir, "a.jsonl"), jsonLines(10, 12))
	run(t, newReplay(t, b, raw, path))
	write(t, path, jsonLines(20, 25))
	looks(t, newSpool(t, b, raw, dir), 2)
	if n := state(t, raw).Messages; n != 17 {
		t.Fatalf("%d messages", n)
	}
	// Moved, when the power is cut, which may bring the file back: only after a sync is it forgotten.
	path = write(t, filepath.Join(dir, "a.jsonl"), jsonLines(30, 33))
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	cut := newSpool(t, b, raw, dir)
	cut.sync = func(string) error { return killed }
	looks(t, cut, 1)
	if err := cut.look(t.Context()); !errors.Is(err, killed) {
		t.Fatal(err)
	}
	write(t, path, string(before))
	if err := os.Chtimes(path, time.Time{}, info.ModTime()); err != nil {
		t.Fatal(err)
	}
	looks(t, newSpool(t, b, raw, dir), 2)
	if n := state(t, raw).Messages; n != 20 {
		t.Fatalf("%d messages", n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	s := newSpool(t, b, raw, dir)
	go func() { done <- s.Run(ctx) }()
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// A file that is taken away while it is stored does not end the spool.
func TestSpoolFileTakenAway(t *testing.T) {
	b, raw := openBus(t, bus.StreamConfig{})
	dir := t.TempDir()
	s := newSpool(t, b, raw, dir)
	path := write(t, filepath.Join(dir, "a.jsonl"), jsonLines(0, 3)+strings.Repeat(" ", 1<<20)+"\n"+jsonLines(3, 5))
	s.cfg.Replay.Batch = 2
	removed := false
	s.failpoint = func() error {
		if removed {
			return nil
		}
		removed = true
		return os.Remove(path)
	}
	looks(t, s, 2)
	if !removed {
		t.Error("the file was not stored")
	}
}

// A file that grows while it is stored is stored to its end.
func TestSpoolFileGrows(t *testing.T) {
	b, raw := openBus(t, bus.StreamConfig{})
	dir := t.TempDir()
	s := newSpool(t, b, raw, dir)
	path := write(t, filepath.Join(dir, "a.jsonl"), jsonLines(0, 10))
	s.cfg.Replay.Batch = 2
	grown := false
	s.failpoint = func() error {
		if grown {
			return nil
		}
		grown = true
		f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		_, err = f.WriteString(jsonLines(10, 12))
		return errors.Join(err, f.Close())
	}
	looks(t, s, 5)
	if got := ids(t, raw, 0); len(got) != 12 {
		t.Errorf("%d documents stored, want 12; the folder: %v", len(got), listDir(t, dir))
	}
}

// Two ingesters of one spool directory would store its files twice: the second says so and ends.
func TestSpoolIsOnes(t *testing.T) {
	b, raw := openBus(t, bus.StreamConfig{})
	dir := t.TempDir()
	held, err := lockfile.Hold(filepath.Join(dir, ".lock"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err = newSpool(t, b, raw, dir).Run(ctx)
	if !errors.Is(err, lockfile.ErrHeld) || !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), "-spool") {
		t.Errorf("the second: %v", err)
	}
	held.Close()
	for range 2 { // each gives it back
		if err := newSpool(t, b, raw, dir).Run(ctx); err != nil {
			t.Error(err)
		}
	}
}
