package boilerplate

import (
	"math/bits"
	"unicode/utf8"
)

// lineScanner reads lines into words. It is reused from line to line.
type lineScanner struct {
	tokens  []lineToken      // the first maxLineTokens+1 words of the last line
	hashes  []uint64         // the hashes of those words
	lanes   uint64           // the words of the line that are not in its counts yet, by their flags
	inLanes int              // their number
	stop    bool             // an end of sentence stands before the next word
	blank   bool             // a blank stands before the next character
	marks   [charClasses]int // ASCII characters between the line's words, by their gapClass
	state   matchState
	chunk   wordChunk
}

// scan reads one line.
func (s *lineScanner) scan(m *ruleMatcher, line string) (f lineScan) {
	s.scanPart(m, &f, line, len(line))
	return f
}

// scanPart reads the line text[:size] into f, which is zero. What stands behind the line may be read, and makes no
// difference.
func (s *lineScanner) scanPart(m *ruleMatcher, f *lineScan, text string, size int) {
	s.tokens, s.hashes, s.lanes, s.inLanes = s.tokens[:0], s.hashes[:0], 0, 0
	s.stop, s.blank = false, false
	if vector {
		s.scanRuns(m, f, text, size)
	} else {
		s.scanEach(m, f, text[:size], 0, size)
	}
	f.tally(s.lanes)
	f.edges(text[:size])
}

// scanEach reads line[i:end], behind which the line or a run ends, word by word.
func (s *lineScanner) scanEach(m *ruleMatcher, f *lineScan, line string, i, end int) {
	var w foldedWord
	for i < end {
		if i+8 <= len(line) && line[i] < utf8.RuneSelf { // most words of most texts: seven ASCII letters and fewer
			x := loadEight(line, i)
			n, upper := asciiWord(x)
			next := uint8(x >> (8 * n))
			if uint(n-1) < 7 && endsWord(next) {
				below := uint64(1)<<(8*n) - 1
				s.add(m, f, endWord(addChunk(wordSeed, (x|0x20*eachByte)&below)), n, bits.OnesCount64(upper&below), charClass[uint8(x)])
				f.runes += n
				if next != ' ' && isLink(line, i, i+n) {
					f.links++
				}
				if i += n; next == ' ' && i < end {
					f.runes++
					s.blank = true
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
			f.runes++
			s.between(f, r, class)
			continue
		}
		from := i
		i = readWord(line, i, &w)
		s.add(m, f, w.hash, w.letters, w.capital, w.head)
		f.runes += w.runes
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
}

// between counts a character that belongs to no word, but not among the characters.
func (s *lineScanner) between(f *lineScan, r rune, class uint8) {
	if class == charSpace {
		f.gaps = f.gaps || s.blank || r != ' '
		s.blank = true
		return
	}
	f.mark(r, class)
	if k := len(s.tokens) - 1; k >= 0 && isColon(r) {
		s.tokens[k].colon = true
	}
	s.stop = s.stop || class == charStop
	s.blank = false
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
func (s *lineScanner) add(m *ruleMatcher, f *lineScan, hash uint64, letters, capital int, head uint8) {
	f.fold = addWord(f.fold, hash)
	f.words++
	f.letters += letters
	t := lineToken(m.words.find(hash))
	t.flags |= headFlags[head]
	if head == charUpper {
		f.capitals++
		if capital == letters && capital > 1 {
			f.upper++
		}
		if s.stop {
			f.sentences++
		}
	}
	s.stop, s.blank = false, false
	s.lanes += flagLanes[t.flags]
	if s.inLanes++; s.inLanes == laneWords {
		s.tally(f)
	}
	if len(s.tokens) <= maxLineTokens {
		s.tokens = append(s.tokens, t)
		s.hashes = append(s.hashes, hash)
	}
}

// tally moves the words of the lanes to the counts.
func (s *lineScanner) tally(f *lineScan) {
	f.tally(s.lanes)
	s.lanes, s.inLanes = 0, 0
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
	switch n := len(s.tokens); {
	case n == 0:
		return -1
	case n > maxRuleTokens:
		return r.m.matchLong(s.tokens, &s.state)
	}
	return r.m.match(s.tokens, &s.state)
}
