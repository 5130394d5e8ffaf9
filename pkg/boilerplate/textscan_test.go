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

// A line that is read run by run, with vector instructions, counts as one that is read word by word,
// whatever its bytes and what stands behind it.
func TestScanRuns(t *testing.T) {
	if !vector {
		t.Skip("this processor, or this build, has no such instructions")
	}
	m := &DefaultRules().m
	pieces := []string{
		"a", "I", "the", "NATO", "Its", "US", "U2", "don't", "'", "’", "O’Neil", "2019", "naïve", "Größe", "ÄÖÜ", "Москва", "日本", "©", "of", "share", "January",
		"reporters", "sixteenlettersss", "seventeenletterss", "Eightabc", "EIGHTABC", "EIGHTABCD", "www.example.org", "https://example.org", "me@example.org",
		" ", " ", " ", " ", " ", "  ", ", ", ". ", ".", "?", "! ", "… ", "。", " — ", " – ", "-", "/", "|", "(", "\"", "“", ":", ": ", "=", "\t", "\u00a0", "\u00a0 ", "\x00", "\x7f", "\xff", "\xc3", "\u200b", "\u0301",
	}
	one := rapid.OneOf(rapid.SampledFrom(pieces), rapid.SampledFrom(pieces), rapid.Map(rapid.Byte(), func(c byte) string { return string([]byte{c}) }))
	rapid.Check(t, func(t *rapid.T) {
		part := strings.Join(rapid.SliceOfN(one, 1, 200).Draw(t, "part"), "")
		line := strings.Repeat(part, rapid.SampledFrom([]int{1, 1, 1, 2, 9}).Draw(t, "times"))
		text := line + strings.Join(rapid.SliceOfN(one, 0, 9).Draw(t, "behind"), "")
		var s, each lineScanner
		var got, want lineScan
		s.scanPart(m, &got, text, len(line))
		each.scanEach(m, &want, line, 0, len(line))
		each.tally(&want)
		want.edges(line)
		switch {
		case got != want:
			t.Fatalf("%q: %+v, want %+v", line, got, want)
		case !slices.Equal(s.hashes, each.hashes) || !slices.Equal(s.tokens, each.tokens):
			t.Fatalf("%q: %x %+v, want %x %+v", line, s.hashes, s.tokens, each.hashes, each.tokens)
		}
	})
}
