package web

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
)

// hostile is a title as a scraped page may have it.
const hostile = `</script><img src=x onerror=document.title='owned'> & "quoted"`

var sample = Snapshot{
	Now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), Since: time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC),
	Version: "v1.0.0", Namespace: "press",
	Raw: 12_040, Clean: 9_000, Dup: map[string]uint64{"exact": 800, "near": 2_000, "contained": 100}, Dead: map[string]uint64{"malformed-json": 90, "empty": 10},
	Removed: map[string]uint64{"site-template": 41_000, "rule:en/newsletter": 3_100, "repeated-headline": 900},
	Langs:   map[string]uint64{"en": 7_000, "de": 1_500, "fr": 500},
	Stages: []Stage{
		{Name: "ingester", Position: 12_040, Ready: true},
		{Name: "cleaner", Position: 12_000, Lag: 40, Ready: true, Detail: "writing"},
		{Name: "sink", Position: 11_990, Lag: 10, Ready: false, Detail: "disk full"},
	},
	Store: Store{Bytes: 2_400_000_000, Max: 10_000_000_000},
	Recent: []Record{
		{Seq: 12_000, Verdict: "clean", Site: "example.harbour", Lang: "en", Title: hostile, URL: "https://harbour.example/a"},
		{Seq: 11_999, Verdict: "near", Site: "example.valley", Lang: "en", Title: "Ferry back in service", URL: "javascript:alert(1)", Detail: "of 1a2b3c, share 0.91"},
		{Seq: 11_998, Verdict: "dead", Detail: "malformed-json"},
	},
}

func fetch(t *testing.T, h http.Handler, method, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, path, nil))
	return w
}

func TestSnapshotAsJSON(t *testing.T) {
	w := fetch(t, Handler(func() Snapshot { return sample }), "GET", "/api/snapshot")
	var got Snapshot
	if err := json.Unmarshal(w.Body.Bytes(), &got, json.RejectUnknownMembers(true)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sample, got); diff != "" {
		t.Error(diff)
	}
	if got := w.Header().Get("Content-Type"); got != "application/json" {
		t.Error("content type", got)
	}
}

func TestPaths(t *testing.T) {
	h := Handler(func() Snapshot { return Snapshot{} })
	for _, tt := range []struct {
		method, path string
		code         int
	}{
		{"GET", "/", 200},
		{"HEAD", "/", 200},
		{"GET", "/api/snapshot", 200},
		{"GET", "/index.html", 404},
		{"POST", "/", 405},
		{"POST", "/api/snapshot", 405},
	} {
		if got := fetch(t, h, tt.method, tt.path).Code; got != tt.code {
			t.Errorf("%s %s: %d, want %d", tt.method, tt.path, got, tt.code)
		}
	}
}

// The page works without a network, and its policy allows nothing from elsewhere.
func TestPageIsSelfContained(t *testing.T) {
	w := fetch(t, Handler(func() Snapshot { return Snapshot{} }), "GET", "/")
	for _, m := range regexp.MustCompile(`(?:src|href)\s*=\s*"([^"]*)"`).FindAllStringSubmatch(w.Body.String(), -1) {
		if strings.Contains(m[1], "//") && !strings.HasPrefix(m[1], "data:") {
			t.Errorf("the page loads %s", m[1])
		}
	}
	if strings.Contains(w.Body.String(), "innerHTML") || strings.Contains(w.Body.String(), " style=\"") {
		t.Error("titles could become markup, or the policy would refuse a style")
	}
	policy := w.Header().Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'sha256-", "style-src 'sha256-", "connect-src 'self'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("no %q in %q", want, policy)
		}
	}
	if a, b := contentPolicy("<script>1</script><style>2</style>"), contentPolicy("<script>3</script><style>2</style>"); a == b {
		t.Error("the policy does not depend on the script")
	}
}

// A real browser shows the counts, and titles and addresses of scraped pages stay text.
func TestInABrowser(t *testing.T) {
	browser, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("no chromium on this machine to look at the page with")
	}
	if testing.Short() {
		t.Skip("a browser takes seconds to start")
	}
	var polls atomic.Uint64
	srv := httptest.NewServer(Handler(func() Snapshot {
		s, n := sample, polls.Add(1)
		s.Now, s.Raw, s.Clean = s.Now.Add(time.Duration(n)*time.Second), s.Raw+100*n, s.Clean+100*n
		return s
	}))
	defer srv.Close()
	cmd := exec.CommandContext(t.Context(), browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
		"--user-data-dir="+t.TempDir(), "--virtual-time-budget=4000", "--dump-dom", srv.URL)
	cmd.Env = append(os.Environ(), "TMPDIR=/tmp") // it puts a socket there, whose path may not be long
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	dom := string(out)
	for _, want := range []string{
		"2,900", "sink is not ready", "disk full", "RAW holds 2.4 GB of 10 GB", "site-template",
		"namespace press · v1.0.0 · counting for 2h30m", `<td class="title" dir="auto">Ferry back in service</td>`,
		`&lt;/script&gt;&lt;img src=x`, `href="https://harbour.example/a"`, "area-clean",
	} {
		if !strings.Contains(dom, want) {
			t.Errorf("the page does not show %q", want)
		}
	}
	if polls.Load() < 3 || !regexp.MustCompile(`id="clean-sub">7\d\.\d%, 100/s<`).MatchString(dom) {
		t.Errorf("after %d polls the rate of clean is not 100/s", polls.Load())
	}
	if strings.Contains(dom, "<title>owned") || strings.Contains(dom, "javascript:") {
		t.Error("a title ran as a script, or a link would")
	}
}
