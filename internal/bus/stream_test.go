package bus_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go/jetstream"

	"winnow/internal/bus"
)

func TestStreamMismatch(t *testing.T) {
	b := open(t, bus.Config{})
	raw(t, b, bus.StreamConfig{MaxBytes: 1 << 20})
	raw(t, b, bus.StreamConfig{}) // no opinion
	want := bus.StreamConfig{MaxBytes: 2 << 20, MaxAge: 1e9}
	_, err := b.Raw(t.Context(), want)
	mismatch, ok := errors.AsType[*bus.StreamMismatchError](err)
	if !ok {
		t.Fatalf("error %v, want a mismatch", err)
	}
	if d := cmp.Diff([]bus.FieldMismatch{{Field: "max_bytes", Want: "2097152", Have: "1048576"}, {Field: "max_age", Want: "1s", Have: "0s"}}, mismatch.Fields); d != "" {
		t.Error(d)
	}
	want.Update = true
	if st, err := raw(t, b, want).State(t.Context()); err != nil || st.MaxBytes != 2<<20 {
		t.Errorf("state %+v, error %v, want the limit changed", st, err)
	}
	if st, err := raw(t, b, bus.StreamConfig{MaxBytes: -1, Update: true}).State(t.Context()); err != nil || st.MaxBytes != -1 {
		t.Errorf("state %+v, error %v, want no limit", st, err)
	}
}

// The way out of a mismatch is said in flags that the services have.
func TestMismatchNamesFlags(t *testing.T) {
	b := open(t, bus.Config{Namespace: "tests"})
	_, _, err := b.Streams(t.Context(), bus.StreamConfig{MaxBytes: 1 << 20}, bus.StreamConfig{})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err1 := b.Streams(t.Context(), bus.StreamConfig{MaxBytes: 2 << 20}, bus.StreamConfig{})
	_, _, err2 := b.Streams(t.Context(), bus.StreamConfig{}, bus.StreamConfig{MaxBytes: 1 << 20})
	for want, err := range map[string]error{
		"stream RAW-tests exists with another configuration: max_bytes is 1048576, want 2097152; give every service the same limits: " +
			"start with what it has (-raw-bytes 1048576), or once with -change-limits": err1,
		"stream NEWS-tests exists with another configuration: max_bytes is -1, want 1048576; give every service the same limits: " +
			"start with what it has (no -news-bytes), or once with -change-limits": err2,
	} {
		if err == nil || err.Error() != want && !strings.HasSuffix(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

// A stream that could fill an external broker's store is warned about, once however often it is opened.
func TestUnlimitedStreamIsWarnedAboutOnce(t *testing.T) {
	server := open(t, bus.Config{Listen: "127.0.0.1:0"})
	var log syncBuffer
	b := open(t, bus.Config{URL: server.ClientURL(), Log: slog.New(slog.NewTextHandler(&log, nil))})
	for range 3 {
		if _, _, err := b.Streams(t.Context(), bus.StreamConfig{}, bus.StreamConfig{MaxBytes: 1 << 20}); err != nil {
			t.Fatal(err)
		}
	}
	if n := strings.Count(log.String(), "no limit of its own"); n != 1 || !strings.Contains(log.String(), "stream=RAW") || !strings.Contains(log.String(), "-raw-bytes") {
		t.Errorf("want one warning about RAW that says what to do:\n%s", log.String())
	}
}

// Room is what a stream may take, of an embedded broker's store three quarters for pages and one for records.
func TestRoom(t *testing.T) {
	server := open(t, bus.Config{Listen: "127.0.0.1:0", MaxStore: 4 << 20})
	client := open(t, bus.Config{URL: server.ClientURL()})
	news := func(limit int64) *bus.Stream {
		s, err := server.News(t.Context(), bus.StreamConfig{MaxBytes: limit, Update: true})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for _, tt := range []struct {
		of    string
		limit int64
		want  int64
	}{{"RAW", 0, 3 << 20}, {"RAW", 1 << 20, 1 << 20}, {"RAW", 9 << 20, 3 << 20}, {"NEWS", 0, 1 << 20}, {"NEWS", 2 << 20, 2 << 20}, {"NEWS", 9 << 20, 1 << 20}, {"client", 0, 9 << 20}} {
		var s *bus.Stream
		switch tt.of {
		case "RAW":
			s = raw(t, server, bus.StreamConfig{MaxBytes: tt.limit, Update: true})
		case "NEWS":
			s = news(tt.limit)
		default:
			s = raw(t, client, bus.StreamConfig{})
		}
		if st, err := s.State(t.Context()); err != nil || st.Room != tt.want {
			t.Errorf("%s, limit %d: state %+v, error %v; want room %d", tt.of, tt.limit, st, err, tt.want)
		}
	}
	raw(t, server, bus.StreamConfig{MaxBytes: -1, Update: true})
	if st, err := raw(t, client, bus.StreamConfig{}).State(t.Context()); err != nil || st.Room != -1 {
		t.Errorf("state %+v, error %v; want nothing known", st, err)
	}
}

// A stream that is not what the pipeline needs is refused, whatever may be updated.
func TestForeignStream(t *testing.T) {
	b := open(t, bus.Config{Listen: "127.0.0.1:0"})
	_, err := admin(t, b).CreateStream(t.Context(), jetstream.StreamConfig{Name: "NEWS", Subjects: []string{"clean.>"}, MaxMsgs: 9, Retention: jetstream.WorkQueuePolicy})
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.News(t.Context(), bus.StreamConfig{Update: true})
	mismatch, ok := errors.AsType[*bus.StreamMismatchError](err)
	if !ok {
		t.Fatalf("error %v, want a mismatch", err)
	}
	var fields []string
	for _, f := range mismatch.Fields {
		fields = append(fields, f.Field)
	}
	if d := cmp.Diff([]string{"subjects", "retention", "discard", "max_msgs", "allow_direct", "allow_atomic"}, fields); d != "" {
		t.Error(d)
	}
	for _, part := range []string{"stream NEWS", "retention is WorkQueue, want Limits", "nats stream rm NEWS"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q does not say %q", err, part)
		}
	}
}

// Law: of two writers that know the same last sequence, one writes.
func TestTwoWriters(t *testing.T) {
	b := open(t, bus.Config{})
	news, err := b.News(t.Context(), bus.StreamConfig{})
	if err != nil {
		t.Fatal(err)
	}
	const rounds = 30
	var wg sync.WaitGroup
	wins := make([]int, 2)
	for w := range wins {
		s, err := b.News(t.Context(), bus.StreamConfig{}) // a handle each, as two processes have
		if err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			for last := uint64(0); last < 2*rounds; last += 2 {
				msgs := []bus.Message{{Subject: bus.CleanSubject("en", "a"), Data: []byte{byte(w)}}, {Subject: bus.DeadSubject("b"), Data: []byte{byte(w)}}}
				switch err := s.PublishAfter(t.Context(), last, msgs); {
				case err == nil:
					wins[w]++
				case !errors.Is(err, bus.ErrFenced):
					t.Errorf("error %v, want %v", err, bus.ErrFenced)
				}
				if _, err := s.Read(t.Context(), last+2, 1, 0); err != nil { // until somebody has won
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if wins[0]+wins[1] != rounds {
		t.Errorf("writers won %v of %d rounds", wins, rounds)
	}
	for i, m := range readAll(t, news, 1, 2*rounds) {
		if pair := readAll(t, news, uint64(i/2*2+1), uint64(i/2*2+1)); m.Data[0] != pair[0].Data[0] {
			t.Errorf("batch at %d is of two writers", m.Seq)
		}
	}
}

// fill publishes batches until one is refused, and returns how many messages are stored.
func fill(t *testing.T, s *bus.Stream, batch []bus.Message) (stored int) {
	t.Helper()
	var err error
	for err == nil {
		var seqs []uint64
		seqs, err = s.Publish(t.Context(), batch)
		stored += len(seqs)
	}
	if !errors.Is(err, bus.ErrFull) || stored == 0 || stored%len(batch) != 0 {
		t.Fatalf("error %v after %d messages, want %v after whole batches", err, stored, bus.ErrFull)
	}
	return stored
}

func large(n int) []bus.Message {
	batch := pages(1, n)
	for i := range batch {
		batch[i].Data = make([]byte, 10_000)
	}
	return batch
}

// Law: a full stream refuses whole batches and takes them when there is room again.
func TestFullStream(t *testing.T) {
	var log syncBuffer
	s := raw(t, open(t, bus.Config{Log: slog.New(slog.NewTextHandler(&log, nil))}), bus.StreamConfig{MaxBytes: 1 << 20})
	batch := large(10)
	stored := uint64(fill(t, s, batch))
	if err := s.PublishAfter(t.Context(), stored, batch); !errors.Is(err, bus.ErrFull) {
		t.Errorf("fenced: error %v, want %v", err, bus.ErrFull)
	}
	done := make(chan error)
	go func() { done <- s.PublishAfterWait(t.Context(), t.Context(), stored, batch) }()
	log.waitFor(t, "no room, waiting")
	if err := s.Trim(t.Context(), stored); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Errorf("with room again: %v", err)
	}
	readAll(t, s, stored, stored+10)
	for _, line := range []string{"no room, waiting", "room again"} {
		if n := strings.Count(log.String(), line); n != 1 {
			t.Errorf("%q was logged %d times, want once:\n%s", line, n, log.String())
		}
	}
}

// The same for the broker's limit.
func TestFullStore(t *testing.T) {
	s := raw(t, open(t, bus.Config{MaxStore: 1 << 20}), bus.StreamConfig{})
	batch := large(10)
	stored := uint64(fill(t, s, batch))
	if err := s.Trim(t.Context(), stored); err != nil {
		t.Fatal(err)
	}
	if err := s.PublishAfterWait(t.Context(), t.Context(), stored, batch); err != nil {
		t.Errorf("with room again: %v", err)
	}
	readAll(t, s, stored, stored+10)
}

// Pages never fill the store so far that no records fit, or a backlog could not be worked off: RAW is trimmed behind
// what became records.
func TestStoreHasRoomForRecords(t *testing.T) {
	b := open(t, bus.Config{MaxStore: 4 << 20})
	fill(t, raw(t, b, bus.StreamConfig{}), large(10))
	news, err := b.News(t.Context(), bus.StreamConfig{})
	if err != nil {
		t.Fatal(err)
	}
	records := large(10)
	for i := range records {
		records[i].Subject = "clean.en.example"
	}
	for range 5 {
		if _, err := news.Publish(t.Context(), records); err != nil {
			t.Fatal(err)
		}
	}
}

func TestBatchesAreBounded(t *testing.T) {
	s := raw(t, open(t, bus.Config{}), bus.StreamConfig{})
	big := pages(1, 5)
	for i, n := range []int{1, 8<<20 - 500, 5 << 20, 5 << 20, 1} {
		big[i].Data = make([]byte, n)
	}
	for _, tt := range []struct {
		msgs []bus.Message
		want []int
	}{{pages(1, 1), []int{1}}, {pages(1, 1000), []int{1000}}, {pages(1, 2001), []int{1000, 2000, 2001}}, {big, []int{1, 2, 3, 5}}} {
		got, err := s.Split(tt.msgs)
		if d := cmp.Diff(tt.want, got); d != "" || err != nil {
			t.Errorf("%d messages: error %v: %s", len(tt.msgs), err, d)
		}
	}
}

func TestPublishChecksMessages(t *testing.T) {
	b := open(t, bus.Config{})
	s := raw(t, b, bus.StreamConfig{})
	for name, m := range map[string]bus.Message{
		"foreign subject": {Subject: bus.CleanSubject("en", "a")},
		"no source":       {Subject: "raw"},
		"empty token":     {Subject: "raw..x"},
		"wildcard":        {Subject: "raw.*"},
		"space":           {Subject: "raw.a b"},
		"broker's header": {Subject: "raw.a", Header: map[string]string{"Nats-Msg-Id": "1"}},
		"line break":      {Subject: "raw.a", Header: map[string]string{"A": "b\r\nNats-Rollup: all"}},
		"header name":     {Subject: "raw.a", Header: map[string]string{"A: b": "c"}},
		"space around":    {Subject: "raw.a", Header: map[string]string{"A": " b"}},
	} {
		if _, err := s.Publish(t.Context(), append(pages(1, 2), m)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if st, err := s.State(t.Context()); err != nil || st.Messages != 0 {
		t.Errorf("state %+v, error %v: something was stored", st, err)
	}
	if seqs, err := s.Publish(t.Context(), nil); len(seqs) != 0 || err != nil {
		t.Errorf("nothing published: %v, %v", seqs, err)
	}
}

// Law: namespaces on one broker share nothing.
func TestNamespaces(t *testing.T) {
	server := open(t, bus.Config{Listen: "127.0.0.1:0"})
	for i, ns := range []string{"", "a", "b-2"} {
		b := open(t, bus.Config{URL: server.ClientURL(), Namespace: ns})
		s := raw(t, b, bus.StreamConfig{})
		publish(t, s, pages(i, i+1))
		for j, m := range readAll(t, s, 1, uint64(i+1)) {
			if want := pages(i, i+1)[j]; m.Subject != want.Subject || string(m.Data) != string(want.Data) {
				t.Errorf("namespace %q: message %s %q, want %s %q", ns, m.Subject, m.Data, want.Subject, want.Data)
			}
		}
		if st, err := s.State(t.Context()); err != nil || st.Last != uint64(i+1) {
			t.Errorf("namespace %q: state %+v, error %v", ns, st, err)
		}
		if m, err := s.Get(t.Context(), 1); err != nil || m.Subject != bus.RawSubject("test") {
			t.Errorf("namespace %q: message on %q, error %v", ns, m.Subject, err)
		}
		c, err := b.Checkpoints(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Store(t.Context(), "k", bus.Checkpoint{Seq: uint64(i)}, 0); err != nil {
			t.Errorf("namespace %q: %v", ns, err)
		}
	}
	for _, ns := range []string{"raw", "clean", "a.b", "a b", "*", "_INBOX", strings.Repeat("x", 33)} {
		if _, err := bus.Open(t.Context(), bus.Config{Dir: t.TempDir(), Namespace: ns}); err == nil {
			t.Errorf("namespace %q is taken", ns)
		}
	}
}

// Law: a broker opened again on its directory goes on where it was; two at once cannot be.
func TestReopen(t *testing.T) {
	dir := t.TempDir()
	for i := range 3 {
		b, err := bus.Open(t.Context(), bus.Config{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := bus.Open(t.Context(), bus.Config{Dir: dir}); !errors.Is(err, bus.ErrInUse) {
			t.Errorf("opened twice: error %v, want %v", err, bus.ErrInUse)
		}
		s := raw(t, b, bus.StreamConfig{})
		seqs, err := s.Publish(t.Context(), pages(i*1500, 1500))
		if err != nil || seqs[0] != uint64(i*1500+1) {
			t.Errorf("published from %d, error %v, want %d", seqs[0], err, i*1500+1)
		}
		readAll(t, s, 1, uint64(i+1)*1500)
		if err := b.Close(); err != nil {
			t.Error(err)
		}
		if _, err := s.State(t.Context()); !errors.Is(err, bus.ErrClosed) {
			t.Errorf("state of a closed bus: error %v, want %v", err, bus.ErrClosed)
		}
	}
}

func TestFullDisk(t *testing.T) {
	s := raw(t, open(t, bus.Config{}), bus.StreamConfig{})
	publish(t, s, pages(1, 3))
	was := bus.SetDiskReserve(1 << 62)
	_, err := s.Publish(t.Context(), pages(4, 3))
	bus.SetDiskReserve(was)
	if !errors.Is(err, bus.ErrFull) {
		t.Errorf("error %v, want %v", err, bus.ErrFull)
	}
	publish(t, s, pages(4, 3))
	readAll(t, s, 1, 6)
}

// Whoever gives up while the disk is full does not say that there is room again; the next that is stored does.
func TestGivenUpWhileFull(t *testing.T) {
	var log syncBuffer
	s := raw(t, open(t, bus.Config{Log: slog.New(slog.NewTextHandler(&log, nil))}), bus.StreamConfig{})
	was := bus.SetDiskReserve(1 << 62)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- s.PublishAfterWait(ctx, ctx, 0, pages(1, 3)) }()
	log.waitFor(t, "no room, waiting")
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
	bus.SetDiskReserve(was)
	if _, err := s.State(t.Context()); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(log.String(), "again") {
		t.Errorf("nothing was stored:\n%s", log.String())
	}
	publish(t, s, pages(1, 3))
	if strings.Count(log.String(), "room again") != 1 {
		t.Errorf("want one line about the end:\n%s", log.String())
	}
}

// Law: when the disk fails within a batch, every call says so, and the store opened again holds
// all that was acknowledged and no part of a batch.
func TestBrokenDisk(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("needs /dev/full: ", err)
	}
	dir := t.TempDir()
	b, err := bus.Open(t.Context(), bus.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	s := raw(t, b, bus.StreamConfig{})
	batch := large(300)
	publish(t, s, batch)
	block := filepath.Join(dir, "jetstream", "$G", "streams", "RAW", "msgs", "2.blk") // the next file of the store
	if err := os.Symlink("/dev/full", block); err != nil {
		t.Fatal(err)
	}
	acked := len(batch)
	for err == nil {
		var seqs []uint64
		seqs, err = s.Publish(t.Context(), batch)
		acked += len(seqs)
	}
	if !errors.Is(err, bus.ErrBroken) {
		t.Errorf("error %v, want %v", err, bus.ErrBroken)
	}
	if _, err := s.State(t.Context()); !errors.Is(err, bus.ErrBroken) {
		t.Errorf("state: error %v, want %v", err, bus.ErrBroken)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if err := os.Remove(block); err != nil {
		t.Fatal(err)
	}
	s = raw(t, open(t, bus.Config{Dir: dir}), bus.StreamConfig{})
	st, err := s.State(t.Context())
	if err != nil || int(st.Last) < acked || int(st.Last)%len(batch) != 0 {
		t.Errorf("state %+v, error %v: want at least the %d messages acknowledged, and whole batches of %d", st, err, acked, len(batch))
	}
	readAll(t, s, 1, st.Last)
}
