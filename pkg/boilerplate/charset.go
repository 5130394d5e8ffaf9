package boilerplate

import (
	"bytes"
	"mime"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
)

const (
	charsetPrescan = 4096 // bytes in which a page may declare its charset
	charsetSample  = 8192 // bytes of text outside of tags from which a charset is guessed
)

// decode returns the page in UTF-8. A byte order mark counts most, then whether the bytes are
// UTF-8, which no other text is by chance; then what the server or the page declares; then which
// charset makes the best language of the bytes. What cannot be decoded becomes U+FFFD.
func decode(page []byte, contentType string) []byte {
	if enc := marked(page); enc != nil {
		return decodeWith(enc, page)
	}
	label := declared(page, contentType)
	enc, name := charset.Lookup(label)
	if name == "iso-2022-jp" && bytes.IndexByte(page, 0x1B) >= 0 {
		return decodeWith(enc, page)
	}
	if utf8.Valid(page) {
		return page
	}
	if enc != nil && name != "utf-8" && name != "utf-16le" && name != "utf-16be" && name != "replacement" {
		return decodeWith(enc, page)
	}
	if mostlyUTF8(page) {
		return page
	}
	return decodeWith(sniff(page), page)
}

func decodeWith(enc encoding.Encoding, page []byte) []byte {
	out, err := enc.NewDecoder().Bytes(page)
	if err != nil {
		return page
	}
	return out
}

// marked returns the encoding that a byte order mark, or the zero bytes of UTF-16, show.
func marked(page []byte) encoding.Encoding {
	le := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	be := unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	switch {
	case bytes.HasPrefix(page, []byte("\xFF\xFE")):
		return le
	case bytes.HasPrefix(page, []byte("\xFE\xFF")):
		return be
	case len(page) >= 4 && page[0] == '<' && page[1] == 0 && page[3] == 0:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case len(page) >= 4 && page[0] == 0 && page[1] == '<' && page[2] == 0:
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	}
	return nil
}

// declared returns the label of the charset that the server or the page's head gives, or "".
func declared(page []byte, contentType string) string {
	if _, params, err := mime.ParseMediaType(contentType); err == nil && params["charset"] != "" {
		return params["charset"]
	}
	head := page[:min(len(page), charsetPrescan)]
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

// mostlyUTF8 reports whether all but a few of the bytes beyond ASCII are UTF-8.
func mostlyUTF8(page []byte) bool {
	good, bad := 0, 0
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
	return good > 10*bad
}

// The charsets that are told apart without a declaration. Those of several bytes a letter are
// tried first: their rules leave little to chance.
var (
	wideCharsets   = []encoding.Encoding{japanese.EUCJP, japanese.ShiftJIS, korean.EUCKR, simplifiedchinese.GB18030, traditionalchinese.Big5}
	narrowCharsets = []encoding.Encoding{
		charmap.Windows1252, charmap.Windows1251, charmap.KOI8R, charmap.ISO8859_5, charmap.Windows1250,
		charmap.ISO8859_2, charmap.Windows1253, charmap.Windows1254, charmap.Windows1257, charmap.Windows1256,
	}
)

// sniff guesses the charset of a page that is not UTF-8.
func sniff(page []byte) encoding.Encoding {
	text := outsideTags(page)
	high, runs := 0, 0
	for i, c := range text {
		if c >= utf8.RuneSelf {
			high++
			if i == 0 || text[i-1] < utf8.RuneSelf {
				runs++
			}
		}
	}
	if high >= 4*runs {
		if enc := sniffWide(text); enc != nil {
			return enc
		}
	}
	best, top := encoding.Encoding(charmap.Windows1252), int32(-1)
	for _, enc := range narrowCharsets {
		d := langSample{wordsOnly: true}
		d.read(string(decodeWith(enc, text)))
		if score := d.confidence(); score > top {
			best, top = enc, score
		}
	}
	return best
}

// sniffWide returns the charset of several bytes a letter in which the text makes sense, or nil.
func sniffWide(text []byte) encoding.Encoding {
	var best encoding.Encoding
	top := 0
	for _, enc := range wideCharsets {
		wide, common, bad := 0, 0, 0
		for _, r := range string(decodeWith(enc, text)) {
			switch {
			case r == utf8.RuneError || r >= 0xE000 && r < 0xF900 || r >= 0xFF61 && r < 0xFFA0:
				bad++
			case r >= 0x3041 && r <= 0x30FE || commonHan[r]:
				common++
				wide++
			case r >= 0xAC00 && r < 0xD7A4:
				wide++
				if enc == korean.EUCKR {
					common++
				}
			case r >= 0x3000 && r < 0xA000:
				wide++
			}
		}
		if bad*50 > wide || common*12 < wide {
			continue
		}
		if score := common * 1000 / (wide + 1); score > top {
			best, top = enc, score
		}
	}
	return best
}

// commonHan holds the commonest ideographs of simplified and traditional Chinese.
var commonHan = func() map[rune]bool {
	m := map[rune]bool{}
	for _, r := range "的一是不了在人有我他这個们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发後作里用道行所然家種事成方多经麼去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前開但因只从想實日軍者意無力它與長把機十民第公此已工使情明性知全三又關點正業外將兩高間由問很最重並物手應戰向頭文體政美相見被利什二等產或新己制身果加西斯月話合回特代內信表化老給世位次度門任常先海通教兒原東聲提立及比員解水名真論處走義各入幾口認條平系氣題活爾更別打女變四神總何電數安少報才結反受目太量再感建務做接必場件計管期市直德資命山金指克許統區保至隊形社便空決治展馬科司五基眼書非則聽白卻界達光放強即像難且權思王象完設式色路記南品住告類求據程北邊死張該交規萬取拉格望覺術領共確傳師觀清今切院讓識候帶導爭運" {
		m[r] = true
	}
	return m
}()

// outsideTags returns the first bytes of a page that stand outside of tags, scripts and styles.
func outsideTags(page []byte) []byte {
	out := make([]byte, 0, charsetSample)
	s := scanner{b: page}
	for s.next() && len(out) < charsetSample {
		if s.kind == tokenText {
			for _, c := range s.text {
				if c >= utf8.RuneSelf {
					out = append(out, s.text...)
					break
				}
			}
		}
	}
	return out[:min(len(out), charsetSample)]
}
