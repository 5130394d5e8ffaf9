package dedupe

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Of a story that many took a part of, each is named, not only the first few.
func TestLargeStoriesAreListedWhole(t *testing.T) {
	part := invent(1, 150)
	var texts []string
	for i := range uint64(25) {
		texts = append(texts, invent(100+i, 80)+". "+part+" "+invent(200+i, 30))
	}
	v := judge(DefaultParams(), texts...)[24]
	if got := partners(v.Verdict); len(got) != 24 {
		t.Errorf("%d of 24: %v", len(got), got)
	}
}

// What a text says twice counts once: the second time adds few grams.
func TestRepeatedPassagesCountOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(200, 300).Draw(t, "words")
		text := invent(rapid.Uint64().Draw(t, "seed"), n)
		once, twice := exactOf(text), exactOf(text+"\n"+text)
		if a, b := len(once.grams), len(twice.grams); b > a+n/6 {
			t.Fatalf("%d grams, said twice %d", a, b)
		}
	})
}

// notice fills in a form of an agency: the first same of its eight numbers are those that every
// notice has, the others its own.
func notice(name, lead string, same, own int) string {
	f := []any{name}
	for i := range 8 {
		if i < same {
			f = append(f, 100+37*i)
		} else {
			f = append(f, 1000+11*own+7*i)
		}
	}
	return fmt.Sprintf("%s is raising %d mln crowns with notes due in %d at a coupon of %d, said the lead manager. "+
		"They may be turned into shares at %d each, a premium over the price when terms were set, "+
		"and are not callable for %d months. "+lead+" The issue has %d parts, pays on day %d and is listed under %d.", f...)
}

// Two short notices from one form share half of their words. Half of their numbers do not make
// them copies within a publisher; the same numbers do.
func TestShortFormsNeedTheirNumbers(t *testing.T) {
	leads := []string{
		"The town of harbours and towers wants a new bridge for carts and sledges over the river before the snow melts.",
		"Makers of bells and candles have asked for a loan to mend the roof of their hall which a storm took in spring.",
	}
	for _, test := range []struct {
		same int
		form bool
	}{{3, true}, {8, false}} {
		x, _ := NewIndex(DefaultParams())
		ask(x, Doc{ID: "first", Seq: 1, Publisher: "agency", Time: 10 * day}, notice("Northern Ferries", leads[0], test.same, 1))
		v := ask(x, Doc{ID: "second", Seq: 2, Publisher: "agency", Time: 10*day + 3600}, notice("Lantern Works", leads[1], test.same, 2))
		matched := slices.Contains(partners(v), "first")
		if matched == test.form || test.form && v.Form.ID != "first" {
			t.Errorf("%d of eight numbers the same: %+v", test.same, v)
		}
	}
}

// An agency brings a short report up to date within the hour: half of it stands in both, there
// are no numbers, and the two are versions of one story.
func TestShortUpdateIsFound(t *testing.T) {
	told := invent(1, 52)
	v := func(p string) Verdict {
		x, _ := NewIndex(DefaultParams())
		ask(x, Doc{ID: "first", Seq: 1, Publisher: "agency", Time: 10 * day}, told+" "+invent(2, 62))
		return ask(x, Doc{ID: "update", Seq: 2, Publisher: p, Time: 10*day + 3600}, strings.ToUpper(told)+" "+invent(3, 62))
	}
	if got := v("agency"); !slices.Contains(partners(got), "first") {
		t.Errorf("within the agency: %+v", got)
	}
	if got := v("paper"); !slices.Contains(partners(got), "first") {
		t.Errorf("elsewhere: %+v", got)
	}
}

// A robot fills in the same form for two papers every day. Within the hour the two texts are
// copies, if some of their numbers agree; on the next day they share a form.
func TestNextDayNeedsMore(t *testing.T) {
	for _, test := range []struct {
		hours int64
		form  bool
	}{{1, false}, {25, true}} {
		x, _ := NewIndex(DefaultParams())
		ask(x, Doc{ID: "first", Seq: 1, Publisher: "one", Time: 10 * day}, notice("Northern Ferries", invent(1, 62), 5, 1))
		v := ask(x, Doc{ID: "second", Seq: 2, Publisher: "two", Time: 10*day + test.hours*3600}, notice("Lantern Works", invent(2, 62), 5, 2))
		matched := slices.Contains(partners(v), "first")
		if matched == test.form || test.form && v.Form.ID != "first" {
			t.Errorf("%d hours later: %+v", test.hours, v)
		}
	}
}

// A page has many URLs: what is written otherwise is the same page, and what is another page is none of them.
func TestPagesByURL(t *testing.T) {
	for url, want := range map[string]Relation{
		"https://www.agency.example/a1/":      Revision,
		"https://agency.example/a1#comments":  Revision,
		"http://agency.example/a1":            Revision,
		"http://agency.example:80/a1/#":       Revision,
		"HTTPS://WWW.AGENCY.EXAMPLE:443/a1":   Revision,
		"//agency.example/a1":                 Revision,
		"www.agency.example/a1":               Revision,
		"https://agency.example/a2":           Repeat,
		"https://agency.example/A1":           Repeat,
		"https://agency.example/a1?p=2":       Repeat,
		"https://agency.example:8443/a1":      Repeat,
		"https://live.agency.example/a1":      Repeat,
		"https://agency.example/?u=http://a1": Repeat,
		"https://agency.example/a1#!/a2":      Repeat,
		"https://agency.example/a1#/a2":       Repeat,
		"https://agency.example":              Repeat,
		"":                                    Repeat,
	} {
		x, _ := NewIndex(DefaultParams())
		ask(x, Doc{ID: "first", Seq: 1, Publisher: "agency", URL: "https://agency.example/a1"}, invent(1, 200))
		v := ask(x, Doc{ID: "then", Seq: 2, Publisher: "agency", URL: url}, invent(1, 200))
		if v.Kind != Exact || v.Of.Relation != want {
			t.Errorf("%q: %s, %s, want %s", url, v.Kind, v.Of.Relation, want)
		}
	}
	for _, same := range [][2]string{
		{"https://agency.example", "http://www.agency.example/"},
		{"https://agency.example?p=2", "https://agency.example/?p=2"},
		{"https://agency.example/a/?p=2", "https://agency.example/a?p=2"},
		{"", "#top"},
		{"", "https://"},
	} {
		if hashURL(same[0]) != hashURL(same[1]) {
			t.Errorf("%q and %q differ", same[0], same[1])
		}
	}
}
