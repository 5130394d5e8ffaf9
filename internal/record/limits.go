package record

import "unicode/utf8"

// Bounds on what a raw record may hold, in bytes of UTF-8. The package documentation says what
// becomes of a value that is over.
const (
	MaxID       = 512
	MaxURL      = 8 << 10
	MaxSource   = 256
	MaxTitle    = 4 << 10
	MaxByline   = 4 << 10
	MaxLang     = 64
	MaxTime     = 64
	MaxText     = 32 << 20
	MaxHTML     = 32 << 20
	MaxMetadata = 256 << 10 // encoded
	MaxDepth    = 32        // nested objects and lists in metadata, itself included

	// MaxDeadBytes is how much of a payload a dead record keeps.
	MaxDeadBytes = 64 << 10
)

// cutString returns s cut to at most n bytes without splitting a character, and whether it cut.
func cutString(s string, n int) (string, bool) {
	if len(s) <= n {
		return s, false
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n], true
}
