package dedupe

import "encoding/binary"

// latinMax is the longest word that latin folds, in bytes.
const latinMax = 46

// latin folds what is not ASCII in nearly all European news: single Latin letters with
// accents, and quotes and dashes from U+2010 to U+2027, among bytes of ASCII. It
// returns where it stopped, at the beginning of a word: the rest is for fold.
func (t *tokenizer) latin(text string, begin, end int) int {
	var b [latinMax + 2]byte // the word, folded, and zeros
	n := 0
	for i := begin; i < end; {
		c := text[i]
		switch {
		case n >= latinMax:
			return begin
		case c < 0x80:
			b[n] = c | 0x20
			n++
			i++
		case c == 0xC3 && i+1 < end && (i+2 == end || text[i+2] < 0x80):
			f := &latinFold[text[i+1]&0x3F]
			if f[0] == 0 {
				return begin
			}
			b[n], b[n+1] = f[0], f[1]
			n += int(f[2])
			i += 2
		case c == 0xE2 && i+2 < end && text[i+1] == 0x80 && text[i+2]-0x90 < 0x18:
			t.folded(&b, n, begin, i)
			clear(b[:n])
			n = 0
			i += 3
			begin = i
		default:
			return begin
		}
	}
	t.folded(&b, n, begin, end)
	return end
}

// folded adds the word of n letters in b, which stands in text[start:end].
func (t *tokenizer) folded(b *[latinMax + 2]byte, n, start, end int) {
	if n == 0 {
		return
	}
	var h uint64
	if n <= 16 {
		h = hash16(t.seed, binary.LittleEndian.Uint64(b[:]), binary.LittleEndian.Uint64(b[8:]))
	} else {
		h = hashFolded(t.seed, b[:n])
	}
	weight := uint8(min(n, weightMax))
	if b[0] <= '9' {
		weight = t.number(h, n)
	}
	t.add(h, weight, start, end)
}

// latinFold holds what U+00C0 to U+00FF fold to, where that is one or two letters of
// ASCII, and how many.
var latinFold = func() (t [64][3]byte) {
	for i := range t {
		f := folded[0xC0+i]
		if f[0] == 0 || f[2] != 0 || f[0] >= 0x80 || f[1] >= 0x80 {
			continue
		}
		t[i] = [3]byte{byte(f[0]), byte(f[1]), 1}
		if f[1] != 0 {
			t[i][2] = 2
		}
	}
	return t
}()
