package cli

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestHealth(t *testing.T) {
	ready := true
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path != "/readyz":
			http.NotFound(w, r)
		case ready:
			w.Write([]byte("ready\n"))
		default:
			http.Error(w, "not ready\nbroker: away", http.StatusServiceUnavailable)
		}
	}))
	_, port, _ := strings.Cut(strings.TrimPrefix(srv.URL, "http://"), ":")
	code, _, stdout, stderr := runProgram(t, nil, "health", "127.0.0.1:"+port)
	if code != 0 || stdout != "ready\n" {
		t.Errorf("ready: %d %q %q", code, stdout, stderr)
	}
	if code, _, _, stderr = runProgram(t, nil, "health", ":"+port); code != 0 {
		t.Errorf("as -ops has it, without a host: %d %q", code, stderr)
	}
	ready = false
	code, _, _, stderr = runProgram(t, nil, "health", "127.0.0.1:"+port)
	if want := "x: 503 Service Unavailable: not ready\nbroker: away\n"; code != 1 || stderr != want {
		t.Errorf("not ready: %d %q", code, stderr)
	}
	srv.Close()
	if code, _, _, stderr = runProgram(t, nil, "health", ":"+port); code != 1 || !strings.Contains(stderr, "refused") {
		t.Errorf("gone: %d %q", code, stderr)
	}
	for _, args := range [][]string{{"health"}, {"health", "9090"}, {"health", ":1", ":2"}} {
		if code, _, _, _ := runProgram(t, nil, args...); code != ExitUsage {
			t.Errorf("%v: exit code %d", args, code)
		}
	}
}
