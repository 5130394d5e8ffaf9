package boilerplate

// tag is an HTML element's name, as far as it matters for taking a page apart.
type tag uint8

// The elements that are told apart. Every other one is tOther and is treated as inline.
const (
	tOther tag = iota
	tA
	tAddress
	tArticle
	tAside
	tB
	tBlockquote
	tBody
	tBr
	tButton
	tCaption
	tCenter
	tCite
	tCode
	tDd
	tDetails
	tDialog
	tDiv
	tDl
	tDt
	tEm
	tFieldset
	tFigcaption
	tFigure
	tFooter
	tForm
	tH1
	tH2
	tH3
	tH4
	tH5
	tH6
	tHead
	tHeader
	tHr
	tHTML
	tI
	tIframe
	tImg
	tInput
	tLabel
	tLegend
	tLi
	tLink
	tMain
	tMath
	tMeta
	tNav
	tNoembed
	tNoframes
	tNoscript
	tOl
	tOptgroup
	tOption
	tP
	tPicture
	tPlaintext
	tPre
	tQ
	tScript
	tSection
	tSelect
	tSmall
	tSpan
	tStrong
	tStyle
	tSub
	tSummary
	tSup
	tSvg
	tTable
	tTbody
	tTd
	tTemplate
	tTextarea
	tTfoot
	tTh
	tThead
	tTime
	tTitle
	tTr
	tU
	tUl
	tVideo
	tAudio
	tWbr
	tXmp
	numTags
)

// Properties of elements.
const (
	pBlock  uint8 = 1 << iota // begins and ends a block of text
	pEndsP                    // its start tag ends an open paragraph
	pVoid                     // has no content
	pRaw                      // content is text up to its end tag
	pSkip                     // content is not text of the page
	pScope                    // end tags inside do not reach elements outside
	pTable                    // part of a table's frame
	pInline                   // formats text; its end tag does not reach over a block
)

var tagProps = [numTags]uint8{
	tA: pInline, tB: pInline, tCite: pInline, tCode: pInline, tEm: pInline, tI: pInline, tLabel: pInline, tQ: pInline,
	tSmall: pInline, tSpan: pInline, tStrong: pInline, tSub: pInline, tSup: pInline, tTime: pInline, tU: pInline,
	tPicture: pInline, tOther: pInline,

	tAddress: pBlock | pEndsP, tArticle: pBlock | pEndsP, tAside: pBlock | pEndsP, tBlockquote: pBlock | pEndsP,
	tCenter: pBlock | pEndsP, tDetails: pBlock | pEndsP, tDialog: pBlock | pEndsP, tDiv: pBlock | pEndsP,
	tDl: pBlock | pEndsP, tDt: pBlock | pEndsP, tDd: pBlock | pEndsP, tFieldset: pBlock | pEndsP,
	tFigcaption: pBlock | pEndsP, tFigure: pBlock | pEndsP, tFooter: pBlock | pEndsP, tForm: pBlock | pEndsP,
	tH1: pBlock | pEndsP, tH2: pBlock | pEndsP, tH3: pBlock | pEndsP, tH4: pBlock | pEndsP, tH5: pBlock | pEndsP,
	tH6: pBlock | pEndsP, tHeader: pBlock | pEndsP, tHr: pBlock | pEndsP | pVoid, tLi: pBlock | pEndsP,
	tMain: pBlock | pEndsP, tNav: pBlock | pEndsP, tOl: pBlock | pEndsP, tP: pBlock | pEndsP, tPre: pBlock | pEndsP,
	tSection: pBlock | pEndsP, tSummary: pBlock | pEndsP, tUl: pBlock | pEndsP, tLegend: pBlock,
	tBody: pBlock, tHead: pBlock, tHTML: pBlock, tButton: pBlock | pScope,

	tTable: pBlock | pTable | pScope, tCaption: pBlock | pTable | pScope, tTbody: pBlock | pTable, tTfoot: pBlock | pTable,
	tThead: pBlock | pTable, tTr: pBlock | pTable, tTd: pBlock | pTable | pScope, tTh: pBlock | pTable | pScope,

	tBr: pVoid, tImg: pVoid, tInput: pVoid, tLink: pVoid, tMeta: pVoid, tWbr: pVoid,

	tScript: pRaw, tStyle: pRaw, tIframe: pRaw, tNoembed: pRaw, tNoframes: pRaw, tNoscript: pRaw, tTextarea: pRaw,
	tTitle: pRaw, tXmp: pRaw,

	tSvg: pSkip, tSelect: pSkip | pBlock, tOption: pSkip, tOptgroup: pSkip, tTemplate: pSkip, tVideo: pBlock, tAudio: pBlock,
	tMath: pInline,
}

var tagNames = [numTags]string{
	tA: "a", tAddress: "address", tArticle: "article", tAside: "aside", tB: "b", tBlockquote: "blockquote", tBody: "body",
	tBr: "br", tButton: "button", tCaption: "caption", tCenter: "center", tCite: "cite", tCode: "code", tDd: "dd",
	tDetails: "details", tDialog: "dialog", tDiv: "div", tDl: "dl", tDt: "dt", tEm: "em", tFieldset: "fieldset",
	tFigcaption: "figcaption", tFigure: "figure", tFooter: "footer", tForm: "form", tH1: "h1", tH2: "h2", tH3: "h3",
	tH4: "h4", tH5: "h5", tH6: "h6", tHead: "head", tHeader: "header", tHr: "hr", tHTML: "html", tI: "i",
	tIframe: "iframe", tImg: "img", tInput: "input", tLabel: "label", tLegend: "legend", tLi: "li", tLink: "link",
	tMain: "main", tMath: "math", tMeta: "meta", tNav: "nav", tNoembed: "noembed", tNoframes: "noframes",
	tNoscript: "noscript", tOl: "ol", tOptgroup: "optgroup", tOption: "option", tP: "p", tPicture: "picture",
	tPlaintext: "plaintext", tPre: "pre", tQ: "q", tScript: "script", tSection: "section", tSelect: "select",
	tSmall: "small", tSpan: "span", tStrong: "strong", tStyle: "style", tSub: "sub", tSummary: "summary", tSup: "sup",
	tSvg: "svg", tTable: "table", tTbody: "tbody", tTd: "td", tTemplate: "template", tTextarea: "textarea",
	tTfoot: "tfoot", tTh: "th", tThead: "thead", tTime: "time", tTitle: "title", tTr: "tr", tU: "u", tUl: "ul",
	tVideo: "video", tAudio: "audio", tWbr: "wbr", tXmp: "xmp",
}

// alias tells the elements apart that are the same tag: 0 for the one the tag is named after. An end tag
// closes an element of its own name.
type alias uint16

type tagName struct {
	tag   tag
	alias alias
}

// tagByName finds a tag by its lower-case name; read-only. What is not in it is tOther.
var tagByName = func() map[string]tagName {
	m := make(map[string]tagName, numTags)
	for t, name := range tagNames {
		if name != "" {
			m[name] = tagName{tag: tag(t)}
		}
	}
	for name, like := range map[string]tag{
		"area": tWbr, "base": tWbr, "basefont": tWbr, "bgsound": tWbr, "col": tWbr, "embed": tWbr, "frame": tWbr,
		"keygen": tWbr, "param": tWbr, "source": tWbr, "track": tWbr,
		"dir": tUl, "font": tSpan, "hgroup": tHeader, "listing": tPre, "marquee": tDiv, "menu": tUl, "plaintext": tPre,
	} {
		m[name] = tagName{like, aliasOf([]byte(name))}
	}
	return m
}()

// aliasOf returns the alias of an element that no tag is named after.
func aliasOf(name []byte) alias {
	h := uint32(fnvBase)
	for _, c := range name {
		h = (h ^ uint32(lower(c))) * fnvPrime
	}
	return alias(h>>16) | 1
}

// isHeading reports whether t is one of h1 to h6.
func (t tag) isHeading() bool { return t >= tH1 && t <= tH6 }

// is reports whether t has the property.
func (t tag) is(prop uint8) bool { return tagProps[t]&prop != 0 }
