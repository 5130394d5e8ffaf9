package boilerplate

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// A line is read in eight bytes at a time where it can be: the words are those that foldWords finds,
// and what is counted is what counting one by one gives.
func TestScanCounts(t *testing.T) {
	m := &DefaultRules().m
	pieces := []string{
		"a", "the", "NATO", "Its", "reporters", "don't", "O’Neil", "2019", "7", "naïve", "Größe", "Москва", "日本", "10:30", "of", "share", "January",
		"www.example.org", "me@example.org", "x86_64", "co\u00adop",
	}
	gaps := []string{" ", " ", " ", "  ", ", ", ". ", "-", "! ", " — ", "/", "' ", "\t", "\u00a0"}
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		for range rapid.IntRange(1, 600).Draw(t, "words") {
			b.WriteString(rapid.SampledFrom(pieces).Draw(t, "word"))
			b.WriteString(rapid.SampledFrom(gaps).Draw(t, "gap"))
		}
		line := b.String()
		var s lineScanner
		got := s.scan(m, line)
		var want lineScan
		var hashes []uint64
		foldWords(line, func(w uint64) {
			hashes = append(hashes, w)
			flags := m.words.find(w).flags
			want.function += int(flags & wordFunction / wordFunction)
			want.chrome += int(flags & wordChrome / wordChrome)
			want.comment += int(flags & wordComment / wordComment)
			want.person += int(flags & wordPerson / wordPerson)
			want.dates += int(flags & wordDate / wordDate)
		})
		switch fold, words := foldLine(line); {
		case got.fold != fold || got.words != words:
			t.Fatalf("%q: %d words %x, want %d words %x", line, got.words, got.fold, words, fold)
		case got.runes != utf8.RuneCountInString(line):
			t.Fatalf("%q: %d characters", line, got.runes)
		case got.function != want.function || got.chrome != want.chrome || got.comment != want.comment || got.person != want.person || got.dates != want.dates:
			t.Fatalf("%q: %+v, want %+v", line, got, want)
		case got.gaps != (strings.Contains(line, "  ") || strings.ContainsAny(line, "\t\u00a0")):
			t.Fatalf("%q: gaps %v", line, got.gaps)
		case !slices.Equal(s.hashes, hashes[:min(len(hashes), maxLineTokens+1)]):
			t.Fatalf("%q: hashes differ", line)
		}
	})
}
