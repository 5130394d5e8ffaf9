// Command send posts JSON lines to Winnow's HTTP intake, in batches, until every line is stored.
//
//	go run ./examples/send -url http://127.0.0.1:8080 pages.jsonl more.jsonl
//
// Without a file it reads standard input.
package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"time"
)

func main() {
	url := flag.String("url", "http://127.0.0.1:8080", "address of the intake")
	size := flag.Int("batch", 1<<20, "bytes of a batch before compression")
	tokenFile := flag.String("token-file", "", "file with the bearer token, if the intake asks for one")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	to := intake{url: strings.TrimRight(*url, "/") + "/v1/documents"}
	n, err := to.sendFiles(ctx, *tokenFile, flag.Args(), *size)
	fmt.Fprintln(os.Stderr, n, "documents stored")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1) //nolint:forbidigo // an example stands alone
	}
}

// intake is where documents go.
type intake struct {
	url, token string
	silent     bool // it gave no answer, and the user knows
}

// sendFiles sends the files one after the other, or standard input, and returns how many documents are stored.
func (to *intake) sendFiles(ctx context.Context, tokenFile string, names []string, size int) (stored int, err error) {
	if tokenFile != "" {
		token, err := os.ReadFile(tokenFile)
		if err != nil {
			return 0, err
		}
		to.token = string(bytes.TrimSpace(token))
	}
	if len(names) == 0 {
		return to.send(ctx, os.Stdin, size)
	}
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			return stored, err
		}
		n, err := to.send(ctx, f, size)
		f.Close()
		if stored += n; err != nil {
			return stored, fmt.Errorf("%s: %w", name, err)
		}
	}
	return stored, nil
}

// batchLines bounds the lines of a batch: small ones take more memory there than here.
const batchLines = 10_000

// send posts the lines of in and returns how many are stored.
func (to *intake) send(ctx context.Context, in io.Reader, size int) (stored int, err error) {
	lines := bufio.NewReader(in)
	for end := false; !end; {
		var batch [][]byte
		for bytes := 0; bytes < size && len(batch) < batchLines && !end; {
			line, err := lines.ReadBytes('\n')
			if end = err == io.EOF; err != nil && !end {
				return stored, err
			}
			if bytes += len(line); len(line) > 1 {
				batch = append(batch, line)
			}
		}
		for len(batch) > 0 {
			refused, wait, err := to.post(ctx, batch)
			if err != nil {
				return stored, err
			}
			stored += len(batch) - len(refused)
			batch = refused
			select {
			case <-time.After(wait):
			case <-ctx.Done():
				return stored, ctx.Err()
			}
		}
	}
	return stored, nil
}

// result is a line of the answer.
type result struct {
	Line   int    `json:"line"`
	Status string `json:"status"`
	Error  string `json:"error"`
}

// post sends a batch once. It returns the lines to send again, and after how long.
func (to *intake) post(ctx context.Context, batch [][]byte) (refused [][]byte, wait time.Duration, err error) {
	var body bytes.Buffer
	z := gzip.NewWriter(&body)
	for _, line := range batch {
		fmt.Fprintf(z, "%s\n", bytes.TrimRight(line, "\r\n"))
	}
	if err := z.Close(); err != nil {
		return nil, 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.url, &body)
	if err != nil {
		return nil, 0, err
	}
	req.Header.Set("Content-Type", "application/x-ndjson")
	req.Header.Set("Content-Encoding", "gzip")
	if to.token != "" {
		req.Header.Set("Authorization", "Bearer "+to.token)
	}
	if req.URL.Scheme != "http" && req.URL.Scheme != "https" || req.URL.Host == "" {
		return nil, 0, fmt.Errorf("-url: want an address such as http://127.0.0.1:8080, which makes %s", to.url)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil { // perhaps stored all the same; sent again it is a duplicate
		if !to.silent && ctx.Err() == nil {
			fmt.Fprintln(os.Stderr, "no answer, trying again until there is one:", err)
		}
		to.silent = true
		return batch, time.Second, ctx.Err()
	}
	to.silent = false
	defer resp.Body.Close()
	if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil {
		wait = time.Duration(s) * time.Second
	}
	switch resp.StatusCode {
	case http.StatusOK, http.StatusTooManyRequests, http.StatusServiceUnavailable:
	default:
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
		return nil, 0, fmt.Errorf("%s: %s", resp.Status, bytes.TrimSpace(text))
	}
	if resp.Header.Get("Content-Type") != "application/x-ndjson" { // nothing was tried
		return batch, wait, nil
	}
	for dec := json.NewDecoder(resp.Body); ; {
		var r result
		if err := dec.Decode(&r); err == io.EOF {
			return refused, wait, nil
		} else if err != nil {
			return batch, time.Second, ctx.Err()
		}
		if r.Status == "refused" && 0 < r.Line && r.Line <= len(batch) {
			refused = append(refused, batch[r.Line-1])
		} else if r.Status == "malformed" {
			fmt.Fprintf(os.Stderr, "line %d of a batch: %s\n", r.Line, r.Error)
		}
	}
}
