package apptest

import (
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// `winnow clean` killed with kill -9 at random moments and started again ends with the bytes of a
// run that nobody disturbed.
func TestCleanKilled(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 7))
	directory := filepath.Dir(archives(t, soak(3, 10))[0])
	in := append(archives(t, soak(2, 8)), directory, webArchive(t, soak(100, 400)))
	out := t.TempDir()
	kills, code := 0, -1
	for code == -1 {
		rate := "1000"
		if kills == 0 {
			rate = "20" // minutes: it is not done before it is killed
		}
		c := launch(t, "winnow", slices.Concat(cleanArgs(out), []string{"-batch", "20", "-rate", rate}, in)...)
		if kills < soak(4, 25) {
			select {
			case <-c.ended:
			case <-time.After(time.Duration(20+rnd.IntN(soak(300, 400))) * time.Millisecond):
				c.kill()
				kills++
			}
		}
		code = c.code(patience)
	}
	if code != 3 {
		t.Fatalf("exit code %d", code)
	}
	t.Logf("%d kills", kills)
	if kills < soak(1, 20) {
		t.Error("it was done before it was killed that often")
	}
	sameFiles(t, calm(t, in...), out)
	verify(t, out)
}
