package boilerplate

// Scores are in units of 1/256 of log-odds.
const (
	leastKept  = 250 // size of text below which a page's verdicts are looked at again
	leastScore = -1100
	maxForm    = 30 // leaves of a form that is not the whole page
)

// judge scores the leaves of a page, forest after forest: each but the first sees what those before
// made of the page. A leaf's score is the mean of what all say, which errs less than any; what is
// surely boilerplate stays so.
func (x *extractor) judge(t *tree) {
	x.extract(t)
	n := len(x.rows)
	x.score = make([]int32, n)
	s, codes := x.model.scorer, newRowCodes(n, numAll, nil)
	s.encode(codes, x.rows, 0, numFeatures)
	s.forests[0].scores(x.score, codes)
	said := make([]int32, n)
	for k := 1; k < len(s.forests); k++ {
		x.context()
		codes.asked = x.doubtful()
		s.encode(codes, x.rows, numFeatures, numAll)
		s.forests[k].scores(said, codes)
		x.settle(said, int32(k))
	}
}

// doubtful returns which batches of leaves hold one that is not surely boilerplate: of a page's
// menus and lists of links there are whole batches that do not.
func (x *extractor) doubtful() []bool {
	asked := make([]bool, (len(x.score)+batchRows-1)/batchRows)
	for i, v := range x.score {
		if v > doubtScore {
			asked[i/batchRows] = true
		}
	}
	return asked
}

// settle adds what one more forest said to the scores, which are the mean of what before forests
// did.
func (x *extractor) settle(said []int32, before int32) {
	for i, v := range said {
		if x.score[i] > doubtScore {
			x.score[i] = (x.score[i]*before + v) / (before + 1)
		}
	}
}

// threshold returns the score above which leaves are kept: keep, but where next to nothing would
// be kept, it is lowered to the level of the page's own running text, or of any text that is not
// links, so that no page with an article comes out empty.
func (x *extractor) threshold(keep int32) int32 {
	const none = -1 << 20
	kept, best, other := int32(0), int32(none), int32(none)
	for i, v := range x.score {
		s := &x.stats[i]
		if v > keep {
			kept += s.size
		}
		if s.good > 0 {
			best = max(best, v)
		} else if s.link*2 < s.size && s.size >= 60 {
			other = max(other, v)
		}
	}
	if kept == 0 && best < leastScore {
		best = other
	}
	if kept >= leastKept || best < leastScore {
		return keep
	}
	return min(keep, best-200)
}

// leafReasons says why leaves were not kept, by the names of the elements that hold them.
type leafReasons struct {
	tree *tree
	x    *extractor
	of   []uint8 // by node: 0 not looked at, else 1 + the index of a reason
	kept []int32 // size of the leaves kept before leaf i; one longer than the leaves
}

// reasons prepares the reasons of the leaves whose scores are not above th.
func (x *extractor) reasons(th int32) *leafReasons {
	r := &leafReasons{tree: x.tree, x: x, of: make([]uint8, len(x.nodes)), kept: make([]int32, len(x.score)+1)}
	for i, v := range x.score {
		r.kept[i+1] = r.kept[i]
		if v > th {
			r.kept[i+1] += x.stats[i].size
		}
	}
	return r
}

// holdsArticle reports whether an element holds most of what is kept, or is kept for the most part: its
// names, such as the subjects that a page's article is filed under, are not those of the furniture inside.
func (r *leafReasons) holdsArticle(n int32) bool {
	s := &r.x.nodes[n]
	kept := r.kept[s.last] - r.kept[s.first]
	return kept > 0 && (kept*2 > s.size || kept*2 > r.kept[len(r.kept)-1])
}

// The reasons for which a leaf of a page is removed.
const (
	whyNone uint8 = iota
	whyHidden
	whyNavigation
	whyCaption
	whyRelated
	whyComments
	whyNewsletter
	whyShare
	whyAuthor
	whyCookie
	whyPaywall
	whyAdvertisement
	whyFooter
	whyTags
	whyDate
	whyForm
	whyLinks
	whyFurniture
)

var whyNames = [...]string{
	whyHidden: "hidden", whyNavigation: "navigation", whyCaption: "caption", whyRelated: "related", whyComments: "comments",
	whyNewsletter: "newsletter", whyShare: "share", whyAuthor: "author", whyCookie: "cookie", whyPaywall: "paywall",
	whyAdvertisement: "advertisement", whyFooter: "footer", whyTags: "tags", whyDate: "date", whyForm: "form",
	whyLinks: "link-list", whyFurniture: "furniture",
}

// whyLists gives the words in the names of elements that stand for a reason.
var whyLists = [...][]string{
	whyNavigation:    {"nav", "navbar", "navigation", "menu", "submenu", "breadcrumb", "breadcrumbs", "pagination", "pager", "skip", "toc", "sitemap", "topbar", "masthead", "navi", "menue"},
	whyCaption:       {"caption", "figcaption", "credit", "credits", "copyright", "legend", "bildunterschrift", "legende", "photographer"},
	whyRelated:       {"related", "recommended", "recommendations", "recommendation", "recirculation", "recirc", "trending", "popular", "outbrain", "taboola", "readmore", "teaser", "teasers", "mostread", "latest", "promo", "similar", "recent", "verwandt", "relacionadas", "relacionados", "suggested"},
	whyComments:      {"comment", "comments", "commentlist", "disqus", "respond", "reply", "discussion", "kommentar", "kommentare", "kommentarer", "commentaires", "comentarios", "comentario", "forum"},
	whyNewsletter:    {"newsletter", "newsletters", "subscribe", "subscription", "signup", "mailchimp", "optin"},
	whyShare:         {"share", "sharing", "social", "sharebar", "shares", "addthis", "sharethis", "facebook", "twitter", "whatsapp", "socials", "sociallinks", "teilen", "partager", "compartir"},
	whyAuthor:        {"author", "authors", "byline", "bio", "authorbox", "autor", "auteur", "contributor", "contributors", "biography"},
	whyCookie:        {"cookie", "cookies", "consent", "gdpr", "onetrust", "cmp"},
	whyPaywall:       {"paywall", "premium", "metered", "piano", "regwall", "subscriber", "subscribers", "abo"},
	whyAdvertisement: {"ad", "ads", "advert", "advertisement", "advertising", "sponsor", "sponsored", "sponsors", "dfp", "adsense", "anzeige", "publicidad", "werbung", "banner"},
	whyFooter:        {"footer", "foot", "colophon", "legal", "disclaimer", "impressum", "imprint"},
	whyTags:          {"tag", "tags", "topics", "keywords", "categories", "category", "taglist", "taxonomy"},
	whyDate:          {"date", "time", "timestamp", "datetime", "dateline", "published", "meta", "pubdate", "postmeta", "datum", "updated"},
	whyForm:          {"form", "search", "login", "input", "poll", "survey", "vote"},
	whyHidden:        {"hidden", "hide", "sr", "screenreader", "visuallyhidden", "offscreen", "modal", "popup", "tooltip"},
}

// whyWords holds the words of whyLists by their hash.
var whyWords = func() map[uint32]uint8 {
	m := map[uint32]uint8{}
	for why, words := range whyLists {
		for _, w := range words {
			m[wordHash(w)] = uint8(why)
		}
	}
	return m
}()

var tagWhy = [numTags]uint8{
	tNav: whyNavigation, tFooter: whyFooter, tFigure: whyCaption, tFigcaption: whyCaption, tCaption: whyCaption, tForm: whyForm, tButton: whyForm,
	tAddress: whyAuthor, tTime: whyDate, tLabel: whyForm, tLegend: whyForm, tAside: whyRelated, tVideo: whyCaption,
}

// leaf returns the reason for the removal of leaf i.
func (r *leafReasons) leaf(i int) string {
	l := &r.tree.leaves[i]
	why := r.node(l.node)
	f := &r.x.rows[i]
	if f[fLinkShare] > 60 && (why == whyNone || why == whyHidden || why == whyDate || l.links > 2 && why != whyNavigation && why != whyRelated && why != whyTags && why != whyShare) {
		why = whyLinks
	}
	if why == whyNone {
		why = whyFurniture
	}
	return whyNames[why]
}

// node returns the reason that the names of an element give, or else those of the elements that
// hold it. It goes no deeper than elements nest.
func (r *leafReasons) node(n int32) uint8 {
	if r.of[n] > 0 {
		return r.of[n] - 1
	}
	why := r.own(n)
	if why == whyNone && n > 0 {
		why = r.node(r.tree.nodes[n].parent)
	}
	r.of[n] = why + 1
	return why
}

// own returns the reason that an element's own names give.
func (r *leafReasons) own(n int32) uint8 {
	e := &r.tree.nodes[n]
	if e.flags&nodeHidden != 0 {
		return whyHidden
	}
	if e.flags&nodeAuthor != 0 {
		return whyAuthor
	}
	if r.holdsArticle(n) {
		return whyNone
	}
	if w := tagWhy[e.tag]; w != whyNone && (e.tag != tForm || r.x.nodes[n].leaves < maxForm) {
		return w
	}
	for _, h := range r.tree.words[e.words : e.words+uint32(e.nwords)] {
		if w, ok := whyWords[h]; ok {
			return w
		}
	}
	return whyNone
}
