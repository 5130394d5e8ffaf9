package ingester

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"winnow/internal/bus"
	"winnow/internal/source"
)

// The law of many inputs: RAW holds their documents in the order in which they were named, and neither how
// many are read at once nor where the replay was killed changes a byte of it, or a count.
func TestReadersChangeNothing(t *testing.T) {
	b, raw := openBus(t, bus.StreamConfig{})
	tarred := string(tarOf(t, map[string]string{"a.jsonl": jsonLines(0, 3), "b.bin": "\x7fELF\x02\x01"}))
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "") //nolint:usetesting // one for each check, not for each test
		if err != nil {
			rt.Fatal(err)
		}
		var inputs []string
		for i := range rapid.IntRange(1, 3).Draw(rt, "inputs") {
			name := filepath.Join(dir, fmt.Sprint(i))
			switch rapid.SampledFrom([]string{"file", "file", "broken", "tar", "directory", "again"}).Draw(rt, "kind") {
			case "file":
				inputs = append(inputs, write(t, name+".jsonl", jsonLines(0, rapid.IntRange(0, 20).Draw(rt, "documents"))))
			case "broken":
				inputs = append(inputs, write(t, name+".jsonl.gz", "\x1f\x8b\x08"))
			case "tar":
				inputs = append(inputs, write(t, name+".tar", tarred))
			case "directory":
				write(t, filepath.Join(name, "a.jsonl"), jsonLines(0, 5))
				write(t, filepath.Join(name, "b.bin"), "\x7fELF\x02\x01")
				write(t, filepath.Join(name, "c.jsonl"), jsonLines(5, 5+rapid.IntRange(0, 12).Draw(rt, "more")))
				write(t, filepath.Join(name, "d.tar"), tarred)
				inputs = append(inputs, name)
			case "again":
				inputs = append(inputs, inputs[:min(1, len(inputs))]...)
			}
		}
		if len(inputs) == 0 {
			return
		}
		want, left := inOrder(t, inputs)
		before, kill := state(t, raw).Last, rapid.IntRange(0, 5).Draw(rt, "kill")
		forgetAll(t, b)
		readers := rapid.IntRange(1, 5).Draw(rt, "readers")
		for killed := true; killed; {
			r := newReplay(t, b, raw, inputs...)
			r.cfg.Log, r.cfg.Options.Readers, r.cfg.Batch = slog.New(slog.DiscardHandler), readers, 4
			r.failpoint = func() error {
				if kill--; kill == 0 {
					return errKilled
				}
				return nil
			}
			err := r.Run(t.Context())
			if killed = errors.Is(err, errKilled); err != nil && !killed {
				rt.Fatal(err)
			}
			if p := r.Progress(); !killed && (p.Bytes.Load() != p.Size.Load() || p.LeftOut.Load() != left) {
				rt.Fatalf("%d bytes read of %d, %d files left out of %d", p.Bytes.Load(), p.Size.Load(), p.LeftOut.Load(), left)
			}
		}
		var got []string
		for _, m := range messages(t, raw, before) {
			got = append(got, m.Header[bus.HeaderInput]+" "+m.Header[bus.HeaderIndex]+" "+string(m.Data))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Fatalf("%d readers: %s", readers, diff)
		}
	})
}

// inOrder returns what RAW holds of the inputs when they are read one after the other, an input that is named
// twice once, and how many files are left out.
func inOrder(t *testing.T, inputs []string) (stored []string, left int64) {
	t.Helper()
	leftOf := map[string]int64{}
	for _, input := range inputs {
		n, known := leftOf[input]
		if left += n; known {
			continue
		}
		s, err := source.Open(t.Context(), input, source.Options{Readers: 1, Skipped: func(string, string) { left++; leftOf[input]++ }})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		leftOf[input] = 0
		for {
			d, err := s.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			line := d.Data
			if r, err := d.Raw(); err == nil {
				r.Complete("test", added, added)
				line = r.AppendJSON(nil)
			}
			stored = append(stored, fmt.Sprint(s.Key(), " ", d.Index, " ", string(line)))
		}
	}
	return stored, left
}

func forgetAll(t testing.TB, b *bus.Bus) {
	t.Helper()
	checkpoints, err := b.Checkpoints(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	list, err := checkpoints.List(t.Context())
	for i := range list {
		err = errors.Join(err, checkpoints.Delete(t.Context(), list[i].Input))
	}
	if err != nil {
		t.Fatal(err)
	}
}

func tarOf(t testing.TB, files map[string]string) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	for _, name := range []string{"a.jsonl", "b.bin"} {
		err := w.WriteHeader(&tar.Header{Name: name, Size: int64(len(files[name])), Mode: 0o644, Typeflag: tar.TypeReg})
		if err == nil {
			_, err = io.WriteString(w, files[name])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// While one input is stored the files named behind it are read, as many as Readers says, and no directory.
func TestReadsAhead(t *testing.T) {
	b, raw := openBus(t, bus.StreamConfig{})
	dir := t.TempDir()
	left := string(tarOf(t, map[string]string{"b.bin": "\x7fELF\x02\x01"}))
	inputs := []string{"-"}
	for _, name := range []string{"a.tar", "dir", "b.tar", "c.tar"} {
		if name == "dir" {
			write(t, filepath.Join(dir, "dir", "d.tar"), left)
		} else {
			write(t, filepath.Join(dir, name), left)
		}
		inputs = append(inputs, filepath.Join(dir, name))
	}
	read := make(chan string, 10)
	r := newReplay(t, b, raw, inputs...)
	r.cfg.Options.Skipped = func(path, _ string) { read <- filepath.Base(filepath.Dir(path)) }
	r.cfg.Options.Readers = 4
	pipe, end := io.Pipe()
	r.cfg.Options.Stdin = pipe
	go func() {
		io.WriteString(end, strings.Repeat("{\"text\":\"a\"}\n", 500))
		got := map[string]bool{<-read: true, <-read: true} // or the test hangs
		if !got["a.tar"] || !got["b.tar"] {
			t.Errorf("read ahead: %v", got)
		}
		select {
		case name := <-read:
			t.Errorf("%s was read ahead as well", name)
		case <-time.After(50 * time.Millisecond):
		}
		end.Close()
	}()
	run(t, r)
	if a, b := <-read, <-read; a+b != "d.tarc.tar" && a+b != "c.tard.tar" {
		t.Errorf("then %s and %s", a, b)
	}
}

// What is done is not opened again, and an input that goes before its turn comes is an error then.
func TestAheadOfDoneInputs(t *testing.T) {
	b, raw := openBus(t, bus.StreamConfig{})
	dir := t.TempDir()
	var inputs []string
	for i := range 3 {
		inputs = append(inputs, write(t, filepath.Join(dir, fmt.Sprint(i, ".jsonl")), jsonLines(i, i+1)))
	}
	run(t, newReplay(t, b, raw, inputs...))
	r := newReplay(t, b, raw, inputs...)
	var err error
	if r.checkpoints, err = b.Checkpoints(t.Context()); err != nil {
		t.Fatal(err)
	}
	a := &ahead{r: r}
	defer a.close()
	for _, name := range inputs {
		if in := a.begin(t.Context(), name); in == nil || in.src != nil {
			t.Errorf("%s is open", name)
		}
	}
	if in := a.begin(t.Context(), filepath.Join(dir, "none")); in != nil {
		t.Error("a file that is not there is read")
	}
	if err := os.Remove(inputs[2]); err != nil {
		t.Fatal(err)
	}
	if err := r.Run(t.Context()); err == nil || !strings.Contains(err.Error(), inputs[2]) {
		t.Errorf("got %v", err)
	}
	if err := source.Check(t.Context(), inputs[1], source.Options{}); err != nil {
		t.Fatal(err)
	}
}
