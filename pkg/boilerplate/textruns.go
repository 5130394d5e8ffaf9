package boilerplate

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// With vector instructions a line is cut into runs of bytes that words are made of: ASCII letters and
// digits, apostrophes and all that is beyond ASCII. A plain run, of ASCII letters and digits alone and
// not too many, is one word. Plain runs are hashed and looked up eight at a time, and what stands between two of
// them is looked at only when it is not a single blank. All other runs are rough: they are read word by word.

const (
	chunkBytes = 1024           // of a line at a time
	chunkRuns  = chunkBytes / 2 // wordsVector has a bit for each on its stack
	plainBytes = 16             // longest plain run
)

// wordRun is a run of bytes [start, end) of a chunk.
type wordRun struct{ start, end uint16 }

// wordChunk is a part of a line with its runs, and what is known about those that are plain.
type wordChunk struct {
	n        int                         // runs
	letters  int                         // of plain runs
	capitals int                         // plain runs that start with a capital
	runs     [1 + chunkRuns + 32]wordRun // from the second on; the first one ends where no run begins
	hash     [chunkRuns]uint64
	token    [chunkRuns]lineToken
	rough    [chunkRuns / 8]uint8 // a bit for each run that is rough
	odd      [chunkRuns / 8]uint8 // and for each that is, or not behind a single blank, or starts with two capitals
	taken    int                  // runs whose words are in the counts of the line
}

// scanRuns reads the line text[:size] part by part.
func (s *lineScanner) scanRuns(m *ruleMatcher, f *lineScan, text string, size int) {
	c := &s.chunk
	c.runs[0].end = 1 << 15
	s.marks = [charClasses]int{}
	var end int
	for at := 0; at < size; at = end {
		end = chunkEnd(text[:size], at)
		if end-at > chunkBytes {
			s.scanEach(m, f, text[:size], at, end)
			continue
		}
		runsVector(c, text[at:end])
		wordsVector(c, &m.words, text[at:])
		s.scanChunk(m, f, text[:size], at, end)
	}
	f.commas += s.marks[charComma]
	f.marks += s.marks[charMark]
	f.quotes += s.marks[charQuote]
	f.brackets += s.marks[charBracket]
	f.shouts += s.marks[charShout]
	f.colons += s.marks[charColon]
	f.links += s.marks[charAt]
}

// chunkEnd returns where the part of the line ends that begins at a place: behind a byte that no run has, or
// at the line's end. It is more than chunkBytes away only when there is no such byte before.
func chunkEnd(line string, at int) int {
	if len(line)-at <= chunkBytes {
		return len(line)
	}
	for end := at + chunkBytes; end > at; end-- {
		if !isRunByte(line[end-1]) {
			return end
		}
	}
	for end := at + chunkBytes; end < len(line); end++ {
		if !isRunByte(line[end]) {
			return end + 1
		}
	}
	return len(line)
}

// isRunByte reports whether runs are made of a byte.
func isRunByte(c byte) bool {
	return c >= utf8.RuneSelf || asciiFold[c] != 0 || c == '\''
}

// scanChunk adds line[at:end], whose runs were read.
func (s *lineScanner) scanChunk(m *ruleMatcher, f *lineScan, line string, at, end int) {
	c := &s.chunk
	f.runes += end - at
	f.letters += c.letters
	f.capitals += c.capitals
	c.taken = 0
	after := uint64(0) // 1 when the first of the next 64 runs is odd in any case
	for from := 0; from < c.n; from += 64 {
		odd := c.oddRuns(from) | after
		for after = 0; odd != 0; odd &= odd - 1 {
			k := from + bits.TrailingZeros64(odd)
			start, stop := at+int(c.runs[1+k].start), at+int(c.runs[1+k].end)
			s.gap(f, line, at, start, k)
			if !c.isRough(k) {
				f.bigWord(line[start:stop], s.stop)
				s.stop, s.blank = false, false
				continue
			}
			s.take(f, k)
			c.taken++
			f.runes -= stop - start
			s.scanEach(m, f, line, start, stop)
			if s.stop && k+1 < c.n { // the next word is the first one of a sentence
				odd |= 2 << (k - from)
				after = uint64(k-from) / 63
			}
		}
	}
	s.gap(f, line, at, end, c.n)
	s.take(f, c.n)
}

// isRough reports whether run k is.
func (c *wordChunk) isRough(k int) bool { return c.rough[k>>3&(len(c.rough)-1)]>>(k&7)&1 != 0 }

// oddRuns returns the bits of up to 64 runs from one on.
func (c *wordChunk) oddRuns(from int) uint64 {
	odd := binary.LittleEndian.Uint64(c.odd[from/8:])
	if n := c.n - from; n < 64 {
		odd &= 1<<n - 1
	}
	return odd
}

// gap reads what stands before run k of the chunk that begins at a place of the line, up to where the
// run begins. Nothing in it is beyond ASCII.
func (s *lineScanner) gap(f *lineScan, line string, at, start, k int) {
	i := at
	if k > 0 {
		r := s.chunk.runs[k]
		i = at + int(r.end)
		if i < start && line[i] != ' ' && !s.chunk.isRough(k-1) && isLink(line, at+int(r.start), i) {
			f.links++
		}
	}
	for ; i < start; i++ {
		c := line[i] & (utf8.RuneSelf - 1)
		class := gapClass[c]
		if class == charSpace {
			f.gaps = f.gaps || s.blank || c != ' '
			s.blank = true
			continue
		}
		s.marks[class%charClasses]++
		if isColon(rune(c)) {
			s.take(f, k)
			if n := len(s.tokens); n > 0 {
				s.tokens[n-1].colon = true
			}
		}
		s.stop = s.stop || class == charStop || class == charShout
		s.blank = false
	}
}

// gapClass is charClass with a class for what ends a sentence and shouts.
var gapClass = func() *[utf8.RuneSelf]uint8 {
	t := *charClass
	t['!'], t['?'] = charShout, charShout
	return &t
}()

// bigWord counts a plain word by its capitals; stop says that an end of sentence stands before it.
func (f *lineScan) bigWord(word string, stop bool) {
	if charClass[word[0]] != charUpper {
		return
	}
	if stop {
		f.sentences++
	}
	for i := 1; i < len(word); i++ {
		if charClass[word[i]] != charUpper {
			return
		}
	}
	if len(word) > 1 {
		f.upper++
	}
}

// take counts the words of the chunk's runs up to one that were not taken yet, all of them plain.
func (s *lineScanner) take(f *lineScan, to int) {
	c := &s.chunk
	hashes, tokens := c.hash[c.taken:to], c.token[c.taken:to]
	c.taken = to
	f.words += len(hashes)
	if room := maxLineTokens + 1 - len(s.tokens); room > 0 {
		room = min(room, len(tokens))
		s.hashes = append(s.hashes, hashes[:room]...)
		s.tokens = append(s.tokens, tokens[:room]...)
	}
	for len(hashes) > 0 {
		n := min(len(hashes), laneWords-s.inLanes)
		fold, lanes := f.fold, s.lanes
		for i, h := range hashes[:n] {
			fold = addWord(fold, h)
			lanes += flagLanes[tokens[i].flags]
		}
		f.fold, s.lanes = fold, lanes
		if s.inLanes += n; s.inLanes == laneWords {
			s.tally(f)
		}
		hashes, tokens = hashes[n:], tokens[n:]
	}
}
