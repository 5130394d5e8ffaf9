package boilerplate

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func matchLine(r *Rules, line string) int {
	var sc lineScanner
	return sc.match(r, line)
}

// Every rule matches what it says it matches, and no rule matches what one says it must not.
func TestRuleExamples(t *testing.T) {
	r := DefaultRules()
	if len(r.rules) < 100 {
		t.Fatalf("only %d rules are built in", len(r.rules))
	}
	for i, x := range r.rules {
		if len(x.good) == 0 || len(x.bad) == 0 {
			t.Errorf("%s: wants an example that matches and one that does not", x.reason)
		}
		for _, e := range x.good {
			line := e.text
			if got := matchLine(r, line); got < 0 {
				t.Errorf("%s: no rule matches %q", x.reason, line)
			} else if got != i && !related[r.rules[got].reason[8:]+" "+x.reason[8:]] && !sameReason(r, got, i) {
				t.Errorf("%s: %q is matched by %s first", x.reason, line, r.rules[got].reason)
			}
		}
		for _, e := range x.bad {
			if got := matchLine(r, e.text); got >= 0 {
				t.Errorf("%s: %q must not match, but %s does", x.reason, e.text, r.rules[got].reason)
			}
		}
	}
}

// related are pairs of rules that share phrases: the first one of two may take an example.
var related = map[string]bool{"byline post-footer": true, "post-footer byline": true, "post-footer copyright": true}

func sameReason(r *Rules, a, b int) bool {
	return r.rules[a].reason[strings.IndexByte(r.rules[a].reason, '/'):] == r.rules[b].reason[strings.IndexByte(r.rules[b].reason, '/'):]
}

func TestPatterns(t *testing.T) {
	rules := `
[share tail]
(share|send) [this|the] (story|page) [to <any>]
stor(y|ies) by <name>
seen on <date>
<number> like[s]
<any> end here
+ Share this story
- Nothing of the kind
`
	r, err := ParseRules("own.txt", []byte(rules))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		line string
		want bool
	}{
		{"Share this story", true},
		{"SEND the PAGE!", true},
		{"send story", true},
		{"Share this story to your friends", true},
		{"Share this story with", false},
		{"this story", false},
		{"Story by Jane Doe", true},
		{"Stories by Jane Doe", true},
		{"story by the sea", false},
		{"Seen on 12 January 2012, 10:30 am", true},
		{"seen on the beach", false},
		{"12 likes", true},
		{"many likes", false},
		{"end here", true},
		{"Does it all end here?", true},
		{"end here not", false},
		{"", false},
		{"Share this story to " + strings.Repeat("friend ", 60), true}, // by its beginning
		{"Share this story with " + strings.Repeat("friend ", 60), false},
		{strings.Repeat("friend ", 60) + "end here", false},
	} {
		if got := matchLine(r, tt.line) >= 0; got != tt.want {
			t.Errorf("%q: match is %v, want %v", tt.line, got, tt.want)
		}
	}
	if got := r.rules[0].reason; got != "rule:own/share" {
		t.Errorf("the reason is %q", got)
	}
}

// An error says the file, the line, and what to write instead.
func TestRulesErrors(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"no section", "share this", `own.txt:1: "share this" stands before the first section`},
		{"no place", "# x\n[share]\n", "own.txt:2: section [share]: want a reason and a place"},
		{"bad place", "[share middle]", `unknown place "middle": want head, tail or anywhere`},
		{"bad list", "[words stop]", "a word list is one of"},
		{"open choice", "[share tail]\nshare (this", `own.txt:2: pattern "share (this": "(" without ")"`},
		{"closed choice", "[share tail]\nshare this)", `")" without its opening`},
		{"placeholder", "[share tail]\nby <nobody>", "unknown placeholder <nobody>"},
		{"anything", "[share tail]\n<any>", "it would match anything"},
		{"nothing", "[share tail]\n[a|b]", "it would match anything"},
		{"example", "[shop tail]\nvisit our shop\n+ Visit our shop!\n+ Nope\n", `own.txt:4: "Nope" is to match, but no pattern of rule:own/shop does: change`},
		{"example of a built-in rule", "[shop tail]\nvisit our shop\n+ Share this article", `own.txt:3: "Share this article" is to match`},
		{"example of nothing", "[shop tail]\nvisit our shop\n+", `own.txt:3: "" is to match`},
		{"counterexample", "[shop tail]\nvisit our shop\n- visit our shop\n", `own.txt:3: "visit our shop" is not to match, but a pattern of rule:own/shop does`},
		{"counterexample without a blank", "[shop tail]\nvisit our shop\n-Visit our shop", `own.txt:3: "Visit our shop" is not to match`},
		{"spellings", "[share tail]\nx[a|b|c|d|e][a|b|c|d|e][a|b|c|d|e]", "more than 64 spellings"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			name := filepath.Join(t.TempDir(), "own.txt")
			if err := os.WriteFile(name, []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, loaded := LoadRules(name)
			_, parsed := ParseRules("own.txt", []byte(tt.text))
			for _, err := range []error{loaded, parsed} {
				if !errors.Is(err, ErrRules) || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("got %v, want %q", err, tt.want)
				}
			}
		})
	}
}

// A user's file stands beside the built-in rules.
func TestLoadRules(t *testing.T) {
	name := filepath.Join(t.TempDir(), "mine.txt")
	if err := os.WriteFile(name, []byte("\ufeff[plea anywhere]\nfeed the cat of this house\n+ Feed the cat of this house!\n- Share this article\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	r, err := LoadRules(name)
	if err != nil {
		t.Fatal(err)
	}
	if i := matchLine(r, "Feed the cat of this house!"); i < 0 || r.rules[i].reason != "rule:mine/plea" {
		t.Errorf("the user's rule is rule %d", i)
	}
	if matchLine(r, "Skip to main content") < 0 {
		t.Error("the built-in rules are gone")
	}
	if _, err := LoadRules(name + ".not"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}

func TestFold(t *testing.T) {
	for _, tt := range []struct{ a, b string }{
		{"Crème Brûlée", "creme brulee"},
		{"ΣΧΟΛΙΑ", "σχόλια"},
		{"Don’t", "dont"},
		{"a  -  b", "A b!"},
		{"ＡＢＣ１", "abc1"},
		{"İSTANBUL", "istanbul"},
	} {
		a, _ := foldLine(tt.a)
		b, _ := foldLine(tt.b)
		if a != b {
			t.Errorf("%q and %q do not fold to one", tt.a, tt.b)
		}
	}
	for _, tt := range []struct{ a, b string }{{"ab c", "a bc"}, {"a b", "b a"}, {"中文", "文中"}, {"1", "2"}} {
		a, _ := foldLine(tt.a)
		b, _ := foldLine(tt.b)
		if a == b {
			t.Errorf("%q and %q fold to one", tt.a, tt.b)
		}
	}
	if h, n := foldLine(" -- "); h != 0 || n != 0 {
		t.Error("a text without words has a hash")
	}
}

// The digest tells apart what gives other reasons or other rules, and nothing else.
func TestRulesDigest(t *testing.T) {
	digest := func(names ...string) uint64 {
		t.Helper()
		d, err := RulesDigest(names...)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	file := func(name, text string) string {
		t.Helper()
		name = filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	a, sameElsewhere := file("a.txt", "[plea tail]\nfeed the cat\n"), file("a.rules", "[plea tail]\nfeed the cat\n")
	if digest(a) != digest(sameElsewhere) {
		t.Error("the folder or the extension, which no reason names, changed the digest")
	}
	seen := map[uint64]string{}
	for name, files := range map[string][]string{
		"none": nil, "one": {a}, "another name": {file("b.txt", "[plea tail]\nfeed the cat\n")}, "another text": {file("a.txt", "[plea tail]\nfeed the dog\n")},
		"two": {a, file("c.txt", "[plea tail]\nor the dog\n")}, "other order": {file("c.txt", "[plea tail]\nor the dog\n"), a},
		"two, cut elsewhere": {file("a.txt", "[plea tail]\nfeed the cat\n[plea tail]\n"), file("c.txt", "or the dog\n")},
	} {
		d := digest(files...)
		if other, ok := seen[d]; ok {
			t.Errorf("%s and %s have one digest", name, other)
		}
		seen[d] = name
	}
}

// A name begins with a capital, though words such as "von" stand inside of names: whose picture it is that a sentence
// speaks of is no credit. And what is a label only with its colon is none without.
func TestNamesAndColons(t *testing.T) {
	r, err := ParseRules("own.txt", []byte("[credit anywhere]\n<any> photo <name>\n<any> credit <:> <name>\n(author|writer) <:> <any>\n"))
	if err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]bool{
		"The harbour at night. Photo: Jane Doe":     true,
		"The harbour at night. Photo: dpa":          true,
		"The harbour at night. Photo: Anna van Dam": true,
		"She kept a photo von Anna":                 false,
		"The harbour at night. Credit: Jane Doe":    true,
		"The harbour at night. Credit : Jane Doe":   true,
		"The harbour at night. Credit/Jane Doe":     true,
		"She has an account at Credit Suisse":       false,
		"Author: nobody knows":                      true,
		"Author nobody knows":                       false,
		"An author: nobody knows":                   false,
	} {
		if got := matchLine(r, line) >= 0; got != want {
			t.Errorf("%q: match is %v, want %v", line, got, want)
		}
	}
}
