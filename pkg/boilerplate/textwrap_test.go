package boilerplate

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A short text is joined where nearly every line was broken because it was full; lines that are
// short for another reason stay what they are.
func TestShortTextsAreJoined(t *testing.T) {
	wrapped := `A retired signalman has rebuilt the timetable of one year in his garage,
with eleven metres of track, forty-two trains and a clock that runs
at six times the speed of the sun.

Every evening at seven he lets a whole day go by in four
hours, and the night mail leaves at a quarter past ten.`
	list := `What to bring to the summer camp, as the parents were told in a letter:
towels and a torch
warm clothes
two plates of tin
no telephones`
	menu := `The Chelton Echo
home
news
politics
business
opinion
culture
sport
weather
The district council has voted to rebuild the pumping station on
the lower bank, two years after a flood put it out of service.`
	for _, tt := range []struct {
		name, text string
		want       int // blocks
	}{
		{"hard wrap", wrapped, 2},
		{"list in lower case", list, 5},
		{"menu in lower case", menu, 11},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := ParseText(tt.text, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if len(p.Blocks) != tt.want {
				t.Errorf("%d blocks, want %d: %+v", len(p.Blocks), tt.want, p.Blocks)
			}
		})
	}
}

// The headline that the producer knows stays once, wherever the page puts its copies.
func TestHeadlineStaysOnce(t *testing.T) {
	const head, story = "The bridge is closed", "The bridge across the river was closed on Tuesday, and nobody could say when it will be opened again."
	p, err := ParseText(strings.Join([]string{head, head, story, head}, "\n"), Options{Title: head})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(head+"\n"+story, p.Text()); d != "" {
		t.Error(d)
	}
}

// A word has one hash, however it is written and wherever it stands among the eight bytes that are
// read at once.
func TestReadWord(t *testing.T) {
	for _, tt := range []struct{ a, b string }{
		{"internationalisation", "INTERNATIONALISATION"},
		{"eightbyt", "Eightbyt"},
		{"ninebytes", "NINEBYTES"},
		{"café", "CAFE"},
		{"don't", "DONT"},
		{"naïveté", "naivete"},
		{"Ελλάδα", "ΕΛΛΑΔΑ"},
		{"Straße", "STRAßE"},
		{"co\u00adoperation", "cooperation"},
	} {
		for _, pad := range []string{"", " ", ", and then ", "… "} {
			a, n := foldLine(pad + tt.a + " x")
			b, m := foldLine(pad + tt.b + "\u00a0x.")
			if a != b || n != m {
				t.Errorf("%q and %q behind %q: %x of %d words and %x of %d", tt.a, tt.b, pad, a, n, b, m)
			}
		}
	}
	if a, _ := foldLine("eightbyt e"); a == func() uint64 { h, _ := foldLine("eightbyte"); return h }() {
		t.Error("a word of eight bytes runs into the next")
	}
}

// Of a few lines without a paragraph nothing is certain: they stay, but for what a rule names.
func TestFewLinesStay(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"Arden 2 Chelton 1\nLeaming 0 Everly 0\nFulton 3 Wolds 2\nShare this", "Arden 2 Chelton 1\nLeaming 0 Everly 0\nFulton 3 Wolds 2"},
		{"A title\n\nA title\n\nThe story.", "A title\nThe story."},
		{"智利北部发生6.1级地震", "智利北部发生6.1级地震"},
		{"O night wind, whose breath\nmoves the reeds,\nand nobody hears\nthe boats go", "O night wind, whose breath\nmoves the reeds,\nand nobody hears\nthe boats go"},
	} {
		p, err := ParseText(tt.text, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(tt.want, p.Text()); d != "" {
			t.Error(d)
		}
	}
}
