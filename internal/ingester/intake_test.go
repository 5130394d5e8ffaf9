package ingester

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"winnow/internal/bus"
	"winnow/internal/record"
)

// serve runs an intake until the test ends.
func serve(t testing.TB, cfg IntakeConfig) (in *Intake, url string) {
	t.Helper()
	cfg.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	in, err := NewIntake(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return in, serveIntake(t, in)
}

func serveIntake(t testing.TB, in *Intake) (url string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- in.Serve(ctx, listener) }()
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return "http://" + listener.Addr().String() + "/v1/documents"
}

type answer struct {
	code    int
	header  http.Header
	text    string
	results []Result
}

func post(t testing.TB, url string, body io.Reader, header ...string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, body)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{code: resp.StatusCode, header: resp.Header, text: string(data)}
	if resp.Header.Get("Content-Type") == "application/x-ndjson" {
		for line := range strings.Lines(a.text) {
			var r Result
			if err := json.Unmarshal([]byte(line), &r, json.RejectUnknownMembers(true)); err != nil {
				t.Fatal(err)
			}
			a.results = append(a.results, r)
		}
	}
	return a
}

func packed(t testing.TB, encoding, data string) io.Reader {
	t.Helper()
	var buf bytes.Buffer
	var w io.WriteCloser = gzip.NewWriter(&buf)
	if encoding == "zstd" {
		enc, err := zstd.NewWriter(&buf)
		if err != nil {
			t.Fatal(err)
		}
		w = enc
	}
	if _, err := io.WriteString(w, data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return &buf
}

// Every line has its result, and what is answered is stored: records complete, malformed lines as
// they stood.
func TestIntakeStores(t *testing.T) {
	_, raw := openBus(t, bus.StreamConfig{})
	_, url := serve(t, IntakeConfig{Raw: raw})
	body := "{\"id\":\"a\",\"text\":\"one\"}\r\n\n{\"text\":\"two\",\"url\":\"https://example.org/\"}\nnone\n"
	for _, encoding := range []string{"", "gzip", "zstd"} {
		t.Run("encoding="+encoding, func(t *testing.T) {
			before := state(t, raw).Last
			var in io.Reader = strings.NewReader(body)
			if encoding != "" {
				in = packed(t, encoding, body)
			}
			got := post(t, url+"?source=crawl", in, "Content-Encoding", encoding)
			two := record.Raw{URL: "https://example.org/", Text: "two"}
			want := []Result{
				{Line: 1, ID: "a", Seq: before + 1, Status: StatusStored},
				{Line: 3, ID: record.DerivedID(&two), Seq: before + 2, Status: StatusStored},
				{Line: 4, Seq: before + 3, Status: StatusMalformed, Error: `malformed record: not-object: want a JSON object, have "none"`},
			}
			if diff := cmp.Diff(want, got.results); diff != "" || got.code != http.StatusOK {
				t.Fatalf("%d: %s%s", got.code, got.text, diff)
			}
			msgs := messages(t, raw, before)
			for i, m := range msgs[:2] {
				r, err := record.ParseRaw(m.Data, nil)
				if err != nil || r.ID != want[i].ID || r.Source != "crawl" || r.Added == "" || m.Subject != "raw.crawl" {
					t.Errorf("message %d: %v, %+v", m.Seq, err, r)
				}
			}
			if m := msgs[2]; string(m.Data) != "none" || !strings.HasPrefix(m.Header[bus.HeaderDead], "not-object: line 4 of a request: ") {
				t.Errorf("message %d: %q, %v", m.Seq, m.Data, m.Header)
			}
		})
	}
}

func TestIntakeBodies(t *testing.T) {
	_, raw := openBus(t, bus.StreamConfig{})
	_, url := serve(t, IntakeConfig{Raw: raw})
	for _, tt := range []struct {
		name, body, kind string
		want             []string // status of each line
	}{
		{"one object", `{"text":"a"}`, "application/json", []string{StatusStored}},
		{"one object over several lines", "{\n \"text\": \"a\"\n}\n", "application/json; charset=utf-8", []string{StatusStored}},
		{"one object, the first line begun", "{ \"text\":\n\"a\" }", "", []string{StatusStored}},
		{"as curl sends it", "{\"text\":\"a\"}\n{\"text\":\"b\"}", "application/x-www-form-urlencoded", []string{StatusStored, StatusStored}},
		{"the first line is broken", "{\"text\":\n{\"text\":\"b\"}\n", "text/plain", []string{StatusMalformed, StatusStored}},
		{"an answer of several articles", `{"objects":[{"text":"a"},{"text":"b"}]}`, "", []string{StatusStored, StatusStored}},
		{"a list of articles", `{"status":"ok","articles":[{"text":"a"},{"text":"b"}]}`, "application/json", []string{StatusStored, StatusStored}},
		{"a list of articles, one of them none", `{"articles":[{"text":"a"},{"text":NaN},{"text":"b"}]}`, "", []string{StatusStored, StatusMalformed, StatusStored}},
		{"the same over several lines", "{\"articles\":[\n{\"text\":\"a\"},\n{\"text\":NaN},\n{\"text\":\"b\"}\n]}\n", "", []string{StatusStored, StatusMalformed, StatusStored}},
		{"several articles over several lines", "{\"objects\":\n[{\"text\":\"a\"},{\"text\":\"b\"}]}", "", []string{StatusStored, StatusStored}},
		{"byte order mark", "\ufeff{\"text\":\"a\"}", "", []string{StatusStored}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := post(t, url, strings.NewReader(tt.body), "Content-Type", tt.kind)
			var have []string
			for _, r := range got.results {
				have = append(have, r.Status)
			}
			if diff := cmp.Diff(tt.want, have); diff != "" {
				t.Errorf("%d: %s%s", got.code, got.text, diff)
			}
		})
	}
}

// What is refused says why, and leaves nothing in RAW.
func TestIntakeRefuses(t *testing.T) {
	_, raw := openBus(t, bus.StreamConfig{})
	_, url := serve(t, IntakeConfig{Raw: raw, Token: "secret", MaxBody: 1 << 10, MaxLine: 200})
	ok := []string{"Authorization", "Bearer secret"}
	with := func(more ...string) []string { return append(append([]string{}, ok...), more...) }
	line := `{"text":"a"}`
	for _, tt := range []struct {
		name   string
		body   io.Reader
		header []string
		code   int
		text   string
	}{
		{"no token", strings.NewReader(line), nil, 401, "no token"},
		{"another token", strings.NewReader(line), []string{"Authorization", "Bearer secrets"}, 401, "wrong token"},
		{"another scheme", strings.NewReader(line), []string{"Authorization", "Basic secret"}, 401, "no bearer token"},
		{"empty", strings.NewReader(" \n\n"), ok, 400, "no line"},
		{"a list", strings.NewReader("[\n" + line + "\n]"), ok, 400, "JSON list"},
		{"an image", strings.NewReader("<html>"), with("Content-Type", "image/png"), 415, "text/html"},
		{"no media type", strings.NewReader(line), with("Content-Type", "///"), 415, "Content-Type"},
		{"unknown encoding", strings.NewReader(line), with("Content-Encoding", "br"), 415, `"br"`},
		{"not gzip", strings.NewReader(line), with("Content-Encoding", "gzip"), 400, "cannot be read"},
		{"not zstd", strings.NewReader(line), with("Content-Encoding", "zstd"), 400, "cannot be read"},
		{"gzip that does not say so", packed(t, "gzip", line), ok, 415, "Content-Encoding: gzip"},
		{"zstd that does not say so", packed(t, "zstd", line), ok, 415, "Content-Encoding: zstd"},
		{"gzip in zstd", packed(t, "zstd", "\x1f\x8b\x08"), with("Content-Encoding", "zstd"), 415, "once"},
		{"a page that does not say so", packed(t, "gzip", "<p>It rained."), with("Content-Type", "text/html"), 415, "Content-Encoding: gzip"},
		{"a binary page", strings.NewReader("<p>" + strings.Repeat("\x00\x01\xfe", 60)), with("Content-Type", "text/html"), 415, "neither"},
		{"long", strings.NewReader(strings.Repeat(line+"\n", 100)), ok, 413, "1024"},
		{"long, of unknown length", io.MultiReader(strings.NewReader(strings.Repeat(line+"\n", 100))), ok, 413, "1024"},
		{"a gzip bomb", packed(t, "gzip", strings.Repeat(" ", 10<<20)), with("Content-Encoding", "gzip"), 413, "1024"},
		{"a zstd bomb", packed(t, "zstd", strings.Repeat(" ", 10<<20)), with("Content-Encoding", "zstd"), 413, "1024"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := post(t, url, tt.body, tt.header...)
			if got.code != tt.code || !strings.Contains(got.text, tt.text) || strings.Contains(got.text, "secret") {
				t.Errorf("%d: %s", got.code, got.text)
			}
			if got.code == 401 && got.header.Get("WWW-Authenticate") == "" {
				t.Error("no WWW-Authenticate")
			}
		})
	}
	if got := post(t, url+"?source="+strings.Repeat("x", 300), strings.NewReader(line), ok...); got.code != 400 {
		t.Errorf("a long source: %d", got.code)
	}
	for query, says := range map[string]string{
		"?sorce=x": `"sorce": there are source`, "?source=x&url=y": `"url"`, "?source=%zz": "cannot be read", "?source=a;b": "cannot be read",
	} {
		if got := post(t, url+query, strings.NewReader(line), ok...); got.code != 400 || !strings.Contains(got.text, says) {
			t.Errorf("%s: %d: %s", query, got.code, got.text)
		}
	}
	if got := post(t, url+"?url=u&sorce=x", strings.NewReader("<p>"), with("Content-Type", "text/html")...); got.code != 400 || !strings.Contains(got.text, `"sorce"`) {
		t.Errorf("a page: %d: %s", got.code, got.text)
	}
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusMethodNotAllowed || resp.Header.Get("Allow") != "POST" {
		t.Errorf("GET: %d", resp.StatusCode)
	}
	if n := state(t, raw).Messages; n != 0 {
		t.Errorf("RAW holds %d messages", n)
	}
	if got := post(t, url, strings.NewReader(line), ok...); got.code != 200 {
		t.Errorf("%d: %s", got.code, got.text)
	}
}

// When RAW is full the producer is told to come back, and which of its lines are stored.
func TestIntakeFullRaw(t *testing.T) {
	_, raw := openBus(t, bus.StreamConfig{MaxBytes: 16 << 10})
	_, url := serve(t, IntakeConfig{Raw: raw})
	line := `{"text":"` + strings.Repeat("x", 4<<10) + `"}` + "\n"
	stored := 0
	for range 10 {
		got := post(t, url, strings.NewReader(line))
		if got.code == http.StatusOK {
			stored++
			continue
		}
		if got.code != http.StatusTooManyRequests || got.header.Get("Retry-After") == "" || got.results[0].Status != StatusRefused || got.results[0].Seq != 0 {
			t.Fatalf("%d %v: %s", got.code, got.header, got.text)
		}
	}
	if n := state(t, raw).Messages; stored == 0 || stored == 10 || n != uint64(stored) {
		t.Fatalf("%d answered as stored, RAW holds %d", stored, n)
	}
	if err := raw.Trim(t.Context(), uint64(stored)+1); err != nil {
		t.Fatal(err)
	}
	if got := post(t, url, strings.NewReader(line)); got.code != http.StatusOK {
		t.Errorf("after a trim: %d: %s", got.code, got.text)
	}
}

// Requests that come together share a batch; each gets the sequences of its own lines.
func TestIntakeGroups(t *testing.T) {
	_, raw := openBus(t, bus.StreamConfig{})
	in, err := NewIntake(IntakeConfig{Raw: raw, Linger: time.Hour, Timeout: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	const requests, lines = 20, batchDocs / 20 // full with the last of them
	answers := make([]*httptest.ResponseRecorder, requests)
	var wg sync.WaitGroup
	for i := range requests {
		wg.Go(func() {
			var body strings.Builder
			for j := range lines {
				fmt.Fprintf(&body, "{\"id\":\"%d-%d\"}\n", i, j)
			}
			answers[i] = httptest.NewRecorder()
			in.ServeHTTP(answers[i], httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/documents", strings.NewReader(body.String())))
		})
	}
	groups := in.gather(<-in.queue)
	if len(groups) != requests {
		t.Fatalf("%d requests share a batch, want %d", len(groups), requests)
	}
	in.store(t.Context(), groups)
	wg.Wait()
	msgs := messages(t, raw, 0)
	if len(msgs) != lines*requests {
		t.Fatalf("RAW holds %d messages", len(msgs))
	}
	for i, a := range answers {
		for j, line := range strings.Split(strings.TrimSpace(a.Body.String()), "\n") {
			var r Result
			if err := json.Unmarshal([]byte(line), &r); err != nil {
				t.Fatal(err)
			}
			stored, err := record.ParseRaw(msgs[r.Seq-1].Data, nil)
			if want := fmt.Sprintf("%d-%d", i, j); err != nil || r.ID != want || stored.ID != want {
				t.Errorf("%s: stored as %d is %q, %v", line, r.Seq, stored.ID, err)
			}
		}
	}
}

// Bodies beyond InFlight are refused, small ones last, and room comes back.
func TestIntakeInFlight(t *testing.T) {
	_, raw := openBus(t, bus.StreamConfig{})
	in, url := serve(t, IntakeConfig{Raw: raw})
	line := func(n int) string { return `{"text":"` + strings.Repeat("x", n) + `"}` }
	others := &reservation{in: in}
	for n := int64(smallRoom); others.grow(n) == nil; n += smallRoom {
	}
	if kept := in.cfg.InFlight - others.n; kept < in.cfg.InFlight/keptShare || kept > in.cfg.InFlight/keptShare+smallRoom {
		t.Fatalf("large requests leave %d of %d bytes", kept, in.cfg.InFlight)
	}
	if got := post(t, url, strings.NewReader(line(2*smallRoom))); got.code != http.StatusTooManyRequests || got.header.Get("Retry-After") == "" {
		t.Errorf("a large one: %d: %s", got.code, got.text)
	}
	for _, encoding := range []string{"gzip", "zstd"} {
		if got := post(t, url, packed(t, encoding, line(100)), "Content-Encoding", encoding); got.code != http.StatusOK {
			t.Errorf("a small one, %s: %d: %s", encoding, got.code, got.text)
		}
	}
	rest := &reservation{in: in, n: in.cfg.InFlight - in.flight.Load()}
	in.flight.Add(rest.n)
	if got := post(t, url, strings.NewReader(line(100))); got.code != http.StatusTooManyRequests {
		t.Errorf("without any room: %d: %s", got.code, got.text)
	}
	others.release()
	rest.release()
	if got := post(t, url, strings.NewReader(line(2*smallRoom))); got.code != http.StatusOK {
		t.Errorf("afterwards: %d: %s", got.code, got.text)
	}
	if n := in.flight.Load(); n != 0 {
		t.Errorf("%d bytes stay reserved", n)
	}
}

// begin sends the head of a request and the first bytes of its body.
func begin(t *testing.T, url, head, body string) net.Conn {
	t.Helper()
	host := strings.TrimSuffix(strings.TrimPrefix(url, "http://"), "/v1/documents")
	var d net.Dialer
	conn, err := d.DialContext(t.Context(), "tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if _, err := fmt.Fprintf(conn, "POST /v1/documents HTTP/1.1\r\nHost: x\r\n%s\r\n\r\n%s", head, body); err != nil {
		t.Fatal(err)
	}
	return conn
}

// Connections that announce much and send little do not keep others out.
func TestIntakeBelievesNoAnnouncement(t *testing.T) {
	_, raw := openBus(t, bus.StreamConfig{})
	in, err := NewIntake(IntakeConfig{Raw: raw, Timeout: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	in.paceTime = time.Hour // none is given up before the last is there
	url := serveIntake(t, in)
	const slow = 20
	for range slow {
		begin(t, url, "Content-Length: 67108864", "{")
	}
	for in.flight.Load() < slow*firstRoom { // until all are being read
		runtime.Gosched()
	}
	if got := post(t, url, strings.NewReader(`{"text":"a"}`)); got.code != http.StatusOK {
		t.Errorf("%d: %s", got.code, got.text)
	}
	if n := in.flight.Load(); n > slow*64<<10 {
		t.Errorf("%d bytes are reserved for %d bytes that came", n, slow)
	}
}

// A client that stalls is answered, and its room comes back.
func TestIntakeStalled(t *testing.T) {
	_, raw := openBus(t, bus.StreamConfig{})
	in, err := NewIntake(IntakeConfig{Raw: raw, Linger: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	in.paceTime = 150 * time.Millisecond
	url := serveIntake(t, in)
	for _, head := range []string{"Content-Length: 1000", "Transfer-Encoding: chunked", "Content-Encoding: gzip\r\nContent-Length: 1000", "Content-Encoding: zstd\r\nContent-Length: 1000"} {
		conn := begin(t, url, head, "1\r\n{\r\n")
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusRequestTimeout || resp.Header.Get("Retry-After") == "" || !strings.Contains(string(text), "64 KiB every 150ms") {
			t.Errorf("%s: %d, %v: %s", head, resp.StatusCode, err, text)
		}
		resp.Body.Close()
	}
	for in.flight.Load() != 0 {
		runtime.Gosched()
	}
	if n := state(t, raw).Messages; n != 0 {
		t.Errorf("RAW holds %d messages", n)
	}
}

// slowBody gives a part of the body each time so much time has passed, unless its deadline comes
// first.
type slowBody struct {
	http.ResponseWriter
	parts    int
	size     int
	every    time.Duration
	deadline time.Time
}

func (b *slowBody) SetReadDeadline(t time.Time) error {
	b.deadline = t
	return nil
}

func (b *slowBody) Read(p []byte) (int, error) {
	if wait := time.Until(b.deadline); wait < b.every {
		<-time.After(wait)
		return 0, os.ErrDeadlineExceeded
	}
	<-time.After(b.every)
	if b.parts--; b.parts < 0 {
		return 0, io.EOF
	}
	return min(len(p), b.size), nil
}

// A client that is slow but moves has all the time of a request, and no more.
func TestPace(t *testing.T) {
	for _, tt := range []struct {
		name    string
		body    slowBody
		stalled bool
		took    time.Duration
	}{
		{"just fast enough", slowBody{parts: 5, size: paceBytes, every: 9 * time.Second}, false, 54 * time.Second},
		{"small parts in time", slowBody{parts: 40, size: paceBytes / 8, every: time.Second}, false, 41 * time.Second},
		{"small parts too slowly", slowBody{parts: 40, size: paceBytes / 8, every: 2 * time.Second}, true, paceTime},
		{"for too long", slowBody{parts: 9, size: paceBytes, every: 9 * time.Second}, true, time.Minute},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				in := &Intake{cfg: IntakeConfig{Timeout: time.Minute}, paceTime: paceTime}
				begin := time.Now()
				p := in.pace(&tt.body, &tt.body)
				var err error
				for buf := make([]byte, paceBytes); err == nil; {
					_, err = p.Read(buf)
				}
				if took := time.Since(begin); p.stalled != tt.stalled || (err != io.EOF) != tt.stalled || took != tt.took {
					t.Errorf("stalled %v after %v: %v", p.stalled, took, err)
				}
			})
		})
	}
}

// A line over the limit becomes a dead record; the others of its request are stored.
func TestIntakeLongLine(t *testing.T) {
	_, raw := openBus(t, bus.StreamConfig{})
	_, url := serve(t, IntakeConfig{Raw: raw, MaxLine: 100 << 10})
	long := `{"text":"` + strings.Repeat("x", 200<<10) + `"}`
	got := post(t, url, strings.NewReader("{\"id\":\"a\"}\n"+long+"\n{\"id\":\"b\"}\n"))
	want := []Result{
		{Line: 1, ID: "a", Seq: 1, Status: StatusStored},
		{Line: 2, Seq: 2, Status: StatusMalformed, Error: "malformed record: oversize: 204811 bytes, limit 102400"},
		{Line: 3, ID: "b", Seq: 3, Status: StatusStored},
	}
	if diff := cmp.Diff(want, got.results); diff != "" || got.code != http.StatusOK {
		t.Fatalf("%d: %s%s", got.code, got.text, diff)
	}
	m := messages(t, raw, 0)[1]
	if string(m.Data) != long[:record.MaxDeadBytes] || m.Header[bus.HeaderSize] != "204811" || !strings.HasPrefix(m.Header[bus.HeaderDead], "oversize: line 2 of a request: ") {
		t.Errorf("%d bytes, %v", len(m.Data), m.Header)
	}
}

// A request under way when the intake is told to stop is stored and answered.
func TestIntakeDrains(t *testing.T) {
	_, raw := openBus(t, bus.StreamConfig{})
	in, err := NewIntake(IntakeConfig{Raw: raw, Linger: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- in.Serve(ctx, listener) }()
	body, w := io.Pipe()
	got := make(chan answer, 1)
	go func() { got <- post(t, "http://"+listener.Addr().String()+"/v1/documents", body) }()
	if _, err := io.WriteString(w, `{"text":"a`); err != nil {
		t.Fatal(err)
	}
	for testutil.ToFloat64(in.cfg.Metrics.inFlight) == 0 { // until the request is being read
		runtime.Gosched()
	}
	stop()
	if _, err := io.WriteString(w, `"}`); err != nil {
		t.Fatal(err)
	}
	w.Close()
	if a := <-got; a.code != http.StatusOK || len(a.results) != 1 || a.results[0].Seq != 1 {
		t.Errorf("%d: %s", a.code, a.text)
	}
	if err := <-served; err != nil || state(t, raw).Messages != 1 {
		t.Error(err)
	}
	http.DefaultClient.CloseIdleConnections()
}

// Whatever the body, the answer has a line for each message that was stored.
func FuzzBody(f *testing.F) {
	for _, s := range []string{"{\"text\":\"a\"}\nb\n", "{\n\"a\":1}", "\n\n", "[1]", "\xff", "{}\r\n{}"} {
		f.Add([]byte(s))
	}
	in := &Intake{cfg: IntakeConfig{MaxLine: 100, InFlight: 1 << 30, Metrics: NewMetrics(nil)}}
	f.Fuzz(func(t *testing.T, body []byte) {
		g, results, bad := in.read(body, "fuzz", &reservation{in: in})
		if bad != nil {
			if bad.code < 400 || bad.code > 499 || bad.text == "" {
				t.Fatalf("%+v", bad)
			}
			return
		}
		if len(results) == 0 || len(results) != len(g.msgs) {
			t.Fatalf("%d results, %d messages", len(results), len(g.msgs))
		}
		for i, r := range results {
			if _, err := json.Marshal(r); err != nil || (r.Status == StatusStored) != (g.msgs[i].Header[bus.HeaderDead] == "") || r.Line < 1 {
				t.Fatalf("%+v, %v, %v", r, g.msgs[i], err)
			}
		}
	})
}

// A page whose id or address is not UTF-8 is refused, and nothing of it is stored.
func TestIntakePageNotUTF8(t *testing.T) {
	_, raw := openBus(t, bus.StreamConfig{})
	_, url := serve(t, IntakeConfig{Raw: raw})
	for _, query := range []string{"?id=%ff", "?url=%ff"} {
		answer, err := http.Post(url+query, "text/html", strings.NewReader("<p>The ferry sails again on Monday.</p>"))
		if err != nil {
			t.Fatal(query, " ends the connection: ", err)
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %s", query, answer.Status)
		}
	}
	if st := state(t, raw); st.Last != 0 {
		t.Errorf("%d messages stored", st.Last)
	}
}
