package cleaner

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"pgregory.net/rapid"

	"winnow/internal/bus"
	"winnow/internal/record"
)

func gzipped(t testing.TB, data []byte) []byte {
	t.Helper()
	var buf bytes.Buffer
	zw := gzip.NewWriter(&buf)
	if _, err := zw.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// streamed compresses data into one zstd frame, which cannot say what it holds.
func streamed(t testing.TB, data []byte, options ...zstd.EOption) []byte {
	t.Helper()
	var buf bytes.Buffer
	zw, err := zstd.NewWriter(&buf, append(options, zstd.WithEncoderConcurrency(1))...)
	if err != nil {
		t.Fatal(err)
	}
	first := min(len(data), 40_000) // the frame's head goes out before its end is known
	_, err = zw.Write(data[:first])
	if err = errors.Join(err, zw.Flush()); err != nil {
		t.Fatal(err)
	}
	if _, err := zw.Write(data[first:]); err != nil {
		t.Fatal(err)
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// Law: no payload holds more than it counts for when batches are cut, and what its compressor made in
// good faith is taken.
func TestDecodedSizeIsABound(t *testing.T) {
	whole, err := zstd.NewWriter(nil, zstd.WithEncoderCRC(false))
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		text := slices.Concat(bytes.Repeat([]byte("word "), rapid.IntRange(0, 100_000).Draw(rt, "words")), rapid.SliceOf(rapid.Byte()).Draw(rt, "noise"))
		encoding := rapid.SampledFrom([]string{"", "s2", "gzip", "zstd"}).Draw(rt, "encoding")
		data, want := text, text
		switch encoding {
		case "s2":
			data = s2.Encode(nil, text)
		case "gzip":
			data = gzipped(t, text)
		case "zstd":
			data, want = nil, nil
			for range rapid.IntRange(1, 3).Draw(rt, "frames") {
				switch rapid.IntRange(0, 3).Draw(rt, "frame") {
				case 0:
					data = append(data, "\x50\x2A\x4D\x18\x03\x00\x00\x00abc"...) // to be skipped
					continue
				case 1:
					data = append(data, whole.EncodeAll(text, nil)...)
				case 2:
					data = append(data, streamed(t, text)...)
				case 3:
					data = append(data, streamed(t, text, zstd.WithEncoderCRC(false), zstd.WithWindowSize(1<<10))...)
				}
				want = append(want, text...)
			}
		}
		got, err := decode(encoding, data, MaxPayload)
		if err != nil || !bytes.Equal(got, want) {
			rt.Fatalf("%d bytes, want %d, error %v", len(got), len(want), err)
		}
		if size := decodedSize(encoding, data); size < len(got) {
			rt.Fatalf("counts for %d bytes and holds %d", size, len(got))
		}
		cut := data[:rapid.IntRange(0, len(data)).Draw(rt, "cut")]
		if got, err := decode(encoding, cut, MaxPayload); err == nil && len(got) > decodedSize(encoding, cut) {
			rt.Fatalf("cut, it counts for %d bytes and holds %d", decodedSize(encoding, cut), len(got))
		}
	})
}

// A payload of several frames or members cannot hide what it holds behind the first one, or the last.
func TestFittingIsNotDeceived(t *testing.T) {
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	page := slices.Concat([]byte(`{"id":"a","text":"`), bytes.Repeat([]byte("word "), 6<<20), []byte(`"}`)) // 30 MiB
	for _, tt := range []struct {
		name, encoding string
		data           []byte
		fit            int    // of 500
		detail         string // of the dead record; "" for a payload that is taken
	}{
		{"zstd, a blank first", "zstd", slices.Concat(enc.EncodeAll([]byte(" "), nil), enc.EncodeAll(page, nil)), 2, ""},
		{"zstd, a stream", "zstd", streamed(t, page), 2, ""},
		{"zstd, more than is allowed", "zstd", bytes.Repeat(enc.EncodeAll(page, nil), 3), 1, "content-encoding zstd: decompressed size exceeds configured limit"},
		{"gzip, nothing last", "gzip", slices.Concat(gzipped(t, page), gzipped(t, nil)), 500, "payload is larger than 0 bytes after decompression"},
		{"gzip, two pages", "gzip", slices.Concat(gzipped(t, page[:100]), gzipped(t, page)), 2, "content-encoding gzip: more than one member: compress the document in one piece"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := bus.Message{Subject: "raw.x", Data: tt.data, Header: map[string]string{bus.HeaderEncoding: tt.encoding}}
			if got := fitting(slices.Repeat([]bus.Message{m}, 500)); got != tt.fit {
				t.Errorf("%d messages make a batch, want %d", got, tt.fit)
			}
			out, err := decode(tt.encoding, tt.data, MaxPayload)
			if (err == nil) != (tt.detail == "") {
				t.Fatalf("%d bytes, error %v, want %q", len(out), err, tt.detail)
			}
			if tt.detail == "" {
				return
			}
			d, err := record.ParseDead(foldAll(t, testFold(t, 1), stamped([]bus.Message{m}))[0].Data)
			if err != nil {
				t.Fatal(err)
			}
			if d.Stage != "decode" || d.Reason != "encoding" || d.Detail != tt.detail {
				t.Errorf("%s/%s: %s; want %s", d.Stage, d.Reason, d.Detail, tt.detail)
			}
		})
	}
}
