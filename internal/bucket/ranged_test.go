package bucket_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"winnow/internal/bucket"
	"winnow/internal/segment"
)

// wire carries connections to an S3 server, counts what it answers, and cuts them when told.
type wire struct {
	url   string
	bytes atomic.Int64
	cut   atomic.Int64 // so many bytes more come before a connection breaks, once; 0: never
}

func startWire(t testing.TB, to string) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{url: "http://" + l.Addr().String()}
	var wg sync.WaitGroup
	t.Cleanup(wg.Wait)
	t.Cleanup(func() { l.Close() })
	wg.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", strings.TrimPrefix(to, "http://"))
			if err != nil {
				in.Close()
				return
			}
			stop := func() {
				in.Close()
				out.Close()
			}
			t.Cleanup(stop)
			wg.Go(func() {
				defer stop()
				io.Copy(out, in)
			})
			wg.Go(func() {
				defer stop()
				w.carry(in, out)
			})
		}
	})
	return w
}

func (w *wire) carry(to io.Writer, from io.Reader) {
	buf := make([]byte, 16<<10)
	for {
		n, err := from.Read(buf)
		w.bytes.Add(int64(n))
		if cut := w.cut.Load(); cut > 0 && w.cut.Add(-int64(n)) <= 0 {
			w.cut.Store(0)
			return
		}
		if _, bad := to.Write(buf[:n]); err != nil || bad != nil {
			return
		}
	}
}

func (w *wire) open(t testing.TB, prefix string) *bucket.Store {
	t.Helper()
	return (&server{url: w.url}).open(t, prefix)
}

// place stores n bytes that cannot be compressed.
func place(t testing.TB, s *bucket.Store, name string, n int) []byte {
	t.Helper()
	data := make([]byte, n)
	rand.NewChaCha8([32]byte{}).Read(data)
	file := filepath.Join(t.TempDir(), "large")
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := s.Place(file, name); err != nil {
		t.Fatal(err)
	}
	return data
}

// Law: whatever is read of an object, in whatever order, and while connections break, is what it holds.
func TestRangesAreTheObject(t *testing.T) {
	srv := startServer(t)
	w := startWire(t, srv.url)
	s := w.open(t, "x")
	data := place(t, s, "lines", 3<<20)
	rapid.Check(t, func(rt *rapid.T) {
		b, err := s.Open("lines")
		if err != nil {
			rt.Fatal(err)
		}
		defer b.Close()
		at := 0
		for range rapid.IntRange(1, 6).Draw(rt, "reads") {
			if rapid.IntRange(0, 3).Draw(rt, "jump") == 0 {
				at = rapid.IntRange(0, len(data)).Draw(rt, "to")
			}
			p := make([]byte, rapid.IntRange(1, 1<<20).Draw(rt, "bytes"))
			if rapid.Bool().Draw(rt, "break") {
				w.cut.Store(int64(rapid.IntRange(2000, 1<<20).Draw(rt, "after")))
			}
			n, err := b.ReadAt(p, int64(at))
			w.cut.Store(0)
			want := data[at:min(at+len(p), len(data))]
			if !bytes.Equal(p[:n], want) || err != nil && (err != io.EOF || at+n != len(data)) || err == nil && n != len(p) {
				rt.Fatalf("%d bytes at %d: %d, %v", len(p), at, n, err)
			}
			at += n
		}
	})
}

// An object that became another one while it was read is an error, and no mixture of both.
func TestReplacedObject(t *testing.T) {
	s := startServer(t).open(t, "x")
	place(t, s, "lines", 2<<20)
	b, err := s.Open("lines")
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	p := make([]byte, 100)
	if _, err := b.ReadAt(p, 0); err != nil {
		t.Fatal(err)
	}
	place(t, s, "lines", 2<<20+1)
	if _, err := b.ReadAt(p, 1<<20); !errors.Is(err, segment.ErrRefused) {
		t.Errorf("got %v", err)
	}
}

// A store that sends whole objects whatever range it is asked for is refused: what it sends is not what stands there.
func TestStoreWithoutRanges(t *testing.T) {
	content := strings.Repeat("0123456789abcdef", 64<<10)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"1"`)
		w.Header().Set("Last-Modified", time.Unix(0, 0).UTC().Format(http.TimeFormat))
		w.Header().Set("Content-Length", strconv.Itoa(len(content)))
		if r.Method == http.MethodGet {
			io.WriteString(w, content)
		}
	}))
	t.Cleanup(srv.Close)
	b, err := (&server{url: srv.URL}).open(t, "x").Open("lines")
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if n, err := b.ReadAt(make([]byte, 100), 500_000); err == nil || !strings.Contains(err.Error(), "does not answer range requests") {
		t.Errorf("%d bytes, %v", n, err)
	}
}

// Who wants a few records of a large segment does not fetch all of it.
func TestFewRecordsFetchLittle(t *testing.T) {
	srv := startServer(t)
	w := startWire(t, srv.url)
	far := startWire(t, srv.url)
	fill(t, w.open(t, "x"), segment.Options{Frame: 50 << 10, Partition: segment.Partition{}}, 200_000)
	read := func(w *wire, q segment.Query) (n int) {
		for _, err := range segment.Scan(w.open(t, "x"), q) {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		return n
	}
	if n := read(far, segment.Query{First: 100_000, Last: 100_009}); n != 10 {
		t.Errorf("%d records", n)
	}
	few := far.bytes.Swap(0)
	if n := read(far, segment.Query{}); n != 200_000 {
		t.Errorf("%d records", n)
	}
	if all := far.bytes.Load(); few > all/4 || few > 2<<20 {
		t.Errorf("%d bytes fetched for ten records, %d for all", few, all)
	}
}
