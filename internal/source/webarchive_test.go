package source

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
	"pgregory.net/rapid"

	"winnow/internal/record"
)

// warcRecord writes one record; more are header lines.
func warcRecord(kind, url, block string, more ...string) string {
	head := fmt.Sprintf("WARC/1.1\r\nWARC-Type: %s\r\nWARC-Target-URI: %s\r\nWARC-Record-ID: <urn:test:%d>\r\nWARC-Date: 2026-11-21T08:00:00Z\r\n", kind, url, len(block))
	return head + strings.Join(append(more, ""), "\r\n") + fmt.Sprintf("Content-Length: %d\r\n\r\n%s\r\n\r\n", len(block), block)
}

// warcPage writes the record of a page as a server sent it.
func warcPage(url, contentType, body string) string {
	return warcRecord("response", url, "HTTP/1.1 200 OK\r\nContent-Type: "+contentType+"\r\n\r\n"+body, "Content-Type: application/http; msgtype=response")
}

// packings are the ways archives are stored: how the records become a file, and its name's ending.
var packings = []struct {
	name, ext string
	pack      func(testing.TB, []string) []byte
}{
	{"plain", ".warc", func(_ testing.TB, recs []string) []byte { return []byte(strings.Join(recs, "")) }},
	{"gzip, a member a record", ".warc.gz", func(t testing.TB, recs []string) []byte { return packEach(t, ".gz", recs) }},
	{"gzip, one member", ".warc.gz", func(t testing.TB, recs []string) []byte { return pack(t, ".gz", []byte(strings.Join(recs, ""))) }},
	{"zstd, a frame a record", ".warc.zst", func(t testing.TB, recs []string) []byte { return packEach(t, ".zst", recs) }},
	{"zstd, one frame", ".warc.zst", func(t testing.TB, recs []string) []byte { return pack(t, ".zst", []byte(strings.Join(recs, ""))) }},
	{"zstd with a dictionary", ".warc.zst", func(t testing.TB, recs []string) []byte { return packDict(t, recs, false) }},
	{"zstd with a compressed dictionary", ".warc.zst", func(t testing.TB, recs []string) []byte { return packDict(t, recs, true) }},
}

func packEach(t testing.TB, ext string, recs []string) (out []byte) {
	for _, r := range recs {
		if ext == ".zst" {
			out = plainEncoder().EncodeAll([]byte(r), out)
			continue
		}
		out = append(out, pack(t, ext, []byte(r))...)
	}
	return out
}

// dictionary takes a second to train.
var dictionary = sync.OnceValues(func() ([]byte, error) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var samples [][]byte
	for range 20 {
		noise := make([]byte, 300)
		for i := range noise {
			noise[i] = "etaoinshrdlu <p>/"[rnd.IntN(17)]
		}
		samples = append(samples, slices.Concat([]byte("WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: http://"), noise))
	}
	return zstd.BuildDict(zstd.BuildDictOptions{ID: 4711, Contents: samples, History: samples[0], Offsets: [3]int{1, 4, 8}})
})

// Encoders are costly to make.
var plainEncoder = sync.OnceValue(func() *zstd.Encoder {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		panic(err)
	}
	return e
})

var dictEncoder = sync.OnceValue(func() *zstd.Encoder {
	dict, err := dictionary()
	if err != nil {
		panic(err)
	}
	e, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderDict(dict))
	if err != nil {
		panic(err)
	}
	return e
})

func packDict(t testing.TB, recs []string, compressed bool) []byte {
	t.Helper()
	dict, err := dictionary()
	if err != nil {
		t.Fatal(err)
	}
	stored := dict
	if compressed {
		stored = pack(t, ".zst", dict)
	}
	out := binary.LittleEndian.AppendUint32([]byte{0x5d, 0x2a, 0x4d, 0x18}, uint32(len(stored)))
	out = append(out, stored...)
	for _, r := range recs {
		out = dictEncoder().EncodeAll([]byte(r), out)
	}
	return out
}

// raws returns the records of an input's documents, without what says where they come from.
func raws(t testing.TB, input string, opt Options) (out []record.Raw) {
	t.Helper()
	for _, d := range documents(t, input, opt) {
		r, err := d.Raw()
		if err != nil {
			t.Fatal(err)
		}
		r.Metadata, r.Added = nil, ""
		out = append(out, r)
	}
	return out
}

// The same pages from a web archive, however it is stored, from JSON lines and from a directory are the same
// records.
func TestSamePagesFromEverywhere(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		pages := rapid.SliceOfN(rapid.StringMatching(`<html><title>[A-Z][a-zé]{1,8}</title>(<p>[ a-zäß“”\n]{0,60}){1,9}`), 1, 6).Draw(rt, "pages")
		var recs []string
		var lines []byte
		files := map[string]string{}
		recs = append(recs, warcRecord("warcinfo", "", "software: test\r\n"))
		for i, page := range pages {
			url := fmt.Sprintf("http://www.example.org/%d", i)
			recs = append(recs, warcRecord("request", url, "GET / HTTP/1.1\r\n\r\n"), warcPage(url, "text/html; charset=UTF-8", page))
			line, err := json.Marshal(map[string]string{"url": url, "html": page})
			if err != nil {
				rt.Fatal(err)
			}
			lines = append(append(lines, line...), '\n')
			files[fmt.Sprintf("%02d.html", i)] = page
		}
		dir := t.TempDir()
		name := filepath.Join(dir, "a.jsonl")
		if err := os.WriteFile(name, lines, 0o644); err != nil {
			rt.Fatal(err)
		}
		want := raws(t, name, Options{})
		for _, p := range packings {
			data := p.pack(t, recs)
			name := filepath.Join(dir, "a"+p.ext)
			if err := os.WriteFile(name, data, 0o644); err != nil {
				rt.Fatal(err)
			}
			for how, got := range map[string][]record.Raw{"file": raws(t, name, Options{}), "pipe": raws(t, "-", Options{Stdin: bytes.NewReader(data)})} {
				if diff := cmp.Diff(want, got); diff != "" {
					rt.Fatalf("%s, %s: %s", p.name, how, diff)
				}
			}
		}
		plain := raws(t, tree(t, files), Options{})
		for i := range want {
			want[i].URL = ""
		}
		if diff := cmp.Diff(want, plain); diff != "" {
			rt.Fatalf("directory: %s", diff)
		}
	})
}

// What is no page is counted and passed over; what is one comes with its charset and its place.
func TestArchivedPages(t *testing.T) {
	html := "<p>It rained."
	http := "Content-Type: application/http; msgtype=response"
	recs := []string{
		warcRecord("warcinfo", "", "software: test\r\n"),
		warcPage("http://a.example/1", "text/html; charset=windows-1251", "<p>\xc4\xee\xe6\xe4\xfc"),
		warcPage("http://a.example/2", "application/xhtml+xml", html),
		warcPage("http://a.example/3", "TEXT/PLAIN", "Rain\n\nIt rained."),
		warcPage("http://a.example/4", "", "<!DOCTYPE html>"+html),
		warcPage("http://a.example/5", "text/html; charset", html),
		warcRecord("resource", "file:///page", html, "Content-Type: text/html"),
		warcRecord("conversion", "http://a.example/7", "Rain\nIt rained.", "Content-Type: text/plain"),
		warcRecord("response", "http://a.example/8", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n"+string(pack(t, ".gz", []byte(html)))),
		warcRecord("response", "http://a.example/9", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<p>It\r\n9", "WARC-Truncated: length"),
		warcRecord("response", "http://a.example/10", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<p>It\r\n9", http),
		warcRecord("response", "http://a.example/11", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n"+string(pack(t, ".gz", make([]byte, 8<<20)))),
		warcRecord("response", "http://a.example/12", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"+html, "WARC-Segment-Number: 1"),
		warcPage("http://a.example/logo", "image/png", "\x89PNG"),
		warcPage("http://a.example/x", "", "%PDF-1.4"),
		warcPage("http://a.example/style", "text/css", "p {}"),
		warcPage("http://a.example/robots.txt", "text/plain", "User-agent: *"),
		warcRecord("response", "http://a.example/gone", "HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n<p>Gone"),
		warcRecord("response", "dns:a.example", "20261121080000\na.example. 1 IN A 10.0.0.1", "Content-Type: text/dns"),
		warcRecord("revisit", "http://a.example/1", "HTTP/1.1 200 OK\r\n\r\n"),
		warcRecord("request", "http://a.example/1", "GET / HTTP/1.1\r\n\r\n"),
		warcRecord("metadata", "http://a.example/1", "via: x"),
		warcRecord("continuation", "http://a.example/12", "more", "WARC-Segment-Number: 2"),
		warcRecord("novelty", "http://a.example/1", ""),
	}
	passed := map[string]int{}
	opt := Options{MaxFile: 4 << 20, Passed: func(_ string, kinds map[string]int) { passed = kinds }}
	var have []string
	for _, d := range readAll(t, filepath.Join(tree(t, map[string]string{"a.warc": strings.Join(recs, "")}), "a.warc"), opt) {
		have = append(have, fmt.Sprintf("%s%s%s|%s", d.Title, d.Text, d.HTML, d.Reason))
	}
	want := []string{
		"<p>Дождь|", html + "|", "RainRain\n\nIt rained.|", "<!DOCTYPE html>" + html + "|", html + "|", html + "|", "RainRain\nIt rained.|", html + "|",
		"<p>It|", "|broken-file", "|bomb", "|broken-file",
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]int{"media": 3, "robots": 1, "status": 1, "dns": 1, "revisit": 1, "request": 1, "metadata": 2, "segment": 1, "other": 1}, passed); diff != "" {
		t.Error(diff)
	}
	for kind := range passed {
		if !slices.Contains(PassedKinds(), kind) {
			t.Errorf("%s is no known kind", kind)
		}
	}
	docs := readAll(t, filepath.Join(tree(t, map[string]string{"a.warc.gz": recs[1]}), "a.warc.gz"), opt)
	meta := fmt.Sprintf(`{"path":"a.warc.gz","charset":"windows-1251","warc_record_id":"urn:test:%d","warc_date":"2026-11-21T08:00:00Z","warc_offset":"0"}`, len("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=windows-1251\r\n\r\n<p>")+5)
	if docs[0].Metadata != meta {
		t.Errorf("metadata %s", docs[0].Metadata)
	}
}

// One damaged place costs the records it lies in and is reported once, with its offset.
func TestDamagedArchives(t *testing.T) {
	const n = 40
	rnd := rand.New(rand.NewPCG(3, 4))
	var recs []string
	for i := range n {
		var body strings.Builder
		for body.Len() < 2000 {
			fmt.Fprintf(&body, "<p>%x", rnd.Uint64())
		}
		recs = append(recs, warcPage(fmt.Sprintf("http://a.example/%d", i), "text/html", body.String()))
	}
	for _, p := range packings {
		if p.name == "gzip, one member" || p.name == "zstd, one frame" || p.name == "plain" {
			continue
		}
		t.Run(p.name, func(t *testing.T) {
			whole := p.pack(t, recs)
			head := p.pack(t, recs[:20])
			last := p.pack(t, recs[20:21])
			last = last[len(p.pack(t, nil)):]
			flip := func(at int) []byte {
				data := bytes.Clone(whole)
				data[len(head)+at] ^= 0x55
				return data
			}
			for _, tt := range []struct {
				name       string
				data       []byte
				good, dead int
				last       bool
			}{
				{"whole", whole, n, 0, false},
				{"checksum", flip(len(last) - 2), n - 1, 1, false},
				{"in the data", flip(len(last) / 2), n - 1, 1, false},
				{"magic", flip(1), n - 1, 1, false},
				{"a piece is missing", slices.Concat(whole[:len(head)+100], whole[len(head)+len(last)-100:]), n - 1, 1, false},
				{"garbage between", slices.Concat(head, []byte("garbage"), whole[len(head):]), n, 1, false},
				{"zeros behind", slices.Concat(whole, make([]byte, 1000)), n, 0, false},
				{"garbage behind", slices.Concat(whole, []byte("garbage")), n, 1, true},
				{"cut", whole[:len(head)+len(last)/2], 20, 1, true},
			} {
				dir := t.TempDir()
				name := filepath.Join(dir, "a"+p.ext)
				if err := os.WriteFile(name, tt.data, 0o644); err != nil {
					t.Fatal(err)
				}
				good, dead := 0, 0
				var details []string
				s, err := Open(t.Context(), name, Options{})
				if err != nil {
					t.Fatal(err)
				}
				each(t, s, func(d *Document) {
					if _, err := d.Raw(); err != nil {
						dead++
						details = append(details, d.Where()+" "+err.Error())
						return
					}
					good++
				})
				s.Close()
				// A flipped byte may leave a block that zstd can read and no checksum can tell; here they all have one.
				if good != tt.good || dead != tt.dead || dead > 0 && strings.Contains(details[0], "no record follows") != tt.last {
					t.Errorf("%s: %d good, %d dead: %q", tt.name, good, dead, details)
				}
			}
		})
	}
}

// Damage in a file that is one member, or one frame, shows where the decompressor stumbles: the pages before it
// are given, and what cannot be read is reported once or twice, whatever it was.
func TestDamagedWholes(t *testing.T) {
	const n = 40
	rnd := rand.New(rand.NewPCG(5, 6))
	var recs []string
	for i := range n {
		noise := make([]byte, 40<<10)
		for j := range noise {
			noise[j] = "abcdefghijklmnopqrstuvwxyz <p>/\n"[rnd.IntN(32)]
		}
		recs = append(recs, warcPage(fmt.Sprintf("http://a.example/%d", i), "text/html", string(noise)))
	}
	for _, p := range packings {
		if p.name != "gzip, one member" && p.name != "zstd, one frame" {
			continue
		}
		whole := p.pack(t, recs)
		zeros := bytes.Clone(whole)
		clear(zeros[len(zeros)/2 : len(zeros)/2+100])
		for _, tt := range []struct {
			name     string
			data     []byte
			min, max int // good pages
		}{
			{"whole", whole, n, n},
			{"cut", whole[:len(whole)/2], n/2 - 8, n / 2},
			{"zeros", zeros, n/2 - 8, n - 1},
			{"checksum", slices.Concat(whole[:len(whole)-4], []byte("sums")), n - 4, n - 1},
			{"no end", whole[:len(whole)-3], n - 4, n - 1},
		} {
			file := filepath.Join(t.TempDir(), "a"+p.ext)
			if err := os.WriteFile(file, tt.data, 0o644); err != nil {
				t.Fatal(err)
			}
			docs := readAll(t, file, Options{})
			good := slices.DeleteFunc(slices.Clone(docs), func(d got) bool { return d.Reason != "" })
			dead := len(docs) - len(good)
			if len(good) < tt.min || len(good) > tt.max || dead > 2 || (dead == 0) != (tt.name == "whole") {
				t.Errorf("%s, %s: %d good, %d dead", p.name, tt.name, len(good), dead)
			}
			for i, d := range good[:min(len(good), tt.min)] {
				if !strings.HasSuffix(recs[i], d.HTML+"\r\n\r\n") {
					t.Fatalf("%s, %s: page %d is another one", p.name, tt.name, i)
				}
			}
		}
	}
}

// A record without end, or one larger than the limit, is a dead one that says so, and the next is read.
func TestAbsurdRecords(t *testing.T) {
	recs := []string{
		warcPage("http://a.example/1", "text/html", strings.Repeat("<p>It rained. ", 1<<17)),
		warcPage("http://a.example/2", "text/html", "<p>It shone."),
		"WARC/1.1\r\nWARC-Type: response\r\nX: " + strings.Repeat("x", 1<<20) + "\r\n\r\n",
		warcPage("http://a.example/3", "text/html", "<p>It snowed."),
	}
	for _, p := range packings {
		if strings.Contains(p.name, "dictionary") {
			continue
		}
		name := filepath.Join(t.TempDir(), "a"+p.ext)
		if err := os.WriteFile(name, p.pack(t, recs), 0o644); err != nil {
			t.Fatal(err)
		}
		var have []string
		for _, d := range readAll(t, name, Options{MaxFile: 1 << 20}) {
			have = append(have, d.HTML+d.Reason)
		}
		if diff := cmp.Diff([]string{"oversize", "<p>It shone.", "broken-file", "<p>It snowed."}, have); diff != "" {
			t.Errorf("%s: %s", p.name, diff)
		}
	}
}
