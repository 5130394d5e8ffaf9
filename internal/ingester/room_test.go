package ingester

import (
	"net/http"
	"runtime"
	"strings"
	"testing"

	"winnow/internal/bus"
)

// heap returns the bytes that are in use.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// What the messages of a request take is reserved, however small its documents are and however much the messages
// grow over them.
func TestReadReserves(t *testing.T) {
	page := `{"html":"` + strings.Repeat("<p>It rained.", 1_000_000) + `"}`
	for range runtime.GOMAXPROCS(0) {
		pack("raw.x", []byte(page)) // the encoders' own memory is not a request's
	}
	blanks := strings.Repeat(" ", 300)
	for name, body := range map[string]string{
		"numbers":        strings.Repeat("1\n", 100_000),
		"empty records":  strings.Repeat("{}\n", 100_000),
		"records":        strings.Repeat(`{"id":"a","text":"It rained.","more":1}`+"\n", 50_000),
		"long reasons":   strings.Repeat(`{"`+blanks+`":1,"`+blanks+`":2}`+"\n", 20_000),
		"in one answer":  strings.Repeat(`{"x":"`+strings.Repeat("x", 500)+`","objects":[{"text":"a"}`+strings.Repeat(`,{"text":"a"}`, 400)+"]}\n", 100),
		"not UTF-8":      strings.Repeat(`{"text":"`+strings.Repeat("\xff", 10_000)+`"}`+"\n", 1000),
		"pages":          strings.Repeat(`{"html":"`+strings.Repeat("<p>It rained.", 1000)+`"}`+"\n", 500),
		"one large page": page,
	} {
		t.Run(name, func(t *testing.T) {
			in := &Intake{cfg: IntakeConfig{MaxLine: MaxLine, InFlight: 4 << 30, Metrics: NewMetrics(nil)}}
			room := &reservation{in: in}
			before := heap()
			data := []byte(body)
			if bad := room.grow(int64(len(data))); bad != nil {
				t.Fatal(bad)
			}
			g, results, bad := in.read(data, "test", room)
			if bad != nil {
				t.Fatal(bad)
			}
			took := heap() - before
			if took > room.n+64<<10 { // what else runs
				t.Errorf("%d documents of %d bytes take %d KiB, reserved are %d KiB", len(g.msgs), len(data), took>>10, room.n>>10)
			}
			runtime.KeepAlive(g)
			runtime.KeepAlive(results)
			runtime.KeepAlive(data)
		})
	}
}

// A small body of very many lines is refused for good, and one that would fit for now.
func TestIntakeManyLines(t *testing.T) {
	_, raw := openBus(t, bus.StreamConfig{})
	in, url := serve(t, IntakeConfig{Raw: raw, MaxBody: 4 << 20, InFlight: 1})
	if a := post(t, url, packed(t, "zstd", strings.Repeat("1\n", 1<<20)), "Content-Encoding", "zstd"); a.code != http.StatusRequestEntityTooLarge || !strings.Contains(a.text, "send fewer at once") {
		t.Errorf("a million lines: %d %s", a.code, a.text)
	}
	others := &reservation{in: in}
	if bad := others.grow(in.cfg.InFlight - in.cfg.InFlight/keptShare); bad != nil {
		t.Fatal(bad)
	}
	many := strings.Repeat("1\n", 10_000)
	if a := post(t, url, strings.NewReader(many)); a.code != http.StatusTooManyRequests || a.header.Get("Retry-After") == "" {
		t.Errorf("many lines beside others: %d %s", a.code, a.text)
	}
	if n := state(t, raw).Messages; n != 0 {
		t.Errorf("RAW holds %d messages", n)
	}
	others.release()
	if a := post(t, url, strings.NewReader(many)); a.code != http.StatusOK {
		t.Errorf("afterwards: %d %.100s", a.code, a.text)
	}
	if n := in.flight.Load(); n != 0 {
		t.Errorf("%d bytes stay reserved", n)
	}
}
