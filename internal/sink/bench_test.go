//go:build unix

package sink_test

import (
	"fmt"
	"log/slog"
	"strings"
	"syscall"
	"testing"
	"time"

	"winnow/internal/bus"
	"winnow/internal/record"
	"winnow/internal/segment"
	"winnow/internal/sink"
)

// From NEWS on an embedded broker to committed segments, 3 KB a record. CPU time is that of the
// whole process, the broker's reading included.
func BenchmarkSink(b *testing.B) {
	const n = 20_000
	bb, err := bus.Open(b.Context(), bus.Config{Dir: b.TempDir(), Sync: "interval"})
	if err != nil {
		b.Fatal(err)
	}
	defer bb.Close()
	news, err := bb.News(b.Context(), bus.StreamConfig{})
	if err != nil {
		b.Fatal(err)
	}
	words := strings.Fields("the minister said harbour storm vote river flood match price wheat strike talks of on and after before that which")
	for first := uint64(1); first <= n; first += 1000 {
		var msgs []bus.Message
		for seq := first; seq < first+1000; seq++ {
			var text strings.Builder
			for i, h := 0, seq; text.Len() < 2700; i++ {
				h = h*6364136223846793005 + 1442695040888963407
				fmt.Fprintf(&text, "%s ", words[(h>>40)%uint64(len(words))])
			}
			c := record.Clean{ID: fmt.Sprintf("%032x", seq), Seq: seq, Site: "com.example", Text: text.String(), Added: "2026-11-21T10:00:00Z"}
			msgs = append(msgs, bus.Message{
				Subject: bus.CleanSubject("en", "com.example"), Data: c.AppendJSON(nil), Header: map[string]string{bus.HeaderChain: fmt.Sprintf("%016x", seq)},
			})
		}
		if err := news.PublishAfter(b.Context(), first-1, msgs); err != nil {
			b.Fatal(err)
		}
	}
	before := cpu(b)
	for b.Loop() {
		s, err := sink.New(sink.Config{News: news, Store: segment.Dir(b.TempDir()), Until: until(n), Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Run(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(cpu(b)-before)/float64(time.Microsecond)/float64(b.N*n), "cpu-us/record")
}

func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
