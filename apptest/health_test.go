package apptest

import (
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// ask returns the status and the text of an answer, or 0.
func ask(url string) (code int, text string) {
	resp, err := http.Get(url)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err.Error()
	}
	return resp.StatusCode, string(body)
}

// A service whose broker is not there lives and is not ready, and says why; it is ready when the broker comes. One
// that is stopped before says nothing of a broker that answers.
func TestServicesStartBeforeTheBroker(t *testing.T) {
	p := &pipeline{t: t, dir: t.TempDir(), port: freePort(t)}
	p.store = filepath.Join(p.dir, "broker")
	args := func(name string) []string {
		dir, state := filepath.Join(p.dir, name), filepath.Join(p.dir, name+"-state")
		return map[string][]string{
			"ingester": {"-http", "127.0.0.1:" + freePort(t)},
			"cleaner":  {"-state", state, "-take-over", "100ms"},
			"sink":     {"-out", dir},
			"serve":    {"-out", dir, "-state", state, "-http", "127.0.0.1:" + freePort(t)},
		}[name]
	}
	services := map[string]*child{}
	addr := map[string]string{}
	for _, name := range []string{"ingester", "cleaner", "sink", "serve"} {
		addr[name] = "127.0.0.1:" + freePort(t)
		with := append([]string{"-nats", p.url(), "-ops", addr[name]}, args(name)...)
		if name == "serve" {
			services[name] = launch(t, "winnow", append([]string{name}, with...)...)
		} else {
			services[name] = launch(t, name, with...)
		}
	}
	for name, c := range services {
		c.says(away, 1)
		if code, text := ask("http://" + addr[name] + "/healthz"); code != http.StatusOK {
			t.Errorf("%s: /healthz: %d %s", name, code, text)
		}
		if code, text := ask("http://" + addr[name] + "/readyz"); code != http.StatusServiceUnavailable || !strings.Contains(text, "broker: ") {
			t.Errorf("%s: /readyz: %d %s", name, code, text)
		}
	}
	early := launch(t, "sink", "-nats", p.url(), "-out", filepath.Join(p.dir, "early"))
	early.says(away, 1)
	early.signal(syscall.SIGTERM)
	early.done(patience)
	if strings.Contains(early.stderr(), back) {
		t.Errorf("the broker never answered:\n%s", early.stderr())
	}
	p.start()
	for name, c := range services {
		poll(t, name+" is ready", func() bool {
			code, text := ask(fmt.Sprint("http://", addr[name], "/readyz"))
			asked := strings.Contains(text, "cleaner: ok") // whether its state is read
			return code == http.StatusOK && asked == (name == "cleaner" || name == "serve")
		})
		c.says(back, 1)
		c.signal(syscall.SIGTERM)
		c.done(patience)
	}
}
