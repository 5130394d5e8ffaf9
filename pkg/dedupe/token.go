package dedupe

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// words calls yield with the folded hash of every word of text, in order.
func words(text string, seed uint64, yield func(h uint64, start, end int)) {
	const prime = 0x9E3779B97F4A7C15
	h, start, in := seed, 0, false
	var buf [utf8.UTFMax * 4]byte
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if r == 0xAD || r >= 0x200B && r <= 0x200D || r == 0xFEFF { // invisible
			i += n
			continue
		}
		if r >= utf8.RuneSelf {
			if f := norm.NFKD.AppendString(buf[:0], text[i:i+n]); len(f) > 0 {
				r, _ = utf8.DecodeRune(f)
			}
		}
		switch {
		case unicode.Is(unicode.Mn, r) && in:
		case unicode.IsLetter(r) || unicode.IsNumber(r):
			if single := r >= 0x0E00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Khmer, unicode.Lao, unicode.Myanmar); single {
				if in {
					yield(mix(h), start, i)
				}
				yield(mix((seed^uint64(r))*prime), i, i+n)
				in = false
				break
			}
			if !in {
				h, start, in = seed, i, true
			}
			h = (h ^ uint64(unicode.ToLower(r))) * prime
			h ^= h >> 29
		case in:
			yield(mix(h), start, i)
			in = false
		}
		i += n
	}
	if in {
		yield(mix(h), start, len(text))
	}
}

func mix(h uint64) uint64 {
	h ^= h >> 32
	h *= 0xD6E8FEB86659FD93
	h ^= h >> 32
	return h
}
