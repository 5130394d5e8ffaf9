package source

import (
	"bytes"
	"encoding/binary"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"

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
	if len(got) != 1 || !strings.Contains(got[0], "broken-file") || !strings.Contains(got[0], "a page of 1073741824 bytes") {
		t.Errorf("%.300q", got)
	}
	if n := (after.TotalAlloc - before.TotalAlloc) >> 20; n > 16 {
		t.Errorf("%d MiB allocated for %d bytes", n, len(bad))
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
