package record

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"winnow/schema"
)

func loadSchema(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	f, err := schema.Files.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	doc, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(name, doc); err != nil {
		t.Fatal(err)
	}
	return c.MustCompile(name)
}

func validate(s *jsonschema.Schema, line []byte) error {
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(line))
	if err != nil {
		return err
	}
	return s.Validate(v)
}

// Everything the encoders write is valid by its schema.
func TestSchemasAcceptWhatWeWrite(t *testing.T) {
	raw, clean := loadSchema(t, "raw.schema.json"), loadSchema(t, "clean.schema.json")
	dup, dead := loadSchema(t, "dup.schema.json"), loadSchema(t, "dead.schema.json")
	rapid.Check(t, func(t *rapid.T) {
		r, c := genRaw().Draw(t, "raw"), genClean().Draw(t, "clean")
		d, x := genDup().Draw(t, "dup"), genDead().Draw(t, "dead")
		r.Complete("crawl", received, received)
		for _, tt := range []struct {
			schema *jsonschema.Schema
			line   []byte
		}{{raw, r.AppendJSON(nil)}, {clean, c.AppendJSON(nil)}, {dup, d.AppendJSON(nil)}, {dead, x.AppendJSON(nil)}} {
			if err := validate(tt.schema, tt.line); err != nil {
				t.Fatalf("%v\n%s", err, tt.line)
			}
		}
	})
}

// A record with a key missing, a key too many, null or another type anywhere is refused by its
// schema and, for the verdicts, by its parser: both have the same opinion.
func TestSchemasRefuseBrokenRecords(t *testing.T) {
	raw, removed := sample, Removed{Chars: 1, Blocks: 1, Reasons: map[string]int{"caption": 1}}
	clean := Clean{ID: "a", Seq: 1, Lang: "en", Cluster: "a", Overlaps: []Overlap{{"b", 1, .5, .25, Syndication}}, Removed: removed, Metadata: []byte(`{"a":1}`)}
	dup := Dup{ID: "a", Seq: 2, Lang: "en", Cluster: "b", Verdict: Near, Of: "b", OfSeq: 1, Relation: Revision, Removed: removed}
	dead := Dead{ID: "a", Seq: 3, Stage: "parse", Reason: ReasonSyntax, Raw: []byte("x")}
	for _, tt := range []struct {
		name  string
		line  []byte
		other string // a word that no other may stand for
		parse func([]byte) error
	}{
		{"raw", raw.AppendJSON(nil), "", nil},
		{"clean", clean.AppendJSON(nil), Syndication, func(b []byte) error { _, err := ParseClean(b); return err }},
		{"dup", dup.AppendJSON(nil), Revision, func(b []byte) error { _, err := ParseDup(b); return err }},
		{"dead", dead.AppendJSON(nil), "", func(b []byte) error { _, err := ParseDead(b); return err }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := loadSchema(t, tt.name+".schema.json")
			if err := validate(s, tt.line); err != nil {
				t.Fatal("the unbroken record: ", err)
			}
			if tt.other != "" {
				line := []byte(strings.Replace(string(tt.line), tt.other, "cousin", 1))
				if bytes.Equal(line, tt.line) || validate(s, line) == nil || tt.parse(line) == nil {
					t.Errorf("another relation is accepted: %s", line)
				}
			}
			breakEach(t, tt.line, func(what string, line []byte) {
				if validate(s, line) == nil {
					t.Errorf("schema accepts %s: %s", what, line)
				}
				if tt.parse != nil && tt.parse(line) == nil {
					t.Errorf("parser accepts %s: %s", what, line)
				}
			})
		})
	}
}

// breakEach calls f with each way to break the object: by its own keys and by those of the
// objects and lists in it, but for metadata, where everything is allowed.
func breakEach(t *testing.T, line []byte, f func(what string, line []byte)) {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal(line, &doc); err != nil {
		t.Fatal(err)
	}
	emit := func(what string) {
		b, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		f(what, b)
	}
	var walk func(path string, obj map[string]any, open bool)
	walk = func(path string, obj map[string]any, open bool) {
		if !open {
			obj["surplus"] = "x"
			emit("a surplus key in " + path)
			delete(obj, "surplus")
		}
		for key, old := range obj {
			if !open {
				delete(obj, key)
				emit("no " + path + key)
			}
			for _, wrong := range []any{nil, true, []any{1}, map[string]any{"x": nil}, "x\x00", 1.5, -1} {
				if sameKind(old, wrong) {
					continue
				}
				obj[key] = wrong
				emit("another type for " + path + key)
			}
			obj[key] = old
			switch v := old.(type) {
			case map[string]any:
				if key != "metadata" {
					walk(path+key+".", v, key == "reasons")
				}
			case []any:
				for _, e := range v {
					walk(path+key+"[].", e.(map[string]any), false)
				}
			}
		}
	}
	walk("", doc, false)
}

// sameKind reports whether wrong may be right in place of old.
func sameKind(old, wrong any) bool {
	switch old.(type) {
	case string:
		s, ok := wrong.(string)
		return ok && s != ""
	case map[string]any:
		_, ok := wrong.(map[string]any)
		return ok
	}
	return false
}
