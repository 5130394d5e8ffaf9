package apptest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"winnow/internal/record"
)

// answer is one line of the intake's answer.
type answer struct {
	Line   int    `json:"line"`
	ID     string `json:"id"`
	Seq    uint64 `json:"seq"`
	Status string `json:"status"`
	Error  string `json:"error"`
}

// documents returns n JSON lines, from an invented story number on, each with the story's own words.
func documents(from, n int) [][]byte {
	lines := make([][]byte, n)
	for i := range lines {
		k := from + i
		r := record.Raw{
			ID: fmt.Sprint("doc-", k), URL: fmt.Sprintf("https://paper%d.example/%d", k%5, k), Title: fmt.Sprint("Story ", k),
			Text: strings.Join(story(k), "\n\n"),
		}
		lines[i] = r.AppendJSON(nil)
	}
	return lines
}

// post sends lines to an intake and returns the answer's code, whether it came with Retry-After,
// and its lines, of which there are none when nothing was tried.
func post(url string, lines [][]byte) (code int, retry bool, answers []answer, err error) {
	resp, err := http.Post(url, "application/x-ndjson", bytes.NewReader(bytes.Join(lines, []byte("\n"))))
	if err != nil {
		return 0, false, nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, false, nil, err
	}
	if resp.Header.Get("Content-Type") == "application/x-ndjson" {
		for line := range bytes.Lines(body) {
			var a answer
			if err := json.Unmarshal(line, &a); err != nil {
				return 0, false, nil, fmt.Errorf("%w: %s", err, line)
			}
			answers = append(answers, a)
		}
	}
	return resp.StatusCode, resp.Header.Get("Retry-After") != "", answers, nil
}

// deliver posts lines until each is stored: what was refused goes again, as a client would do it. It
// calls refused for each answer of 429.
func deliver(url string, lines [][]byte, refused func(retry bool)) error {
	deadline := time.Now().Add(patience)
	for len(lines) > 0 {
		code, retry, answers, err := post(url, lines)
		if err != nil {
			return err
		}
		if code != http.StatusOK && code != http.StatusTooManyRequests {
			return fmt.Errorf("answer %d: %+v", code, answers)
		}
		if code == http.StatusTooManyRequests {
			refused(retry)
			if time.Now().After(deadline) {
				return errors.New("still refused, all the time")
			}
			<-time.After(50 * time.Millisecond) // a client waits as long as Retry-After says
		}
		if len(answers) == 0 {
			continue
		}
		var again [][]byte
		for i, a := range answers {
			switch a.Status {
			case "stored":
			case "refused":
				again = append(again, lines[i])
			default:
				return fmt.Errorf("line %d: %+v", i, a)
			}
		}
		if len(answers) != len(lines) || code == http.StatusOK && len(again) > 0 {
			return fmt.Errorf("answer %d with %d lines to %d lines, %d refused", code, len(answers), len(lines), len(again))
		}
		lines = again
	}
	return nil
}

// cat returns the records of a directory as `winnow cat` prints them.
func cat(t testing.TB, dir string, args ...string) []string {
	t.Helper()
	out, err := exec.Command(filepath.Join(bin, "winnow"), append(append([]string{"cat"}, args...), dir)...).Output()
	if err != nil {
		t.Fatalf("winnow cat: %v", err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
}

// Documents posted by several clients at once to `winnow serve` are all answered as stored; a plain
// NATS subscriber on clean.> gets exactly the records that the segments hold, and a durable consumer
// too, which reads nothing before all of it is in segments and NEWS was trimmed behind them.
func TestServe(t *testing.T) {
	clients, requests, lines := 4, soak(15, 200), 7
	total := clients * requests * lines
	httpPort, natsPort, out := freePort(t), freePort(t), t.TempDir()
	serve := launch(t, "winnow", "serve", "-http", "127.0.0.1:"+httpPort, "-listen", "127.0.0.1:"+natsPort, "-out", out,
		"-segment-records", "100", "-segment-age", "300ms", "-snapshot", "200ms")
	serve.says("taking documents", 1)

	conn, err := nats.Connect("nats://127.0.0.1:"+natsPort, nats.Timeout(patience))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	sub, err := conn.SubscribeSync("clean.>")
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Flush(); err != nil {
		t.Fatal(err)
	}

	durable := consumer(t, conn)

	var wg sync.WaitGroup
	for c := range clients {
		wg.Go(func() {
			for r := range requests {
				docs := documents((c*requests+r)*lines, lines)
				if err := deliver("http://127.0.0.1:"+httpPort+"/v1/documents", docs, func(bool) {}); err != nil {
					t.Errorf("client %d: %v", c, err)
					return
				}
			}
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	poll(t, "all segments", func() bool { return len(cat(t, out, "-kind", "all")) == total })
	want := cat(t, out)
	lagging := fetch(t, durable, len(want))
	stop(t, serve)
	if !slices.Equal(lagging, want) {
		t.Errorf("the durable consumer got %d records, the segments have %d", len(lagging), len(want))
	}
	var got []string
	for range want {
		m, err := sub.NextMsg(patience)
		if err != nil {
			t.Fatalf("after %d of %d messages: %v", len(got), len(want), err)
		}
		got = append(got, string(m.Data))
	}
	if m, err := sub.NextMsg(100 * time.Millisecond); err == nil {
		t.Errorf("a message too many: %s", m.Data)
	}
	if !slices.Equal(got, want) {
		t.Error("the subscriber's records are not those of the segments")
	}
	delivered(t, out, total)
	verify(t, out)
}

// consumer makes a durable consumer of the clean records of NEWS, as somebody outside would.
func consumer(t testing.TB, conn *nats.Conn) jetstream.Consumer {
	t.Helper()
	js, err := jetstream.New(conn, jetstream.WithDefaultTimeout(patience))
	if err != nil {
		t.Fatal(err)
	}
	c, err := js.CreateConsumer(t.Context(), "NEWS", jetstream.ConsumerConfig{
		Durable: "reader", AckPolicy: jetstream.AckExplicitPolicy, FilterSubject: "clean.>", MaxAckPending: -1,
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// fetch returns the next n records of a consumer, or those that come in all patience.
func fetch(t testing.TB, c jetstream.Consumer, n int) (got []string) {
	t.Helper()
	batch, err := c.Fetch(n, jetstream.FetchMaxWait(patience))
	if err != nil {
		t.Fatal(err)
	}
	for m := range batch.Messages() {
		got = append(got, string(m.Data()))
	}
	return got
}

// delivered wants each document once, in whatever order they were stored.
func delivered(t testing.TB, out string, total int) {
	t.Helper()
	ids := map[string]int{}
	for _, line := range cat(t, out, "-kind", "all") {
		var r struct {
			ID string `json:"id"`
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		ids[r.ID]++
	}
	for k := range total {
		if n := ids[fmt.Sprint("doc-", k)]; n != 1 {
			t.Errorf("doc-%d is there %d times", k, n)
		}
	}
	if len(ids) != total {
		t.Errorf("%d ids, want %d", len(ids), total)
	}
}

// A full RAW answers 429 with Retry-After as long as no cleaner makes room, and goes on without loss
// when one does.
func TestRawFull(t *testing.T) {
	p := newPipeline(t)
	port := freePort(t)
	url := "http://127.0.0.1:" + port + "/v1/documents"
	intake := launch(t, "ingester", "-nats", p.url(), "-http", "127.0.0.1:"+port, "-raw-bytes", "300KB")
	intake.says("taking documents", 1)

	const total, lines = 1000, 25 // about five times what RAW holds
	full, done := make(chan struct{}), make(chan error, 1)
	go func() {
		var once sync.Once
		var err error
		for from := 0; from < total && err == nil; from += lines {
			err = deliver(url, documents(from, lines), func(retry bool) {
				if !retry {
					t.Error("429 without Retry-After")
				}
				once.Do(func() { close(full) })
			})
		}
		done <- err
	}()
	select {
	case <-full:
	case err := <-done:
		t.Fatalf("all stored, RAW was never full: %v", err)
	case <-time.After(patience):
		t.Fatal("no answer")
	}
	p.cleaner("state", "-raw-bytes", "300KB")
	p.sink("-segment-age", "300ms")
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	poll(t, "all segments", func() bool { return exists(p.out()) && len(cat(t, p.out(), "-kind", "all")) == total })
	delivered(t, p.out(), total)
	verify(t, p.out())
	scan := bufio.NewScanner(strings.NewReader(intake.stderr()))
	for scan.Scan() {
		if strings.Contains(scan.Text(), "level=ERROR") {
			t.Errorf("a full stream is no error: %s", scan.Text())
		}
	}
}
