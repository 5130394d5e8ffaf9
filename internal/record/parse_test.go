package record

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// raw returns r with empty metadata where it has none, as ParseRaw gives it.
func raw(r Raw) Raw {
	if r.Metadata == nil {
		r.Metadata = []byte("{}")
	}
	return r
}

// The table of the package documentation, row by row: what reaches a field or the metadata.
func TestFates(t *testing.T) {
	long := strings.Repeat("x", MaxURL)
	for _, tt := range []struct {
		name, in string
		want     Raw
	}{
		{"empty object", `{}`, Raw{}},
		{"white space and byte order mark", "\ufeff \t{ \"text\" : \"a\" , \"metadata\" : { \"b\" : [ 1 ] } }\r\n", Raw{Text: "a", Metadata: []byte(`{"b":[1]}`)}},
		{"unknown keys", `{"text":"a","spider":{"n":1},"tags":["x"]}`, Raw{Text: "a", Metadata: []byte(`{"spider":{"n":1},"tags":["x"]}`)}},
		{"unknown key taken in metadata", `{"a":1,"metadata":{"a":2,"b":3},"b":3}`, Raw{Metadata: []byte(`{"a":2,"b":3,"a_":1}`)}},
		{"metadata is no object", `{"metadata":[1],"a":2}`, Raw{Metadata: []byte(`{"metadata":[1],"a":2}`)}},
		{"metadata is null", `{"metadata":null}`, Raw{}},
		{"nulls", `{"id":null,"url":null,"text":"a","html":null,"title":null,"byline":[],"published":null,"x":null}`, Raw{Text: "a", Metadata: []byte(`{"x":null}`)}},
		{"escaped key", `{"te\u0078t":"a","a\nb":1}`, Raw{Text: "a", Metadata: []byte(`{"a\nb":1}`)}},
		{"numbers", `{"id":12345678901234567890,"published":1700000000,"added":1.5e9}`, Raw{ID: "12345678901234567890", Published: "1700000000", Added: "1.5e9"}},
		{"descriptive field of a wrong type", `{"title":7,"lang":{"a":1},"byline":true,"published":false}`, Raw{Metadata: []byte(`{"title":7,"lang":{"a":1},"byline":true,"published":false}`)}},
		{"lists of strings", `{"text":["a","b"],"title":["T"],"url":["u1","u2"]}`, Raw{Text: "a\nb", Title: "T", URL: "u1", Metadata: []byte(`{"url":["u1","u2"]}`)}},
		{"NUL, line separators, an emoji", `{"text":"a\u0000b\u2028c\ud83d\ude00d\/"}`, Raw{Text: "a\x00b\u2028c\U0001F600d/"}},
		{"lone surrogate", `{"text":"a\ud83d b","x":"\udc00"}`, Raw{Text: "a\ufffd b", Metadata: []byte("{\"x\":\"\ufffd\",\"winnow_notes\":[\"lone surrogate escapes replaced by U+FFFD\"]}")}},
		{"surrogate pair the wrong way round", `{"text":"\ude00\ud83d"}`, Raw{Text: "\ufffd\ufffd", Metadata: []byte(`{"winnow_notes":["lone surrogate escapes replaced by U+FFFD"]}`)}},
		{"long url", `{"url":"` + long + `x"}`, Raw{Metadata: []byte(`{"url":"` + long + `x"}`)}},
		{"url at the limit", `{"url":"` + long + `"}`, Raw{URL: long}},
		{"long title", `{"title":"` + long[:MaxTitle-1] + `é"}`, Raw{Title: long[:MaxTitle-1], Metadata: []byte(`{"title":"` + long[:MaxTitle-1] + `é"}`)}},
		{"long time", `{"published":"` + long[:65] + `"}`, Raw{Metadata: []byte(`{"published":"` + long[:65] + `"}`)}},
		{"notes are not lost", `{"x":"\ud800","metadata":{"winnow_notes":["old"]}}`, Raw{Metadata: []byte("{\"winnow_notes\":[\"old\",\"lone surrogate escapes replaced by U+FFFD\"],\"x\":\"\ufffd\"}")}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseRaw([]byte(tt.in), nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(raw(tt.want), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The rows of the table that end in a dead record.
func TestMalformed(t *testing.T) {
	many := make([]string, 200)
	for i := range many {
		many[i] = fmt.Sprintf(`"k%d":1`, i)
	}
	for _, tt := range []struct{ name, in, reason, detail string }{
		{"nothing", ``, ReasonNotObject, "nothing"},
		{"blank", " \n", ReasonNotObject, "nothing"},
		{"text", `hello`, ReasonNotObject, "hello"},
		{"list", `[{"text":"a"}]`, ReasonNotObject, "want a JSON object"},
		{"null", `null`, ReasonNotObject, "null"},
		{"cut off", `{"text":"abc`, ReasonSyntax, "EOF"},
		{"two objects", `{"text":"a"} {"text":"b"}`, ReasonSyntax, ""},
		{"trailing comma", `{"text":"a",}`, ReasonSyntax, "offset 11"},
		{"single quotes", `{'text':'a'}`, ReasonSyntax, "offset 1"},
		{"NaN", `{"text":"a","score":NaN}`, ReasonSyntax, "offset 20"},
		{"leading zero", `{"a":01}`, ReasonSyntax, ""},
		{"raw NUL", "{\"text\":\"a\x00\"}", ReasonSyntax, ""},
		{"raw line break", "{\"text\":\"a\nb\"}", ReasonSyntax, ""},
		{"bad escape", `{"text":"\x41"}`, ReasonSyntax, ""},
		{"short escape", `{"text":"\u12"}`, ReasonSyntax, ""},
		{"lone surrogate and a syntax error", `{"text":"\ud800",}`, ReasonSyntax, ""},
		{"Latin-1", "{\"text\":\"caf\xe9\"}", ReasonInvalidUTF8, "byte 12"},
		{"surrogate in UTF-8", "{\"text\":\"\xed\xa0\x80\"}", ReasonInvalidUTF8, "byte 9"},
		{"key twice", `{"text":"a","title":"t","text":"b"}`, ReasonDuplicateKey, "text"},
		{"key twice, once escaped", `{"text":"a","te\u0078t":"b"}`, ReasonDuplicateKey, "text"},
		{"key twice deep down", `{"metadata":{"a":{"b":1,"b":1}}}`, ReasonDuplicateKey, "b"},
		{"key twice among many", `{` + strings.Join(many, ",") + `,"k7":1}`, ReasonDuplicateKey, "k7"},
		{"number as text", `{"text":7}`, ReasonWrongType, "text"},
		{"object as html", `{"html":{"a":1}}`, ReasonWrongType, "html"},
		{"boolean as id", `{"id":true}`, ReasonWrongType, "id"},
		{"object as url", `{"url":{"name":"x"}}`, ReasonWrongType, "url"},
		{"mixed list as text", `{"text":["a",1]}`, ReasonWrongType, "text"},
		{"long id", `{"id":"` + strings.Repeat("x", MaxID+1) + `"}`, ReasonIDTooLong, "513"},
		{"long text", `{"text":"` + strings.Repeat("x", MaxText+1) + `"}`, ReasonTextTooLong, "33554433"},
		{"long html", `{"html":"` + strings.Repeat("x", MaxHTML+1) + `"}`, ReasonHTMLTooLong, "33554433"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseRaw([]byte(tt.in), nil)
			m, ok := errors.AsType[*MalformedError](err)
			if !ok || !errors.Is(err, ErrMalformed) {
				t.Fatalf("got %+v, %v", got, err)
			}
			if m.Reason != tt.reason || !strings.Contains(m.Detail, tt.detail) {
				t.Errorf("got %s: %s", m.Reason, m.Detail)
			}
		})
	}
}

// Metadata keeps what fits, in order, and names what does not.
func TestMetadataBounds(t *testing.T) {
	blob := strings.Repeat("x", MaxMetadata)
	deep := strings.Repeat("[", MaxDepth) + strings.Repeat("]", MaxDepth)
	got, err := ParseRaw([]byte(`{"a":1,"blob":"`+blob+`","deep":`+deep+`,"b":2,"metadata":{"more":"`+blob+`"}}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"a":1,"b":2,"winnow_notes":[` +
		`"metadata \"blob\" left out: 262146 bytes, the limit is 262144 in all",` +
		`"metadata \"deep\" left out: nested deeper than 32",` +
		`"metadata \"more\" left out: 262146 bytes, the limit is 262144 in all"]}`
	if diff := cmp.Diff(want, string(got.Metadata)); diff != "" {
		t.Error(diff)
	}
	within := strings.Repeat("[", MaxDepth-1) + strings.Repeat("]", MaxDepth-1)
	if got, err = ParseRaw([]byte(`{"a":`+within+`}`), nil); err != nil || string(got.Metadata) != `{"a":`+within+`}` {
		t.Errorf("got %s, %v", got.Metadata, err)
	}
}

// However many members there are to leave out, the metadata keeps its bound.
func TestNotesAreBounded(t *testing.T) {
	var in strings.Builder
	in.WriteString(`{"text":"a"`)
	for i := range 1000 {
		fmt.Fprintf(&in, `,"%s%d":"%s"`, strings.Repeat(`\u0001`, 300), i, strings.Repeat("x", 2000))
	}
	in.WriteString("}")
	got, err := ParseRaw([]byte(in.String()), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Metadata) > MaxMetadata || !got.Metadata.IsValid() || !strings.Contains(string(got.Metadata), "more") {
		t.Errorf("%d bytes of metadata", len(got.Metadata))
	}
}

// The parser does not keep the caller's bytes.
func TestParseRawCopies(t *testing.T) {
	in := []byte(`{"text":"abc","title":"def","x":"ghi"}`)
	got, err := ParseRaw(in, nil)
	if err != nil {
		t.Fatal(err)
	}
	clear(in)
	if got.Text != "abc" || got.Title != "def" || string(got.Metadata) != `{"x":"ghi"}` {
		t.Errorf("got %+v", got)
	}
}

func TestStrictParsersNameTheKey(t *testing.T) {
	c := Clean{ID: "a", Seq: 1}
	line := string(c.AppendJSON(nil))
	for in, want := range map[string]string{
		strings.Replace(line, `"id":"a",`, "", 1):                ReasonMissingKey + `: "id"`,
		strings.Replace(line, `"id":"a",`, `"id":"a","x":1,`, 1): ReasonUnknownKey + `: "x"`,
		strings.Replace(line, `"seq":1`, `"seq":-1`, 1):          ReasonWrongType + `: "seq"`,
		strings.Replace(line, `"id":"a"`, "\"id\":\"\xff\"", 1):  ReasonInvalidUTF8,
		line + line: ReasonSyntax,
	} {
		if _, err := ParseClean([]byte(in)); !errors.Is(err, ErrMalformed) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", in, err, want)
		}
	}
	d := Dup{ID: "a", Seq: 2, Verdict: "same", Relation: Repeat}
	if _, err := ParseDup(d.AppendJSON(nil)); !errors.Is(err, ErrMalformed) {
		t.Errorf("unknown verdict: %v", err)
	}
}
