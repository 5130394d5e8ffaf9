package bucket_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"go.uber.org/goleak"

	"winnow/internal/bucket"
	"winnow/internal/freeport"
	"winnow/internal/record"
	"winnow/internal/segment"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("internal/poll.runtime_pollWait"),
		goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"), goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"))
}

const key, secret = "winnow", "winnow-secret"

// server is versitygw, a real S3 server over a folder.
type server struct {
	url  string
	root string // a folder in it is a bucket
	args []string
	cmd  *exec.Cmd
}

// startServer starts an S3 server with a bucket called news, or skips the test, saying so.
func startServer(t testing.TB) *server {
	t.Helper()
	bin := os.Getenv("WINNOW_S3_SERVER")
	if bin == "" {
		bin = "versitygw"
	}
	bin, err := exec.LookPath(bin)
	if err != nil {
		t.Skip("no S3 server: go build -C tools/s3 -o /tmp/versitygw github.com/versity/versitygw/cmd/versitygw, and set WINNOW_S3_SERVER to it")
	}
	addr, err := freeport.Address()
	if err != nil {
		t.Fatal(err)
	}
	s := &server{url: "http://" + addr, root: t.TempDir()}
	if err := os.Mkdir(filepath.Join(s.root, "news"), 0o755); err != nil {
		t.Fatal(err)
	}
	s.args = []string{bin, "--quiet", "--port", addr, "--access", key, "--secret", secret, "posix", "--sidecar", t.TempDir(), s.root}
	s.start(t)
	t.Cleanup(s.stop)
	return s
}

// start runs the server and waits until it takes connections.
func (s *server) start(t testing.TB) {
	t.Helper()
	s.cmd = exec.Command(s.args[0], s.args[1:]...)
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		c, err := net.Dial("tcp", s.url[len("http://"):])
		if err == nil {
			c.Close()
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal(err)
		}
	}
}

func (s *server) stop() {
	if s.cmd != nil {
		s.cmd.Process.Kill()
		s.cmd.Wait() // killed, as asked
		s.cmd = nil
	}
}

func (s *server) open(t testing.TB, prefix string) *bucket.Store {
	t.Helper()
	st, err := bucket.Open(t.Context(), bucket.Config{
		Place: "s3://news/" + prefix, Endpoint: s.url, AccessKey: key, SecretKey: secret, Spool: t.TempDir(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func document(seq uint64) segment.Record {
	c := record.Clean{
		ID: fmt.Sprint("doc-", seq), Seq: seq, Site: "com.example", Lang: []string{"en", "de"}[seq%2], Title: "A title",
		Text: fmt.Sprintf("Text number %d of many.", seq), Added: "2026-11-21T10:00:00Z",
	}
	return segment.Record{Seq: seq, Chain: fmt.Sprintf("%016x", seq), Line: c.AppendJSON(nil)}
}

func fill(t testing.TB, s segment.Store, opt segment.Options, last uint64) {
	t.Helper()
	w, err := segment.Open(s, opt)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for w.Last() < last {
		if err := w.Append(document(w.Last() + 1)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Finish(); err != nil {
		t.Fatal(err)
	}
}

// contents returns all files of a store.
func contents(t testing.TB, s segment.Store) map[string]string {
	t.Helper()
	names, err := s.Names()
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, name := range names {
		data, err := s.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = string(data)
	}
	return files
}

// Law: object storage holds what a directory holds, byte for byte, and is read the same way.
func TestSameAsADirectory(t *testing.T) {
	srv := startServer(t)
	opt := segment.Options{Records: 70, Formats: []segment.Format{segment.JSONL, segment.Parquet}, Partition: segment.Partition{"date", "lang"}}
	dir, remote := segment.Dir(t.TempDir()), srv.open(t, "deep/clean")
	for _, last := range []uint64{100, 200} {
		fill(t, dir, opt, last)
		fill(t, remote, opt, last)
	}
	want, got := contents(t, dir), contents(t, remote)
	for name, data := range want {
		if got[name] != data {
			t.Errorf("%s differs", name)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d objects, want %d", len(got), len(want))
	}
	report, err := segment.Verify(t.Context(), remote)
	if err != nil || !report.OK() || report.Last != 200 {
		t.Fatalf("%+v, error %v", report, err)
	}
	n := uint64(0)
	for r, err := range segment.Scan(remote, segment.Query{Lang: "de"}) {
		if err != nil {
			t.Fatal(err)
		}
		if n += 2; r.Seq != n-1 {
			t.Fatalf("record %d, want %d", r.Seq, n-1)
		}
	}
	if n != 200 {
		t.Errorf("%d records, want 100", n/2)
	}
	if report, err := segment.Verify(t.Context(), srv.open(t, "deep/clean-of-another")); err != nil || report.Segments != 0 {
		t.Errorf("%+v, error %v; want nothing under another prefix", report, err)
	}
}

// Files over the size of a part go up in parts and come back whole.
func TestLargeFilesGoInParts(t *testing.T) {
	srv := startServer(t)
	s := srv.open(t, "")
	data := make([]byte, 40<<20)
	for i := range data {
		data[i] = byte(i * i >> 7)
	}
	file := filepath.Join(t.TempDir(), "large")
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := s.Place(file, "date=2026-11-21/large"); err != nil {
		t.Fatal(err)
	}
	b, err := s.Open("date=2026-11-21/large")
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	got := make([]byte, 10)
	if _, err := b.ReadAt(got, 30<<20); err != nil || b.Size() != int64(len(data)) || string(got) != string(data[30<<20:30<<20+10]) {
		t.Errorf("%d bytes with %x, error %v", b.Size(), got, err)
	}
}

// A manifest is not replaced by another one; the same one again is a success.
func TestManifestsAreNotReplaced(t *testing.T) {
	srv := startServer(t)
	s := srv.open(t, "x")
	name := segment.Name{First: 1, Last: 2, Date: "2026-11-21"}.Manifest()
	place := func(data string) error {
		file := filepath.Join(t.TempDir(), "small")
		if err := os.WriteFile(file, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
		return s.Place(file, name)
	}
	if err := place("one"); err != nil {
		t.Fatal(err)
	}
	if err := place("one"); err != nil {
		t.Errorf("the same again: %v", err)
	}
	if err := place("two"); !errors.Is(err, segment.ErrLocked) {
		t.Errorf("another: error %v, want %v", err, segment.ErrLocked)
	}
	if data, err := s.ReadFile(name); err != nil || string(data) != "one" {
		t.Errorf("%q, error %v", data, err)
	}
}

// Who takes the store removes what its killed predecessor left of an upload, and nothing of others
// in the bucket, wherever in the bucket the store is.
func TestLockRemovesOurUnfinishedUploadsAlone(t *testing.T) {
	for _, prefix := range []string{"", "deep/clean/"} {
		srv := startServer(t)
		client, err := minio.NewCore(strings.TrimPrefix(srv.url, "http://"), &minio.Options{Creds: credentials.NewStaticV4(key, secret, "")})
		if err != nil {
			t.Fatal(err)
		}
		ours := prefix + segment.Name{First: 1, Last: 9, Date: "2026-11-21"}.Data(segment.Dup, "lang=en", segment.JSONL)
		others := []string{"backup/" + ours, prefix + "date=2026-11-21/video.mp4"}
		for _, name := range append(others, ours) {
			if _, err := client.NewMultipartUpload(t.Context(), "news", name, minio.PutObjectOptions{}); err != nil {
				t.Fatal(err)
			}
		}
		l, err := srv.open(t, prefix).Lock()
		if err != nil {
			t.Fatal(err)
		}
		l.Close()
		var left []string
		for u := range client.ListIncompleteUploads(t.Context(), "news", "", true) {
			if u.Err != nil {
				t.Fatal(u.Err)
			}
			left = append(left, u.Key)
		}
		slices.Sort(left)
		slices.Sort(others)
		if diff := cmp.Diff(others, left); diff != "" {
			t.Errorf("below %q: %s", prefix, diff)
		}
	}
}

// What goes wrong is one of three things, and says where.
func TestErrors(t *testing.T) {
	srv := startServer(t)
	s := srv.open(t, "x")
	if _, err := s.ReadFile("nothing"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("absent object: %v", err)
	}
	if _, err := s.Open("nothing"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("absent object: %v", err)
	}
	if err := s.Remove("nothing"); err != nil {
		t.Errorf("remove of an absent object: %v", err)
	}
	open := func(cfg bucket.Config) *bucket.Store {
		t.Helper()
		cfg.Endpoint, cfg.AccessKey, cfg.Spool = srv.url, key, t.TempDir()
		s, err := bucket.Open(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if _, err := open(bucket.Config{Place: "s3://nobody/x", SecretKey: secret}).Names(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("absent bucket: %v", err)
	}
	if _, err := open(bucket.Config{Place: "s3://news/x", SecretKey: "wrong"}).Names(); !errors.Is(err, segment.ErrRefused) {
		t.Errorf("wrong secret: %v", err)
	}
	srv.stop()
	if _, err := s.Names(); !errors.Is(err, segment.ErrUnavailable) {
		t.Errorf("no server: %v", err)
	}
}

func TestOpenChecksItsConfiguration(t *testing.T) {
	for _, cfg := range []bucket.Config{
		{Place: "news/x", Endpoint: "http://127.0.0.1:1"},
		{Place: "s3://", Endpoint: "http://127.0.0.1:1"},
		{Place: "s3://news/x", Endpoint: "127.0.0.1:1"},
		{Place: "s3://news/x", Endpoint: "http://127.0.0.1:1", CredentialsFile: filepath.Join(t.TempDir(), "absent")},
	} {
		if s, err := bucket.Open(t.Context(), cfg); err == nil {
			t.Errorf("%+v: %v, want an error", cfg, s)
		}
	}
}

// Who is stopped in the middle may end what he has begun, and no more.
func TestStoppedStoreEndsItsWork(t *testing.T) {
	srv := startServer(t)
	ctx, stop := context.WithCancel(t.Context())
	s, err := bucket.Open(ctx, bucket.Config{Place: "s3://news/x", Endpoint: srv.url, AccessKey: key, SecretKey: secret, Spool: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	stop()
	place(t, s, "late", 100)
	for deadline := time.Now().Add(5 * time.Minute); err == nil && time.Now().Before(deadline); {
		_, err = s.ReadFile("late")
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("long after it was stopped: %v", err)
	}
}
