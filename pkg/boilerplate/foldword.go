package boilerplate

import (
	"math/bits"
	"unicode/utf8"
)

// foldedWord is one word of a text as readWord finds it.
type foldedWord struct {
	hash    uint64 // of the folded letters and digits; never 0
	letters int    // letters and digits
	capital int    // of them capitals
	runes   int    // characters, joiners too
	head    uint8  // class of the first character
	single  rune   // the character itself when it is a word of its own, else 0
}

const (
	wordSeed  = 0x9e3779b97f4a7c15
	wordPrime = 0x9fb21c651e98df25
)

// A word is hashed eight folded bytes at a time, the last ones filled up with zeros.

// addChunk adds eight bytes to the hash of a word.
func addChunk(h, chunk uint64) uint64 {
	hi, lo := bits.Mul64(h^chunk, wordPrime)
	return hi ^ lo
}

// endWord finishes the hash of a word; it is never 0.
func endWord(h uint64) uint64 {
	h *= wordSeed
	return h ^ h>>32 | 1
}

// addWord adds the hash of a word to the hash of a line.
func addWord(h, word uint64) uint64 {
	h = h<<27 | h>>37
	return (h ^ word) * wordSeed
}

// One bit a byte.
const (
	eachByte = 0x0101010101010101
	highBits = 0x80 * eachByte
)

// asciiWord looks at eight bytes at once. It returns how many of them, from the lowest on, are
// ASCII letters or digits, their high bits, and the high bits of the capitals among all eight.
func asciiWord(x uint64) (n int, upper uint64) {
	seven := x &^ highBits
	lower := seven | 0x20*eachByte
	alpha := (lower + (0x80-'a')*eachByte) &^ (lower + (0x80-'z'-1)*eachByte)
	digit := (seven + (0x80-'0')*eachByte) &^ (seven + (0x80-'9'-1)*eachByte)
	other := (^(alpha | digit) | x) & highBits
	return bits.TrailingZeros64(other) >> 3, alpha &^ (x << 2) & highBits
}

// endsWord reports whether a byte that is no ASCII letter or digit ends the word before it: neither
// an apostrophe nor a part of a character outside ASCII does.
func endsWord(c byte) bool { return c < utf8.RuneSelf && c != '\'' }

// readWord reads the word that starts at s[i], which is a letter or a digit, and returns the place
// behind it.
func readWord(s string, i int, w *foldedWord) int {
	*w = foldedWord{}
	h := uint64(wordSeed)
	if c := s[i]; c < utf8.RuneSelf {
		w.head = charClass[c]
		for i+8 <= len(s) {
			x := loadEight(s, i)
			n, upper := asciiWord(x)
			if n == 8 {
				h = addChunk(h, x|0x20*eachByte)
				w.letters += 8
				w.capital += bits.OnesCount64(upper)
				i += 8
				continue
			}
			below := uint64(1)<<(8*n) - 1
			w.letters += n
			w.capital += bits.OnesCount64(upper & below)
			w.runes = w.letters
			if endsWord(uint8(x >> (8 * n))) {
				if n > 0 {
					h = addChunk(h, (x|0x20*eachByte)&below)
				}
				w.hash = endWord(h)
				return i + n
			}
			return w.slow(s, i+n, h, (x|0x20*eachByte)&below, n)
		}
		w.runes = w.letters
	}
	return w.slow(s, i, h, 0, 0)
}

// slow reads on character by character. The hash of whole chunks is h; n bytes are in chunk.
func (w *foldedWord) slow(s string, i int, h, chunk uint64, n int) int {
	for i < len(s) {
		var fold rune
		c := s[i]
		size := 1
		class := charOther
		switch {
		case c < utf8.RuneSelf:
			fold = rune(asciiFold[c])
			class = charClass[c]
			if fold == 0 && c != '\'' {
				return w.end(i, h, chunk, n)
			}
		default:
			var r rune
			r, size = utf8.DecodeRuneInString(s[i:])
			fold = foldRune(r)
			switch {
			case fold == 0 && !isJoiner(r):
				return w.end(i, h, chunk, n)
			case fold != 0 && isIdeograph(fold):
				if w.letters > 0 {
					return w.end(i, h, chunk, n)
				}
				w.single, w.letters, w.runes = r, 1, 1
				w.head = charOther
				w.hash = endWord(addChunk(h, uint64(fold)))
				return i + size
			case fold != 0:
				class = wordClass(r, fold)
			}
		}
		i += size
		w.runes++
		if fold == 0 {
			continue
		}
		if w.letters == 0 {
			w.head = class
		}
		w.letters++
		if class == charUpper {
			w.capital++
		}
		for b := uint64(fold); b != 0; b >>= 8 {
			chunk |= b & 0xff << (8 * n)
			if n++; n == 8 {
				h, chunk, n = addChunk(h, chunk), 0, 0
			}
		}
	}
	return w.end(i, h, chunk, n)
}

// end finishes the word at i.
func (w *foldedWord) end(i int, h, chunk uint64, n int) int {
	if n > 0 {
		h = addChunk(h, chunk)
	}
	w.hash = endWord(h)
	return i
}

// loadEight returns s[i:i+8], the first byte lowest.
func loadEight(s string, i int) uint64 {
	b := s[i : i+8]
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
		uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
}

// isWordStart reports whether a word starts at s[i]: a letter or a digit of any script.
func isWordStart(s string, i int) bool {
	if c := s[i]; c < utf8.RuneSelf {
		return asciiFold[c] != 0
	}
	r, _ := utf8.DecodeRuneInString(s[i:])
	return foldRune(r) != 0
}

// foldWords calls f with the hash of each folded word of s.
func foldWords(s string, f func(word uint64)) {
	var w foldedWord
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c < utf8.RuneSelf && asciiFold[c] == 0:
			i++
		case c < utf8.RuneSelf || isWordStart(s, i):
			i = readWord(s, i, &w)
			f(w.hash)
		default:
			_, n := utf8.DecodeRuneInString(s[i:])
			i += n
		}
	}
}

// foldLine returns the hash of a text's folded words and their number. The hash is equal for texts
// that differ only in case, accents, punctuation and white space, and 0 for a text without words.
func foldLine(s string) (h uint64, words int) {
	foldWords(s, func(w uint64) { h = addWord(h, w); words++ })
	return h, words
}
