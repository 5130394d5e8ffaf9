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
func (t *tokenizer) fold(text []byte, start, end int) {
	w := folding{t: t, h: t.seed}
	for i := start; i < end; {
		c := text[i]
		if c < utf8.RuneSelf {
			w.add(rune(c|0x20), i)
			i++
			continue
		}
		r, size := decode(text[i:end])
		switch {
		case r < utf8.RuneSelf:
			w.emit(i)
		case invisible(r) || accent(r):
		case r < foldedEnd:
			f := &folded[r]
			if f[0] == 0 {
				w.emit(i)
			}
			for k := 0; k < len(f) && f[k] != 0; k++ {
				w.add(rune(f[k]), i)
			}
		case r >= 0x2000 && r < 0x2070: // spaces, quotes, dashes
			w.emit(i)
		default:
			if r >= 0xFF66 && r <= 0xFF9D {
				r = fullWidth(r)
			}
			width := unspaced(r)
			if width == 0 {
				w.rare(r, i, i+size)
				break
			}
			w.emit(i)
			w.character(r, width, i, i+size)
		}
		i += size
	}
	w.emit(end)
}

// folding is the word being folded.
type folding struct {
	t      *tokenizer
	word   [64]byte // what is folded and not yet hashed
	n      int
	h      uint64
	begin  int
	length int     // characters
	digit  bool    // it starts with a digit
	past   [3]rune // the characters before this one, in scripts without spaces
	pastAt int     // where they end
}

// add adds a folded letter or digit, which stands at at, to the word.
func (w *folding) add(r rune, at int) {
	if w.n == 0 && w.h == w.t.seed {
		w.begin = at
	}
	if w.n+utf8.UTFMax > len(w.word) { // hash 48 bytes of it, as hashFolded would
		w.h = hashFolded(w.h, w.word[:48])
		w.n = copy(w.word[:], w.word[48:w.n])
	}
	if w.length++; w.length == 1 {
		w.digit = r >= '0' && r <= '9' || r >= utf8.RuneSelf && unicode.IsDigit(r)
	}
	if r < utf8.RuneSelf {
		w.word[w.n] = byte(r)
		w.n++
		return
	}
	w.n += utf8.EncodeRune(w.word[w.n:], r)
}

// emit ends the word, if there is one, before at.
func (w *folding) emit(at int) {
	if w.n > 0 || w.h != w.t.seed {
		h, weight := hashFolded(w.h, w.word[:w.n]), uint8(min(w.length, weightMax))
		if w.digit {
			weight = w.t.number(h, w.length)
		}
		w.t.add(h, weight, w.begin, at)
		w.n, w.h, w.length = 0, w.t.seed, 0
	}
}

// character emits a character of a script without spaces, hashed with the ones
// before it.
func (w *folding) character(r rune, width, at, end int) {
	if w.pastAt != at {
		w.past = [3]rune{}
	}
	h := w.t.seed ^ uint64(r)
	for _, p := range w.past[:width-1] {
		h = h*mul1 ^ uint64(p)
	}
	w.past, w.pastAt = [3]rune{r, w.past[0], w.past[1]}, end
	w.t.add(mix(h*mul1), 3, at, end)
}

// rare folds a character that the table does not hold.
func (w *folding) rare(r rune, at, end int) {
	var buf [64]byte
	for f := foldSlow(buf[:0], r); len(f) > 0; {
		r, size := utf8.DecodeRune(f)
		f = f[size:]
		if !word(r) {
			w.emit(end)
		} else {
			w.add(r, at)
		}
	}
}

// hashFolded is hashLong for a word that is folded already.
func hashFolded(h uint64, w []byte) uint64 {
	for ; len(w) > 16; w = w[16:] {
		h = hash16(h, binary.LittleEndian.Uint64(w), binary.LittleEndian.Uint64(w[8:]))
	}
	var b [16]byte
	copy(b[:], w)
	return hash16(h, binary.LittleEndian.Uint64(b[:]), binary.LittleEndian.Uint64(b[8:]))
}

// fullWidth returns the katakana that a half-width one stands for.
func fullWidth(r rune) rune {
	var buf [8]byte
	f := norm.NFKC.AppendString(buf[:0], string(r))
	r, _ = utf8.DecodeRune(f)
	return r
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
		r >= 0xF900 && r <= 0xFAFF, r >= 0x20000 && r <= 0x3FFFF, r == '々':
		return 2
	}
	return 0
}

// decode is utf8.DecodeRune, but for UTF-8 that was once read as
// Windows-1252: there it returns the character that was meant.
func decode(s []byte) (rune, int) {
	r, size := utf8.DecodeRune(s)
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
		c, k := utf8.DecodeRune(s[at:])
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
