package boilerplate

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// foldLimit is the end of the scripts that are folded by table: Latin, Greek, Cyrillic,
// Armenian, Hebrew, Arabic.
const foldLimit = 0x700

// foldTable maps a rune below foldLimit to its folded form: lower case, without its marks, 0 for
// what is neither letter nor digit. "É" and "e", "Ά" and "α", "أ" and "ا" fold to one.
var foldTable = buildFoldTable()

func buildFoldTable() *[foldLimit]uint16 {
	var t [foldLimit]uint16
	for r := range rune(foldLimit) {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			continue
		}
		base := r
		for _, d := range string(norm.NFD.AppendString(nil, string(r))) {
			base = d
			break
		}
		base = unicode.ToLower(base)
		switch base {
		case 'ς':
			base = 'σ'
		case 'ı':
			base = 'i'
		}
		t[r] = uint16(base)
		if unicode.IsUpper(r) {
			t[r] |= upperBit
		}
	}
	t['©'] = '©' // a word by itself: what stands behind it is no news
	return &t
}

// foldRune returns the folded form of r, or 0 when r is neither letter nor digit nor mark that
// counts.
func foldRune(r rune) rune {
	switch {
	case r < foldLimit:
		return rune(foldTable[r] &^ upperBit)
	case r >= 0x2000 && r < 0x2070: // dashes, quotation marks, joiners: no letters
		return 0
	case isIdeograph(r) || r >= 0xac00 && r <= 0xd7a3:
		return r
	case r >= 0xff10 && r <= 0xff5a: // full-width digits and Latin letters
		return rune(foldTable[r-0xfee0] &^ upperBit)
	case r >= 0x1e00 && r <= 0x1fff: // Vietnamese, polytonic Greek
		d, _ := utf8.DecodeRuneInString(norm.NFD.String(string(r)))
		if d < 0x1e00 || d > 0x1fff { // others have no decomposition: a spacing accent, or unassigned
			return foldRune(d)
		}
		fallthrough
	case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mc, r):
		return unicode.ToLower(r)
	}
	return 0
}

// asciiFold is foldTable for ASCII.
var asciiFold = func() *[utf8.RuneSelf]uint8 {
	var t [utf8.RuneSelf]uint8
	for c := range t {
		t[c] = uint8(foldTable[c])
	}
	return &t
}()

// upperBit marks the capitals in foldTable.
const upperBit = 1 << 15

// isUpper reports whether r is a capital letter.
func isUpper(r rune) bool {
	if r < foldLimit {
		return foldTable[r]&upperBit != 0
	}
	return unicode.IsUpper(r)
}

// isIdeograph reports whether r belongs to a script that is written without spaces: each such
// rune is a word by itself.
func isIdeograph(r rune) bool {
	return r >= 0x3040 && r <= 0x30ff || r >= 0x3400 && r <= 0x9fff || r >= 0xf900 && r <= 0xfaff ||
		r >= 0x0e00 && r <= 0x0e7f || r >= 0x20000 && r <= 0x2ffff || r == '©'
}

// isJoiner reports whether r stands inside a word without ending it.
func isJoiner(r rune) bool {
	return r == '\'' || r == '’' || r == '\u00ad' || r == '\u200b' || r == '\u200c' || r == '\u200d' ||
		r >= 0x0300 && r <= 0x036f || r >= 0x064b && r <= 0x0652 || r == 0x0640
}
