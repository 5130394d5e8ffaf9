package source

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What is binary is no text and no page, whatever its name: a file that begins so is left out, one that turns out so and a
// web archive's page that is none are dead.
func TestBinaryFiles(t *testing.T) {
	var all strings.Builder
	for i := range 1 << 16 {
		all.WriteByte(byte(i * i >> 5))
	}
	noise := all.String()
	text := strings.Repeat("It rained on the harbour.\n", 400)
	files := map[string]string{
		"a.txt": "\x7fELF\x02\x01\x01" + strings.Repeat("\x00", 300), "b.html": noise, "c.md": noise[100:], "d": noise, "e.csv": noise, "f.rss": noise,
		"g.txt": text + noise, "h.html": "<p>" + text + noise, "i.txt": "It rained.", "j.html": "<meta charset=windows-1251>\xc4\xee\xe6\xe4\xfc", "k.html": "<meta charset=shift_jis>\x89J\x82\xaa\x8d~\x82\xe9", "n.txt": strings.ReplaceAll("It thawed.", "", "\x00")[1:],
		"l.warc": warcPage("http://a.example/", "text/html", noise) + warcPage("http://a.example/2", "text/html", "<p>It shone."),
		"m.tar":  string(tarOf(t, [2]string{"a.txt", noise}, [2]string{"b.txt", "It snowed."})),
	}
	dir := tree(t, files)
	var left, have []string
	for _, d := range readAll(t, dir, Options{Skipped: func(path, reason string) {
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			t.Fatal(err)
		}
		left = append(left, rel+": "+reason)
	}}) {
		have = append(have, d.Path+" "+d.Title+d.HTML+d.Reason)
	}
	want := []string{"g.txt binary", "h.html binary", "i.txt It rained.", "j.html <meta charset=windows-1251>Дождь", "k.html <meta charset=shift_jis>雨が降る", "l.warc binary", "l.warc <p>It shone.", "m.tar/b.txt It snowed.", "n.txt It thawed."}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Error(diff)
	}
	const why = ": of no known format (it looks like application/octet-stream)"
	if diff := cmp.Diff([]string{"a.txt" + why, "b.html" + why, "c.md" + why, "d" + why, "e.csv" + why, "f.rss" + why, "m.tar/a.txt" + why}, left); diff != "" {
		t.Error(diff)
	}
	if _, err := readErr(t, filepath.Join(dir, "b.html"), Options{}); err == nil || !strings.Contains(err.Error(), "of no known format") {
		t.Errorf("such a file alone: %v", err)
	}
}
