package apptest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// objects starts a real S3 server whose bucket news is a folder, which is returned, and lets
// programs find it; or it skips the test, saying so.
func objects(t testing.TB) (folder string) {
	t.Helper()
	name := os.Getenv("WINNOW_S3_SERVER")
	if name == "" {
		name = "versitygw"
	}
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skip("no S3 server: go build -C tools/s3 -o /tmp/versitygw github.com/versity/versitygw/cmd/versitygw, and set WINNOW_S3_SERVER to it")
	}
	root, addr := t.TempDir(), "127.0.0.1:"+freePort(t)
	folder = filepath.Join(root, "news")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "--quiet", "--port", addr, "--access", "winnow", "--secret", "winnow-secret", "posix", "--sidecar", t.TempDir(), root)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	t.Setenv("AWS_ENDPOINT_URL", "http://"+addr)
	t.Setenv("AWS_ACCESS_KEY_ID", "winnow")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "winnow-secret")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for tick := time.NewTicker(20 * time.Millisecond); ; {
		if c, err := net.Dial("tcp", addr); err == nil {
			c.Close()
			tick.Stop()
			return folder
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal("the S3 server does not listen")
		}
	}
}

// The law, for a sink to object storage: killed with kill -9 at random moments, and with it the
// connections it had, it leaves the objects that a directory of an undisturbed run has as files,
// byte for byte, in both formats. With WINNOW_SOAK=1 at least 20 kills, otherwise two.
func TestSinkToObjectStorageKilledAtRandom(t *testing.T) {
	folder := objects(t)
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
		in := c.replay(archive(t, inputs, files))
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
