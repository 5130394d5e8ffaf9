package dedupe

import (
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// folded holds the folded form of the characters up to foldedEnd, for speed: up
// to three letters, 0 = none. It is what foldRune appends, and folded[r][0] == 0
// means that r separates words.
var folded = func() (t [foldedEnd][3]uint16) {
	for r := rune(0x80); r < foldedEnd; r++ {
		n := 0
		for _, f := range string(foldSlow(nil, r)) {
			if word(f) && f <= 0xFFFF && n < len(t[r]) {
				t[r][n] = uint16(f)
				n++
			} else if !word(f) {
				t[r], n = [3]uint16{}, len(t[r])
			}
		}
	}
	return t
}()

const foldedEnd = 0x530 // Latin, Greek, Cyrillic

// word reports whether r belongs to a word.
func word(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) }

// foldSlow appends the folded form of r: lower case, compatibility
// decomposition, without accents.
func foldSlow(dst []byte, r rune) []byte {
	switch r {
	case 'ß', 'ẞ':
		return append(dst, "ss"...)
	case 'æ', 'Æ':
		return append(dst, "ae"...)
	case 'œ', 'Œ':
		return append(dst, "oe"...)
	case 'ø', 'Ø':
		return append(dst, 'o')
	case 'ł', 'Ł':
		return append(dst, 'l')
	}
	if r >= 0xAC00 && r <= 0xD7A3 { // Hangul syllables stay whole
		return append(dst, string(r)...)
	}
	for _, d := range norm.NFKD.String(string(r)) {
		if !accent(d) {
			dst = append(dst, string(unicode.ToLower(d))...)
		}
	}
	return dst
}
