package boilerplate

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// The files of testdata/text hold invented pages: "+" before a line that must stay, "-" before one
// that must go.
func TestTextFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/text/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no files: ", err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			var lines, want []string
			for l := range strings.SplitSeq(strings.TrimSuffix(string(data), "\n"), "\n") {
				want = append(want, l)
				lines = append(lines, l[2:])
			}
			var got []string
			for i, kept := range keptTextLines(t, lines) {
				got = append(got, map[bool]string{true: "+ ", false: "- "}[kept]+lines[i])
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// keptTextLines parses lines as a text and says which of them stay.
func keptTextLines(t testing.TB, lines []string) []bool {
	t.Helper()
	p, err := ParseText(strings.Join(lines, "\n"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	return keptTextSpans(p, lines)
}

func keptTextSpans(p *Page, lines []string) []bool {
	var kept []bool
	pos := 0
	for _, l := range lines {
		gone := 0
		for _, s := range p.Removed() {
			gone += max(0, min(s.End, pos+len(l))-max(s.Start, pos))
		}
		kept = append(kept, gone <= len(l)/2)
		pos += len(l) + 1
	}
	return kept
}

// checkPage is the law of text pages: the spans are sorted, disjoint and on the boundaries of
// characters; what is cut can be put back; what stays is the kept text but for white space; blocks
// do not overlap and hold what the text says there.
func checkPage(t interface{ Fatalf(string, ...any) }, text string, p *Page) {
	var cut, rest strings.Builder
	pos := 0
	for _, s := range p.Removed() {
		if s.Start < pos || s.End <= s.Start || s.End > len(text) || s.Reason == "" {
			t.Fatalf("span %+v after %d of %d", s, pos, len(text))
		}
		for _, at := range []int{s.Start, s.End} {
			if utf8.ValidString(text) && at < len(text) && !utf8.RuneStart(text[at]) {
				t.Fatalf("span %+v is inside a character", s)
			}
		}
		rest.WriteString(text[pos:s.Start])
		cut.WriteString(text[s.Start:s.End])
		pos = s.End
	}
	rest.WriteString(text[pos:])
	if cut.Len()+rest.Len() != len(text) {
		t.Fatalf("%d and %d bytes of %d", cut.Len(), rest.Len(), len(text))
	}
	fold := func(s string) string { return strings.Join(strings.Fields(strings.ToValidUTF8(s, "?")), " ") }
	strip := strings.NewReplacer("\u200b", "", "\ufeff", "")
	if got, want := fold(strip.Replace(p.Text())), fold(strip.Replace(rest.String())); got != want {
		t.Fatalf("the kept text is %q, the text without the spans %q", got, want)
	}
	last := 0
	for _, b := range p.Blocks {
		if b.Start < last || b.End <= b.Start || foldSpace(text[b.Start:b.End]) != b.Text {
			t.Fatalf("block %+v after %d", b, last)
		}
		last = b.End
	}
}

// pageLines makes lines that look like those of pages.
func pageLines() *rapid.Generator[[]string] {
	line := rapid.OneOf(
		rapid.SampledFrom([]string{
			"", " ", "Share this article", "By Jane Doe", "Home", "Read more", "No comments:",
			"The mayor said on Monday that the bridge would be closed for at least two weeks, because of the flood.",
			"and so it went on until the evening, when", "评论", "版权所有", "今天上午，市长在会上说，这座桥将关闭两个星期，因为洪水已经损坏了桥墩。",
			"Σχόλια", "© 2012 Example. All rights reserved.", "\u200b", "12 | 13 | 14", "A headline of some words", "\ufeff- a list item",
		}),
		rapid.StringN(0, 40, 160),
	)
	return rapid.SliceOfN(line, 0, 30)
}

func TestTextLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(pageLines().Draw(t, "lines"), rapid.SampledFrom([]string{"\n", "\n\n", "\r\n", "\r", "\r\r"}).Draw(t, "end"))
		p, err := ParseText(text, Options{})
		if err != nil {
			t.Fatal(err)
		}
		checkPage(t, text, p)
		q, _ := ParseText(text, Options{})
		if d := cmp.Diff(p, q); d != "" {
			t.Fatal("the same text, two pages: ", d)
		}
	})
}

func FuzzParseText(f *testing.F) {
	f.Add("One line.\nAnother one.\n\nShare this\n")
	f.Add("wrapped text that\ngoes on and\non in lower\ncase until it\nends here and\nthere and so on\nfor ever\n")
	f.Add("One line.\r\rAnother one.\r\r\nShare this\n\r")
	f.Add("\xff\xfe broken \xc3\n\u200b\n")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParseText(text, Options{})
		if err != nil {
			t.Fatal(err)
		}
		checkPage(t, text, p)
	})
}

// Whichever line ends a text has, its blocks are the same.
func TestTextLineEnds(t *testing.T) {
	unix := "Ferry to run at night\n\nThe ferry company said on Monday that it would run a\nnight service to the island from April, when the days\nare longer than the nights again, and that the first\nguests of the year are expected to come over by then.\n\nShare this article\n"
	want, err := ParseText(unix, Options{})
	if err != nil || len(want.Blocks) != 3 || len(want.Removed()) != 1 {
		t.Fatalf("%v %+v", err, want)
	}
	for _, end := range []string{"\r", "\r\n", "\r\r\n"} {
		text := strings.ReplaceAll(unix, "\n", end)
		got, err := ParseText(text, Options{})
		if err != nil {
			t.Fatal(err)
		}
		checkPage(t, text, got)
		for i := range got.Blocks {
			got.Blocks[i].Start, got.Blocks[i].End = want.Blocks[i].Start, want.Blocks[i].End
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("line ends %q: %s", end, d)
		}
	}
}

// A footer phrase in the middle of the article is a reason to keep it.
func TestPhraseInTheMiddle(t *testing.T) {
	para := "The committee met for the third time this week and did not find an answer that all of its members could live with, one of them said."
	lines := []string{para, para[:90] + " again.", "Related stories", para + " Nobody was surprised.", "And " + para, "Related stories"}
	p, err := ParseText(strings.Join(lines, "\n"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range p.Blocks {
		b := &p.Blocks[i]
		if want := i == 5; strings.HasPrefix(b.Reason, "rule:") != want {
			t.Errorf("line %d has the reason %q", i, b.Reason)
		}
	}
}

// Limits hold, and a page that is one line or many costs linear time.
func TestTextLimits(t *testing.T) {
	p, err := ParseText(strings.Repeat("word é ", 1000), Options{MaxBytes: 6})
	if err != nil || len(p.Blocks) != 1 || p.Blocks[0].Text != "word" {
		t.Errorf("cut inside a character: %+v, %v", p.Blocks, err)
	}
	p, err = ParseText(strings.Repeat("A line.\n", 50), Options{MaxBlocks: 7})
	if err != nil || len(p.Blocks) != 7 {
		t.Errorf("%d blocks, %v", len(p.Blocks), err)
	}
	if last := p.Blocks[len(p.Blocks)-1]; strings.Count(last.Text, "A line.") != 44 || last.End != len(strings.Repeat("A line.\n", 50))-1 {
		t.Errorf("the last block has not all the rest: %d to %d", last.Start, last.End)
	}
	for _, text := range []string{
		strings.Repeat("word ", 400_000), strings.Repeat("line\n", 90_000), strings.Repeat("share ", 63) + "\n",
		strings.Repeat("cookie\n", 90_000), strings.Repeat("cookie consent\n\nno word of it here\n\n", 30_000),
	} {
		p, err := ParseText(text, Options{})
		if err != nil {
			t.Fatal(err)
		}
		checkPage(t, text, p)
	}
}

func TestRemovedWithSpans(t *testing.T) {
	p := &Page{
		Blocks: []Block{{Start: 0, End: 10}, {Start: 11, End: 20, Reason: "a"}, {Start: 21, End: 30}},
		Spans:  []Span{{5, 10, "x"}, {12, 14, "inside of a removed block"}, {25, 30, "y"}},
	}
	want := []Span{{5, 10, "x"}, {11, 20, "a"}, {25, 30, "y"}}
	if d := cmp.Diff(want, p.Removed()); d != "" {
		t.Error(d)
	}
}

func BenchmarkParseText(b *testing.B) {
	para := "The old bridge over the Lower Stream will close to all traffic for two weeks from Monday, the district said on Thursday, because its bearings have to be changed before the winter."
	lines := []string{"Bridge to close for two weeks", "By Jane Doe", "Photo: Jane Doe/Agency"}
	for range 15 {
		lines = append(lines, para)
	}
	lines = append(lines, "Share this article", "Related stories", "Mayor opens new fair", "Copyright © 2019 Some Paper. All rights reserved.")
	text := strings.Join(lines, "\n")
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseText(text, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

// A text of which nothing would be left keeps its long lines; short ones and what a rule names go.
func TestTextOfCaptionsAloneIsKept(t *testing.T) {
	caption := "Fishermen mend their nets on the north quay of the old harbour after the storm of last week, while ferries wait for the tide. (Photo by A. Nobody / Harbour Pictures)"
	p, err := ParseText("share\nmore_vert\n"+caption, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Text(); got != caption {
		t.Errorf("kept %q, want the caption", got)
	}
}

// A notice is all of a page that has nothing else.
func TestNoticeAloneIsKept(t *testing.T) {
	notice := "Our partners store cookies on your device, to collect data about the preferences of your browser. You can withdraw your consent to third-party cookies in the settings of your device at any time."
	p, err := ParseText(notice, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Text(); got != notice {
		t.Errorf("kept %q, want the notice", got)
	}
}
