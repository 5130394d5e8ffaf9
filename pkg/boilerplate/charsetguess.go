package boilerplate

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

const (
	charsetSample = 8192 // bytes of text outside of tags from which a charset is guessed
	charsetWords  = 2048 // bytes of them whose words are looked up
)

// The charsets that are told apart without a declaration. Those of several bytes a letter, and that of Thai, which
// has no blanks between words either, are tried first: their rules leave little to chance.
var (
	wideCharsets   = []encoding.Encoding{japanese.EUCJP, japanese.ShiftJIS, korean.EUCKR, simplifiedchinese.GB18030, traditionalchinese.Big5, charmap.Windows874}
	narrowCharsets = []encoding.Encoding{
		charmap.Windows1252, charmap.Windows1251, charmap.KOI8R, charmap.ISO8859_5, charmap.Windows1250,
		charmap.ISO8859_2, charmap.Windows1253, charmap.Windows1254, charmap.Windows1257, charmap.Windows1256,
		charmap.Windows1255,
	}
)

// sniff guesses the charset of a page that is not UTF-8.
func sniff(page []byte) encoding.Encoding {
	text := outsideTags(page)
	pairs, runs := 0, 0 // of letters of two bytes, whose second may be ASCII
	for i := 0; i < len(text); i++ {
		if text[i] < utf8.RuneSelf {
			continue
		}
		for runs++; i < len(text) && text[i] >= utf8.RuneSelf; i += 2 {
			pairs++
		}
	}
	if pairs >= 2*runs {
		if enc := sniffWide(text); enc != nil {
			return enc
		}
	}
	text = text[:min(len(text), charsetWords)]
	best, top := encoding.Encoding(charmap.Windows1252), int32(math.MinInt32)
	for _, enc := range narrowCharsets {
		d := langSample{wordsOnly: true}
		plain := recode(enc, text)
		d.read(plain)
		if score := d.confidence() - langUnit*oddities(plain); score > top || score == top && enc == charmap.Windows1254 && isTurkish(plain) {
			best, top = enc, score
		}
	}
	return best
}

// isTurkish tells whether a text in Latin letters has more of those that windows-1254 does not share with windows-1252
// than of those that Turkish does not have.
func isTurkish(text string) bool {
	n := 0
	for _, r := range text {
		switch {
		case strings.ContainsRune("ğışĞİŞ", r):
			n++
		case unicode.IsLetter(r) && r >= 0xC0 && !strings.ContainsRune("çöüâîûÇÖÜÂÎÛ", r):
			n--
		}
	}
	return n > 0
}

// oddities counts what no text has: neighbours that are letters of two scripts, or a small letter and a
// capital, three Latin letters with accents, or a sign between two letters, one of them without an accent; control characters, those of
// Arabic elsewhere, and bytes that stand for nothing.
func oddities(text string) int32 {
	odd := int32(0)
	first, before := ' ', ' ' // the two characters before
	for _, r := range text {
		switch {
		case r == utf8.RuneError || r >= 0x80 && r < 0xA0 || r >= 0x200C && r < 0x2010 && scriptOf(before) != scriptArabic:
			odd++
		case !unicode.IsLetter(r) || r < utf8.RuneSelf && before < utf8.RuneSelf:
		case unicode.IsLetter(before):
			if scriptOf(r) != scriptOf(before) || unicode.IsUpper(r) && unicode.IsLower(before) || isAccented(r) && isAccented(before) && isAccented(first) {
				odd++
			}
		case before > 0xA0 && unicode.In(before, unicode.S, unicode.No) && unicode.IsLetter(first) && min(first, r) < utf8.RuneSelf:
			odd++
		}
		first, before = before, r
	}
	return odd
}

// isAccented tells whether r is a Latin letter that is not ASCII.
func isAccented(r rune) bool { return r >= 0xC0 && scriptOf(r) == scriptLatin && unicode.IsLetter(r) }

// sniffWide returns the one of wideCharsets in which the text makes sense, or nil.
func sniffWide(text []byte) encoding.Encoding {
	var best encoding.Encoding
	top := 0
	for _, enc := range wideCharsets {
		wide, common, bad := 0, 0, 0
		for _, r := range recode(enc, text) {
			switch {
			case r == utf8.RuneError || r >= 0xE000 && r < 0xF900 || r >= 0xFF61 && r < 0xFFA0:
				bad++
			case r >= 0x3041 && r <= 0x30FE || commonWide[r]:
				common++
				wide++
			case r >= 0xE01 && r < 0xE5C || r >= 0x3000 && r < 0xA000 || r >= 0xAC00 && r < 0xD7A4:
				wide++
			}
		}
		if bad*50 > wide || common*12 < wide || enc == charmap.Windows874 && common*3 < wide*2 {
			continue
		}
		if score := common * 1000 / (wide + 1); score > top {
			best, top = enc, score
		}
	}
	return best
}

// commonWide holds the commonest ideographs of simplified and traditional Chinese, and the commonest syllables of Korean:
// others are what Chinese becomes when it is read as EUC-KR; and the commonest letters and signs of Thai.
var commonWide = func() map[rune]bool {
	m := map[rune]bool{}
	for _, r := range "的一是不了在人有我他这個们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发後作里用道行所然家種事成方多经麼去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前開但因只从想實日軍者意無力它與長把機十民第公此已工使情明性知全三又關點正業外將兩高間由問很最重並物手應戰向頭文體政美相見被利什二等產或新己制身果加西斯月話合回特代內信表化老給世位次度門任常先海通教兒原東聲提立及比員解水名真論處走義各入幾口認條平系氣題活爾更別打女變四神總何電數安少報才結反受目太量再感建務做接必場件計管期市直德資命山金指克許統區保至隊形社便空決治展馬科司五基眼書非則聽白卻界達光放強即像難且權思王象完設式色路記南品住告類求據程北邊死張該交規萬取拉格望覺術領共確傳師觀清今切院讓識候帶導爭運" +
		"이다는에의지고가하을한기도로사를은대시자서정인어리아수나해들스그제전부여있일라원장주상보게것과성적으동경만면구조공와했니유비화선미오생방안개소관연국무위회거실신야세식모발트드문물반명당내계마천된되중업없행년교산러려진본영등말분치우간할용재출현통터단합점운차학최결강김민심월바까금남권양던건음달때더입질체란초호두평론표복느노크감작데약예배증포후력네속북며르불각설청법않람외런프종번임잘박살밀근난변높처파울티테타카피버코토레역받였었열저직참책줄절추투특판형향환활새석색송술승습요욕육응급길격견곳광규극날낮널논능님답덕독돈될둘뒤득따또뜻락량령례록료류률른름린림막망맞매머먹목못및밝백범별병볼봉빛품풍필킬털" +
		"กงดตทนบพมยรลวสหอะัาิีเแไ่้" {
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
