package boilerplate

import "unicode/utf8"

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
	fIndex     // leaves to the nearer end of the page
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

	// More of each kind.
	fLinkedAll  // per cent of the page's running text that is in the linked data, -1 without that
	fItalic     // per cent of the leaf in italics
	fNextImages // images between it and the next
	fNested     // article elements around it
	fArtGood    // per cent of the page's running text in the innermost of them, -1 without
	fRepeat     // elements beside one that holds it and like that one: the most of such
	fRepeatUp   // elements to go up to that one
	fRepeatSize // text in that one
	fRepeatLink // per cent of it in links
	fRepeatAll  // per cent of the page's running text in its parent
	fOpening    // leaves of the page that begin with the same words
	fAuthorName // per cent of the author's name that is in it
	fSiteName   // ... of the site's name
	fTextSum    // sum of the weights of its words
	fLabelDist  // leaves since the last heading or short line that is bold or ends in a colon
	fLabelText  // weight of that line's words
	fGapText    // least weight of the leaves since the last running text
	numFeatures
)

// features is the row of one leaf: its features and, from numFeatures on, its context.
type features [numAll]int16

// leafStats is what the features of a leaf's neighbours need of it.
type leafStats struct {
	size    int32 // length, a wide rune counting three
	link    int32 // of it in links
	good    int32 // size if it is running text, else 0
	sig     uint32
	hash    uint32 // of its letters and digits, folded
	wMean   int16  // weights of its words
	wMin    int16
	wFirst  int16
	words   int16
	opening uint32 // hash of its first words, 0 if it is short
}

// goodSize is the least size of a leaf that counts as running text.
const goodSize = 80

// count reads a leaf's text and fills its stats and the features of its own text.
func (x *extractor) count(i int) {
	l := &x.tree.leaves[i]
	b := x.tree.text[l.from:l.to]
	c := textCount{weights: &x.model.text}
	c.read(b)
	s, f := &x.stats[i], &x.rows[i]
	s.size, s.words, s.hash = c.size, clip(c.words), c.text
	s.link = int32(int64(c.size) * int64(min(l.link, uint32(len(b)))) / int64(max(len(b), 1)))
	if c.size >= goodSize && s.link*3 < c.size && c.stops+c.commas > 0 {
		s.good = c.size
	}
	s.wMean, s.wMin, s.wFirst = clip(c.sum*8/max(c.weighed, 1)), clip(c.least), clip(c.first*8/min(max(c.weighed, 1), firstWords))
	f[fSize], f[fWords], f[fLinkShare], f[fLinks] = int16(min(c.size, 1500)), min(s.words, 300), percent(s.link, c.size), int16(min(l.links, 50))
	f[fBoldShare] = percent(int32(min(l.bold, uint32(len(b)))), int32(len(b)))
	f[fItalic] = percent(int32(min(l.italic, uint32(len(b)))), int32(len(b)))
	f[fCommas], f[fStops] = clip(c.commas), clip(c.stops)
	f[fDigits], f[fUpper], f[fOdd], f[fTitled] = percent(c.digits, c.runes), percent(c.upper, c.letters), clip(c.odd), percent(c.titled, c.words)
	r, _ := utf8.DecodeRune(b)
	f[fBegin] = runeClass(r)
	r, _ = utf8.DecodeLastRune(b)
	f[fEnd] = runeClass(r)
	f[fText], f[fTextMin], f[fTextFirst] = s.wMean, s.wMin, s.wFirst
	s.opening = c.opening
	f[fTextSum] = clip(c.sum)
	f[fImages] = int16(min(l.images, 20))
	if l.breaks {
		f[fBreaks] = 1
	}
}

func clip[T int32 | int](n T) int16 { return int16(min(max(n, -32000), 32000)) }

func percent(part, whole int32) int16 {
	if whole <= 0 {
		return 0
	}
	return clip(int32(int64(part) * 100 / int64(whole)))
}
