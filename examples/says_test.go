package examples_test

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A client that has no answer says so and goes on trying: it must not wait without a word.
func TestClientsSayThatThereIsNoAnswer(t *testing.T) {
	const nobody = "http://127.0.0.1:1"
	send := buildSend(t)
	t.Setenv("LC_ALL", "C") // python3 may be a shell script, which warns of a locale that is not here
	t.Setenv("WINNOW_TOKEN_FILE", "")
	for _, args := range [][]string{{send, "-url", nobody}, {"python3", "scrapy/winnow_pipeline.py", nobody}} {
		t.Run(filepath.Base(args[0]), func(t *testing.T) {
			if _, err := exec.LookPath(args[0]); err != nil {
				t.Skipf("%s is not here", args[0])
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			cmd := exec.CommandContext(ctx, args[0], args[1:]...)
			cmd.Stdin = strings.NewReader(`{"id":"1","text":"It rained."}` + "\n")
			stderr, err := cmd.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			line, err := bufio.NewReader(stderr).ReadString('\n')
			if err != nil || !strings.Contains(line, "no answer") || !strings.Contains(line, nobody) {
				t.Errorf("the first words are %q, %v", line, err)
			}
			cancel()
			cmd.Wait()
		})
	}
}

// An address that is none is refused and not tried for ever.
func TestSendRefusesWhatIsNoAddress(t *testing.T) {
	send := buildSend(t)
	for _, url := range []string{"", "localhost:8080", "/v1"} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		cmd := exec.CommandContext(ctx, send, "-url", url)
		cmd.Stdin = strings.NewReader("{}\n")
		out, err := cmd.CombinedOutput()
		cancel()
		if err == nil || !strings.Contains(string(out), "-url: want an address such as http://127.0.0.1:8080") {
			t.Errorf("-url %q: %v, %s", url, err, out)
		}
	}
}

// The Python client says what is wrong with a line, or what the intake has against it, and shows no program text.
func TestPythonSaysWhatIsWrong(t *testing.T) {
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("python3 is not here")
	}
	t.Setenv("LC_ALL", "C") // as above
	t.Setenv("WINNOW_TOKEN_FILE", "")
	intake := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "send the header", http.StatusUnauthorized)
	}))
	defer intake.Close()
	for in, want := range map[string]string{
		`{"id":"1"}` + "\n": "winnow: line 1, 0 items stored: 401 Unauthorized: send the header",
		"\nno JSON\n":       "winnow: line 2, 0 items stored: Expecting value",
	} {
		cmd := exec.CommandContext(t.Context(), "python3", "scrapy/winnow_pipeline.py", intake.URL)
		cmd.Stdin = strings.NewReader(in)
		out, err := cmd.CombinedOutput()
		if err == nil || !strings.HasPrefix(string(out), want) {
			t.Errorf("%q: %v, %s", in, err, out)
		}
	}
	t.Setenv("WINNOW_TOKEN_FILE", "no/such/file")
	out, err := exec.CommandContext(t.Context(), "python3", "scrapy/winnow_pipeline.py", intake.URL).CombinedOutput()
	if err == nil || !strings.HasPrefix(string(out), "winnow: WINNOW_TOKEN_FILE: ") {
		t.Errorf("no token: %v, %s", err, out)
	}
}

// buildSend returns the Go client's program: go run would leave it behind when it is ended.
func buildSend(t *testing.T) string {
	send := filepath.Join(t.TempDir(), "send")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", send, "./send").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return send
}
