package boilerplate

import (
	"unicode"
	"unicode/utf8"
)

// The features of a leaf. All are small integers, so that the model gives the same verdict on
// every machine.
const (
	// Its own text.
	fSize      = iota // length, a wide rune counting three
	fWords            // words
	fLinkShare        // per cent of it in links
	fLinks            // number of links
	fBoldShare        // per cent of it in bold
	fCommas           // commas and their like
	fStops            // ends of sentences
	fEnd              // class of the last rune
	fBegin            // class of the first rune
	fDigits           // per cent of digits
	fUpper            // per cent of upper-case letters
	fOdd              // vertical bars, arrows, bullets, copyright and at signs
	fTitled           // per cent of words with a capital
	fText             // mean weight of its words
	fTextMin          // least weight of its words
	fTextFirst        // weight of its first words
	fSame             // leaves of the page with the same text
	fHeadline         // per cent of its words in the title, and of the title's in it
	fSummary          // the same for the description
	fLinked           // per cent of its words in the linked data's article body
	fTag              // innermost block element
	fBreaks           // set apart by line breaks
	fImages           // images before it

	// The elements that hold it.
	fName     // weight of the names of the innermost elements
	fNameSum  // of all
	fNameMin  // least of all
	fNameMax  // greatest of all
	fNameNear // nearest that is not zero
	fInArticle
	fInAside
	fInNav
	fInHeader
	fInFooter
	fInFigure
	fInForm
	fInList
	fInTable
	fInQuote
	fInHidden
	fInBody
	fInAuthor
	fItems     // children of the list or the row
	fParSize   // text in the parent
	fParLink   // per cent of it in links
	fParLeaves // leaves in the parent
	fParGood   // per cent of the page's running text in it
	fGrandSize
	fGrandLink
	fGrandLeaves
	fGrandGood
	fUp10 // elements to go up until one holds 10 % of the page's running text
	fUp30
	fUp60
	fUp60Link   // share of links there
	fUp60Leaves // leaves there
	fUp60Before // per cent of its running text before the leaf
	fUp60After
	fTopName  // weight of the names from that element inwards
	fSigGood  // per cent of the page's running text with the same path of elements
	fSigCount // leaves with the same path
	fSigSize  // their mean size
	fSigLink  // their share of links

	// Where it stands.
	fIndex     // leaves before, per cent
	fBefore    // per cent of the page's running text before it
	fAfter     // ... after it
	fFromTitle // leaves since the headline
	fGoodTitle // running text since the headline
	fHeadDist  // leaves since the last heading
	fHeadText  // weight of that heading's words
	fHeadLevel // its level
	fHeadSize  // its size
	fPrevGood  // leaves since the last running text
	fNextGood  // leaves to the next
	fPrevUp    // elements to go up to reach the last running text
	fNextUp    // ... the next
	fRunBefore // running text in the ten leaves before
	fRunAfter  // ... after
	fPrevSize  // of the leaf before
	fPrevLink
	fPrevText
	fPrevSig // whether it has the same path
	fPrev2Size
	fPrev2Link
	fNextSize
	fNextLink
	fNextText
	fNextSig
	fNext2Size
	fNext2Link

	// The page.
	fPageArts // article elements
	numFeatures
)

// features is the row of one leaf: its features and, from numFeatures on, its context.
type features [numAll]int16

// leafStats is what the features of a leaf's neighbours need of it.
type leafStats struct {
	size   int32 // length, a wide rune counting three
	link   int32 // of it in links
	good   int32 // size if it is running text, else 0
	sig    uint32
	hash   uint32 // of its letters and digits, folded
	wMean  int16  // weights of its words
	wMin   int16
	wFirst int16
	words  int16
}

// count reads a leaf's text and fills its stats and the features of its own text.
func (x *extractor) count(i int) {
	t := x.tree
	l := &t.leaves[i]
	b := t.text[l.from:l.to]
	s, f := &x.stats[i], &x.rows[i]
	var size, runes, digits, upper, letters, commas, stops, odd, words, titled, wide int32
	inWord, sum, n, least, first := false, int32(0), int32(0), int32(0), int32(0)
	h, page := uint32(fnvBase), uint32(fnvBase)
	word := func() {
		inWord = false
		w := int32(x.model.text.weight(h))
		if n < 40 {
			sum += w
			n++
			least = min(least, w)
			if n <= 3 {
				first += w
			}
		}
		h = fnvBase
	}
	for k := 0; k < len(b); {
		c := rune(b[k])
		w := 1
		if c >= utf8.RuneSelf {
			c, w = utf8.DecodeRune(b[k:])
		}
		k += w
		runes++
		size++
		switch {
		case c < utf8.RuneSelf && isLetter(byte(c)):
			if c < 'a' {
				upper++
				if !inWord {
					titled++
				}
				c += 'a' - 'A'
			}
			letters++
		case c >= '0' && c <= '9':
			digits++
			c = '0'
		case c >= utf8.RuneSelf && isWide(c):
			size += 2
			wide++
			letters++
			if inWord {
				word()
			}
			h = (h ^ uint32(c)) * fnvPrime
			page = (page ^ uint32(c)) * fnvPrime
			if wide%2 == 0 {
				words++
			}
			word()
			continue
		case c >= utf8.RuneSelf && (unicode.IsLetter(c) || unicode.IsMark(c)):
			letters++
			if lc := unicode.ToLower(c); lc != c {
				upper++
				if !inWord {
					titled++
				}
				c = lc
			}
		default:
			switch c {
			case ',', '、', '，', '،', ';', '；':
				commas++
			case '.', '!', '?', '。', '！', '？', '؟', '।':
				stops++
			case '|', '»', '›', '•', '·', '©', '@', '→', '▶', '«', '#', '/', '>':
				odd++
			}
			if inWord {
				word()
			}
			continue
		}
		if !inWord {
			inWord = true
			words++
		}
		h = (h ^ uint32(c)) * fnvPrime
		page = (page ^ uint32(c)) * fnvPrime
	}
	if inWord {
		word()
	}
	s.size, s.words, s.hash = size, clip(words), page
	s.link = int32(int64(size) * int64(min(l.link, uint32(len(b)))) / int64(max(len(b), 1)))
	if size >= 80 && s.link*3 < size && stops+commas > 0 {
		s.good = size
	}
	s.wMean, s.wMin, s.wFirst = clip(sum*8/max(n, 1)), clip(least), clip(first*8/min(max(n, 1), 3))
	f[fSize], f[fWords], f[fLinkShare], f[fLinks] = int16(min(size, 1500)), min(s.words, 300), percent(s.link, size), int16(min(l.links, 50))
	f[fBoldShare] = percent(int32(min(l.bold, uint32(len(b)))), int32(len(b)))
	f[fCommas], f[fStops] = clip(commas), clip(stops)
	f[fDigits], f[fUpper], f[fOdd], f[fTitled] = percent(digits, runes), percent(upper, letters), clip(odd), percent(titled, words)
	r, _ := utf8.DecodeRune(b)
	f[fBegin] = runeClass(r)
	r, _ = utf8.DecodeLastRune(b)
	f[fEnd] = runeClass(r)
	f[fText], f[fTextMin], f[fTextFirst] = s.wMean, s.wMin, s.wFirst
	f[fImages] = int16(min(l.images, 20))
	if l.breaks {
		f[fBreaks] = 1
	}
}

// isWide reports whether the rune belongs to a script that is written without spaces.
func isWide(r rune) bool {
	return r >= 0x3040 && r <= 0x30FF || r >= 0x3400 && r <= 0x9FFF || r >= 0xF900 && r <= 0xFAFF || r >= 0x0E00 && r <= 0x0E7F || r >= 0x20000 && r <= 0x3FFFF
}

// Classes of runes that others ask for.
const (
	classComma int16 = 7
	classLower int16 = 10
)

// runeClass orders runes by what they say at the start or the end of a block.
func runeClass(r rune) int16 {
	switch r {
	case '.', '!', '?', '。', '！', '？', '؟', '।':
		return 9
	case '"', '”', '“', '’', '\'', '»', '«', '„', '」', '』', '「':
		return 8
	case ',', ';', '，', '、':
		return classComma
	case ':', '：':
		return 4
	case '…':
		return 3
	case ')', ']', '）', '(', '[', '（':
		return 5
	case '-', '–', '—', '―':
		return 6
	}
	switch {
	case unicode.IsUpper(r):
		return 11
	case unicode.IsLower(r):
		return classLower
	case unicode.IsDigit(r):
		return 2
	case unicode.IsLetter(r):
		return 12
	}
	return 1
}

func clip[T int32 | int](n T) int16 { return int16(min(max(n, -32000), 32000)) }

func percent(part, whole int32) int16 {
	if whole <= 0 {
		return 0
	}
	return clip(int32(int64(part) * 100 / int64(whole)))
}
