package source

import (
	"bufio"
	"bytes"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// literals is a frame that asks for 128 MiB, with a block of 128 KiB in six bytes.
const literals = "\x28\xb5\x2f\xfd\x00\x88\x2d\x00\x00\x0d\x00\x20X\x00"

// What looks like a member and is none costs next to nothing, whatever it asks for, and hides no member behind it.
func TestFalseMembers(t *testing.T) {
	page := func(name string) string { return warcPage("http://a.example/"+name, "text/html", "<p>It rained.") }
	const places = 2000
	for _, tt := range []struct{ name, ext, place string }{
		{"zstd, a raw block", ".zst", "\x28\xb5\x2f\xfd\x00\x88\x29\x00\x00XXXXX"},
		{"zstd, windows of all sizes", ".zst", "\x28\xb5\x2f\xfd\x00%\x29\x00\x00XXXXX"},
		{"zstd, one segment", ".zst", "\x28\xb5\x2f\xfd\xa0\x00\x00\x00\x08\x29\x00\x00XXXXX"},
		{"zstd, a repeated byte", ".zst", "\x28\xb5\x2f\xfd\x00\x88\x03\x00\x10X"},
		{"zstd, a compressed block", ".zst", literals},
		{"zstd, blocks without bytes", ".zst", "\x28\xb5\x2f\xfd\x00\x88" + strings.Repeat("\x00\x00\x00", 10)},
		{"gzip, a stored block", ".gz", "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\x01\x05\x00\xfa\xffXXXXX"},
		{"gzip, an extra field", ".gz", "\x1f\x8b\x08\x04\x00\x00\x00\x00\x00\xff\xff\xff"},
		{"gzip, a compressed block", ".gz", "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\x4b\x4c\x4a\x06\x00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			data := append(packEach(t, tt.ext, []string{page("1"), page("2")}), "garbage"...)
			for i := range places {
				data = append(data, strings.Replace(tt.place, "%", string([]byte{byte(i % 0x89)}), 1)...)
			}
			data = append(data, packEach(t, tt.ext, []string{page("3")})...)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			got := lineup(t, "a.warc"+tt.ext, data, Options{})
			runtime.ReadMemStats(&after)
			if len(got) != 4 || !strings.Contains(got[2], "malformed") || !strings.Contains(got[3], "/3|") {
				t.Errorf("%d documents: %.300q", len(got), got)
			}
			if n := (after.TotalAlloc - before.TotalAlloc) >> 20; n > 16 {
				t.Errorf("%d MiB allocated for %d KiB of input", n, len(data)>>10)
			}
		})
	}
}

// A file that is made of nothing but false members is not searched for ever.
func TestFalseMembersWithoutEnd(t *testing.T) {
	m := &members{tools: &tools{}, tape: &tape{}}
	m.in = bufio.NewReaderSize(m.tape, 16)
	defer m.tools.close()
	tried := 0
	for ; m.vain == int64(tried); tried++ {
		if m.begins([]byte(literals)) {
			t.Fatal("no record begins there")
		}
	}
	if tried != maxVain+2 {
		t.Errorf("%d places were decompressed", tried-1)
	}
}

// A frame is found behind damage whatever its window and its first block are.
func TestFramesBehindDamage(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 8))
	noise := make([]byte, 300<<10)
	for i := range noise {
		noise[i] = byte(32 + rnd.IntN(95))
	}
	for _, window := range []int{zstd.MinWindowSize, 128 << 10, 8 << 20, maxWindow} {
		for _, level := range []zstd.EncoderLevel{zstd.SpeedFastest, zstd.SpeedBestCompression} {
			for name, body := range map[string]string{"short": "It rained.", "text": strings.Repeat("It rained. ", 40<<10), "noise": string(noise)} {
				e, err := zstd.NewWriter(nil, zstd.WithWindowSize(window), zstd.WithEncoderLevel(level), zstd.WithEncoderConcurrency(1))
				if err != nil {
					t.Fatal(err)
				}
				var frame bytes.Buffer
				e.Reset(&frame) // as a stream: the size is not known and the header has the window
				if _, err := e.Write([]byte(warcPage("http://a.example/", "text/html", "<p>"+body))); err != nil {
					t.Fatal(err)
				}
				if err := e.Close(); err != nil {
					t.Fatal(err)
				}
				data := slices.Concat(plainEncoder().EncodeAll([]byte(warcPage("http://a.example/1", "text/html", "<p>One")), nil), []byte("garbage"), frame.Bytes())
				got := lineup(t, "a.warc.zst", data, Options{})
				if len(got) != 3 || !strings.HasPrefix(got[2], "|http://a.example/||<p>"+body) {
					t.Errorf("window %d, %v, %s: %d documents, %.300q", window, level, name, len(got), got)
				}
			}
		}
	}
}
