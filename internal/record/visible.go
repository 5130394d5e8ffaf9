package record

import (
	"strings"
	"unicode"
)

// Visible returns text that somebody else wrote as a terminal may show it: control characters, which could
// move its cursor, name its window or worse, become U+FFFD. Line feeds and tabs stay.
func Visible(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}
