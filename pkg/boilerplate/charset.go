package boilerplate

import (
	"bytes"
	"mime"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

const (
	charsetPrescan  = 1024 // bytes in which browsers look for a declaration
	charsetDeclared = 4096 // bytes in which anything like one is believed
	damagedUTF8     = "utf-8, damaged"
	iso2022JP       = "iso-2022-jp"
)

// Decode returns a page or a text as valid UTF-8, without a byte order mark, and the name of the encoding
// it had by the WHATWG's Encoding Standard: "" for UTF-8, "utf-8, damaged" for UTF-8 with a few stray
// bytes. ContentType is the media type as the server declared it, "" when unknown. UTF-16 is known by a
// byte order mark or its zero bytes, UTF-32 by its mark, UTF-8 by its bytes, which no other text has by chance, whatever is
// declared; else what the server or the page declares counts; else ISO-2022-JP by its escapes, or the charset
// that makes the best language of the bytes, windows-1252 when none does. What cannot be decoded becomes U+FFFD. It is pure
// and safe for concurrent use, and its time is linear in the length of the page.
func Decode(page []byte, contentType string) (text, charset string) {
	out, charset := decode(bytes.TrimPrefix(page, []byte("\xEF\xBB\xBF")), contentType)
	return string(out), charset
}

// decode is [Decode], but that UTF-8 comes back as it is, with its mark and not copied.
func decode(page []byte, contentType string) (text []byte, name string) {
	if bytes.IndexByte(page, 0) >= 0 {
		if enc, name := utf16Of(page); enc != nil {
			return []byte(recode(enc, page)), name
		}
	}
	valid := utf8.Valid(page)
	if valid && bytes.IndexByte(page, 0x1B) < 0 {
		return page, ""
	}
	if good, bad := countUTF8(page); good >= 10*bad && bad > 0 {
		return bytes.ToValidUTF8(page, []byte("\uFFFD")), damagedUTF8
	}
	enc, name := declared(page, contentType, valid)
	if enc == nil && hasJapaneseEscapes(page) {
		enc, name = japanese.ISO2022JP, iso2022JP
	}
	switch {
	case valid && name != iso2022JP:
		return page, ""
	case enc == nil:
		enc = sniff(page)
		name, _ = htmlindex.Name(enc) // it knows all that are guessed
	}
	return []byte(recode(enc, page)), name
}

// hasJapaneseEscapes tells whether a page of seven bits turns to Japanese and back, as ISO-2022-JP does.
func hasJapaneseEscapes(page []byte) bool {
	i := bytes.Index(page, []byte("\x1B$B"))
	return i >= 0 && bytes.Contains(page[i:], []byte("\x1B(B")) && !bytes.ContainsFunc(page, func(r rune) bool { return r >= utf8.RuneSelf })
}

// DecodeUTF16 is [Decode] for UTF-16 and UTF-32 alone: charset is "" when page is none, by its byte order mark or
// the zero bytes that stand in one half of the letters alone, as they do in blanks, line ends and markup.
func DecodeUTF16(page []byte) (text, charset string) {
	enc, name := utf16Of(page)
	if enc == nil {
		return "", ""
	}
	return recode(enc, page), name
}

// recode returns the page in UTF-8.
func recode(enc encoding.Encoding, page []byte) string {
	out, err := enc.NewDecoder().Bytes(page)
	if err != nil {
		out = page
	}
	return strings.ToValidUTF8(strings.TrimPrefix(string(out), "\uFEFF"), "\uFFFD")
}

// utf16Of returns the encoding of a page that is UTF-16, or UTF-32 with a byte order mark, and its name, or nil.
func utf16Of(page []byte) (enc encoding.Encoding, name string) {
	const le, be = "utf-16le", "utf-16be"
	switch {
	case bytes.HasPrefix(page, []byte("\xFF\xFE\x00\x00")):
		return utf32.UTF32(utf32.LittleEndian, utf32.UseBOM), "utf-32le"
	case bytes.HasPrefix(page, []byte("\x00\x00\xFE\xFF")):
		return utf32.UTF32(utf32.BigEndian, utf32.UseBOM), "utf-32be"
	case bytes.HasPrefix(page, []byte("\xFF\xFE")):
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), le
	case bytes.HasPrefix(page, []byte("\xFE\xFF")):
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM), be
	case len(page) >= 4 && page[0] == '<' && page[1] == 0 && page[2] != 0 && page[3] == 0:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), le
	case len(page) >= 4 && page[0] == 0 && page[1] == '<' && page[2] == 0 && page[3] != 0:
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), be
	}
	const sample = 4 << 10 // bytes
	head := page[:min(len(page), sample)&^1]
	var zeros [2]int // at even and at odd places
	for i, c := range head {
		if c == 0 {
			zeros[i&1]++
		}
	}
	switch few := max(2, len(head)/16); {
	case zeros[0] == 0 && zeros[1] >= few:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), le
	case zeros[1] == 0 && zeros[0] >= few:
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), be
	}
	return nil, ""
}

// countUTF8 counts the characters of several bytes and the bytes that are no UTF-8.
func countUTF8(page []byte) (good, bad int) {
	for i := 0; i < len(page); {
		if page[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRune(page[i:])
		if r == utf8.RuneError && n == 1 {
			bad++
		} else {
			good++
		}
		i += n
	}
	return good, bad
}

// declared returns the encoding that a byte order mark, the server or the page itself gives, and its
// name, or nil. UTF-8 counts for a page alone that is valid, so that nothing is decoded twice.
func declared(page []byte, contentType string, valid bool) (encoding.Encoding, string) {
	if enc, name := utf16Of(page[:min(len(page), 2)]); enc != nil {
		return enc, name
	}
	if _, params, err := mime.ParseMediaType(contentType); err == nil {
		if enc, name := charset.Lookup(params["charset"]); usable(enc, name, valid) {
			return enc, name
		}
	}
	if enc, name := prescan(page); usable(enc, name, valid) {
		return enc, name
	}
	if enc, name := charset.Lookup(label(page)); usable(enc, name, valid) && !strings.HasPrefix(name, "utf-16") {
		return enc, name
	}
	return nil, ""
}

func usable(enc encoding.Encoding, name string, valid bool) bool {
	return enc != nil && (name != "utf-8" || valid) && name != "replacement"
}

// prescan returns the encoding that the page declares where browsers look for it, or nil.
func prescan(page []byte) (encoding.Encoding, string) {
	head := append([]byte("é"), page[:min(len(page), charsetPrescan-len("é"))]...)
	for i := len("é"); i < len(head); i++ {
		head[i] = min(head[i], 0x7F)
	}
	enc, name, _ := charset.DetermineEncoding(head, "")
	if enc == encoding.Nop {
		return nil, "" // it was guessed, from the letter before
	}
	return enc, name
}

// label returns what follows the first "charset=" of the page, or the "encoding=" that it begins with, or "".
func label(page []byte) string {
	head := page[:min(len(page), charsetDeclared)]
	for i := 0; ; {
		j := bytes.Index(head[i:], []byte("harset"))
		k := bytes.Index(head[i:], []byte("ncoding="))
		if j < 0 && (k < 0 || i+k > 100) {
			return ""
		}
		if j < 0 || k >= 0 && k < j && i+k < 100 {
			j = k
		}
		i += j + 6
		rest := bytes.TrimLeft(bytes.TrimPrefix(head[i:], []byte("g")), " \t")
		if len(rest) == 0 || rest[0] != '=' {
			continue
		}
		rest = bytes.TrimLeft(rest[1:], " \t\"'")
		n := 0
		for n < len(rest) && (isLetter(rest[n]) || '0' <= rest[n] && rest[n] <= '9' || rest[n] == '-' || rest[n] == '_') {
			n++
		}
		if n > 0 {
			return string(rest[:n])
		}
	}
}
