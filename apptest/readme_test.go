package apptest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The S3 server that README.md starts, starts: its folders and flags are taken from there. (Versitygw refuses a folder for metadata
// whose name begins like that of its data.)
func TestReadmeStartsAnS3Server(t *testing.T) {
	s := objects(t)
	s.kill()
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	in := strings.NewReplacer("/tmp/versitygw", s.args[0], "127.0.0.1:7070", s.addr, "/tmp/", t.TempDir()+"/", " &", "")
	made, started := false, false
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(in.Replace(line))
		switch {
		case strings.HasPrefix(line, "mkdir -p /tmp/"):
			for _, dir := range words[2:] {
				if err := os.MkdirAll(filepath.Clean(dir), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			made = true
		case strings.HasPrefix(line, "/tmp/versitygw "):
			s.args = words
			s.start()
			started = true
		}
	}
	if !made || !started {
		t.Fatalf("README.md makes folders: %v, starts a server: %v", made, started)
	}
}
