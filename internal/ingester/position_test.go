package ingester

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"winnow/internal/bus"
	"winnow/internal/source"
)

// An input that is no longer what it was is refused, with the way out; -restart is that way.
func TestReplayChangedInput(t *testing.T) {
	for name, content := range map[string]string{
		"altered":   strings.Replace(jsonLines(0, 10), "document 3", "document X", 1),
		"shortened": jsonLines(0, 9),
		"put first": jsonLines(90, 91) + jsonLines(0, 10),
	} {
		t.Run(name, func(t *testing.T) {
			b, raw := openBus(t, bus.StreamConfig{})
			path := write(t, filepath.Join(t.TempDir(), "a.jsonl"), jsonLines(0, 10))
			run(t, newReplay(t, b, raw, path))
			write(t, path, content)
			err := newReplay(t, b, raw, path).Run(t.Context())
			if !errors.Is(err, ErrChanged) || !strings.Contains(err.Error(), "-restart") || !strings.Contains(err.Error(), path) {
				t.Fatalf("got %v", err)
			}
			if n := state(t, raw).Messages; n != 10 {
				t.Fatalf("RAW holds %d messages", n)
			}
			anew := newReplay(t, b, raw, path)
			anew.cfg.Restart = true
			run(t, anew)
			if got := uint64(len(ids(t, raw, 10))); got != state(t, raw).Messages-10 || got != uint64(anew.Progress().Documents.Load()) {
				t.Errorf("RAW holds %d of the input from its beginning", got)
			}
		})
	}
}

// RAW that does not hold what the checkpoint says is refused, never guessed about.
func TestReplayLostRaw(t *testing.T) {
	for name, harm := range map[string]func(*testing.T, *bus.Stream, *bus.Checkpoint){
		"the tail is gone":     func(_ *testing.T, _ *bus.Stream, cp *bus.Checkpoint) { cp.Seq += 5 },
		"sequences used again": func(_ *testing.T, _ *bus.Stream, cp *bus.Checkpoint) { cp.Seq -= 1 },
		"a document is missing": func(t *testing.T, raw *bus.Stream, cp *bus.Checkpoint) {
			cp.Seq, cp.Count, cp.Digest = 4, 4, 0
			if err := raw.Delete(t.Context(), 6); err != nil {
				t.Fatal(err)
			}
		},
		"trimmed": func(t *testing.T, raw *bus.Stream, cp *bus.Checkpoint) {
			cp.Seq, cp.Count, cp.Digest = 4, 4, 0
			if err := raw.Trim(t.Context(), 8); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			b, raw := openBus(t, bus.StreamConfig{})
			path := write(t, filepath.Join(t.TempDir(), "a.jsonl"), jsonLines(0, 10))
			run(t, newReplay(t, b, raw, path))
			alter(t, b, func(cp *bus.Checkpoint) { harm(t, raw, cp) })
			if err := newReplay(t, b, raw, path).Run(t.Context()); !errors.Is(err, ErrLost) || !strings.Contains(err.Error(), "-restart") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// alter changes the only checkpoint to one that is not done.
func alter(t *testing.T, b *bus.Bus, f func(*bus.Checkpoint)) {
	t.Helper()
	cps, err := b.Checkpoints(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	list, err := cps.List(t.Context())
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	cp, rev, err := cps.Load(t.Context(), list[0].Input)
	if err != nil {
		t.Fatal(err)
	}
	cp.Done = false
	f(&cp)
	if _, err := cps.Store(t.Context(), cp.Input, cp, rev); err != nil {
		t.Fatal(err)
	}
}

// A copy of an earlier document behind the position, however it came there, moves nothing.
func TestReplayLateCopy(t *testing.T) {
	b, raw := openBus(t, bus.StreamConfig{})
	path := write(t, filepath.Join(t.TempDir(), "a.jsonl"), jsonLines(0, 10))
	run(t, newReplay(t, b, raw, path))
	late := messages(t, raw, 2)[0]
	if _, err := raw.Publish(t.Context(), []bus.Message{{Subject: late.Subject, Data: late.Data, Header: late.Header}}); err != nil {
		t.Fatal(err)
	}
	alter(t, b, func(*bus.Checkpoint) {})
	r := newReplay(t, b, raw, path)
	run(t, r)
	if n := r.Progress().Skipped.Load(); n != 10 || state(t, raw).Messages != 11 {
		t.Errorf("%d documents skipped", n)
	}
}

// What a killed run published and did not note is held against the input too.
func TestReplayChangedBehindTheCheckpoint(t *testing.T) {
	wholeBatches(t)
	b, raw := openBus(t, bus.StreamConfig{})
	dir := t.TempDir()
	for i, name := range []string{"a", "b", "c", "d", "e"} {
		write(t, filepath.Join(dir, name+".jsonl"), jsonLines(i, i+1))
	}
	r := newReplay(t, b, raw, dir)
	r.failpoint = func() error { return errKilled }
	if err := r.Run(t.Context()); !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
	added := write(t, filepath.Join(dir, "aa.jsonl"), jsonLines(90, 91))
	if err := newReplay(t, b, raw, dir).Run(t.Context()); !errors.Is(err, ErrChanged) {
		t.Fatalf("a document came before others that are stored: %v", err)
	}
	if err := os.Remove(added); err != nil {
		t.Fatal(err)
	}
	run(t, newReplay(t, b, raw, dir))
	if got := ids(t, raw, 0); !slices.Equal(got, numbers(5)) {
		t.Errorf("RAW holds %v", got)
	}
}

// A replay of one large file goes on at a place within it: what is before it is not read again, unless the file has changed.
func TestReplayGoesOnWithinItsFile(t *testing.T) {
	wholeBatches(t)
	for _, ending := range []string{"", ".gz", ".zst"} {
		t.Run(ending, func(t *testing.T) {
			b, raw := openBus(t, bus.StreamConfig{})
			path := filepath.Join(t.TempDir(), "a.jsonl"+ending)
			part := func(from, to int) string { // compressed by itself
				if ending == "" {
					return jsonLines(from, to)
				}
				data, err := io.ReadAll(packed(t, map[string]string{".gz": "gzip", ".zst": "zstd"}[ending], jsonLines(from, to)))
				if err != nil {
					t.Fatal(err)
				}
				return string(data)
			}
			first := part(0, 100)
			write(t, path, first+part(100, 200)+part(200, 300))
			old := time.Unix(1e9, 0)
			dated := func(changed time.Time) {
				t.Helper()
				if err := os.Chtimes(path, changed, changed); err != nil {
					t.Fatal(err)
				}
			}
			dated(old)
			again := func(after int) *Replay {
				r := newReplay(t, b, raw, path)
				r.cfg.Batch, r.cfg.Options.MarkEvery = 10, 500
				r.failpoint = func() error {
					if after--; after < 0 {
						return errKilled
					}
					return nil
				}
				return r
			}
			if err := again(22).Run(t.Context()); !errors.Is(err, errKilled) {
				t.Fatal(err)
			}
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			data[len(first)*3/4]++ // would be an error if it were read
			write(t, path, string(data))
			if err := again(1000).Run(t.Context()); !errors.Is(err, ErrChanged) {
				t.Fatalf("the file is another one: %v", err)
			}
			dated(old)
			run(t, again(1000))
			if got := ids(t, raw, 0); !slices.Equal(got, numbers(300)) {
				t.Errorf("RAW holds %v", got)
			}
		})
	}
}

// A run that begins anew does so once, even when it has to look again at what is stored.
func TestReplayRestartsOnce(t *testing.T) {
	wholeBatches(t)
	b, raw := openBus(t, bus.StreamConfig{})
	path := write(t, filepath.Join(t.TempDir(), "a.jsonl"), jsonLines(0, 10))
	run(t, newReplay(t, b, raw, path))
	late := messages(t, raw, 2)[0]
	r := newReplay(t, b, raw, path)
	r.cfg.Restart, r.cfg.Batch = true, 5
	r.failpoint = func() error {
		r.failpoint = nil
		_, err := raw.Publish(t.Context(), []bus.Message{{Subject: late.Subject, Data: late.Data, Header: late.Header}})
		return err
	}
	run(t, r)
	if n := state(t, raw).Messages; n != 21 {
		t.Errorf("RAW holds %d messages, want 10, 1 and 10", n)
	}
}

// A replay of many files goes on with the file that it was in: those before it are not read again, unless one
// of them has changed.
func TestReplayGoesOnWithItsFile(t *testing.T) {
	wholeBatches(t)
	b, raw := openBus(t, bus.StreamConfig{})
	dir := t.TempDir()
	names := []string{"a.jsonl", "b.jsonl", "c.jsonl", "d.jsonl"}
	for i, name := range names {
		write(t, filepath.Join(dir, name), jsonLines(10*i, 10*i+10))
	}
	killed := func(after int) {
		t.Helper()
		r := newReplay(t, b, raw, dir)
		r.cfg.Batch = 5
		r.failpoint = func() error {
			if after -= 5; after < 0 {
				return errKilled
			}
			return nil
		}
		if err := r.Run(t.Context()); !errors.Is(err, errKilled) {
			t.Fatal(err)
		}
	}
	// other writes another file of the same length, with the time that it had unless that should show.
	other := func(name string, show bool) {
		t.Helper()
		path := filepath.Join(dir, name)
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		write(t, path, strings.ReplaceAll(string(data), "document", "DOCUMENT"))
		if show {
			return
		}
		if err := os.Chtimes(path, time.Time{}, info.ModTime()); err != nil {
			t.Fatal(err)
		}
	}
	killed(25)              // in the third file, with a batch more that nobody noted
	other("b.jsonl", false) // would be an error if it were read
	other("c.jsonl", true)
	if err := newReplay(t, b, raw, dir).Run(t.Context()); !errors.Is(err, ErrChanged) {
		t.Fatalf("the file it is in is another one: %v", err)
	}
	write(t, filepath.Join(dir, "c.jsonl"), jsonLines(20, 30))
	run(t, newReplay(t, b, raw, dir))
	if got := ids(t, raw, 0); !slices.Equal(got, numbers(40)) {
		t.Fatalf("RAW holds %v", got)
	}
	// Done, and a file comes behind the others: only the last is read again. One before them is an error.
	other("a.jsonl", false)
	write(t, filepath.Join(dir, "e.jsonl"), jsonLines(40, 43))
	run(t, newReplay(t, b, raw, dir))
	if got := ids(t, raw, 0); !slices.Equal(got, numbers(43)) {
		t.Fatalf("RAW holds %v", got)
	}
	write(t, filepath.Join(dir, "0.jsonl"), jsonLines(90, 91))
	if err := newReplay(t, b, raw, dir).Run(t.Context()); !errors.Is(err, ErrChanged) {
		t.Fatalf("a file came before: %v", err)
	}
}

// Names that are not UTF-8 are names like others: a replay of their directory goes on with the file that it was in, and
// a spool directory takes them.
func TestNamesThatAreNotUTF8(t *testing.T) {
	wholeBatches(t)
	b, raw := openBus(t, bus.StreamConfig{})
	dir := filepath.Join(t.TempDir(), "d\xff")
	names := []string{"a\xe9.jsonl", "b\xe9.jsonl", "b\xea.jsonl", "c.jsonl"}
	if err := errors.Join(os.Mkdir(dir, 0o755), os.WriteFile(filepath.Join(dir, names[0]), nil, 0o644)); err != nil {
		t.Skip("this file system wants UTF-8:", err)
	}
	for i, name := range names {
		write(t, filepath.Join(dir, name), jsonLines(10*i, 10*i+10))
	}
	r := newReplay(t, b, raw, dir)
	r.cfg.Batch = 5
	batches := 0
	r.failpoint = func() error {
		if batches++; batches == 6 { // in the third file, and the file before it differs in a byte that is no character
			return errKilled
		}
		return nil
	}
	if err := r.Run(t.Context()); !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
	first := filepath.Join(dir, names[0])
	info, err := os.Stat(first)
	if err != nil {
		t.Fatal(err)
	}
	write(t, first, strings.ReplaceAll(jsonLines(0, 10), "document", "DOCUMENT")) // would be an error if it were read
	if err := os.Chtimes(first, time.Time{}, info.ModTime()); err != nil {
		t.Fatal(err)
	}
	run(t, newReplay(t, b, raw, dir))
	if got := ids(t, raw, 0); !slices.Equal(got, numbers(40)) {
		t.Errorf("RAW holds %v", got)
	}
	spool := filepath.Join(t.TempDir(), "s\xff")
	write(t, filepath.Join(spool, names[0]), jsonLines(0, 3))
	looks(t, newSpool(t, b, raw, spool), 2)
	if got := listDir(t, filepath.Join(spool, spoolDone)); !slices.Equal(got, names[:1]) || state(t, raw).Messages != 43 {
		t.Errorf("%q is done, RAW holds %d messages", got, state(t, raw).Messages)
	}
}

// Nobody who publishes to RAW can stop a replay by a message that says that it is one of its documents, neither
// while it runs nor between two runs.
func TestReplayForged(t *testing.T) {
	wholeBatches(t)
	b, raw := openBus(t, bus.StreamConfig{})
	path := write(t, filepath.Join(t.TempDir(), "a.jsonl"), jsonLines(0, 30))
	r := newReplay(t, b, raw, path)
	r.cfg.Batch = 4
	batches := 0
	r.failpoint = func() error {
		if batches++; batches == 3 {
			return errKilled // with a batch that nobody noted
		}
		forge(t, raw, path, 4*batches) // the next document: a run that believed it would leave it out
		return nil
	}
	if err := r.Run(t.Context()); !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
	for _, n := range []int{12, 99, 0} {
		forge(t, raw, path, n)
	}
	run(t, newReplay(t, b, raw, path))
	if got := ids(t, raw, 0); !slices.Equal(got, numbers(30)) {
		t.Errorf("RAW holds %v", got)
	}
}

// A replay that an earlier version began, whose messages have no secret, goes on.
func TestReplayWithoutSecret(t *testing.T) {
	b, raw := openBus(t, bus.StreamConfig{})
	path := write(t, filepath.Join(t.TempDir(), "a.jsonl"), jsonLines(0, 10))
	cps, err := b.Checkpoints(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	key := source.FileKey(path)
	if _, err := cps.Store(t.Context(), key, bus.Checkpoint{Input: key, Path: path}, 0); err != nil {
		t.Fatal(err)
	}
	r := newReplay(t, b, raw, path)
	r.cfg.Batch = 4
	r.failpoint = func() error { return errKilled }
	if err := r.Run(t.Context()); !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
	run(t, newReplay(t, b, raw, path))
	if got := ids(t, raw, 0); !slices.Equal(got, numbers(10)) {
		t.Errorf("RAW holds %v", got)
	}
	for _, m := range messages(t, raw, 0) {
		if m.Header[bus.HeaderReplay] != "" {
			t.Fatalf("message %d has a secret: two kinds of messages in one replay", m.Seq)
		}
	}
	write(t, path, jsonLines(0, 12))
	run(t, newReplay(t, b, raw, path)) // taken up again, it gets one
	if got := messages(t, raw, 10); len(got) != 2 || got[0].Header[bus.HeaderReplay] == "" || !slices.Equal(ids(t, raw, 0), numbers(12)) {
		t.Errorf("RAW holds %v", ids(t, raw, 0))
	}
}
