package warc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/andybalholm/brotli"
	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
	"pgregory.net/rapid"
)

// rec writes a record whose Content-Length is off by wrong.
func rec(kind, block string, wrong int) string {
	return fmt.Sprintf("WARC/1.1\r\nWARC-Type: %s\r\nWARC-Target-URI: <http://a.example/>\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n", kind, len(block)+wrong, block)
}

// read sums up what a Reader gives: a line for each record and each stretch of damage.
func read(t testing.TB, src io.Reader, limit int) (out []string) {
	t.Helper()
	r := NewReader(src, nil, limit)
	for {
		rec, err := r.Next()
		if err == io.EOF {
			return out
		}
		if damage, ok := errors.AsType[*DamageError](err); ok {
			line := fmt.Sprintf("damage %v size %d", damage.Place, damage.Size)
			if damage.Last {
				line += " last"
			} else if damage.Next.Inner != damage.Place.Inner+damage.Size {
				t.Errorf("%v: next is %v", damage, damage.Next)
			}
			out = append(out, line)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		line := fmt.Sprintf("%s %s %q", rec.Type(), rec.URL(), rec.Block[:min(len(rec.Block), 40)])
		if rec.Size != int64(len(rec.Block)) {
			line += fmt.Sprint(" of ", rec.Size)
		}
		if rec.Wrong {
			line += " wrong"
		}
		out = append(out, line)
	}
}

func TestRecords(t *testing.T) {
	a, b := rec("response", "aaaa", 0), rec("resource", "bb\r\n\r\nbb", 0)
	wantA, wantB := `response http://a.example/ "aaaa"`, `resource http://a.example/ "bb\r\n\r\nbb"`
	for _, tt := range []struct {
		name, in string
		want     []string
	}{
		{"two", a + b, []string{wantA, wantB}},
		{"line feeds alone", strings.ReplaceAll(a, "\r", "") + b, []string{wantA, wantB}},
		{"no empty line at the end", strings.TrimSpace(a), []string{wantA}},
		{"padding", "\r\n" + a + "\x00\x00\x00" + b + "\x00\x00", []string{wantA, wantB}},
		{"version 1.0", strings.Replace(a, "1.1", "1.0", 1), []string{wantA}},
		{"an old version", strings.Replace(a, "1.1", "0.18", 1), []string{wantA}},
		{"folded and lower case", strings.Replace(a, "WARC-Type: response", "warc-type:\r\n response", 1), []string{wantA}},
		{"empty block", rec("response", "", 0) + b, []string{`response http://a.example/ ""`, wantB}},
		{"garbage before", "garbage\r\nmore" + a, []string{"damage 0 size 13", wantA}},
		{"garbage between", a + "garbage WARC/1.0 is a format\r\n\r\n" + b, []string{wantA, fmt.Sprintf("damage %d size 32", len(a)), wantB}},
		{"garbage at the end", a + "garbage", []string{wantA, fmt.Sprintf("damage %d size 7 last", len(a))}},
		{"length too short", rec("response", "aaaa", -2) + b, []string{wantA + " wrong", wantB}},
		{"length too long", rec("response", "aaaa", 200) + b, []string{wantA + " wrong", wantB}},
		{"length far too long", rec("response", "aaaa", 400) + b, []string{wantA + " wrong", wantB}},
		{"length beyond reason", rec("response", "aaaa", 1<<62) + b, []string{`response http://a.example/ "aaaa\r\n\r\n" wrong`, wantB}},
		{"the last one's length too long", rec("response", "aaaa", 9), []string{wantA + " wrong"}},
		{"no length", strings.Replace(a, "Content-Length", "Content-Depth", 1) + b, []string{"damage 0 size 97", wantB}},
		{"negative length", rec("response", "aaaa", -9) + b, []string{"damage 0 size 99", wantB}},
		{"cut within a block", a[:len(a)-7], []string{fmt.Sprintf("damage 0 size %d last", len(a)-7)}},
		{"cut within a block, another follows", a[:len(a)-6] + b, []string{fmt.Sprintf("damage 0 size %d", len(a)-6), wantB}},
		{"cut within a header", a[:30], []string{"damage 0 size 30 last"}},
		{"cut within a header, another follows", a[:30] + b, []string{"damage 0 size 30", wantB}},
		{"over the limit", rec("response", strings.Repeat("x", 3000), 0) + b, []string{`response http://a.example/ "` + strings.Repeat("x", 40) + `" of 3000`, wantB}},
		{"nothing", "", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for how, src := range map[string]io.Reader{"whole": strings.NewReader(tt.in), "byte by byte": iotest.OneByteReader(strings.NewReader(tt.in))} {
				if diff := cmp.Diff(tt.want, read(t, src, 1000)); diff != "" {
					t.Errorf("%s: %s", how, diff)
				}
			}
		})
	}
}

// A failing disk ends everything.
func TestFailingRead(t *testing.T) {
	gone := errors.New("input/output error")
	r := NewReader(io.MultiReader(strings.NewReader(rec("response", "aaaa", 0)), iotest.ErrReader(gone)), nil, 1000)
	for range 3 {
		if _, err := r.Next(); err != nil && !errors.Is(err, gone) {
			t.Fatal(err)
		}
	}
	if _, err := r.Next(); !errors.Is(err, gone) {
		t.Fatal(err)
	}
}

// What comes of an archive does not depend on how the reads fell, and its bytes are accounted for.
func TestReadsAtEveryBoundary(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var in strings.Builder
		for range rapid.IntRange(0, 6).Draw(rt, "records") {
			block := rapid.OneOf(rapid.StringMatching(`(a|\r\n|WARC/1.0\r\n|x: y|\n\n){0,12}`), rapid.Just(strings.Repeat("long ", 500))).Draw(rt, "block")
			whole := rec("response", block, rapid.SampledFrom([]int{0, 0, 0, -1, 1, 7, 300}).Draw(rt, "wrong"))
			in.WriteString(whole[:rapid.OneOf(rapid.Just(len(whole)), rapid.IntRange(0, len(whole))).Draw(rt, "cut")])
		}
		want := read(t, strings.NewReader(in.String()), 1000)
		step := rapid.IntRange(1, 50).Draw(rt, "step")
		if diff := cmp.Diff(want, read(t, &steps{in.String(), step}, 1000)); diff != "" {
			rt.Fatal(diff)
		}
	})
}

type steps struct {
	s string
	n int
}

func (r *steps) Read(p []byte) (int, error) {
	if r.s == "" {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), r.n)], r.s)
	r.s = r.s[n:]
	return n, nil
}

func encode(t testing.TB, encoding, body string) string {
	t.Helper()
	var buf bytes.Buffer
	var w io.WriteCloser
	var err error
	switch encoding {
	case "gzip":
		w = gzip.NewWriter(&buf)
	case "zlib":
		w = zlib.NewWriter(&buf)
	case "flate":
		w, err = flate.NewWriter(&buf, 6)
	case "br":
		w = brotli.NewWriter(&buf)
	case "zstd":
		w, err = zstd.NewWriter(&buf)
	case "chunked":
		for chunk := range strings.SplitAfterSeq(body, " ") {
			if chunk != "" {
				fmt.Fprintf(&buf, "%X;ext=1\r\n%s\r\n", len(chunk), chunk)
			}
		}
		return buf.String() + "0\r\n\r\n"
	}
	if err == nil {
		_, err = io.WriteString(w, body)
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

func TestDecode(t *testing.T) {
	page := "<!DOCTYPE html><p>" + strings.Repeat("It rained on the harbour. ", 40)
	gz := encode(t, "gzip", page)
	for _, tt := range []struct {
		name, fields, body, want string
		err                      error
	}{
		{"plain", "", page, page, nil},
		{"gzip", "content-encoding: GZIP\r\n", gz, page, nil},
		{"deflate", "Content-Encoding: deflate\r\n", encode(t, "zlib", page), page, nil},
		{"deflate without zlib's header", "Content-Encoding: deflate\r\n", encode(t, "flate", page), page, nil},
		{"brotli", "Content-Encoding: br\r\n", encode(t, "br", page), page, nil},
		{"zstd", "Content-Encoding: zstd\r\n", encode(t, "zstd", page), page, nil},
		{"chunked", "Transfer-Encoding: chunked\r\n", encode(t, "chunked", page), page, nil},
		{"chunked gzip", "Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n", encode(t, "chunked", gz), page, nil},
		{"two encodings", "Content-Encoding: br, gzip\r\n", encode(t, "gzip", encode(t, "br", page)), page, nil},
		{"an encoding nobody knows", "Content-Encoding: utf-8\r\n", page, page, nil},
		{"stored decoded", "Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", page, page, nil},
		{"stored decoded, brotli", "Content-Encoding: br\r\n", page, page, nil},
		{"stored decoded, deflate", "Content-Encoding: deflate\r\n", page, page, nil},
		{"cut", "Content-Encoding: gzip\r\n", gz[:len(gz)-9], page, ErrBody},
		{"cut chunk", "Transfer-Encoding: chunked\r\n", encode(t, "chunked", page)[:30], "<!DOCTYPE html><", ErrBody},
		{"too large", "Content-Encoding: gzip\r\n", encode(t, "gzip", strings.Repeat("x", 9000)), strings.Repeat("x", 4000), ErrTooLarge},
		{"plain, too large", "", strings.Repeat("x", 9000), strings.Repeat("x", 4000), ErrTooLarge},
		{"encodings without end", "Content-Encoding: gzip, gzip, gzip, gzip, gzip\r\n", gz, "", ErrBody},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Decode(Fields(tt.fields), []byte(tt.body), 4000)
			if !errors.Is(err, tt.err) || tt.err == nil && string(got) != tt.want || !strings.HasPrefix(tt.want, string(got)) {
				t.Errorf("%v, %q", err, got)
			}
		})
	}
}

func TestHTTP(t *testing.T) {
	for _, tt := range []struct {
		name, block, server, body string
		status                    int
		ok                        bool
	}{
		{"whole", "HTTP/1.1 200 OK\r\nServer: a\r\n\r\nbody", "a", "body", 200, true},
		{"no reason", "HTTP/2 404\nServer:a\n\nbody", "a", "body", 404, true},
		{"no fields", "HTTP/1.0 200 OK\r\n\r\nbody", "", "body", 200, true},
		{"no body", "HTTP/1.0 200 OK\r\nServer: a", "a", "", 200, true},
		{"no HTTP", "20260101000000\nexample.org", "", "", 0, false},
		{"no status", "HTTP/1.0 fine\r\n\r\n", "", "", 0, false},
		{"nothing", "", "", "", 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, fields, body, ok := (&Record{Block: []byte(tt.block)}).HTTP()
			if status != tt.status || fields.Get("server") != tt.server || string(body) != tt.body || ok != tt.ok {
				t.Errorf("%d %q %q %v", status, fields, body, ok)
			}
		})
	}
}
