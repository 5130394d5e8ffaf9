package boilerplate

import "math/bits"

// The features are what the line classifier sees of a line: small integers, so that its verdicts
// are the same on every machine. Those of one line by itself come first, then those of its page, then of its neighbours.
const (
	lfWords = iota
	lfRunes
	lfEnd
	lfQuoted
	lfSentences
	lfCommas
	lfFunction
	lfFunctionShare
	lfCapitalShare
	lfUpperShare
	lfNumberShare
	lfChrome
	lfChromeShare
	lfDates
	lfDateShare
	lfMarks
	lfQuotes
	lfBrackets
	lfShouts
	lfColons
	lfSigns
	lfLinks
	lfFirst
	lfWordLength
	lfIdeographs
	lfLetterShare
	lfRule
	lfRulePlace
	lfRepeats
	lfEarlier
	lfShared
	lfSharedShare
	lfPageLines
	lfPageSure
	lfPageSureShare
	lfPageFunction
	lfPageWords
	lfFromStart
	lfFromEnd
	lfToFirstSure
	lfToLastSure
	lfPrevSure
	lfNextSure
	lfBefore
	lfAfter
	lfBodyWords
	lfShortRun
	lfShortRunAt
	lfAround3
	lfAround8
	lfChromeAround
	lfRulesBefore
	lfRulesAfter
	lfPrev1
	lfPrev2
	lfNext1
	lfNext2
	lfPrevEnd
	lfNextEnd
	lfPrevRule
	lfNextRule
	lfPrevFunction
	lfNextFunction
	lfPrevCapital
	lfNextCapital
	lfPerson
	lfPersonAround
	lfComment
	lfSinceComment
	lfCommentsBefore
	lfDatesBefore
	lfDatesAfter
	lfThinBefore
	lfThinAfter
	lfNamesAround
	lfThin
	lfThread
	lfThreadAt
	lineFeatureCount
)

// level is a logarithmic scale: 0 to 15 for n below 16, then 8 steps for each doubling, 255 at most.
func level(n int) uint8 {
	if n < 16 {
		return uint8(max(n, 0))
	}
	e := bits.Len(uint(n)) - 1 // 4 and more
	v := 16 + (e-4)*8 + n>>(e-3)&7
	return uint8(min(v, 255))
}

// share is a of b in 255ths.
func share(a, b int) uint8 {
	if b <= 0 {
		return 0
	}
	return uint8(min(255*a/b, 255))
}

// small is n, 255 at most.
func small(n int) uint8 { return uint8(min(max(n, 0), 255)) }

// signed is n around 128.
func signed(n int) uint8 { return uint8(min(max(n, -127), 127) + 128) }

// size is the length of a line in words as a language with spaces would count them.
func (f *lineScan) size() int { return f.words - f.ideograph + (f.ideograph+1)/2 }

// endClass says how a line ends.
func (f *lineScan) endClass() uint8 {
	switch f.last {
	case '.', '。':
		return 5
	case '!', '?', '！', '？', '؟', '।', '۔':
		return 4
	case '…':
		return 3
	case ':', '：':
		return 2
	case ',', ';', '，', '、', '；', '،', '-', '–', '—':
		return 1
	}
	return 0
}

// firstClass says how a line starts.
func (f *lineScan) firstClass() uint8 {
	r := f.first
	switch {
	case r < 128 && charClass[r] == charLower:
		return 1
	case r < 128 && charClass[r] == charUpper:
		return 2
	case r < 128 && charClass[r] == charDigit:
		return 3
	case r < 128 && charClass[r] == charQuote:
		return 4
	case r < 128 && charClass[r] == charMark || r == '-' || r == '–' || r == '—':
		return 5
	case r < 128:
		return 6
	}
	if c := foldRune(r); c != 0 {
		if wordClass(r, c) == charLower {
			return 1
		}
		return 2
	}
	switch classOf(r) {
	case charQuote:
		return 4
	case charMark:
		return 5
	}
	return 6
}

// line fills in the features of a line by itself.
func (v *lineRow) line(f *lineScan) {
	v[lfWords] = level(f.size())
	v[lfRunes] = level(f.runes)
	v[lfEnd] = f.endClass()
	if f.quoted {
		v[lfQuoted] = 1
	}
	v[lfSentences] = small(f.sentences)
	v[lfCommas] = small(f.commas)
	v[lfFunction] = level(f.function)
	v[lfFunctionShare] = share(f.function, f.words)
	v[lfCapitalShare] = share(f.capitals, f.words)
	v[lfUpperShare] = share(f.upper, f.words)
	v[lfNumberShare] = share(f.numbers, f.words)
	v[lfChrome] = small(f.chrome)
	v[lfChromeShare] = share(f.chrome, f.words)
	v[lfDates] = small(f.dates)
	v[lfDateShare] = share(f.dates+f.numbers, f.words)
	v[lfPerson] = share(f.person, f.words)
	v[lfComment] = small(f.comment)
	v[lfMarks] = small(f.marks)
	v[lfQuotes] = small(f.quotes)
	v[lfBrackets] = small(f.brackets)
	v[lfShouts] = small(f.shouts)
	v[lfColons] = small(f.colons)
	v[lfSigns] = small(f.signs)
	v[lfLinks] = small(f.links)
	v[lfFirst] = f.firstClass()
	v[lfWordLength] = small(8 * f.letters / max(f.words, 1))
	v[lfIdeographs] = share(f.ideograph, f.words)
	v[lfLetterShare] = share(f.letters, f.runes)
}

// lineRow is what the trees read of one line.
type lineRow [lineFeatureCount]uint8
