package warc

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// Every byte of an archive is in a record, in damage, or a separator: places ascend and do not overlap; and
// byte by byte it reads the same.
func FuzzReader(f *testing.F) {
	f.Add(rec("response", "HTTP/1.1 200 OK\r\n\r\nbody", 0) + "garbage" + rec("resource", "b", 3))
	f.Add(rec("response", strings.Repeat("a", 900), -4)[:700] + rec("metadata", "", 1<<40))
	f.Add("WARC/1.0\nA: b\nWARC/1.0\nContent-Length: 3\n\nabc\n\n")
	f.Fuzz(func(t *testing.T, in string) {
		r := NewReader(strings.NewReader(in), nil, 500)
		last := int64(0)
		for {
			rec, err := r.Next()
			if err == io.EOF {
				break
			}
			begin, size := int64(0), int64(0)
			if damage, ok := errors.AsType[*DamageError](err); ok {
				begin, size = damage.Place.Inner, damage.Size
				if size < int64(len(damage.Head)) || !strings.HasPrefix(in[begin:], string(damage.Head)) {
					t.Fatalf("%v: head %q", damage, damage.Head)
				}
			} else if err != nil {
				t.Fatal(err)
			} else {
				begin, size = rec.Place.Inner, rec.Size
				if !strings.Contains(in, string(rec.Block)) {
					t.Fatalf("block %q", rec.Block)
				}
				status, fields, body, ok := rec.HTTP()
				if !ok && (status != 0 || fields != nil || body != nil) {
					t.Fatal("no HTTP, but parts of it")
				}
			}
			if begin < last || begin+size > int64(len(in)) {
				t.Fatalf("%d+%d after %d of %d", begin, size, last, len(in))
			}
			last = begin + size
		}
		if diff := cmp.Diff(read(t, strings.NewReader(in), 500), read(t, iotest.OneByteReader(strings.NewReader(in)), 500)); diff != "" {
			t.Fatal(diff)
		}
	})
}

// A body decodes to at most limit bytes or says why not.
func FuzzDecode(f *testing.F) {
	for _, e := range []string{"gzip", "br", "zstd", "zlib", "chunked"} {
		f.Add("Content-Encoding: "+e+"\r\nTransfer-Encoding: chunked\r\n", encode(f, e, "It rained on the harbour."))
	}
	f.Fuzz(func(t *testing.T, fields, body string) {
		out, err := Decode(Fields(fields), []byte(body), 1000)
		if err != nil && !errors.Is(err, ErrBody) && !errors.Is(err, ErrTooLarge) || len(out) > 1000 {
			t.Fatalf("%d bytes, %v", len(out), err)
		}
	})
}
