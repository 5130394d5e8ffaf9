package bus_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"pgregory.net/rapid"

	"winnow/internal/bus"
)

func TestSubjects(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{bus.RawSubject("scrapy"), "raw.scrapy"},
		{bus.RawSubject("nyt.com"), "raw.nyt%2Ecom"},
		{bus.RawSubject(""), "raw._"},
		{bus.RawSubject("_"), "raw.%5F"},
		{bus.RawSubject("a*> ü%"), "raw.a%2A%3E%20%C3%BC%25"},
		{bus.CleanSubject("en", "com.irishexaminer.www"), "clean.en.com.irishexaminer.www"},
		{bus.CleanSubject("", ""), "clean._._"},
		{bus.DupSubject("zh", "com..x"), "dup.zh.com._.x"},
		{bus.DupSubject("de", "192.0.2.1:80"), "dup.de.192.0.2.1%3A80"},
		{bus.DeadSubject("extract"), "dead.extract"},
		{bus.RawSubject(strings.Repeat("a", 128)), "raw." + strings.Repeat("a", 128)},
		{bus.RawSubject(strings.Repeat("a", 129)), "raw." + strings.Repeat("a", 110) + "%-A633C13295F18008"},
		{bus.SourceOf("raw.a.b"), "a.b"},
		{bus.SourceOf("raw.50%"), "50%"},
		{bus.SourceOf("clean.en.x"), ""},
		{bus.StageOf("dead.a%20b"), "a b"},
		{bus.StageOf("raw.a"), ""},
		{bus.KindOf("clean.en.x").String(), "clean"},
		{bus.KindOf("cleaned.en.x").String(), "unknown"},
		{bus.KeyOf("a/b c"), "a=2Fb=20c"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

// name is a text with what may break a subject.
func name() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.String(),
		rapid.StringOfN(rapid.SampledFrom([]rune(".*> %_-aZ0\r\n\x00ü中")), 0, 40, -1),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 300), func(b []byte) string { return string(b) }),
	)
}

// Law: any names give valid subjects of bounded length, and come back from them unless they were cut.
func TestSubjectsParseBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lang, site := name().Draw(t, "lang"), name().Draw(t, "site")
		subject := bus.CleanSubject(lang, site)
		if !server.IsValidPublishSubject(subject) || !regexp.MustCompile(`^clean(\.[A-Za-z0-9_%-]+){2,}$`).MatchString(subject) {
			t.Fatalf("subject %q is not valid", subject)
		}
		if len(subject) > 400 || strings.Count(subject, ".") > 40 {
			t.Fatalf("subject has %d bytes in %d tokens", len(subject), strings.Count(subject, ".")+1)
		}
		gotLang, gotSite := bus.PlaceOf(subject)
		if cut := strings.Contains(subject, "%-"); !cut && (gotLang != lang || gotSite != site) {
			t.Fatalf("%q %q came back from %q as %q %q", lang, site, subject, gotLang, gotSite)
		}
		if raw := bus.RawSubject(site); !strings.Contains(raw, "%-") && bus.SourceOf(raw) != site {
			t.Fatalf("%q came back from %q as %q", site, raw, bus.SourceOf(raw))
		}
		if dead := bus.DeadSubject(lang); !strings.Contains(dead, "%-") && bus.StageOf(dead) != lang {
			t.Fatalf("%q came back from %q as %q", lang, dead, bus.StageOf(dead))
		}
	})
}

// Law: different names give different subjects, cut or not, and a key stays within its alphabet.
func TestSubjectsDiffer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		long := strings.Repeat("x", rapid.IntRange(0, 300).Draw(t, "length"))
		a, b := long+name().Draw(t, "a"), long+name().Draw(t, "b")
		if a == b {
			return
		}
		if bus.RawSubject(a) == bus.RawSubject(b) {
			t.Fatalf("%q and %q are both %q", a, b, bus.RawSubject(a))
		}
		if bus.DupSubject("en", a) == bus.DupSubject("en", b) {
			t.Fatalf("%q and %q are both %q", a, b, bus.DupSubject("en", a))
		}
		if key := bus.KeyOf(a); key == bus.KeyOf(b) || !regexp.MustCompile(`^[A-Za-z0-9_=-]{1,200}$`).MatchString(key) {
			t.Fatalf("key %q", key)
		}
	})
}

func FuzzSubjects(f *testing.F) {
	f.Add("en", "com.reuters.www")
	f.Add("", "..")
	f.Add("_", "%-")
	f.Fuzz(func(t *testing.T, lang, site string) {
		subject := bus.CleanSubject(lang, site)
		if !server.IsValidPublishSubject(subject) || len(subject) > 400 {
			t.Fatalf("subject %q is not valid", subject)
		}
		if gotLang, gotSite := bus.PlaceOf(subject); !strings.Contains(subject, "%-") && (gotLang != lang || gotSite != site) {
			t.Fatalf("%q %q came back from %q as %q %q", lang, site, subject, gotLang, gotSite)
		}
		_, _, _ = bus.SourceOf(site), bus.StageOf(site), bus.KindOf(site)
	})
}
