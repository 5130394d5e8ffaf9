package boilerplate

import (
	"unicode"
	"unicode/utf8"
)

// lineScanner reads lines into words. It is reused from line to line.
type lineScanner struct {
	tokens []lineToken // the first maxLineTokens+1 words of the last line
	state  matchState
	fold   uint64 // hash of all folded words of the last line
	words  int
}

// scan reads one line.
func (s *lineScanner) scan(m *ruleMatcher, line string) {
	s.tokens, s.fold, s.words = s.tokens[:0], 0, 0
	h := uint64(wordSeed)
	var first rune
	end := func() {
		w := endWord(h)
		h = wordSeed
		s.fold = addWord(s.fold, w)
		s.words++
		if len(s.tokens) <= maxLineTokens {
			v := m.words[w]
			t := lineToken{v.id, v.flags}
			switch {
			case unicode.IsDigit(first):
				t.flags |= wordNumber
			case !unicode.IsLower(first):
				t.flags |= wordCapital
			}
			s.tokens = append(s.tokens, t)
		}
	}
	for i := 0; i < len(line); {
		r, n := rune(line[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(line[i:])
		}
		i += n
		c := foldRune(r)
		switch {
		case c == 0:
			if h != wordSeed && !isJoiner(r) {
				end()
			}
		case isIdeograph(c):
			if h != wordSeed {
				end()
			}
			first, h = r, addRune(h, c)
			end()
		default:
			if h == wordSeed {
				first = r
			}
			h = addRune(h, c)
		}
	}
	if h != wordSeed {
		end()
	}
}

// match reads one line and returns the index of the rule that matches it, or -1.
func (s *lineScanner) match(r *Rules, line string) int {
	s.scan(&r.m, line)
	return s.rule(r)
}

// rule returns the index of the rule that matches the line last read, or -1.
func (s *lineScanner) rule(r *Rules) int {
	if len(s.tokens) == 0 || len(s.tokens) > maxLineTokens {
		return -1
	}
	return r.m.match(s.tokens, &s.state)
}
