package record

import (
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// genPlain draws texts that are plain for long stretches.
func genPlain() *rapid.Generator[string] {
	plain := rapid.StringMatching(`[a-z ]{0,150}`)
	odd := rapid.SampledFrom([]string{"\"", "\\", "\n", "\x00", "\x1f", " ", "\x7f", "é", "“", "語", "😀", "\x80", "\xc3", "\xe2\x80", "\xff"})
	return rapid.Custom(func(t *rapid.T) string {
		var b []byte
		for range rapid.IntRange(0, 6).Draw(t, "parts") {
			b = append(append(b, plain.Draw(t, "plain")...), odd.Draw(t, "odd")...)
		}
		return string(append(b, plain.Draw(t, "rest")...))
	})
}

// Vector instructions, loops of eight bytes and the plain definition stop at the same byte.
func TestPlain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := genPlain().Draw(t, "text")
		stop := rapid.SampledFrom([]byte{0, beyondASCII}).Draw(t, "stop")
		quote, end := 0, 0
		for quote < len(text) && !mustEscape[text[quote]] {
			quote++
		}
		for end < quote && text[end]&stop == 0 {
			end++
		}
		for name, copied := range map[string]func([]byte, string, byte) int{"copyPlain": copyPlain, "copyEights": copyEights} {
			dst := make([]byte, len(text)+100)
			if n := copied(dst[:len(text)], text, stop); n != end || string(dst[:n]) != text[:n] {
				t.Fatalf("%s copied %d bytes %q, want %d", name, n, dst[:n], end)
			}
			for _, c := range dst[len(text):] {
				if c != 0 {
					t.Fatalf("%s wrote beyond the text", name)
				}
			}
		}
		if a, b := skipPlain([]byte(text), 0), skipEights([]byte(text), 0); a != quote || b != quote {
			t.Fatalf("skipped %d and %d, want %d", a, b, quote)
		}
	})
}

// What is valid is what the standard library says.
func TestValid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := genPlain().Draw(t, "text")
		if valid(text) != utf8.ValidString(text) {
			t.Fatalf("valid: %t", valid(text))
		}
	})
}
