package boilerplate

import (
	"unicode"
	"unicode/utf8"
)

// textCount counts what a leaf's text is made of.
type textCount struct {
	weights *wordTable

	size, runes, digits, upper, letters, titled, wide int32
	commas, stops, odd, words                         int32

	opening uint32 // hash of the first words
	text    uint32 // hash of the letters and digits so far
	word    uint32 // hash of the open word
	before  uint32 // hash of the word before it, 0 if it is the first
	open    bool   // a word is open

	weighed, sum, least, first int32 // of the weights of the words, alone and in pairs
}

const (
	weighedWords = 40 // words of a text that are weighed
	firstWords   = 3  // of these, the first
	openingRunes = 24 // of the beginning that is compared with those of other leaves
)

func (c *textCount) read(b []byte) {
	c.text, c.word = fnvBase, fnvBase
	for k := 0; k < len(b); {
		r, n := rune(b[k]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRune(b[k:])
		}
		k += n
		c.runes++
		c.size++
		switch {
		case r < utf8.RuneSelf && isLetter(byte(r)):
			c.letter(r, r|0x20)
		case '0' <= r && r <= '9':
			c.digits++
			c.inWord('0')
		case r >= utf8.RuneSelf && isWide(r):
			c.ideograph(r)
		case r >= utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsMark(r)):
			c.letter(r, unicode.ToLower(r))
		default:
			c.sign(r)
			c.endWord()
		}
	}
	c.endWord()
}

// letter counts a letter of a script with spaces.
func (c *textCount) letter(r, low rune) {
	c.letters++
	if low != r {
		c.upper++
		if !c.open {
			c.titled++
		}
	}
	c.inWord(low)
}

// inWord adds a rune to the open word, or opens one with it.
func (c *textCount) inWord(r rune) {
	if !c.open {
		c.open = true
		c.words++
	}
	c.word = (c.word ^ uint32(r)) * fnvPrime
	c.text = (c.text ^ uint32(r)) * fnvPrime
}

// ideograph counts a rune that is a word of its own; two of them are as long as a word.
func (c *textCount) ideograph(r rune) {
	c.endWord()
	c.size += 2
	c.letters++
	if c.wide++; c.wide%2 == 0 {
		c.words++
	}
	c.open = true
	c.word = (c.word ^ uint32(r)) * fnvPrime
	c.text = (c.text ^ uint32(r)) * fnvPrime
	c.endWord()
}

func (c *textCount) sign(r rune) {
	switch r {
	case ',', '、', '，', '،', ';', '；':
		c.commas++
	case '.', '!', '?', '。', '！', '？', '؟', '।':
		c.stops++
	case '|', '»', '›', '•', '·', '©', '@', '→', '▶', '«', '#', '/', '>':
		c.odd++
	}
}

// endWord weighs the open word.
func (c *textCount) endWord() {
	if !c.open {
		return
	}
	if c.opening == 0 && c.runes >= openingRunes {
		c.opening = c.text
	}
	if c.weighed < weighedWords {
		w, pair := int32(c.weights.weight(c.word)), int32(c.weights.weight(pairHash(c.before, c.word)))
		c.sum += w + pair
		c.least = min(c.least, w, pair)
		if c.weighed++; c.weighed <= firstWords {
			c.first += w + pair
		}
	}
	c.before = c.word
	c.open, c.word = false, fnvBase
}

// isWide reports whether the rune belongs to a script that is written without spaces.
func isWide(r rune) bool {
	return r >= 0x3040 && r <= 0x30FF || r >= 0x3400 && r <= 0x9FFF || r >= 0xF900 && r <= 0xFAFF || r >= 0x0E00 && r <= 0x0E7F || r >= 0x20000 && r <= 0x3FFFF
}

// Classes of runes that others ask for.
const (
	classComma int16 = 7
	classLower int16 = 10
)

// runeClass orders runes by what they say at the start or the end of a block.
func runeClass(r rune) int16 {
	switch r {
	case '.', '!', '?', '。', '！', '？', '؟', '।':
		return 9
	case '"', '”', '“', '’', '\'', '»', '«', '„', '」', '』', '「':
		return 8
	case ',', ';', '，', '、':
		return classComma
	case ':', '：':
		return 4
	case '…':
		return 3
	case ')', ']', '）', '(', '[', '（':
		return 5
	case '-', '–', '—', '―':
		return 6
	}
	switch {
	case unicode.IsUpper(r):
		return 11
	case unicode.IsLower(r):
		return classLower
	case unicode.IsDigit(r):
		return 2
	case unicode.IsLetter(r):
		return 12
	}
	return 1
}
