package boilerplate

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// Passing over the words that lead nowhere changes no match, whatever the patterns begin with.
func TestIdleWordsChangeNoMatch(t *testing.T) {
	words := []string{"read", "more", "by", "Reuters", "7", "May", "von", "the"}
	others := append([]string{"x", "Zoe", "3rd"}, words...)
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 1))
		word := func() string { return words[r.IntN(len(words))] }
		item := func() string {
			switch r.IntN(13) {
			case 0:
				return "<any>"
			case 1:
				return "<name>"
			case 2:
				return "<number>"
			case 3:
				return "<date>"
			case 4:
				return "(" + word() + "|" + word() + " <any>)"
			case 5:
				return "[<any>|" + word() + "]"
			case 6:
				return "(<name> " + word() + "|<number>|)"
			case 7:
				return "[" + word() + "]"
			case 8:
				return word() + " <:>"
			}
			return word()
		}
		b := newMatcherBuilder()
		foldWords("may", func(w uint64) { b.word(w).flags = wordDate })
		foldWords("von", func(w uint64) { b.word(w).flags = wordName })
		var patterns []string
		for range 1 + r.IntN(4) {
			var items []string
			if r.IntN(2) == 0 {
				items = append(items, "<any>")
			}
			for range 1 + r.IntN(3) {
				items = append(items, item())
			}
			p := strings.Join(items, " ")
			if b.add(p, int32(len(patterns))) == nil { // else it has no word of its own
				patterns = append(patterns, p)
			}
		}
		m := b.build()
		every := m
		every.idle = nil
		var s lineScanner
		for range 60 {
			var line []string
			for range 1 + r.IntN(6) {
				line = append(line, others[r.IntN(len(others))]+[]string{"", "", ":"}[r.IntN(3)])
			}
			s.scan(&m, strings.Join(line, " "))
			if got, want := m.match(s.tokens, &s.state), every.match(s.tokens, &s.state); got != want {
				t.Fatalf("%q is matched by rule %d of %q, not by %d", line, got, patterns, want)
			}
		}
	}
}
