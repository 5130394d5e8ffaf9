package source

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What decompresses to much and gives no document ends its file; it is named, and the next file is read.
func TestBombs(t *testing.T) {
	one := []byte(`{"text":"one"}` + "\n")
	for _, tt := range []struct {
		name, file string
		plain      func() []byte
		opt        Options
		want       []string
	}{
		{"a line without end", "a.jsonl.gz", func() []byte { return append(one, make([]byte, 136<<20)...) }, Options{}, []string{"one", "oversize", "bomb"}},
		{"blank lines", "a.jsonl.zst", func() []byte { return append(one, []byte(strings.Repeat(strings.Repeat(" ", 63)+"\n", 5<<18))...) }, Options{}, []string{"one", "bomb"}},
		{"a file in an archive", "a.tar.gz", func() []byte {
			return tarOf(t, [2]string{"a.txt", "one"}, [2]string{"b.txt", strings.Repeat("rain ", 16<<20)}, [2]string{"c.txt", "c"})
		}, Options{}, []string{"one", "bomb"}},
		{"a file that is no document", "a.tar.zst", func() []byte {
			return tarOf(t, [2]string{"a.txt", "one"}, [2]string{"b.img", strings.Repeat("\x00", 80<<20)}, [2]string{"c.txt", "c"})
		}, Options{}, []string{"one", "bomb"}},
		{"more than a file may have", "a.jsonl.gz", func() []byte { return []byte(strings.Repeat(`{"text":"one"}`+"\n", 1<<16)) }, Options{MaxBytes: 1}, []string{"one", "one", "bomb"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := tree(t, map[string]string{"b.txt": "next"})
			if err := os.WriteFile(filepath.Join(dir, tt.file), pack(t, filepath.Ext(tt.file), tt.plain()), 0o644); err != nil {
				t.Fatal(err)
			}
			var left []string
			tt.opt.Skipped = func(path, reason string) { left = append(left, filepath.Base(path)+": "+reason) }
			var have []string
			for _, d := range readAll(t, dir, tt.opt) {
				have = append(have, d.Text+d.Reason)
			}
			if tt.opt.MaxBytes > 0 { // those of the first read
				have = append(have[:2:2], have[len(have)-2:]...)
			}
			if diff := cmp.Diff(append(tt.want, "next"), have); diff != "" {
				t.Error(diff)
			}
			if last := left[len(left)-1]; !strings.HasPrefix(last, tt.file) || !strings.Contains(last, "its rest, from ") || !strings.Contains(last, "decompresses to more than") {
				t.Errorf("left out: %q", left)
			}
		})
	}
}

// An archive that holds the same pages again and again is no bomb, however well that compresses.
func TestCopiesAreNoBomb(t *testing.T) {
	const n = 35_000
	story := strings.Repeat("It rained on the harbour and the ferry stayed where it was. ", 34) // 2 KB
	line, page := fmt.Sprintf(`{"text":%q}`+"\n", story), warcPage("http://a.example/", "text/html", "<p>"+story)
	png := "\x89PNG\r\n\x1a\n" + strings.Repeat("\x00", 1<<20)
	image := warcPage("http://a.example/logo", "image/png", png)
	for _, tt := range []struct {
		name  string
		plain func() []byte
		docs  int
	}{
		{"a.jsonl.zst", func() []byte { return []byte(strings.Repeat(line, n)) }, n},
		{"a.warc.zst", func() []byte { return []byte(strings.Repeat(page, n)) }, n},
		{"images.warc.zst", func() []byte { return []byte(strings.Repeat(image, 70) + page) }, 1}, // which are passed over
		{"a.tar.zst", func() []byte { return tarOf(t, slicesOf(70, [2]string{"a.txt", strings.Repeat(story, 1<<9)})...) }, 70},
		{"images.tar.zst", func() []byte {
			return tarOf(t, append(slicesOf(70, [2]string{"a.bin", png}), [2]string{"a.txt", story})...)
		}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			plain := tt.plain()
			packed := pack(t, ".zst", plain)
			if ratio := len(plain) / len(packed); len(plain) < ratioFrom || ratio < 300 {
				t.Fatalf("%d bytes, packed %d to one: too little to be taken for a bomb", len(plain), ratio)
			}
			file := filepath.Join(t.TempDir(), tt.name)
			if err := os.WriteFile(file, packed, 0o644); err != nil {
				t.Fatal(err)
			}
			s, err := Open(t.Context(), file, Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			for range tt.docs {
				d, err := s.Next()
				if err != nil {
					t.Fatal(err)
				}
				if _, err := d.Raw(); err != nil {
					t.Fatal(d.Where(), err)
				}
			}
			if d, err := s.Next(); err == nil {
				t.Errorf("one more: %s, %.100q", d.Where(), d.Data)
			}
		})
	}
}

func slicesOf(n int, file [2]string) (files [][2]string) {
	for range n {
		files = append(files, file)
	}
	return files
}
