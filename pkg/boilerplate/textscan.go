package boilerplate

import (
	"math/bits"
	"unicode/utf8"
)

// lineScanner reads lines into words. It is reused from line to line.
type lineScanner struct {
	tokens []lineToken // the first maxLineTokens+1 words of the last line
	hashes []uint64    // the hashes of those words
	lanes  uint64      // the words of the line that are not in its counts yet, by their flags
	state  matchState
}

// scan reads one line.
func (s *lineScanner) scan(m *ruleMatcher, line string) lineScan {
	var f lineScan
	s.tokens, s.hashes, s.lanes = s.tokens[:0], s.hashes[:0], 0
	var w foldedWord
	stop := false  // an end of sentence stands before the word
	blank := false // a blank stands before the character
	for i := 0; i < len(line); {
		if i+8 <= len(line) { // most words of most texts: seven ASCII letters and fewer
			x := loadEight(line, i)
			n, upper := asciiWord(x)
			next := uint8(x >> (8 * n))
			if uint(n-1) < 7 && endsWord(next) {
				below := uint64(1)<<(8*n) - 1
				s.add(m, &f, endWord(addChunk(wordSeed, (x|0x20*eachByte)&below)), n, bits.OnesCount64(upper&below), charClass[uint8(x)], stop)
				f.runes += n
				stop, blank = false, false
				if next != ' ' && isLink(line, i, i+n) {
					f.links++
				}
				if i += n; next == ' ' {
					f.runes++
					blank = true
					i++
				}
				continue
			}
		}
		c := line[i]
		r, n, class := rune(c), 1, charOther
		var word bool
		if c < utf8.RuneSelf {
			class = charClass[c]
			word = asciiFold[c] != 0
		} else {
			r, n = utf8.DecodeRuneInString(line[i:])
			if word = foldRune(r) != 0; !word {
				class = classOf(r)
			}
		}
		if !word {
			i += n
			if class == charSpace {
				f.runes++
				f.gaps = f.gaps || blank || r != ' '
				blank = true
				continue
			}
			f.mark(r, class)
			if k := len(s.tokens) - 1; k >= 0 && isColon(r) {
				s.tokens[k].colon = true
			}
			stop = stop || class == charStop
			blank = false
			continue
		}
		from := i
		i = readWord(line, i, &w)
		s.add(m, &f, w.hash, w.letters, w.capital, w.head, stop)
		f.runes += w.runes
		stop, blank = false, false
		switch w.single {
		case 0:
			if i < len(line) && isLink(line, from, i) {
				f.links++
			}
		case '©':
			f.signs++
		default:
			f.ideograph++
		}
	}
	f.tally(s.lanes)
	f.edges(line)
	return f
}

// isColon reports whether a character is what stands between a label and what it is of.
func isColon(r rune) bool {
	switch r {
	case ':', '：', '/', '／', '=', '＝':
		return true
	}
	return false
}

// add counts a word. What it is is as good as random, so there are few branches on it.
func (s *lineScanner) add(m *ruleMatcher, f *lineScan, hash uint64, letters, capital int, head uint8, stop bool) {
	f.fold = addWord(f.fold, hash)
	f.words++
	f.letters += letters
	v := m.words.find(hash)
	t := lineToken{id: v.id, flags: v.flags | headFlags[head], wakes: v.wakes}
	if head == charUpper {
		f.capitals++
		if capital == letters && capital > 1 {
			f.upper++
		}
		if stop {
			f.sentences++
		}
	}
	s.lanes += flagLanes[t.flags]
	if f.words%laneWords == 0 {
		f.tally(s.lanes)
		s.lanes = 0
	}
	if len(s.tokens) <= maxLineTokens {
		s.tokens = append(s.tokens, t)
		s.hashes = append(s.hashes, hash)
	}
}

// headFlags holds the flags that the class of a word's first character gives it.
var headFlags = [...]wordFlags{charDigit: wordNumber, charUpper: wordCapital, charOther: wordCapital, charAt: 0}

// match reads one line and returns the index of the rule that matches it, or -1.
func (s *lineScanner) match(r *Rules, line string) int {
	s.scan(&r.m, line)
	return s.rule(r)
}

// rule returns the index of the rule that matches the line last read, or -1.
func (s *lineScanner) rule(r *Rules) int {
	if len(s.tokens) == 0 || len(s.tokens) > maxRuleTokens {
		return -1
	}
	return r.m.match(s.tokens, &s.state)
}
