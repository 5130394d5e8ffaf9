package apptest

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"winnow/internal/record"
)

// storage is a real S3 server, versitygw.
type storage struct {
	t      testing.TB
	folder string // its bucket news
	addr   string
	args   []string
	cmd    *exec.Cmd
}

// objects starts an S3 server and lets programs find it; or it skips the test, saying so.
func objects(t testing.TB) *storage {
	t.Helper()
	name := os.Getenv("WINNOW_S3_SERVER")
	if name == "" {
		name = "versitygw"
	}
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skip("no S3 server: go build -C tools/s3 -o /tmp/versitygw github.com/versity/versitygw/cmd/versitygw, and set WINNOW_S3_SERVER to it")
	}
	root := t.TempDir()
	s := &storage{t: t, folder: filepath.Join(root, "news"), addr: "127.0.0.1:" + freePort(t)}
	if err := os.Mkdir(s.folder, 0o755); err != nil {
		t.Fatal(err)
	}
	s.args = []string{path, "--quiet", "--port", s.addr, "--access", "winnow", "--secret", "winnow-secret", "posix", "--sidecar", t.TempDir(), root}
	s.start()
	t.Cleanup(s.kill)
	t.Setenv("AWS_ENDPOINT_URL", "http://"+s.addr)
	t.Setenv("AWS_ACCESS_KEY_ID", "winnow")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "winnow-secret")
	return s
}

func (s *storage) start() {
	s.t.Helper()
	s.cmd = exec.Command(s.args[0], s.args[1:]...)
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	poll(s.t, "the S3 server listens", func() bool {
		c, err := net.Dial("tcp", s.addr)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
}

func (s *storage) kill() {
	s.cmd.Process.Kill()
	s.cmd.Wait() // killed, as asked
}

// Object storage goes away in the middle, and hangs later: the sink says so once and waits, the services before
// it go on, and nothing is lost or doubled when it is over.
func TestObjectStorageGoesAway(t *testing.T) {
	s3 := objects(t)
	p := newPipeline(t)
	in := archives(t, 3)
	p.cleaner("state")
	out := filepath.Join(s3.folder, "clean")
	sink := launch(t, "sink", "-nats", p.url(), "-out", "s3://news/clean", "-s3-spool", filepath.Join(p.dir, "spool"), "-segment-records", fmt.Sprint(segmentRecords), "-segment-age", "0")
	written := func(last int) {
		t.Helper()
		poll(t, fmt.Sprintf("segment up to %d, and the dataset", last), func() bool {
			data, _ := os.ReadFile(filepath.Join(out, "dataset.json"))
			return exists(manifest(out, last)) && strings.Contains(string(data), fmt.Sprintf(`"last":%d,`, last))
		})
	}
	p.replay(in[0]).done(patience)
	written(fileRecords)

	s3.kill()
	p.replay(in[1]).done(patience)
	sink.says("the target cannot be written", 1)
	s3.start()
	written(2 * fileRecords)
	sink.says("the target can be written again", 1)

	s3.cmd.Process.Signal(syscall.SIGSTOP)
	p.replay(in[2]).done(patience)
	news := p.news()
	poll(t, "NEWS has all", func() bool { return p.newsEnds(t.Context(), news) == 3*fileRecords })
	if exists(manifest(out, 3*fileRecords)) {
		t.Error("written while nobody answered")
	}
	s3.cmd.Process.Signal(syscall.SIGCONT)
	written(3 * fileRecords)
	if n := strings.Count(sink.stderr(), "the target cannot be written"); n != 1 {
		t.Errorf("said %d times:\n%s", n, sink.stderr())
	}
	stop(t, sink)
	dir := calm(t, in...)
	sameSegments(t, dir, out)
	verify(t, "s3://news/clean")
	sameReadings(t, dir, "s3://news/clean")
}

// sameReadings wants each command that reads segments to say the same of both places.
func sameReadings(t testing.TB, a, b string) {
	t.Helper()
	read := func(args ...string) []byte {
		t.Helper()
		out, err := exec.Command(filepath.Join(bin, "winnow"), args...).Output()
		if err != nil || len(out) == 0 {
			t.Fatalf("winnow %q: %d bytes, error %v", args, len(out), err)
		}
		return out
	}
	line, _, _ := bytes.Cut(read("cat", a), []byte{'\n'})
	first, err := record.ParseClean(line)
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"cat"}, {"stats"}, {"clusters"}, {"explain", first.ID, "-dir"}} {
		if one, other := read(append(args, a)...), read(append(args, b)...); !bytes.Equal(one, other) {
			t.Errorf("winnow %s: of %s\n%.2000s\nof %s\n%.2000s", args[0], a, one, b, other)
		}
	}
}

// The law, for a sink to object storage: killed with kill -9 at random moments, and with it the
// connections it had, it leaves the objects that a directory of an undisturbed run has as files,
// byte for byte, in both formats. With WINNOW_SOAK=1 at least 20 kills, otherwise two.
func TestSinkToObjectStorageKilledAtRandom(t *testing.T) {
	folder := objects(t).folder
	kills := 2
	if os.Getenv("WINNOW_SOAK") != "" {
		kills = 20
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 5))
	inputs := t.TempDir()
	layout := []string{"-segment-records", fmt.Sprint(segmentRecords), "-segment-age", "0", "-format", "jsonl,parquet", "-partition", "date,lang", "-segment-frame", "20kB"}

	c := start(t, 1)
	calm := keep(t, false, "sink", append([]string{"-nats", c.url, "-out", filepath.Join(c.dir, "calm")}, layout...)...)
	remote := keep(t, false, "sink", append([]string{"-nats", c.url, "-out", "s3://news/clean", "-s3-spool", filepath.Join(c.dir, "spool")}, layout...)...)
	files := 0
	for ; files == 0 || remote.kills < kills; files++ {
		in := c.replay(archive(t, inputs, files), "-rate", "1000")
		for done := false; !done; {
			select {
			case <-in.done:
				done = true
			case <-time.After(time.Duration(20+rnd.IntN(200)) * time.Millisecond):
				remote.check()
				remote.kill()
			}
		}
		in.check()
	}
	last := fmt.Sprintf("%012d-%012d.manifest.json", files*fileRecords-segmentRecords+1, files*fileRecords)
	want := fmt.Sprintf(`"last":%d,`, files*fileRecords)
	for _, dir := range []string{filepath.Join(c.dir, "calm"), filepath.Join(folder, "clean")} {
		c.wait("the last segment in "+dir, func(context.Context) bool {
			calm.check()
			remote.check()
			_, err := os.Stat(filepath.Join(dir, "date=2026-11-21", last))
			data, _ := os.ReadFile(filepath.Join(dir, "dataset.json"))
			return err == nil && strings.Contains(string(data), want)
		})
	}
	sameFiles(t, filepath.Join(c.dir, "calm"), filepath.Join(folder, "clean"))
	verify(t, filepath.Join(c.dir, "calm"))
	verify(t, "s3://news/clean")
	t.Logf("%d kills", remote.kills)
}
