package record

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

var received = time.Date(2026, 11, 22, 9, 30, 0, 0, time.FixedZone("", 3600))

// odd are the characters that break encoders.
var odd = []string{
	"\x00", "\x1f", "\x7f", "\"", "\\", "/", "\n", "\r\n", "\t", "\b", "\f", "\u0085", "\u2028", "\u2029",
	"\ufeff", "\ufffd", "\U0001F600", "é", "漢", `\ud83d`, `\u0000`, "\u00ad", "\u202e", "<b>&amp;", "plain words ",
}

func genString() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		parts := rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(odd), rapid.String()), 0, 12).Draw(t, "parts")
		return strings.ToValidUTF8(strings.Join(parts, ""), "?")
	})
}

func genMetadata() *rapid.Generator[jsontext.Value] {
	return rapid.Custom(func(t *rapid.T) jsontext.Value {
		keys := rapid.SliceOfNDistinct(genString(), 0, 5, rapid.ID[string]).Draw(t, "keys")
		out := []byte{'{'}
		for i, k := range keys {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(appendString(out, k), ':')
			switch rapid.IntRange(0, 3).Draw(t, "kind") {
			case 0:
				out = append(out, rapid.SampledFrom([]string{"null", "true", "-0", "1e400", "12345678901234567890", "[]", "{}", `[[{"a":{}}]]`}).Draw(t, "value")...)
			default:
				out = appendString(out, genString().Draw(t, "string"))
			}
		}
		return append(out, '}')
	})
}

func genRaw() *rapid.Generator[Raw] {
	return rapid.Custom(func(t *rapid.T) Raw {
		str := func(limit int) string { s, _ := cutString(genString().Draw(t, "field"), limit); return s }
		return Raw{
			ID: str(MaxID), URL: str(MaxURL), Source: str(MaxSource), Title: str(MaxTitle), Text: str(MaxText), HTML: str(MaxHTML),
			Lang: str(MaxLang), Byline: str(MaxByline), Published: str(MaxTime), Added: str(MaxTime), Metadata: genMetadata().Draw(t, "metadata"),
		}
	})
}

// A raw record read back is the record that was written, for any valid UTF-8 in any field.
func TestRawRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := genRaw().Draw(t, "raw")
		line := want.AppendJSON(nil)
		if bytes.ContainsAny(line, "\n\r") {
			t.Fatalf("more than one line: %q", line)
		}
		got, err := ParseRaw(line, nil)
		if err != nil {
			t.Fatalf("%v: %q", err, line)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	})
}

// What we write is JSON to a decoder that is not ours, and says the same.
func TestStandardLibraryReadsOurs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := genRaw().Draw(t, "raw")
		var got map[string]any
		dec := json.NewDecoder(bytes.NewReader(want.AppendJSON(nil)))
		dec.UseNumber() // metadata may hold numbers that are no float64
		if err := dec.Decode(&got); err != nil {
			t.Fatal(err)
		}
		if got["text"] != want.Text || got["title"] != want.Title || got["id"] != want.ID || len(got) != int(numFields) {
			t.Fatalf("got %q, want %q", got, want)
		}
	})
}

// Bytes that are no UTF-8 never reach a consumer.
func TestInvalidUTF8IsReplacedWhenWritten(t *testing.T) {
	r := Raw{Text: "caf\xe9 noir"}
	if got, err := ParseRaw(r.AppendJSON(nil), nil); err != nil || got.Text != "caf\ufffd noir" {
		t.Fatalf("got %q, %v", got.Text, err)
	}
}

// Whatever Complete is given, it leaves an id, a source and an intake time, times that sort as
// text, and the original of what it could not read; a second time it changes nothing.
func TestComplete(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := genRaw().Draw(t, "raw")
		if rapid.Bool().Draw(t, "dated") {
			in.Published = rapid.SampledFrom([]string{"2026-11-21", "Sat, 21 Nov 2026 07:30:00 GMT", "yesterday"}).Draw(t, "published")
		}
		r := in
		r.Complete("crawl", received, received)
		if r.ID == "" || r.Source == "" || !isTime(r.Added) || r.Published != "" && !isTime(r.Published) {
			t.Fatalf("incomplete: %+v", r)
		}
		if in.Published != "" && r.Published == "" && !strings.Contains(string(r.Metadata), string(appendString(nil, in.Published))) {
			t.Fatalf("published %q is lost: %s", in.Published, r.Metadata)
		}
		again := r
		again.Complete("other", received.Add(time.Hour), received.Add(time.Hour))
		if diff := cmp.Diff(r, again); diff != "" {
			t.Fatal(diff)
		}
	})
}

func isTime(s string) bool {
	t, err := time.Parse(time.RFC3339Nano, s)
	return err == nil && t.Location() == time.UTC
}

func TestCompleteFillsOnlyWhatIsMissing(t *testing.T) {
	r := Raw{Text: "a", Added: "2020-01-02", Source: "mine", ID: "7"}
	r.Complete("crawl", received, received)
	want := Raw{ID: "7", Text: "a", Source: "mine", Added: "2020-01-02T00:00:00Z"}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Error(diff)
	}
	r = Raw{Text: "a"}
	r.Complete("crawl", received, received)
	want = Raw{ID: DerivedID(&Raw{Text: "a"}), Text: "a", Source: "crawl", Added: "2026-11-22T08:30:00Z"}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Error(diff)
	}
}

// A time of intake that the clock has not reached, but for a day, moves to the metadata; an old one
// stays, and without a clock so does every one.
func TestCompleteDoubtsTheFuture(t *testing.T) {
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC) // -added
	for _, tt := range []struct {
		added, want, metadata string
		clock                 time.Time
	}{
		{"1998-02-03T00:00:00Z", "1998-02-03T00:00:00Z", `{"k":1}`, received},
		{"2026-11-23T08:30:00Z", "2026-11-23T08:30:00Z", `{"k":1}`, received},
		{"2026-11-23T08:30:01Z", "2026-11-01T00:00:00Z", `{"k":1,"added":"2026-11-23T08:30:01Z"}`, received},
		{"9999-12-31", "2026-11-01T00:00:00Z", `{"k":1,"added":"9999-12-31"}`, received},
		{"9999-12-31", "9999-12-31T00:00:00Z", `{"k":1}`, time.Time{}},
	} {
		r := Raw{ID: "7", Text: "a", Source: "mine", Added: tt.added, Published: "9999-12-31T00:00:00Z", Metadata: jsontext.Value(`{"k":1}`)}
		r.Complete("crawl", at, tt.clock)
		want := Raw{ID: "7", Text: "a", Source: "mine", Added: tt.want, Published: "9999-12-31T00:00:00Z", Metadata: jsontext.Value(tt.metadata)}
		if diff := cmp.Diff(want, r); diff != "" {
			t.Errorf("added %s (-want +got):\n%s", tt.added, diff)
		}
	}
}

// Derived ids are part of the format: these must never change.
func TestDerivedID(t *testing.T) {
	for _, tt := range []struct {
		want string
		raw  Raw
	}{
		{"f6e9be5d70632cf579e8258a15b0fe62", Raw{}},
		{"9d9c9b706de1c79db068352f0f805874", Raw{URL: "https://example.org/a", Title: "A", Text: "b"}},
		{"3ffa9a3e2ff2cd54df0df5b5c8869867", Raw{URL: "https://example.org/a", Title: "Ab"}},
	} {
		if got := DerivedID(&tt.raw); got != tt.want {
			t.Errorf("%+v: got %s, want %s", tt.raw, got, tt.want)
		}
	}
}

// The id depends on where one field ends and the next begins, and on nothing but the page.
func TestDerivedIDSeesFieldBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := genString().Draw(t, "s") + "x"
		a, b := Raw{Title: s}, Raw{Text: s}
		if DerivedID(&a) == DerivedID(&b) {
			t.Fatal("the title counts as text")
		}
		c := Raw{Title: s, Source: "x", Added: "y", Metadata: []byte(`{"a":1}`)}
		if DerivedID(&a) != DerivedID(&c) {
			t.Fatal("the id depends on the delivery")
		}
	})
}

var emptyIsNil = cmpopts.EquateEmpty()

func genShare() *rapid.Generator[float64] {
	return rapid.Map(rapid.Float64Range(0, 1), RoundShare)
}

func genRemoved() *rapid.Generator[Removed] {
	return rapid.Custom(func(t *rapid.T) Removed {
		n := rapid.IntRange(0, 1<<40)
		return Removed{n.Draw(t, "chars"), n.Draw(t, "blocks"), rapid.MapOfN(genString(), rapid.IntRange(1, 99), 0, 4).Draw(t, "reasons")}
	})
}

func genClean() *rapid.Generator[Clean] {
	return rapid.Custom(func(t *rapid.T) Clean {
		str := func() string { return genString().Draw(t, "field") }
		seq := rapid.Uint64Min(1)
		overlap := rapid.Custom(func(t *rapid.T) Overlap {
			return Overlap{"x" + str(), seq.Draw(t, "seq"), genShare().Draw(t, "share"), genShare().Draw(t, "other"), genRelation().Draw(t, "relation")}
		})
		return Clean{
			ID: "i" + str(), Seq: seq.Draw(t, "seq"), Source: str(), URL: str(), Site: "com.example", Title: str(), Text: str(), Lang: "en",
			Byline: str(), Published: "2026-11-21T07:30:00Z", Added: "2026-11-21T07:30:00.25Z", Cluster: "c" + str(),
			Overlaps: rapid.SliceOfN(overlap, 0, 3).Draw(t, "overlaps"), Removed: genRemoved().Draw(t, "removed"), Metadata: genMetadata().Draw(t, "metadata"),
		}
	})
}

func genDup() *rapid.Generator[Dup] {
	return rapid.Custom(func(t *rapid.T) Dup {
		c := genClean().Draw(t, "head")
		return Dup{
			ID: c.ID, Seq: c.Seq, Source: c.Source, URL: c.URL, Site: c.Site, Title: c.Title, Lang: c.Lang, Byline: c.Byline,
			Published: c.Published, Added: c.Added, Cluster: c.Cluster, Verdict: rapid.SampledFrom([]string{Exact, Near, Contained}).Draw(t, "verdict"),
			Of: c.Cluster, OfSeq: c.Seq, Share: genShare().Draw(t, "share"), ShareOfOther: genShare().Draw(t, "other"), Relation: genRelation().Draw(t, "relation"),
			Removed: c.Removed, Metadata: c.Metadata,
		}
	})
}

func genRelation() *rapid.Generator[string] {
	return rapid.SampledFrom([]string{Syndication, Repeat, Revision})
}

func genDead() *rapid.Generator[Dead] {
	return rapid.Custom(func(t *rapid.T) Dead {
		c := genClean().Draw(t, "head")
		raw := rapid.SliceOfN(rapid.Byte(), 0, 50).Draw(t, "raw")
		return Dead{
			ID: c.ID, Seq: c.Seq, Source: c.Source, URL: c.URL, Site: c.Site, Added: c.Added, Stage: "parse", Reason: ReasonSyntax,
			Detail: c.Title, Size: rapid.IntRange(0, 1<<40).Draw(t, "size"), Raw: raw,
		}
	})
}

// Each verdict read back is the verdict that was written.
func TestVerdictRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		clean := genClean().Draw(t, "clean")
		if got, err := ParseClean(clean.AppendJSON(nil)); err != nil || !cmp.Equal(clean, got, emptyIsNil) {
			t.Fatal(err, cmp.Diff(clean, got, emptyIsNil))
		}
		dup := genDup().Draw(t, "dup")
		if got, err := ParseDup(dup.AppendJSON(nil)); err != nil || !cmp.Equal(dup, got, emptyIsNil) {
			t.Fatal(err, cmp.Diff(dup, got, emptyIsNil))
		}
		dead := genDead().Draw(t, "dead")
		if got, err := ParseDead(dead.AppendJSON(nil)); err != nil || !cmp.Equal(dead, got, emptyIsNil) {
			t.Fatal(err, cmp.Diff(dead, got, emptyIsNil))
		}
	})
}

func TestDeadKeepsABoundedPart(t *testing.T) {
	d := Dead{Raw: bytes.Repeat([]byte{0xff}, MaxDeadBytes+1), Size: MaxDeadBytes + 1}
	got, err := ParseDead(d.AppendJSON(nil))
	if err != nil || len(got.Raw) != MaxDeadBytes || got.Size != MaxDeadBytes+1 {
		t.Fatalf("%d bytes of %d, %v", len(got.Raw), got.Size, err)
	}
}

func TestSharesAreRounded(t *testing.T) {
	nan := 0.0
	nan /= nan
	for in, want := range map[float64]string{0.123456: "0.1235", 1: "1", 1.7: "1", -1: "0", nan: "0", 0.00001: "0"} {
		if got := string(appendShareMember(nil, "", in)); got != want {
			t.Errorf("%v: got %s, want %s", in, got, want)
		}
	}
}

func TestWithMember(t *testing.T) {
	for _, tt := range []struct{ own, want string }{
		{"", `{"modified":"2026-03-04"}`},
		{"{}", `{"modified":"2026-03-04"}`},
		{`{"a":[1]}`, `{"a":[1],"modified":"2026-03-04"}`},
		{`{"modified":7,"a":[1]}`, `{"modified":7,"a":[1]}`},
		{`{"a":"` + strings.Repeat("x", MaxMetadata-notesRoom-10) + `"}`, `{"a":"` + strings.Repeat("x", MaxMetadata-notesRoom-10) + `"}`},
	} {
		if got := WithMember([]byte(tt.own), "modified", "2026-03-04"); string(got) != tt.want {
			t.Errorf("%.40q became %.60q", tt.own, got)
		}
	}
}
