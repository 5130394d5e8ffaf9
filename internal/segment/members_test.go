package segment

import (
	"bytes"
	"errors"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

// members reads line with the outline reader.
func members(line []byte) (list [][2]string, err error) {
	for o := (object{b: line}); ; {
		key, val, ok, err := o.next()
		if err != nil || !ok {
			return list, err
		}
		list = append(list, [2]string{string(key), string(val)})
	}
}

// Law: of what is a JSON object, the outline reader sees the members that a JSON parser sees, as
// they stand; of anything else it says ErrRecord, or takes it on trust, and does not panic.
func FuzzObject(f *testing.F) {
	for _, seed := range []string{
		`{}`, ` { } `, `{"a":1}`, `{"a":"b\"c\\","d":[{"e":"}"},[]],"f":{"g":{}}}`, `{"a" : -1.5e3 , "b":null,"c":true}`, `{"a":1`, `{"a":}`, `{"a":1}}`,
		`{"a":"\\\\"}`, `[]`, ``, `{"a":1 2}`, `{,}`, `{"a":1,}`, `{"":""}`, "{\"a\":\"\\", `{"a"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		got, err := members(line)
		if err != nil && !errors.Is(err, ErrRecord) {
			t.Fatalf("error %v, want %v", err, ErrRecord)
		}
		var c counted
		if cerr := c.read(line); err != nil && cerr == nil {
			t.Fatalf("counted took what is no object: %v", err)
		}
		options := []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}
		if v := jsontext.Value(line); !v.IsValid(options...) || v.Kind() != '{' {
			return
		}
		if err != nil {
			t.Fatalf("a JSON object is refused: %v", err)
		}
		dec := jsontext.NewDecoder(bytes.NewReader(line), options...)
		if _, err := dec.ReadToken(); err != nil {
			t.Fatal(err)
		}
		for i := 0; dec.PeekKind() != '}'; i++ {
			key, err1 := dec.ReadValue()
			key = key.Clone()
			val, err2 := dec.ReadValue()
			if err1 != nil || err2 != nil || i >= len(got) || string(key) != `"`+got[i][0]+`"` || string(val) != got[i][1] {
				t.Fatalf("member %d is %s:%s, errors %v, %v; got %q", i, key, val, err1, err2, got)
			}
		}
	})
}

func TestCountedReadsWhatTheManifestNeeds(t *testing.T) {
	var c counted
	line := `{"id":"x","seq":7,"site":"com.ex\u0061mple","lang":"en","published":"2026-11-20T06:00:00Z","added":"2026-11-21T01:00:00+02:00",` +
		`"text":"\"seq\":9","verdict":"near","removed":{"chars":12,"blocks":3,"reasons":{"caption":1,"a \"b\"":2}},"metadata":{"seq":1}}`
	if err := c.read([]byte(line)); err != nil {
		t.Fatal(err)
	}
	if c.Seq != 7 || c.Site != "com.example" || c.Lang != "en" || c.Published != "2026-11-20T06:00:00Z" || c.Verdict != "near" ||
		c.chars != 12 || c.blocks != 3 || len(c.reasons) != 2 || string(c.reasons[1].reason) != `a "b"` || c.reasons[1].blocks != 2 ||
		c.added.Format("2006-01-02T15") != "2026-11-20T23" {
		t.Errorf("%+v", c)
	}
	if err := c.read([]byte(`{"seq":8}`)); err != nil || c.Site != "" || c.Lang != "" || c.Verdict != "" || len(c.reasons) != 0 || !c.added.IsZero() {
		t.Errorf("something of the record before is left: %+v, error %v", c, err)
	}
	for _, bad := range []string{`{"seq":-1}`, `{"seq":1.5}`, `{"seq":"1"}`, `{"seq":99999999999999999999}`, "{\"seq\":1\n}", `{"removed":{"chars":"a"}}`} {
		if err := c.read([]byte(bad)); !errors.Is(err, ErrRecord) {
			t.Errorf("%s: error %v, want %v", bad, err, ErrRecord)
		}
	}
}

func TestFolders(t *testing.T) {
	p := Partition{"date", "published", "lang", "site"}
	for _, test := range []struct {
		c    counted
		want string
	}{
		{counted{Published: "2026-11-20T23:30:00-02:00", Lang: "en", Site: "com.example"}, "published=2026-11-21/lang=en/site=com.example"},
		{counted{}, "published=" + nowhere + "/lang=" + nowhere + "/site=" + nowhere},
		{counted{Published: "soon", Lang: "../x", Site: "2001:db8::1"}, "published=" + nowhere + "/lang=..%2Fx/site=2001%3Adb8%3A%3A1"},
	} {
		if got := string(p.appendFolder(nil, &test.c)); got != test.want {
			t.Errorf("%+v: %s, want %s", test.c, got, test.want)
		}
	}
	long := func(c string) string { return string(appendEscaped(nil, c)) }
	a, b := long(string(bytes.Repeat([]byte("é"), 200))), long(string(bytes.Repeat([]byte("é"), 201)))
	if len(a) > maxValue || a == b {
		t.Errorf("%d bytes, want at most %d, and another for another value", len(a), maxValue)
	}
}
