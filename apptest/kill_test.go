package apptest

import (
	"bufio"
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cespare/xxhash/v2"

	"winnow/internal/bus"
	"winnow/internal/record"
)

// segmentRecords divides fileRecords, so that the last segment is full and written.
const (
	segmentRecords = 250
	fileRecords    = 500
)

// archive writes a JSON-lines file of invented documents, some of which repeat, are cut or are no
// records. The same number gives the same file.
func archive(t testing.TB, dir string, n int) string {
	t.Helper()
	rnd := rand.New(rand.NewPCG(uint64(n), 1))
	name := filepath.Join(dir, fmt.Sprintf("archive-%03d.jsonl", n))
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	for i := range fileRecords {
		if rnd.IntN(50) == 0 {
			fmt.Fprintf(w, "{\"broken\": %d\n", i)
			continue
		}
		body := story(rnd.IntN(20 * (n + 1)))
		body = body[:1+rnd.IntN(len(body))]
		site := rnd.IntN(5)
		body = append(body, fmt.Sprintf("Subscribe to the letter of paper %d.", site), "More in this section")
		r := record.Raw{URL: fmt.Sprintf("https://paper%d.example/%d/%d", site, n, i), Title: "A headline", Text: strings.Join(body, "\n\n")}
		w.Write(r.AppendJSON(nil))
		w.WriteByte('\n')
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return name
}

var vocabulary = strings.Fields(`the council of harbour said on monday that a new ferry would carry grain and
	passengers between north quay and islands after winter storms had closed two older routes for good while
	owners of small boats asked who pays for dredging minister letter vote budget engineer bridge school`)

// story returns the paragraphs of an invented article.
func story(n int) []string {
	rnd := rand.New(rand.NewPCG(uint64(n), 2))
	var paragraphs []string
	for range 2 + rnd.IntN(4) {
		words := make([]string, 20+rnd.IntN(40))
		for i := range words {
			words[i] = vocabulary[rnd.IntN(len(vocabulary))]
		}
		paragraphs = append(paragraphs, strings.Join(words, " ")+".")
	}
	return paragraphs
}

// The law, on the real programs: ingester, cleaners, sink and broker are killed with kill -9 at
// random moments, each of them many times, and NEWS and the segments are, byte for byte, those of
// a run in which nothing was killed. With WINNOW_SOAK=1 at least 20 times each, otherwise twice.
func TestKilledAtRandomMoments(t *testing.T) {
	kills := 2
	if os.Getenv("WINNOW_SOAK") != "" {
		kills = 20
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	inputs := t.TempDir()

	harried := start(t, 2)
	files := harry(t, harried, inputs, kills, rand.New(rand.NewPCG(seed, 3)))
	harried.settle(files)

	calm := start(t, 1)
	for i := range files {
		p := calm.replay(archive(t, inputs, i))
		<-p.done
		p.check()
	}
	calm.settle(files)

	_, _, want := calm.bus()
	_, _, got := harried.bus()
	if a, b := digest(t, want, uint64(files*fileRecords)), digest(t, got, uint64(files*fileRecords)); a != b {
		t.Errorf("NEWS differs: %s without kills, %s with", a, b)
	}
	sameFiles(t, calm.out(), harried.out())
	verify(t, harried.out())
	for _, p := range append([]*proc{harried.broker, harried.sink}, harried.cleaners...) {
		t.Logf("%s: %d kills", p.name, p.kills)
	}
}

// harry replays one archive after the other while it kills the processes at random moments, until
// each has been killed often enough; it returns how many archives that took.
func harry(t *testing.T, c *cluster, inputs string, kills int, rnd *rand.Rand) (files int) {
	ingested := 0
	for enough := false; !enough; files++ {
		in := c.replay(archive(t, inputs, files), "-rate", "1000") // so that it is killed in the middle, and the others keep up
		for done := false; !done; {
			select {
			case <-in.done:
				done = true
			case <-time.After(time.Duration(30+rnd.IntN(250)) * time.Millisecond):
				c.check()
				victims := append([]*proc{in, in, c.broker, c.sink}, c.cleaners...)
				victims[rnd.IntN(len(victims))].kill()
			}
		}
		in.check()
		c.check()
		ingested += in.kills
		enough = ingested >= kills && c.broker.kills >= kills && c.sink.kills >= kills
		for _, p := range c.cleaners {
			enough = enough && p.kills >= kills
		}
	}
	t.Logf("ingester: %d kills in %d archives", ingested, files)
	return files
}

// settle waits until the sink has written everything.
func (c *cluster) settle(files int) {
	c.t.Helper()
	last := files * fileRecords
	manifest := fmt.Sprintf("%012d-%012d.manifest.json", last-segmentRecords+1, last)
	c.wait("the last segment", func(context.Context) bool {
		_, err := os.Stat(filepath.Join(c.out(), "date=2026-11-21", manifest))
		return err == nil
	})
}

// digest reads a stream up to last and hashes what its messages hold.
func digest(t testing.TB, s *bus.Stream, last uint64) string {
	t.Helper()
	h := xxhash.New()
	r := s.Reader(1, 0)
	defer r.Close()
	for n := uint64(0); n < last; {
		msgs, err := r.Next(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range msgs {
			fmt.Fprintln(h, m.Seq, m.Subject, m.Header, string(m.Data))
			n = m.Seq
		}
	}
	return fmt.Sprintf("%016x", h.Sum64())
}

// sameFiles compares the committed files of two output directories.
func sameFiles(t testing.TB, want, got string) {
	t.Helper()
	a, b := committed(t, want), committed(t, got)
	for name, data := range a {
		if b[name] != data {
			t.Errorf("%s differs", name)
		}
		delete(b, name)
	}
	for name := range b {
		t.Errorf("%s should not be there", name)
	}
	if len(a) == 0 {
		t.Error("no files")
	}
}

// committed returns the files of dir but hidden ones.
func committed(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if strings.HasPrefix(d.Name(), ".") {
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		if d.IsDir() {
			return nil
		}
		data, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		files[rel] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
