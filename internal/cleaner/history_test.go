package cleaner

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"winnow/internal/bus"
)

func texts(from, to int) (msgs []bus.Message) {
	for i := from; i <= to; i++ {
		msgs = append(msgs, bus.Message{Subject: "raw.a", Data: fmt.Appendf(nil, `{"text":"Story %d of the day."}`, i)})
	}
	return msgs
}

// fold runs a cleaner until NEWS has all of RAW, and returns what Run returned.
func (p *pipeline) fold(dir string) error {
	p.t.Helper()
	stop := start(p.t, testConfig(p.t, p.bus, dir))
	st, err := p.raw.State(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	p.until(st.Last)
	return stop()
}

// refuse runs a cleaner that must end by itself, and returns why.
func (p *pipeline) refuse(dir string, change func(*Config)) error {
	p.t.Helper()
	cfg := testConfig(p.t, p.bus, dir)
	if change != nil {
		change(&cfg)
	}
	s, err := New(cfg)
	if err != nil {
		p.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	err = s.Run(ctx)
	if ctx.Err() != nil {
		p.t.Fatal("the cleaner went on")
	}
	return err
}

// A state that is ahead of an emptied broker is refused before anything is trimmed.
func TestStateAheadOfNewsIsRefused(t *testing.T) {
	old, dir := openPipeline(t, t.TempDir()), t.TempDir()
	for i := range 3 { // two snapshots and more
		old.publish(texts(100*i, 100*i+50))
		if err := old.fold(dir); err != nil {
			t.Fatal(err)
		}
	}
	p := openPipeline(t, t.TempDir())
	p.publish(texts(1, 20))
	err := p.refuse(dir, func(c *Config) { c.Trim = true })
	if !errors.Is(err, ErrHistory) || !strings.Contains(err.Error(), dir) {
		t.Fatalf("error %v, want ErrHistory that names the state", err)
	}
	if st, err := p.raw.State(t.Context()); err != nil || st.Messages != 20 {
		t.Fatalf("RAW holds %d messages, want 20 (%v)", st.Messages, err)
	}
}

// Where NEWS lost its tail and an older snapshot is sound, the cleaner goes on from that one.
func TestNewsLostItsTail(t *testing.T) {
	p, dir := openPipeline(t, t.TempDir()), t.TempDir()
	for i := range 2 {
		p.publish(texts(100*i, 100*i+9))
		if err := p.fold(dir); err != nil {
			t.Fatal(err)
		}
	}
	ahead := filepath.Join(dir, snapshotName(99))
	data, err := os.ReadFile(filepath.Join(dir, snapshotName(20)))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(ahead, data, 0o600); err != nil { // as it would be had NEWS been longer
		t.Fatal(err)
	}
	p.publish(texts(300, 309))
	if err := p.fold(dir); err != nil {
		t.Fatal(err)
	}
	p.same(p.plain())
	if _, err := os.Stat(ahead + ".ahead"); err != nil {
		t.Error("the snapshot ahead of NEWS was not set aside: ", err)
	}
}

// What somebody else publishes into NEWS is found before anything is written behind it.
func TestForeignRecordInNews(t *testing.T) {
	p, dir := openPipeline(t, t.TempDir()), t.TempDir()
	p.publish(texts(1, 5))
	if err := p.fold(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := p.news.Publish(t.Context(), []bus.Message{{Subject: "clean.en.x", Data: []byte("{}")}}); err != nil {
		t.Fatal(err)
	}
	p.publish(texts(6, 9))
	err := p.refuse(dir, nil)
	if !errors.Is(err, ErrHistory) || !strings.Contains(err.Error(), "no cleaner") {
		t.Fatalf("error %v, want ErrHistory that says who wrote", err)
	}
	if st, err := p.news.State(t.Context()); err != nil || st.Last != 6 {
		t.Fatalf("NEWS ends at %d, want 6: nothing behind the foreign record (%v)", st.Last, err)
	}
}

// A standby with other parameters does not take over.
func TestOtherParametersDoNotMix(t *testing.T) {
	p := openPipeline(t, t.TempDir())
	p.publish(texts(1, 5))
	if err := p.fold(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	p.publish(texts(6, 9))
	err := p.refuse(t.TempDir(), func(c *Config) { c.Params.Learn = false })
	if !errors.Is(err, ErrHistory) || !strings.Contains(err.Error(), "parameters") {
		t.Fatalf("error %v, want ErrHistory that names the parameters", err)
	}
	if st, err := p.news.State(t.Context()); err != nil || st.Last != 5 {
		t.Fatalf("NEWS ends at %d, want 5 (%v)", st.Last, err)
	}
}

// A second cleaner on one state directory is refused, and the first one goes on. The directory's name is no pattern.
func TestStateDirectoryIsLocked(t *testing.T) {
	p, dir := openPipeline(t, t.TempDir()), filepath.Join(t.TempDir(), "[state")
	cfg := testConfig(t, p.bus, dir)
	cfg.Metrics = NewMetrics(nil)
	left := filepath.Join(dir, ".snapshot-1234")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(left, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	stop := start(t, cfg)
	p.publish(texts(1, 5))
	p.until(5)
	if err := p.refuse(dir, nil); !errors.Is(err, ErrDirInUse) {
		t.Fatalf("error %v, want %v", err, ErrDirInUse)
	}
	p.publish(texts(6, 9))
	p.until(9)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Error("half a snapshot of a killed cleaner is still there: ", err)
	}
}

// The lag is what RAW has beyond the fold: all of it for a standby that never folded.
func TestLag(t *testing.T) {
	p := openPipeline(t, t.TempDir())
	p.publish(texts(1, 7))
	cfg := testConfig(t, p.bus, t.TempDir())
	cfg.Metrics = NewMetrics(nil)
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s.raw, s.fold = p.raw, testFold(t, 1)
	s.folded.Store(3)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { s.watchLag(ctx); close(done) }()
	for testutil.ToFloat64(cfg.Metrics.lag) != 4 {
		select {
		case <-t.Context().Done():
			t.Fatal("lag ", testutil.ToFloat64(cfg.Metrics.lag))
		case <-time.After(time.Millisecond):
		}
	}
	cancel()
	<-done
}

// A batch is cut by what its payloads hold decompressed.
func TestFitting(t *testing.T) {
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	big := bus.Message{Header: map[string]string{bus.HeaderEncoding: "zstd"}, Data: enc.EncodeAll(make([]byte, 30<<20), nil)}
	small := bus.Message{Data: make([]byte, 1000)}
	for _, tt := range []struct {
		msgs []bus.Message
		want int
	}{
		{[]bus.Message{small, small, small}, 3},
		{[]bus.Message{big, big, big, small}, 2},
		{[]bus.Message{{Header: map[string]string{bus.HeaderEncoding: "s2"}, Data: []byte("broken")}, small}, 2},
	} {
		if got := fitting(tt.msgs); got != tt.want {
			t.Errorf("%d of %d messages fit, want %d", got, len(tt.msgs), tt.want)
		}
	}
}
