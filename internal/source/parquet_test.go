package source

import (
	"bytes"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
	"github.com/parquet-go/parquet-go/deprecated"
	parquetformat "github.com/parquet-go/parquet-go/format"

	"winnow/internal/record"
)

// parquetRecords writes rows and returns what they are read as.
func parquetRecords[T any](t *testing.T, rows ...T) (out []record.Raw) {
	t.Helper()
	var buf bytes.Buffer
	if err := parquet.Write(&buf, rows); err != nil {
		t.Fatal(err)
	}
	for _, d := range documents(t, written(t, "a.parquet", buf.Bytes()), Options{}) {
		r, err := d.Raw()
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, r)
	}
	return out
}

// A page takes no memory for what it announces and does not have.
func TestParquetPageThatAnnouncesTooMuch(t *testing.T) {
	var buf bytes.Buffer
	rows := []struct{ Text string }{{strings.Repeat("It rained. ", 100)}}
	if err := parquet.Write(&buf, rows, parquet.DataPageVersion(1), parquet.Compression(&parquet.Snappy)); err != nil {
		t.Fatal(err)
	}
	// The header begins with its type, size, compressed size and checksum, each a byte for the field and a number. The
	// page loses at its end what the header grows by, and its checksum.
	data := buf.Bytes()
	bad := bytes.Clone(data[:7])
	data = data[7:]
	_, n := binary.Uvarint(data)
	bad = append(binary.AppendUvarint(bad, 1<<31), data[n])
	data = data[n+1:]
	packed, m := binary.Uvarint(data)
	bad = append(binary.AppendUvarint(bad, packed-2*uint64(5-n)), data[m])
	data = data[m+1:]
	_, n = binary.Uvarint(data)
	bad = append(append(bad, bytes.Repeat([]byte{0x80}, n-1)...), 0)
	bad = append(bad, data[n:]...)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got := lineup(t, "a.parquet", bad, Options{})
	runtime.ReadMemStats(&after)
	if len(got) != 1 || !strings.Contains(got[0], "broken-file") || !strings.Contains(got[0], "1073741824 bytes and 1 values") {
		t.Errorf("%.300q", got)
	}
	if n := (after.TotalAlloc - before.TotalAlloc) >> 20; n > 16 {
		t.Errorf("%d MiB allocated for %d bytes", n, len(bad))
	}
}

// A page that unpacks to more than it announces takes no memory for it, whatever it is packed with; pages that do not are
// read, and of damaged ones the file's end is known.
func TestParquetPageThatUnpacksToMore(t *testing.T) {
	type row struct {
		Text  string  `parquet:"text"`
		Title *string `parquet:"title,optional"`
		Tags  []string
	}
	title := "Rain"
	for _, codec := range []compress.Codec{&parquet.Snappy, &parquet.Gzip, &parquet.Zstd, &parquet.Brotli, &parquet.Lz4Raw, &parquet.Uncompressed} {
		for version := 1; version <= 2; version++ {
			write := func(group int64, rows ...row) []byte {
				var buf bytes.Buffer
				if err := parquet.Write(&buf, rows, parquet.DataPageVersion(version), parquet.Compression(codec), parquet.MaxRowsPerRowGroup(group), parquet.PageBufferSize(64<<20)); err != nil {
					t.Fatal(err)
				}
				return buf.Bytes()
			}
			sound := write(2, row{"It rained.", nil, nil}, row{"It poured.", &title, []string{"a", "b"}}, row{"It shone.", nil, nil})
			if got := lineup(t, "a.parquet", sound, Options{}); len(got) != 3 || got[1] != `||Rain|It poured.|{"Tags":["a","b"]}` {
				t.Errorf("%s, version %d: %q", codec, version, got)
			}
			for at := 4; at < len(sound); at += 37 {
				data := bytes.Clone(sound)
				data[at] ^= 0x55
				lineup(t, "a.parquet", data, Options{})
			}
			if codec == &parquet.Uncompressed || codec == &parquet.Gzip {
				continue
			}
			bad := write(1<<20, slices.Repeat([]row{{Text: strings.Repeat("It rained. ", 100)}}, 12_000)...)
			_, n := binary.Uvarint(bad[7:]) // behind the magic, the page's type and the field's byte
			copy(bad[7:], append(bytes.Repeat([]byte{0x80}, n-1), 0))
			bad[7] |= 32
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			got := lineup(t, "a.parquet", bad, Options{})
			runtime.ReadMemStats(&after)
			if len(got) != 1 || !strings.Contains(got[0], "broken-file") || !strings.Contains(got[0], "a page at byte 4: ") {
				t.Errorf("%s, version %d: %d rows, %.300q", codec, version, len(got), got[0])
			}
			if n := (after.TotalAlloc - before.TotalAlloc) >> 20; n > 16 {
				t.Errorf("%s, version %d: %d MiB allocated for %d bytes", codec, version, n, len(bad))
			}
		}
	}
}

// A page of gzip is looked at when it is large enough to unpack to more than any page may have.
func TestParquetPageOfGzip(t *testing.T) {
	random := make([]byte, 1<<20)
	rand.NewChaCha8([32]byte{}).Read(random)
	large, small := pack(t, ".gz", random), pack(t, ".gz", random[:1<<16])
	for _, tt := range []struct {
		page []byte
		most int64
		want int64
	}{{large, 1 << 20, 1 << 20}, {large, 1 << 19, 1<<19 + 1}, {small, 1, 0}} {
		var c pageCheck
		n, err := c.unpack(parquetformat.Gzip, io.NewSectionReader(bytes.NewReader(tt.page), 0, int64(len(tt.page))), tt.most)
		if n != tt.want || err != nil {
			t.Errorf("%d bytes, at most %d: %d, %v", len(tt.page), tt.most, n, err)
		}
	}
}

// Whatever unit a column has its times in, they are the record's.
func TestParquetTimes(t *testing.T) {
	type millis struct {
		Published int64 `parquet:"published,timestamp(millisecond)"`
	}
	type micros struct {
		Published int64 `parquet:"published,timestamp(microsecond)"`
	}
	type nanos struct {
		Published int64 `parquet:"published,timestamp(nanosecond)"`
	}
	type local struct {
		Published int64 `parquet:"published,timestamp(microsecond:local)"`
	}
	type date struct {
		Published int32 `parquet:"published,date"`
	}
	type optional struct {
		Published *int64 `parquet:"published,optional,timestamp(microsecond)"`
	}
	type optionalDate struct {
		Published *int32 `parquet:"published,optional,date"`
	}
	type seen struct {
		Seen int64 `parquet:"seen,timestamp(nanosecond)"`
	}
	type group struct {
		Times seen `parquet:"times"`
	}
	type spark struct {
		Published deprecated.Int96 `parquet:"published"`
	}
	type lists struct {
		Old      []deprecated.Int96   `parquet:"old,list"`
		Seen     []time.Time          `parquet:"seen,list" parquet-element:",timestamp"`
		Groups   []seen               `parquet:"groups,list"`
		Repeated []seen               `parquet:"repeated"`
		Lists    [][]seen             `parquet:"lists,list"`
		Map      map[string]time.Time `parquet:"map" parquet-value:",timestamp"`
	}
	at := time.Date(2026, 11, 21, 8, 30, 1, 250_000_000, time.UTC)
	nanosOfDay, julian := uint64(at.Sub(at.Truncate(24*time.Hour))), uint32(2_461_366) // by the almanac
	old := deprecated.Int96{uint32(nanosOfDay), uint32(nanosOfDay >> 32), julian}
	one := seen{at.UnixNano()}
	us, days := at.UnixMicro(), int32(at.Unix()/(24*60*60))
	const want, wantDay = "2026-11-21T08:30:01.25Z", "2026-11-21"
	for _, tt := range []struct {
		name, want, meta string
		got              []record.Raw
	}{
		{"milliseconds", want, "{}", parquetRecords(t, millis{at.UnixMilli()})},
		{"microseconds", want, "{}", parquetRecords(t, micros{us})},
		{"nanoseconds", want, "{}", parquetRecords(t, nanos{at.UnixNano()})},
		{"without a zone", want, "{}", parquetRecords(t, local{us})},
		{"before 1970", "1969-12-31T23:59:58.5Z", "{}", parquetRecords(t, micros{-1_500_000})},
		{"a date", wantDay, "{}", parquetRecords(t, date{days})},
		{"a date before 1970", "1969-12-31", "{}", parquetRecords(t, date{-1})},
		{"optional", want, "{}", parquetRecords(t, optional{&us})},
		{"optional and null", "", "{}", parquetRecords(t, optional{})},
		{"an optional date", wantDay, "{}", parquetRecords(t, optionalDate{&days})},
		{"INT96", want, "{}", parquetRecords(t, spark{old})},
		{"INT96 before 1970", "1969-12-31T23:59:59Z", "{}", parquetRecords(t, spark{deprecated.Int96{1437873664, 20116, 2_440_587}})},
		{
			"in lists and maps", "", strings.ReplaceAll(`{"groups":[{"seen":AT}],"lists":[[{"seen":AT}]],"map":{"a":AT},"old":[AT],"repeated":[{"seen":AT},{"seen":AT}],"seen":[AT,AT]}`, "AT", `"`+want+`"`),
			parquetRecords(t, lists{[]deprecated.Int96{old}, []time.Time{at, at}, []seen{one}, []seen{one, one}, [][]seen{{one}}, map[string]time.Time{"a": at}}),
		},
		{"in a group", "", `{"times":{"seen":"2026-11-21T08:30:01.25Z"}}`, parquetRecords(t, group{seen{at.UnixNano()}})},
	} {
		if len(tt.got) != 1 || tt.got[0].Published != tt.want || string(tt.got[0].Metadata) != tt.meta {
			t.Errorf("%s: got %+v", tt.name, tt.got)
		}
	}
}

// The columns of a segment's times are read as they were written.
func TestParquetOfSegments(t *testing.T) {
	type row struct { // as internal/segment writes them
		ID        string `parquet:"id"`
		Text      string `parquet:"text"`
		Published *int64 `parquet:"published,optional,timestamp(microsecond:utc)"`
		Added     *int64 `parquet:"added,optional,timestamp(nanosecond:utc)"`
		Metadata  string `parquet:"metadata,json"`
	}
	published := time.Date(2026, 11, 21, 8, 0, 0, 123_456_000, time.UTC)
	added := time.Date(2026, 11, 22, 9, 0, 0, 123_456_789, time.UTC)
	us, ns := published.UnixMicro(), added.UnixNano()
	got := parquetRecords(t, row{"a", "It rained.", &us, &ns, "{}"}, row{"b", "It shone.", nil, &ns, "{}"})
	want := []record.Raw{
		{ID: "a", Text: "It rained.", Published: published.Format(time.RFC3339Nano), Added: added.Format(time.RFC3339Nano)},
		{ID: "b", Text: "It shone.", Added: added.Format(time.RFC3339Nano)},
	}
	for i := range got {
		got[i].Metadata = nil
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
