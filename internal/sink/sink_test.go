package sink_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"winnow/internal/bus"
	"winnow/internal/freeport"
	"winnow/internal/record"
	"winnow/internal/segment"
	"winnow/internal/sink"
)

// Most of a test's time on a disk is fsync, so the directories lie in memory where that is easy: a container often has 64 MB
// of it, and so much a broker leaves free.
func TestMain(m *testing.M) {
	const memory, enough = "/dev/shm", 512 << 20
	var st syscall.Statfs_t
	if err := syscall.Statfs(memory, &st); err == nil && st.Bavail*uint64(st.Bsize) >= enough && os.Getenv("TMPDIR") == "" {
		os.Setenv("TMPDIR", memory)
	}
	goleak.VerifyTestMain(m)
}

// patience is longer than anything here takes on a machine that is slow and busy with something else.
const patience = 5 * time.Minute

// openNews returns the NEWS stream of a broker of its own.
func openNews(t *testing.T, cfg bus.StreamConfig) *bus.Stream {
	t.Helper()
	b, err := bus.Open(t.Context(), bus.Config{Dir: t.TempDir(), Sync: "interval"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	news, err := b.News(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return news
}

// verdict returns message seq of the history called by name.
func verdict(seq uint64, history byte) bus.Message {
	m := bus.Message{Header: map[string]string{bus.HeaderChain: fmt.Sprintf("%02x%014x", history, seq)}}
	added := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC).Add(time.Duration(seq) * 15 * time.Minute).Format(time.RFC3339)
	id := fmt.Sprintf("%c-%d", history, seq)
	switch seq % 5 {
	case 1:
		d := record.Dup{ID: id, Seq: seq, Site: "com.example", Lang: "en", Added: added, Verdict: record.Exact, Of: "x", OfSeq: 1, Relation: record.Repeat}
		m.Subject, m.Data = bus.DupSubject("en", "com.example"), d.AppendJSON(nil)
	case 2:
		d := record.Dead{Seq: seq, Added: added, Stage: "parse", Reason: "not-json", Raw: []byte{history}, Size: 1}
		m.Subject, m.Data = bus.DeadSubject("parse"), d.AppendJSON(nil)
	default:
		c := record.Clean{ID: id, Seq: seq, Site: "com.example", Lang: "en", Added: added, Text: "A text.", Cluster: id}
		m.Subject, m.Data = bus.CleanSubject("en", "com.example"), c.AppendJSON(nil)
	}
	return m
}

// publish adds messages first to last of a history.
func publish(t *testing.T, news *bus.Stream, first, last uint64, history byte) {
	t.Helper()
	var msgs []bus.Message
	for seq := first; seq <= last; seq++ {
		msgs = append(msgs, verdict(seq, history))
	}
	if err := news.PublishAfter(t.Context(), first-1, msgs); err != nil {
		t.Fatal(err)
	}
}

// until returns a channel on which seq has arrived.
func until(seq uint64) <-chan uint64 {
	ch := make(chan uint64, 1)
	ch <- seq
	return ch
}

func run(t *testing.T, cfg sink.Config) error {
	t.Helper()
	return runUntil(t.Context(), t, cfg)
}

func runUntil(ctx context.Context, t *testing.T, cfg sink.Config) error {
	t.Helper()
	cfg.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	s, err := sink.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s.Run(ctx)
}

// tree returns the files of dir by path, but for the lock.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path == ".lock" {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, path))
		files[path] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// check makes sure that dir holds exactly records 1 to last of a history.
func check(t *testing.T, dir string, last uint64, history byte) {
	t.Helper()
	next := uint64(1)
	for r, err := range segment.Scan(segment.Dir(dir), segment.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		want := verdict(next, history)
		if r.Seq != next || string(r.Line) != string(want.Data) {
			t.Fatalf("got record %d %s, want %d %s", r.Seq, r.Line, next, want.Data)
		}
		next++
	}
	if next != last+1 {
		t.Fatalf("ended at %d, want %d", next-1, last)
	}
}

// Law: the segments hold what NEWS has, in its order, and how often the sink was stopped, and where,
// changes no byte of them.
func TestStopsChangeNoByte(t *testing.T) {
	const last = 700
	news := openNews(t, bus.StreamConfig{})
	publish(t, news, 1, last, 'a')
	rotation := segment.Options{Records: 90}

	once := t.TempDir()
	if err := run(t, sink.Config{News: news, Store: segment.Dir(once), Segment: rotation, Until: until(last)}); err != nil {
		t.Fatal(err)
	}
	check(t, once, last, 'a')

	stopped := t.TempDir()
	for committed := uint64(0); committed < last-last%90; {
		ctx, cancel := context.WithCancel(t.Context())
		opt := rotation
		opt.Committed = func(m *segment.Manifest) {
			committed = m.Last
			cancel() // in the middle of a batch, with the next segment open soon
		}
		if err := runUntil(ctx, t, sink.Config{News: news, Store: segment.Dir(stopped), Segment: opt}); err != nil {
			t.Fatal(err)
		}
	}
	if err := run(t, sink.Config{News: news, Store: segment.Dir(stopped), Segment: rotation, Until: until(last)}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(tree(t, once), tree(t, stopped)); diff != "" {
		t.Fatal(diff)
	}
}

func TestFinishedDirectoryIsLeftAlone(t *testing.T) {
	news := openNews(t, bus.StreamConfig{})
	publish(t, news, 1, 50, 'a')
	dir := t.TempDir()
	cfg := sink.Config{News: news, Store: segment.Dir(dir), Until: until(50)}
	if err := run(t, cfg); err != nil {
		t.Fatal(err)
	}
	want := tree(t, dir)
	cfg.Until = until(50)
	if err := run(t, cfg); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, tree(t, dir)); diff != "" {
		t.Fatal(diff)
	}
}

func TestOtherHistoryIsRefused(t *testing.T) {
	dir := t.TempDir()
	news := openNews(t, bus.StreamConfig{})
	publish(t, news, 1, 50, 'a')
	if err := run(t, sink.Config{News: news, Store: segment.Dir(dir), Until: until(50)}); err != nil {
		t.Fatal(err)
	}
	other := openNews(t, bus.StreamConfig{})
	publish(t, other, 1, 60, 'b')
	err := run(t, sink.Config{News: other, Store: segment.Dir(dir), Until: until(60)})
	if !errors.Is(err, sink.ErrHistory) {
		t.Fatalf("error %v, want %v", err, sink.ErrHistory)
	}
	check(t, dir, 50, 'a')
}

func TestTrimmedStreamIsRefused(t *testing.T) {
	news := openNews(t, bus.StreamConfig{})
	publish(t, news, 1, 50, 'a')
	if err := news.Trim(t.Context(), 11); err != nil {
		t.Fatal(err)
	}
	err := run(t, sink.Config{News: news, Store: segment.Dir(t.TempDir()), Until: until(50)})
	if !errors.Is(err, sink.ErrTrimmed) {
		t.Fatalf("error %v, want %v", err, sink.ErrTrimmed)
	}
	dir := t.TempDir()
	if err := run(t, sink.Config{News: news, Store: segment.Dir(dir), From: 11, Until: until(50)}); err != nil {
		t.Fatal(err)
	}
	if list, err := segment.List(segment.Dir(dir)); err != nil || list.Segments[0].First != 11 {
		t.Fatalf("%+v, error %v; want a segment from 11", list, err)
	}
}

// An empty directory beside a NEWS that begins later than RAW once did lacks what lay before, and says so unless
// that was asked for; the next start has a directory to go on with.
func TestEmptyBesideLaterNews(t *testing.T) {
	dir := t.TempDir()
	news := openNews(t, bus.StreamConfig{FirstSeq: 11})
	publish(t, news, 11, 50, 'a')
	for _, tt := range []struct {
		dir  string
		from uint64
		want int
	}{{dir, 0, 1}, {dir, 0, 0}, {t.TempDir(), 11, 0}} {
		var log bytes.Buffer
		s, err := sink.New(sink.Config{News: news, Store: segment.Dir(tt.dir), From: tt.from, Until: until(50), Log: slog.New(slog.NewTextHandler(&log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(log.String(), "news_begins=11 missing_from=1 missing_to=10"); n != tt.want {
			t.Errorf("said %d times, want %d:\n%s", n, tt.want, log.String())
		}
	}
}

func TestStreamBehindDirectory(t *testing.T) {
	dir := t.TempDir()
	news := openNews(t, bus.StreamConfig{})
	publish(t, news, 1, 50, 'a')
	if err := run(t, sink.Config{News: news, Store: segment.Dir(dir), Until: until(50)}); err != nil {
		t.Fatal(err)
	}
	again := openNews(t, bus.StreamConfig{}) // the broker lost all of NEWS, the cleaner makes it again
	publish(t, again, 1, 20, 'a')
	if err := run(t, sink.Config{News: again, Store: segment.Dir(dir), Until: until(20)}); !errors.Is(err, sink.ErrAhead) {
		t.Fatalf("error %v, want %v", err, sink.ErrAhead)
	}
	publish(t, again, 21, 80, 'a')
	if err := run(t, sink.Config{News: again, Store: segment.Dir(dir), Until: until(80)}); err != nil {
		t.Fatal(err)
	}
	check(t, dir, 80, 'a')
}

func TestStreamThatBeginsLater(t *testing.T) {
	news := openNews(t, bus.StreamConfig{FirstSeq: 1001})
	publish(t, news, 1001, 1050, 'a')
	dir := t.TempDir()
	if err := run(t, sink.Config{News: news, Store: segment.Dir(dir), Until: until(1050)}); err != nil {
		t.Fatal(err)
	}
	list, err := segment.List(segment.Dir(dir))
	if err != nil || len(list.Segments) != 1 || list.Segments[0].First != 1001 || list.Segments[0].Last != 1050 {
		t.Fatalf("%+v, error %v; want one segment 1001-1050", list, err)
	}
}

func TestTrimKeepsTheLastCommitted(t *testing.T) {
	news := openNews(t, bus.StreamConfig{})
	publish(t, news, 1, 100, 'a')
	dir := t.TempDir()
	if err := run(t, sink.Config{News: news, Store: segment.Dir(dir), Segment: segment.Options{Records: 40}, Trim: true, Keep: 7, Until: until(100)}); err != nil {
		t.Fatal(err)
	}
	st, err := news.State(t.Context())
	if err != nil || st.First != 93 || st.Last != 100 {
		t.Fatalf("NEWS holds %d-%d, error %v; want 93-100", st.First, st.Last, err)
	}
	publish(t, news, 101, 120, 'a')
	if err := run(t, sink.Config{News: news, Store: segment.Dir(dir), Trim: true, Until: until(120)}); err != nil {
		t.Fatal(err)
	}
	if st, err = news.State(t.Context()); err != nil || st.First != 120 {
		t.Fatalf("NEWS begins at %d, error %v; want 120", st.First, err)
	}
	check(t, dir, 120, 'a')
}

// A NEWS that holds less than a segment does not stay full: segments end before that.
func TestNewsSmallerThanASegment(t *testing.T) {
	news := openNews(t, bus.StreamConfig{MaxBytes: 100_000})
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	done, dir := make(chan error, 1), t.TempDir()
	bound := make(chan uint64, 1)
	go func() {
		done <- runUntil(ctx, t, sink.Config{News: news, Store: segment.Dir(dir), Segment: segment.Options{Partition: segment.Partition{}}, Trim: true, Until: bound})
	}()
	const last = 1000
	for seq := uint64(1); seq <= last; seq++ {
		if err := news.PublishAfterWait(ctx, ctx, seq-1, []bus.Message{verdict(seq, 'a')}); err != nil {
			t.Fatal("NEWS stays full: ", err)
		}
	}
	bound <- last
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	check(t, dir, last, 'a')
}

// What is kept for others never fills NEWS: the cleaner goes on.
func TestKeepLeavesRoom(t *testing.T) {
	const room, last = 200_000, 300
	news := openNews(t, bus.StreamConfig{MaxBytes: room})
	publish(t, news, 1, last, 'a')
	before, err := news.State(t.Context())
	if err != nil || before.Bytes <= room/2 {
		t.Fatalf("%+v, error %v; want more than half full", before, err)
	}
	if err := run(t, sink.Config{News: news, Store: segment.Dir(t.TempDir()), Trim: true, Keep: 1_000_000, Until: until(last)}); err != nil {
		t.Fatal(err)
	}
	st, err := news.State(t.Context())
	if err != nil || st.First == 1 || st.Bytes > room/2+1000 || st.Bytes < room/2-1000 || st.Last != last {
		t.Fatalf("%+v, error %v; want half of %d bytes kept", st, err, room)
	}
}

// A sink whose broker was wiped is not ready, says so again and again, and goes on when NEWS is where it was.
func TestWipedBroker(t *testing.T) {
	was := sink.SetRemindAhead(time.Millisecond)
	defer sink.SetRemindAhead(was)
	path := t.TempDir()
	dir := segment.Dir(path)
	news := openNews(t, bus.StreamConfig{})
	publish(t, news, 1, 50, 'a')
	if err := run(t, sink.Config{News: news, Store: dir, Until: until(50)}); err != nil {
		t.Fatal(err)
	}
	wiped := openNews(t, bus.StreamConfig{})
	told := make(chan struct{}, 100)
	bound := make(chan uint64, 1)
	s, err := sink.New(sink.Config{News: wiped, Store: dir, Until: bound, Log: slog.New(notice{slog.NewTextHandler(t.Output(), nil), "ahead of NEWS", told})})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Run(t.Context()) }()
	for range 3 {
		select {
		case <-told:
		case err := <-ended:
			t.Fatal(err)
		}
	}
	if err := s.Ready(t.Context()); err == nil || !strings.Contains(err.Error(), "ends at 50 and NEWS at 0") {
		t.Errorf("ready: %v", err)
	}
	publish(t, wiped, 1, 60, 'a')
	bound <- 60
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if err := s.Ready(t.Context()); err != nil {
		t.Errorf("at its place: %v", err)
	}
	check(t, path, 60, 'a')
}

// notice is a log handler that tells of lines with a text.
type notice struct {
	slog.Handler
	text string
	told chan<- struct{}
}

func (n notice) Handle(ctx context.Context, r slog.Record) error {
	if strings.Contains(r.Message, n.text) {
		select {
		case n.told <- struct{}{}:
		default:
		}
	}
	return n.Handler.Handle(ctx, r)
}

// Another pipeline's NEWS is recognised at the first segment that it has got past, not when it gets to the end.
func TestOtherHistoryIsRefusedEarly(t *testing.T) {
	dir := t.TempDir()
	news := openNews(t, bus.StreamConfig{})
	publish(t, news, 1, 50, 'a')
	if err := run(t, sink.Config{News: news, Store: segment.Dir(dir), Segment: segment.Options{Records: 10}, Until: until(50)}); err != nil {
		t.Fatal(err)
	}
	for _, end := range []uint64{10, 19, 49} {
		other := openNews(t, bus.StreamConfig{})
		publish(t, other, 1, end, 'b')
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		if err := runUntil(ctx, t, sink.Config{News: other, Store: segment.Dir(dir)}); !errors.Is(err, sink.ErrHistory) {
			t.Errorf("NEWS ends at %d: error %v, want %v", end, err, sink.ErrHistory)
		}
		cancel()
	}
	check(t, dir, 50, 'a')
}

func TestOldSegmentIsCommitted(t *testing.T) {
	news := openNews(t, bus.StreamConfig{})
	publish(t, news, 1, 10, 'a')
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	opt := segment.Options{Committed: func(m *segment.Manifest) {
		if m.Last == 10 {
			cancel()
		}
	}}
	metrics := sink.NewMetrics(nil)
	if err := runUntil(ctx, t, sink.Config{News: news, Store: segment.Dir(dir), Segment: opt, Age: 20 * time.Millisecond, Metrics: metrics}); err != nil {
		t.Fatal(err)
	}
	check(t, dir, 10, 'a')
	if read, committed := metrics.Progress(); read != 10 || committed != 10 {
		t.Errorf("read up to %d, committed up to %d; want 10", read, committed)
	}
}

func TestSecondSinkIsRefused(t *testing.T) {
	news := openNews(t, bus.StreamConfig{})
	dir := t.TempDir()
	w, err := segment.Open(segment.Dir(dir), segment.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if err := run(t, sink.Config{News: news, Store: segment.Dir(dir)}); !errors.Is(err, segment.ErrLocked) {
		t.Fatalf("error %v, want %v", err, segment.ErrLocked)
	}
}

func TestMessageWithoutChainIsAnError(t *testing.T) {
	news := openNews(t, bus.StreamConfig{})
	m := verdict(1, 'a')
	delete(m.Header, bus.HeaderChain)
	if err := news.PublishAfter(t.Context(), 0, []bus.Message{m}); err != nil {
		t.Fatal(err)
	}
	if err := run(t, sink.Config{News: news, Store: segment.Dir(t.TempDir()), Until: until(1)}); !errors.Is(err, segment.ErrRecord) {
		t.Fatalf("error %v, want %v", err, segment.ErrRecord)
	}
}

func TestRetention(t *testing.T) {
	news := openNews(t, bus.StreamConfig{})
	publish(t, news, 1, 200, 'a')
	dir := t.TempDir()
	cfg := sink.Config{News: news, Store: segment.Dir(dir), Segment: segment.Options{Records: 20}, Retain: segment.Retention{Bytes: 1}, Until: until(200)}
	if err := run(t, cfg); err != nil {
		t.Fatal(err)
	}
	if r, err := segment.Verify(t.Context(), segment.Dir(dir)); err != nil || !r.OK() || r.Segments != 1 || r.Last != 200 {
		t.Fatalf("%+v, error %v; want one segment", r, err)
	}
}

func TestBoundIsExact(t *testing.T) {
	news := openNews(t, bus.StreamConfig{})
	publish(t, news, 1, 50, 'a')
	dir := t.TempDir()
	if err := run(t, sink.Config{News: news, Store: segment.Dir(dir), Until: until(30)}); err != nil {
		t.Fatal(err)
	}
	check(t, dir, 30, 'a')
}

// The broker is restored from a backup while the sink runs: it waits until NEWS is where it was,
// and goes on if that is the same history, and only then.
func TestRestoredBroker(t *testing.T) {
	for _, history := range []byte{'a', 'b'} {
		t.Run(string(history), func(t *testing.T) {
			store, backup, dir := t.TempDir(), t.TempDir(), t.TempDir()
			address, err := freeport.Address()
			if err != nil {
				t.Fatal(err)
			}
			server := serve(t, store, address)
			url := server.ClientURL()
			publish(t, newsOf(t, server), 1, 30, 'a')
			closeBus(t, server)
			if err := os.CopyFS(backup, os.DirFS(store)); err != nil {
				t.Fatal(err)
			}
			server = serve(t, store, address)
			publish(t, newsOf(t, server), 31, 60, 'a')

			client, err := bus.Open(t.Context(), bus.Config{URL: url})
			if err != nil {
				t.Fatal(err)
			}
			defer closeBus(t, client)
			ended := make(chan error, 1)
			at60 := make(chan struct{})
			opt := segment.Options{Records: 20, Committed: func(m *segment.Manifest) {
				if m.Last == 60 {
					close(at60)
				}
			}}
			bound := until(80)
			news := newsOf(t, client)
			go func() { ended <- run(t, sink.Config{News: news, Store: segment.Dir(dir), Segment: opt, Until: bound}) }()
			<-at60
			closeBus(t, server)
			server = serve(t, backup, address)
			defer func() { closeBus(t, server) }()
			publish(t, newsOf(t, server), 31, 80, history)
			err = <-ended
			if history == 'a' {
				if err != nil {
					t.Fatal(err)
				}
				check(t, dir, 80, 'a')
			} else if !errors.Is(err, sink.ErrHistory) {
				t.Fatalf("error %v, want %v", err, sink.ErrHistory)
			}
		})
	}
}

func serve(t *testing.T, dir, listen string) *bus.Bus {
	t.Helper()
	b, err := bus.Open(t.Context(), bus.Config{Dir: dir, Listen: listen, Sync: "interval"})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func newsOf(t *testing.T, b *bus.Bus) *bus.Stream {
	t.Helper()
	news, err := b.News(t.Context(), bus.StreamConfig{})
	if err != nil {
		t.Fatal(err)
	}
	return news
}

func closeBus(t *testing.T, b *bus.Bus) {
	t.Helper()
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}
