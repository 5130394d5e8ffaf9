package bus_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"winnow/internal/bus"
)

// Law: a broker that is killed and comes back, at any moment, loses and doubles nothing that is
// published or read meanwhile, fenced or not.
func TestBrokerKilledWhilePublishing(t *testing.T) {
	const total, kills = 12_000, 6
	p := startBroker(t)
	b := open(t, bus.Config{URL: p.url()})
	rawStream := raw(t, b, bus.StreamConfig{})
	news, err := b.News(t.Context(), bus.StreamConfig{})
	if err != nil {
		t.Fatal(err)
	}
	progress := make(chan int, total) // messages of NEWS stored
	var wg sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	wg.Go(func() {
		if err := publishAll(ctx, rawStream, total); err != nil {
			t.Error(err)
			cancel()
		}
	})
	wg.Go(func() {
		defer close(progress)
		if err := follow(ctx, rawStream, news, total, progress); err != nil {
			t.Error(err)
			cancel()
		}
	})
	for k := range kills {
		for done := range progress {
			if done > (k+1)*total/(kills+2) {
				break
			}
		}
		p.kill()
		p.start()
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	for i, m := range readAll(t, rawStream, 1, total) {
		if want := fmt.Sprint("page ", i); string(m.Data) != want {
			t.Fatalf("message %d of RAW is %q, want %q", m.Seq, m.Data, want)
		}
	}
	for i, m := range readAll(t, news, 1, total) {
		if want := fmt.Sprint("verdict on page ", i); string(m.Data) != want {
			t.Fatalf("message %d of NEWS is %q, want %q", m.Seq, m.Data, want)
		}
	}
	for _, s := range []*bus.Stream{rawStream, news} {
		if st, err := s.State(t.Context()); err != nil || st.Last != total || st.Messages != total {
			t.Errorf("state %+v, error %v; want %d messages", st, err, total)
		}
	}
}

// publishAll publishes total pages in batches of any size.
func publishAll(ctx context.Context, s *bus.Stream, total int) error {
	for n := 0; n < total; {
		batch := pages(n, min(1+rand.IntN(1500), total-n))
		seqs, err := s.Publish(ctx, batch)
		if err != nil {
			return err
		}
		for i, seq := range seqs {
			if seq != uint64(n+i+1) {
				return fmt.Errorf("page %d got sequence %d", n+i, seq)
			}
		}
		n += len(batch)
	}
	return nil
}

// follow publishes a verdict on every page, as the cleaner does.
func follow(ctx context.Context, from, to *bus.Stream, total int, progress chan<- int) error {
	r := from.Reader(1, 0)
	defer r.Close()
	for n := 0; n < total; {
		msgs, err := r.Next(ctx, 1+rand.IntN(700))
		if err != nil {
			return err
		}
		verdicts := make([]bus.Message, len(msgs))
		for i, m := range msgs {
			verdicts[i] = bus.Message{Subject: bus.CleanSubject("en", ""), Data: append([]byte("verdict on "), m.Data...)}
		}
		if err := to.PublishAfter(ctx, msgs[0].Seq-1, verdicts); err != nil {
			return err
		}
		n += len(msgs)
		progress <- n
	}
	return nil
}

// Law: a batch that was stored although its acknowledgement was lost is found, not stored again;
// one that was not stored is. Each answer tells the truth.
func TestLostAcknowledgement(t *testing.T) {
	server := open(t, bus.Config{Listen: "127.0.0.1:0"})
	proxy := startProxy(t, strings.TrimPrefix(server.ClientURL(), "nats://"))
	client := open(t, bus.Config{URL: proxy.url()})
	theirs, ours := raw(t, server, bus.StreamConfig{}), raw(t, client, bus.StreamConfig{})
	for _, n := range []int{1, 5, 1200} {
		for _, fenced := range []bool{false, true} {
			for _, damage := range []int32{loseAnswer, losePublish} {
				t.Run(fmt.Sprintf("messages=%d/fenced=%v/damage=%d", n, fenced, damage), func(t *testing.T) {
					before, err := theirs.State(t.Context())
					if err != nil {
						t.Fatal(err)
					}
					var wg sync.WaitGroup
					wg.Go(func() { // the connection is cut when the broker has stored something
						if _, err := theirs.Read(t.Context(), before.Last+1, 1, 0); err != nil {
							t.Errorf("wait for the first batch: %v", err)
						}
						if proxy.damage.CompareAndSwap(deaf, none) {
							proxy.cut()
						}
					})
					proxy.damage.Store(damage)
					if fenced {
						err = ours.PublishAfter(t.Context(), before.Last, pages(0, n))
					} else {
						var seqs []uint64
						seqs, err = ours.Publish(t.Context(), pages(0, n))
						if err == nil && (len(seqs) != n || seqs[0] != before.Last+1) {
							t.Errorf("%d sequences from %d, want %d from %d", len(seqs), seqs[0], n, before.Last+1)
						}
					}
					if err != nil {
						t.Error(err)
					}
					wg.Wait()
					if d := proxy.damage.Load(); d != none {
						t.Errorf("no damage was done: %d", d)
					}
					after, err := theirs.State(t.Context())
					if err != nil || after.Last != before.Last+uint64(n) {
						t.Errorf("stream ends at %d, error %v, want %d", after.Last, err, before.Last+uint64(n))
					}
				})
			}
		}
	}
}

// Law: a batch of which the broker stored a part is not stored again: the broker completes it when
// it is started anew, and the publisher waits for that.
func TestTornBatch(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("needs /dev/full: ", err)
	}
	was := bus.SetAckTimeout(500 * time.Millisecond)
	defer bus.SetAckTimeout(was)
	p := startBroker(t)
	var log syncBuffer
	s := raw(t, open(t, bus.Config{URL: p.url(), Log: slog.New(slog.NewTextHandler(&log, nil))}), bus.StreamConfig{})
	batch := large(300)
	publish(t, s, batch)
	block := filepath.Join(p.dir, "jetstream", "$G", "streams", "RAW", "msgs", "2.blk") // the next file of the store
	if err := os.Symlink("/dev/full", block); err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() {
		for want := uint64(301); want < 301+900; want += 300 {
			seqs, err := s.Publish(t.Context(), batch)
			if err == nil && (len(seqs) != 300 || seqs[0] != want) {
				err = fmt.Errorf("stored %d messages from %d, want 300 from %d", len(seqs), seqs[0], want)
			}
			if err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	log.waitFor(t, "broker must be restarted")
	p.kill()
	if err := os.Remove(block); err != nil {
		t.Fatal(err)
	}
	p.start()
	if err := <-done; err != nil {
		t.Error(err)
	}
	readAll(t, s, 1, 1200)
	if st, err := s.State(t.Context()); err != nil || st.Last != 1200 {
		t.Errorf("state %+v, error %v, want 1200 messages", st, err)
	}
}

// Law: a call ends with its context. The log says once that the broker is away, and that it is back when
// a call had an answer, not when all have given up.
func TestCallsEndWithContextWhileBrokerIsAway(t *testing.T) {
	p := startBroker(t)
	cause := errors.New("enough")
	calls := map[string]func(context.Context, *bus.Stream) error{
		"publish": func(ctx context.Context, s *bus.Stream) error { _, err := s.Publish(ctx, pages(0, 3)); return err },
		"fenced":  func(ctx context.Context, s *bus.Stream) error { return s.PublishAfter(ctx, 0, pages(0, 3)) },
		"read":    func(ctx context.Context, s *bus.Stream) error { _, err := s.Read(ctx, 1, 0, 0); return err },
		"state":   func(ctx context.Context, s *bus.Stream) error { _, err := s.State(ctx); return err },
	}
	logs, streams := map[string]*syncBuffer{}, map[string]*bus.Stream{}
	for name := range calls {
		logs[name] = &syncBuffer{}
		streams[name] = raw(t, open(t, bus.Config{URL: p.url(), Log: slog.New(slog.NewTextHandler(logs[name], nil))}), bus.StreamConfig{})
	}
	p.kill()
	for name, call := range calls {
		for range 2 {
			ctx, cancel := context.WithCancelCause(t.Context())
			done := make(chan error)
			go func() { done <- call(ctx, streams[name]) }()
			logs[name].waitFor(t, "broker does not answer")
			cancel(cause)
			if err := <-done; !errors.Is(err, cause) {
				t.Errorf("%s: error %v, want %v", name, err, cause)
			}
		}
		if log := logs[name].String(); strings.Count(log, "broker does not answer") != 1 || strings.Contains(log, "answers again") {
			t.Errorf("%s: want one line about the trouble and none about its end:\n%s", name, log)
		}
	}
	p.start()
	for name := range calls {
		for range 2 {
			if _, err := streams[name].State(t.Context()); err != nil {
				t.Error(err)
			}
		}
		if log := logs[name].String(); strings.Count(log, "broker answers again") != 1 {
			t.Errorf("%s: want one line about the end of the trouble:\n%s", name, log)
		}
	}
}

// syncBuffer is a log that several goroutines write and one test waits on.
type syncBuffer struct {
	mu   sync.Mutex
	cond *sync.Cond
	buf  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.cond != nil {
		b.cond.Broadcast()
	}
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func (b *syncBuffer) Reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.buf.Reset()
}

// waitFor returns when the log holds text.
func (b *syncBuffer) waitFor(t testing.TB, text string) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.cond = sync.NewCond(&b.mu)
	for !strings.Contains(b.buf.String(), text) {
		b.cond.Wait()
	}
}
