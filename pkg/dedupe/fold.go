package dedupe

import (
	"encoding/binary"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// fold cuts text[start:end], a run of word bytes that is not plain ASCII, into
// words: case, width, ligatures, accents and common mojibake are folded,
// invisible characters left out, punctuation beyond ASCII separates. Where a
// script does not space its words every character is a token, hashed with the
// characters before it so that a shingle is long enough to mean something.
func (t *tokenizer) fold(text string, start, end int) {
	var (
		word   [64]byte // the folded word; a longer one is hashed in pieces
		n      int
		h      = t.seed
		begin  = start
		weight uint8
		past   [3]rune // the characters before this one, in scripts without spaces
	)
	emit := func(at int) {
		if n > 0 || h != t.seed {
			t.add(hashFolded(h, word[:n]), weight, begin, at)
		}
		n, h, weight, begin = 0, t.seed, 0, -1
	}
	begin = -1
	for i := start; i < end; {
		r, size := decode(text[i:end])
		at := i
		i += size
		if invisible(r) {
			continue
		}
		if width := unspaced(r); width > 0 {
			emit(at)
			g := t.seed ^ uint64(r)
			for k := range width - 1 {
				g = g*mul1 ^ uint64(past[k])
			}
			past = [3]rune{r, past[0], past[1]}
			t.add(mix(g*mul1), 3, at, i)
			continue
		}
		past = [3]rune{}
		var buf [32]byte
		for f := foldRune(buf[:0], r); len(f) > 0; {
			r, size := utf8.DecodeRune(f)
			f = f[size:]
			if !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r) {
				emit(at)
				continue
			}
			if begin < 0 {
				begin = at
			}
			if n+utf8.UTFMax > len(word) {
				h, n = hashFolded(h, word[:n]), 0
			}
			if weight == 0 && n == 0 && unicode.IsDigit(r) {
				weight = numeric
			} else if weight&numeric != 0 {
				weight |= longNumber
			} else {
				weight = min(weight+1, weightMask)
			}
			n += utf8.EncodeRune(word[n:], r)
		}
	}
	emit(end)
}

// hashFolded is hashLong for bytes.
func hashFolded(h uint64, w []byte) uint64 {
	n := 8
	for ; n < len(w); n += 8 {
		h = hash8(h, binary.LittleEndian.Uint64(w[n-8:]), n)
	}
	var b [8]byte
	copy(b[:], w[n-8:])
	return hash8(h, binary.LittleEndian.Uint64(b[:]), len(w))
}

// foldRune appends the folded form of r: lower case, compatibility
// decomposition, without accents.
func foldRune(dst []byte, r rune) []byte {
	switch {
	case r < utf8.RuneSelf:
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return append(dst, byte(r))
	case r == 'ß':
		return append(dst, "ss"...)
	case r == 'æ' || r == 'Æ':
		return append(dst, "ae"...)
	case r == 'œ' || r == 'Œ':
		return append(dst, "oe"...)
	case r == 'ø' || r == 'Ø':
		return append(dst, 'o')
	case r == 'ł' || r == 'Ł':
		return append(dst, 'l')
	case r >= 0xAC00 && r <= 0xD7A3: // Hangul syllables stay whole
		return utf8.AppendRune(dst, r)
	}
	var buf [64]byte
	var one [utf8.UTFMax]byte
	k := utf8.EncodeRune(one[:], r)
	for d := norm.NFKD.Append(buf[:0], one[:k]...); len(d) > 0; {
		r, k := utf8.DecodeRune(d)
		d = d[k:]
		if !accent(r) {
			dst = utf8.AppendRune(dst, unicode.ToLower(r))
		}
	}
	return dst
}

// accent reports marks that writers leave out or encodings lose: Latin, Greek
// and Cyrillic accents, Hebrew and Arabic points. The vowel signs of Indic
// scripts are not among them.
func accent(r rune) bool {
	return r >= 0x300 && r <= 0x36F || r >= 0x591 && r <= 0x5C7 || r >= 0x64B && r <= 0x65F || r == 0x640
}

func invisible(r rune) bool {
	return r == 0xAD || r >= 0x200B && r <= 0x200F || r == 0x2060 || r == 0xFEFF || r >= 0xFE00 && r <= 0xFE0F
}

// unspaced returns how many characters a token of r's script spans, if that
// script does not put spaces between words, else 0.
func unspaced(r rune) int {
	switch {
	case r < 0x0E00:
		return 0
	case r <= 0x0EFF, r >= 0x1000 && r <= 0x109F, r >= 0x1780 && r <= 0x17FF: // Thai, Lao; Burmese; Khmer
		return 4
	case r >= 0x3040 && r <= 0x30FF && r != '・', r >= 0x3400 && r <= 0x9FFF,
		r >= 0xF900 && r <= 0xFAFF, r >= 0x20000 && r <= 0x3FFFF, r >= 0xFF66 && r <= 0xFF9D, r == '々':
		return 2
	}
	return 0
}

// decode is utf8.DecodeRuneInString, but for UTF-8 that was once read as
// Windows-1252: there it returns the character that was meant.
func decode(s string) (rune, int) {
	r, size := utf8.DecodeRuneInString(s)
	if r < 0xC2 || r > 0xF4 || r > 0xEF && r < 0xF0 {
		return r, size
	}
	b := [utf8.UTFMax]byte{byte(r)}
	want := 2
	if r >= 0xE0 {
		want = 3
	}
	if r >= 0xF0 {
		want = 4
	}
	at := size
	for n := 1; n < want; n++ {
		c, k := utf8.DecodeRuneInString(s[at:])
		if b[n] = windows1252(c); b[n] == 0 {
			if r == 'â' && n == 2 && b[1] == 0x80 { // a quote or dash whose last byte was lost
				return '"', at
			}
			return r, size
		}
		at += k
	}
	if m, k := utf8.DecodeRune(b[:want]); m != utf8.RuneError && k == want {
		return m, at
	}
	return r, size
}

// windows1252 returns the continuation byte 0x80-0xBF that Windows-1252 shows
// as r, or 0.
func windows1252(r rune) byte {
	if r >= 0x80 && r <= 0xBF {
		return byte(r)
	}
	for i, c := range windows1252High {
		if c == r {
			return byte(0x80 + i)
		}
	}
	return 0
}

var windows1252High = [32]rune{
	0x20AC, -1, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, -1, 0x017D, -1,
	-1, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, -1, 0x017E, 0x0178,
}
