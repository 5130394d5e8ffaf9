package source

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// fatal is what testing.T and rapid.T have in common.
type fatal interface {
	Context() context.Context
	Fatal(args ...any)
}

// whatCame is what reading an input from somewhere gives.
type whatCame struct {
	Docs   []string // where each lies, its number and its bytes
	Marks  []*Mark  `cmp:"-"`
	Left   int
	Passed map[string]int
	Bytes  int64
	From   *Mark
}

func come(t fatal, input string, opt Options) (all whatCame) {
	s, err := Open(t.Context(), input, opt)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for {
		d, err := s.Next()
		if err == io.EOF {
			all.Left, all.Passed, all.Bytes, all.From = s.LeftOut(), s.Passed(), s.Bytes(), s.Resumed()
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		raw, err := d.Raw()
		all.Docs = append(all.Docs, fmt.Sprintf("%s %d %d %q %s %v", d.Where(), d.Index, d.Size, d.Data, raw.Metadata, err))
		all.Marks = append(all.Marks, d.Mark)
	}
}

// pieces are what a file is made of: records of a web archive, some of them damaged, or JSON lines cut anywhere.
func pieces(t *rapid.T, archive bool) (parts []string) {
	n := rapid.IntRange(1, 30).Draw(t, "pieces")
	for i := range n {
		page := strings.Repeat(fmt.Sprintf("page %d, ", i), rapid.IntRange(1, 40).Draw(t, "length"))
		switch kind := rapid.IntRange(0, 9).Draw(t, "kind"); {
		case archive && kind == 0:
			parts = append(parts, warcPage(fmt.Sprint("http://a.example/logo", i), "image/png", page))
		case archive && kind == 1:
			parts = append(parts, warcRecord("request", fmt.Sprint("http://a.example/", i), page))
		case archive && kind == 2:
			parts = append(parts, "no record at all "+page+"\r\n")
		case archive:
			parts = append(parts, warcPage(fmt.Sprint("http://a.example/", i), "text/html", "<p>"+page))
		case kind == 0:
			parts = append(parts, "\n\n")
		case kind == 1:
			parts = append(parts, `[{"text":"one `+page+`"},{"text":"two"}]`+"\n")
		case kind == 3:
			parts = append(parts, `{"n":2,"data":[{"text":"`+page+`"},{"text":NaN},`+strings.Repeat(`{"text":"`+page+`"},`, i)+`{"text":"two"}]}`+"\n")
		case kind == 2:
			parts = append(parts, `{"text":"no end `+page+"\n")
		default:
			parts = append(parts, `{"text":"`+page+"\"}\n")
		}
	}
	if archive {
		return append([]string{warcRecord("warcinfo", "", "software: none")}, parts...)
	}
	all, cut := `{"text":"the first"}`+"\n"+strings.Join(parts, ""), []string(nil)
	for len(all) > 0 {
		at := rapid.IntRange(1, len(all)).Draw(t, "cut")
		cut, all = append(cut, all[:at]), all[at:]
	}
	return cut
}

// From the mark of any document on comes what came after it, be it within a file, in whatever the file is packed; and
// what was not asked for is not read. A file that has changed since is read from its beginning.
func TestGoingOnWithinAFile(t *testing.T) {
	within, saved := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		every := rapid.SampledFrom([]int64{1, 500, 3000}).Draw(rt, "every")
		dir := t.TempDir()
		files := rapid.IntRange(1, 3).Draw(rt, "files")
		var input string
		for i := range files {
			archive := rapid.Bool().Draw(rt, "archive")
			p := rapid.SampledFrom(packings).Draw(rt, "packing")
			if strings.Contains(p.name, "dictionary") {
				archive = true
			}
			ext := p.ext
			if !archive {
				ext = strings.Replace(ext, ".warc", ".jsonl", 1)
			}
			input = filepath.Join(dir, fmt.Sprint(i)+ext)
			data := p.pack(t, pieces(rt, archive))
			switch at := rapid.IntRange(0, len(data)-1).Draw(rt, "at"); rapid.IntRange(0, 3).Draw(rt, "damage") {
			case 0:
				data = data[:at]
			case 1:
				data[at] ^= 4
			}
			if err := os.WriteFile(input, data, 0o644); err != nil {
				rt.Fatal(err)
			}
		}
		last := input
		if files > 1 {
			input = dir
		}
		from := rapid.SampledFrom([]int{0, 100, 1000}).Draw(rt, "lists from")
		readers := func() int { return rapid.IntRange(1, 3).Draw(rt, "readers") }
		whole := come(rt, input, Options{MarkEvery: every, ListFrom: from, Readers: readers()})
		if len(whole.Docs) == 0 {
			return
		}
		i := rapid.IntRange(0, len(whole.Docs)-1).Draw(rt, "document")
		mark := whole.Marks[i]
		if mark == nil {
			return
		}
		rest := come(rt, input, Options{MarkEvery: every, ListFrom: from, Readers: readers(), From: []*Mark{mark}})
		if diff := cmp.Diff(whole.Docs[mark.Index:], rest.Docs); diff != "" || rest.From != mark {
			rt.Fatalf("from %+v at %+v, resumed at %+v: %s", mark, mark.Place, rest.From, diff)
		}
		if rest.Left != whole.Left || !cmp.Equal(rest.Passed, whole.Passed) || rest.Bytes != whole.Bytes {
			rt.Fatalf("%d left out, passed %v, %d bytes; all of it %d, %v, %d", rest.Left, rest.Passed, rest.Bytes, whole.Left, whole.Passed, whole.Bytes)
		}
		if mark.Place == nil {
			return
		}
		within++
		saved += int(mark.Place.Offset)
		if mark.Path != filepath.Base(last) {
			return
		}
		if err := os.Chtimes(last, time.Unix(1, 0), time.Unix(1, 0)); err != nil {
			rt.Fatal(err)
		}
		file := whole.Marks[slices.IndexFunc(whole.Marks, func(m *Mark) bool { return m == nil || m.Path == mark.Path })]
		again := come(rt, input, Options{ListFrom: from, From: []*Mark{mark, file}})
		if again.From != file || again.From != nil && again.From.Place != nil {
			rt.Fatalf("the file was changed: resumed at %+v", again.From)
		}
	})
	if within == 0 || saved == 0 {
		t.Errorf("%d marks within files, %d bytes not read again", within, saved)
	}
}

// What reading may cost behind damage counts from the file's beginning, and what is said of the damage does not depend on
// where reading began: an archive that is cut in many places is the same from any mark.
func TestGoingOnBehindMuchDamage(t *testing.T) {
	var data []byte
	for i := range 3 * maxRewinds {
		page := strings.Repeat(fmt.Sprintf("page %d %x, ", i, i*i*7919), 30)
		member := pack(t, ".gz", []byte(warcPage(fmt.Sprint("http://a.example/", i), "text/html", page)))
		data = append(data, member[:len(member)-20*(i%2)]...)
	}
	input := filepath.Join(t.TempDir(), "a.warc.gz")
	if err := os.WriteFile(input, data, 0o644); err != nil {
		t.Fatal(err)
	}
	opt := Options{MarkEvery: 20_000}
	whole := come(t, input, opt)
	for i, next := 0, 0; i < len(whole.Docs); i++ {
		mark := whole.Marks[i]
		if mark == nil || i < next {
			continue
		}
		next = i + len(whole.Docs)/4
		opt.From = []*Mark{mark}
		if diff := cmp.Diff(whole.Docs[mark.Index:], come(t, input, opt).Docs); diff != "" {
			t.Fatalf("from %+v: %.1000s", mark.Place, diff)
		}
	}
}
