package segment_test

import (
	"bytes"
	"strings"
	"testing"
	"unicode"

	"winnow/internal/record"
	"winnow/internal/segment"
)

// Whatever scrapers put into their records, no text for a person says anything to the terminal; JSON
// has every character, escaped.
func TestTextsHaveNoControlCharacters(t *testing.T) {
	const evil = "x\x1b]0;owned\a\x1b[2J\r\u009b1m"
	dir := segment.Dir(t.TempDir())
	w, err := segment.Open(dir, segment.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	c := record.Clean{ID: evil, Seq: 1, Lang: evil, Site: evil, URL: evil, Title: evil, Text: evil, Added: evil, Published: evil, Cluster: evil}
	c.Removed.Reasons = map[string]int{evil: 1}
	d := record.Dup{
		ID: "b", Seq: 2, Lang: evil, Site: "by" + evil, URL: evil, Title: evil, Added: evil, Cluster: evil,
		Verdict: record.Near, Of: evil, OfSeq: 1, Share: 1, Relation: record.Repeat,
	}
	x := record.Dead{ID: evil, Seq: 3, Site: evil, URL: evil, Added: evil, Stage: evil, Reason: evil, Detail: evil, Raw: []byte(evil)}
	for _, r := range []segment.Record{
		{Kind: segment.Clean, Seq: 1, Line: c.AppendJSON(nil)},
		{Kind: segment.Dup, Seq: 2, Line: d.AppendJSON(nil)},
		{Kind: segment.Dead, Seq: 3, Line: x.AppendJSON(nil)},
	} {
		r.Chain = chain(r.Seq)
		if err := w.Append(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	stats, err := segment.Summarize(t.Context(), dir, 10)
	if err != nil {
		t.Fatal(err)
	}
	stories, err := segment.Stories(t.Context(), dir, segment.StoryQuery{})
	if err != nil || len(stories) != 1 {
		t.Fatal(stories, err)
	}
	report := segment.Report{Problems: []segment.Problem{{File: evil, What: evil}}}
	for name, write := range map[string]func(*bytes.Buffer) error{
		"cat": func(b *bytes.Buffer) error {
			return segment.Cat(t.Context(), b, dir, segment.Query{}, segment.CatOptions{Text: true})
		},
		"stats":    func(b *bytes.Buffer) error { return stats.WriteText(b) },
		"clusters": func(b *bytes.Buffer) error { return segment.WriteStories(b, stories, false) },
		"verify":   func(b *bytes.Buffer) error { return report.WriteText(b) },
	} {
		var out bytes.Buffer
		if err := write(&out); err != nil {
			t.Fatal(err)
		}
		text := strings.NewReplacer("\n", "", "\t", "").Replace(out.String())
		if strings.ContainsFunc(text, unicode.IsControl) || !strings.Contains(text, "x\uFFFD]0;owned\uFFFD") {
			t.Errorf("%s: %q", name, text)
		}
	}
	var out bytes.Buffer
	if err := segment.WriteStories(&out, stories, true); err != nil || !strings.Contains(out.String(), `"title":"x\u001b]0;owned\u0007\u001b[2J\r`) {
		t.Errorf("JSON: %q, error %v", out.String(), err)
	}
}
