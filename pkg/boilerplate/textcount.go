package boilerplate

import (
	"math/bits"
	"unicode/utf8"
)

// lineScan is what one pass over a line counts. The counts saturate.
type lineScan struct {
	fold      uint64 // hash of the folded words
	runes     int    // characters
	words     int    // words; in scripts without spaces each character is one
	letters   int    // characters that belong to words
	function  int    // function words of any language
	chrome    int    // words that furniture is made of
	dates     int    // words of dates
	comment   int    // words of comment threads
	person    int    // words of the first and second person
	numbers   int    // words that start with a digit
	capitals  int    // words that start with a capital
	upper     int    // words of two letters and more, all capitals
	ideograph int    // characters of scripts without spaces
	sentences int    // ends of sentences inside the line
	commas    int
	marks     int // | / » « • · > → and the like
	quotes    int
	brackets  int
	shouts    int // ! and ?
	colons    int
	signs     int  // © ® ™
	links     int  // http, www., @, .com
	first     rune // first character
	last      rune // last character that is neither a quotation mark nor a bracket
	quoted    bool // the line ends with a quotation mark or a bracket
	gaps      bool // it may have white space that is not a single blank
}

// What the scanner makes of an ASCII character.
const (
	charOther uint8 = iota
	charLower
	charUpper
	charDigit
	charSpace
	charStop  // . ! ?
	charJoin  // '
	charComma // , ;
	charMark
	charQuote
	charBracket
	charColon
	charAt
	charShout // ! ? where charStop is not both
	charClasses
)

var charClass = buildCharClass()

func buildCharClass() *[utf8.RuneSelf]uint8 {
	var t [utf8.RuneSelf]uint8
	for c := range t {
		switch {
		case c >= 'a' && c <= 'z':
			t[c] = charLower
		case c >= 'A' && c <= 'Z':
			t[c] = charUpper
		case c >= '0' && c <= '9':
			t[c] = charDigit
		case c <= ' ':
			t[c] = charSpace
		}
	}
	for class, chars := range map[uint8]string{
		charStop: ".!?", charJoin: "'", charComma: ",;", charMark: `|/>\*+#~=_<`,
		charQuote: `"`, charBracket: "()[]{}", charColon: ":", charAt: "@",
	} {
		for i := 0; i < len(chars); i++ {
			t[chars[i]] = class
		}
	}
	return &t
}

// classOf returns the class of a character outside ASCII that is not part of a word.
func classOf(r rune) uint8 {
	switch r {
	case '“', '”', '„', '«', '»', '‘', '‹', '›', '「', '」', '『', '』':
		return charQuote
	case '。', '！', '？', '…', '؟', '।', '۔':
		return charStop
	case '，', '、', '；', '،':
		return charComma
	case '：':
		return charColon
	case '|', '•', '·', '→', '←', '▸', '►', '▶', '▼', '■', '●', '◆', '★', '｜', '※', '✓', '×', '⟩':
		return charMark
	case '（', '）', '【', '】', '《', '》', '〈', '〉':
		return charBracket
	case '\u00a0', '\u3000', '\u2003', '\u2002', '\u2009', '\u202f':
		return charSpace
	}
	if isJoiner(r) {
		return charJoin
	}
	return charOther
}

// mark counts a character that belongs to no word, but not among the characters.
func (f *lineScan) mark(r rune, class uint8) {
	switch class {
	case charJoin:
		f.quotes++
	case charStop:
		if r == '!' || r == '?' {
			f.shouts++
		} else if r == '。' {
			f.sentences++
		}
	case charComma:
		f.commas++
	case charMark:
		f.marks++
	case charQuote:
		f.quotes++
	case charBracket:
		f.brackets++
	case charColon:
		f.colons++
	case charAt:
		f.links++
	case charOther:
		if r == '®' || r == '™' {
			f.signs++
		}
	}
}

// isLink reports whether the word line[from:at] and what stands behind it are part of an address.
func isLink(line string, from, at int) bool {
	switch line[at] {
	case '.':
		return at+1 < len(line) && charAfterDot(line[at+1])
	case ':':
		return at+1 < len(line) && line[at+1] == '/' && at-from >= 4
	case '@':
		return true
	}
	return false
}

// charAfterDot reports whether a dot before c stands inside a host name or file name.
func charAfterDot(c byte) bool { return c < utf8.RuneSelf && charClass[c] == charLower }

// wordClass returns the class of a character outside ASCII that is part of a word.
func wordClass(r, fold rune) uint8 {
	switch {
	case isIdeograph(fold) || r >= 0x0590 && r < 0x10a0 || r >= 0xac00:
		return charOther // no case
	case r >= 0x0660 && r <= 0x0669:
		return charDigit
	case isUpper(r):
		return charUpper
	}
	return charLower
}

// edges fills in the ends of the line.
func (f *lineScan) edges(line string) {
	f.first, _ = utf8.DecodeRuneInString(line)
	for len(line) > 0 {
		r, n := utf8.DecodeLastRuneInString(line)
		switch r {
		case '"', '\'', '”', '’', '»', '«', '“', ')', ']', '」', '』', '）', '*', '‹', '›':
			line = line[:len(line)-n]
			f.quoted = true
		default:
			f.last = r
			return
		}
	}
}

// Words are counted by their flags in the eight bytes of one number, until a byte may be full.

const laneWords = 255

// flagLanes holds for any flags a 1 in the byte of each.
var flagLanes = func() *[1 << 8]uint64 {
	var t [1 << 8]uint64
	for f := range t {
		for k := range 8 {
			t[f] |= uint64(f>>k&1) << (8 * k)
		}
	}
	return &t
}()

// tally adds the words that lanes counts.
func (f *lineScan) tally(lanes uint64) {
	of := func(flag wordFlags) int {
		return int(lanes >> (8 * bits.TrailingZeros8(uint8(flag))) & 0xff)
	}
	f.function += of(wordFunction)
	f.dates += of(wordDate)
	f.chrome += of(wordChrome)
	f.comment += of(wordComment)
	f.person += of(wordPerson)
	f.numbers += of(wordNumber)
}
