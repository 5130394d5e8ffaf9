package record

import (
	"bytes"
	"errors"
	"testing"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
)

var seeds = []string{
	`{}`, `{"text":"a\u00e9\ud83d\ude00\n"}`, `{"id":1,"url":["a","b"],"authors":[{"name":"x"}]}`, `{"a":{"b":[1,{"c":"}"}]}}`,
	`{"text":"\ud800"}`, `{"metadata":{"winnow_notes":1},"x":"\udc00"}`, `{"a":1,"a":2}`, "{\"text\":\"\xff\"}", `{"title":null,"body":"<p></p>"}`,
	`{"published":1700000000,"metadata":[],"id":""}`, `{"article":{"articleBody":"a","url":["b"],"metadata":{}},"objects":[{"text":"x"},1],"request":{"pageUrl":""}}`,
	`{"httpResponseBody":"PHA+YQ==","httpResponseHeaders":[{"name":"content-type","value":"text/html"},7]}`, `{"a":{"b":[{"c":"x"}]}}`,
	`{"a":{"b c":"d \" e\\"},"f":[1,"\u0020 x", 2]}`,
	`{"a":{"b":1},"items":[{"text":"a"},{"b":"\ud800"}],"c":2}`, `{"data":[{"body":""},[]]}`,
	`[1]`, `{"a":1}{`, " {\t\"a\" : -0.0e+1 , \"b\":true}\n",
}

// Either a typed error, or a record within its bounds that survives being written and read.
func FuzzParseRaw(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, part := range Split(data, nil) {
			if _, err := ParseRaw(part, nil); err != nil && !errors.Is(err, ErrMalformed) {
				t.Fatal(err)
			}
		}
		if _, err := ParseRaw(data, Mapping{"a.b": "text", "a.b.c": "title", "objects.text": "id"}); err != nil && !errors.Is(err, ErrMalformed) {
			t.Fatal(err)
		}
		r, err := ParseRaw(data, nil)
		if err != nil {
			m, ok := errors.AsType[*MalformedError](err)
			if !ok || m.Reason == "" || len(m.Detail) > maxDetail || !utf8.ValidString(m.Detail) {
				t.Fatalf("%#v", err)
			}
			return
		}
		for i, n := range []int{len(r.ID), len(r.URL), len(r.Source), len(r.Title), len(r.Text), len(r.HTML), len(r.Lang), len(r.Byline), len(r.Published), len(r.Added), len(r.Metadata)} {
			limit := []int{MaxID, MaxURL, MaxSource, MaxTitle, MaxText, MaxHTML, MaxLang, MaxByline, MaxTime, MaxTime, MaxMetadata}[i]
			if n > limit {
				t.Fatalf("%s: %d bytes", fieldKeys[i], n)
			}
		}
		again, err := ParseRaw(r.AppendJSON(nil), nil)
		if err != nil || !cmp.Equal(r, again) {
			t.Fatal(err, cmp.Diff(r, again))
		}
		r.Complete("fuzz", received, received)
		if again, err = ParseRaw(r.AppendJSON(nil), nil); err != nil || !cmp.Equal(r, again) {
			t.Fatal(err, cmp.Diff(r, again))
		}
	})
}

// What the scanner takes, the decoder takes too, and both see the same members and the same
// strings.
func FuzzScan(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if !utf8.Valid(data) {
			return
		}
		fast, ok := scanMembers(nil, data)
		slow, err := decodeMembers(nil, data)
		if !ok {
			return
		}
		if err != nil || len(fast) != len(slow) {
			t.Fatalf("the decoder: %v, %d members, the scanner: %d", err, len(slow), len(fast))
		}
		for i := range fast {
			if !bytes.Equal(fast[i].key, slow[i].key) || !bytes.Equal(fast[i].val, slow[i].val) {
				t.Fatalf("%q: %q, %q: %q", fast[i].key, fast[i].val, slow[i].key, slow[i].val)
			}
			want := fast[i].val.Clone()
			if err := want.Compact(); err != nil || !bytes.Equal(compact(fast[i].val), want) {
				t.Fatalf("%q: compact is %q, want %q, %v", fast[i].val, compact(fast[i].val), want, err)
			}
			if fast[i].val.Kind() == '"' {
				if want, err := jsontextUnquote(fast[i].val); err != nil || unquote(fast[i].val) != want {
					t.Fatalf("%q: got %q, want %q", fast[i].val, unquote(fast[i].val), want)
				}
			}
		}
	})
}

func jsontextUnquote(val []byte) (string, error) {
	b, err := jsontext.AppendUnquote(nil, val)
	return string(b), err
}
