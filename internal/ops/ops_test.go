package ops

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start runs a server until the test ends and returns it.
func start(t *testing.T, cfg Config) *Server {
	t.Helper()
	cfg.Addr = "127.0.0.1:0"
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		http.DefaultClient.CloseIdleConnections()
	})
	return s
}

func get(t *testing.T, s *Server, path string) (int, string) {
	t.Helper()
	resp, err := http.Get("http://" + s.Addr() + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func TestPaths(t *testing.T) {
	s := start(t, Config{Service: "cleaner", Version: map[string]string{"version": "v1"}})
	s.Handle("GET /hello", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") }))
	raw := prometheus.NewCounter(prometheus.CounterOpts{Name: "winnow_test_total", Help: "A test."})
	s.Registry().MustRegister(raw)
	raw.Add(3)

	tests := []struct {
		path string
		code int
		want string
	}{
		{"/healthz", 200, "ok\n"},
		{"/readyz", 200, "ready\n"},
		{"/version", 200, `{"version":"v1"}` + "\n"},
		{"/metrics", 200, "winnow_test_total 3\n"},
		{"/metrics", 200, `winnow_build_info{service="cleaner"} 1` + "\n"},
		{"/metrics", 200, "go_goroutines"},
		{"/hello", 200, "hello"},
		{"/debug/pprof/", 404, ""},
		{"/", 404, ""},
	}
	for _, tt := range tests {
		if code, body := get(t, s, tt.path); code != tt.code || !strings.Contains(body, tt.want) {
			t.Errorf("%s: %d %q, want %d %q", tt.path, code, body, tt.code, tt.want)
		}
	}
}

func TestPprofOnlyWhenAsked(t *testing.T) {
	s := start(t, Config{Pprof: true})
	for _, path := range []string{"/debug/pprof/", "/debug/pprof/heap?debug=1", "/debug/pprof/cmdline"} {
		if code, _ := get(t, s, path); code != 200 {
			t.Errorf("%s: %d", path, code)
		}
	}
}

func TestReadyWhenEveryCheckPasses(t *testing.T) {
	s := start(t, Config{})
	s.Check("store", func(context.Context) error { return nil })
	s.Check("broker", func(context.Context) error { return errors.New("no connection for 12s") })
	if code, body := get(t, s, "/readyz"); code != 503 || body != "not ready\nbroker: no connection for 12s\nstore: ok\n" {
		t.Errorf("%d %q", code, body)
	}
	s.Check("broker", func(context.Context) error { return nil })
	if code, body := get(t, s, "/readyz"); code != 200 || body != "ready\nbroker: ok\nstore: ok\n" {
		t.Errorf("%d %q", code, body)
	}
}

// A check that hangs is not ready after two seconds, and the others are still named.
func TestCheckThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Server{checks: map[string]Check{
			"disk":   func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
			"broker": func(context.Context) error { return nil },
		}}
		start := time.Now()
		lines, ok := s.runChecks(t.Context())
		if d := time.Since(start); d != checkTimeout {
			t.Error("took", d)
		}
		if got, want := strings.Join(lines, "|"), "not ready|broker: ok|disk: context deadline exceeded"; ok || got != want {
			t.Errorf("%v %q, want %q", ok, got, want)
		}
	})
}

func TestTakenPort(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if s, err := New(Config{Addr: l.Addr().String()}); err == nil {
		s.Close()
		t.Error("two servers on one port")
	} else if !strings.Contains(err.Error(), "address already in use") {
		t.Error(err)
	}
}

// A request without end (a stream of events, a profile) sees the stop and does not hold it up.
func TestStopEndsStreams(t *testing.T) {
	s, err := New(Config{Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	entered := make(chan struct{})
	s.Handle("GET /stream", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(entered)
		<-r.Context().Done()
		io.WriteString(w, "bye")
	}))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	body := make(chan string, 1)
	go func() {
		resp, err := http.Get("http://" + s.Addr() + "/stream")
		if err != nil {
			body <- err.Error()
			return
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		body <- string(b)
	}()
	<-entered
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if got := <-body; got != "bye" {
		t.Errorf("the stream ended with %q", got)
	}
	if _, err := http.Get("http://" + s.Addr() + "/healthz"); err == nil {
		t.Error("still listening")
	}
	http.DefaultClient.CloseIdleConnections()
}

func TestNotReadyWhileStopping(t *testing.T) {
	s := start(t, Config{})
	s.stopping.Store(true)
	if code, body := get(t, s, "/readyz"); code != 503 || body != "stopping\n" {
		t.Errorf("%d %q", code, body)
	}
}
