package boilerplate

import (
	"net/url"
	"slices"
	"strings"
	"unicode"
)

// readFields fills the page's fields. What the head and the linked data claim is held against
// the visible page, which decides where they disagree.
func (p *Page) readFields(x *extractor, opt Options) {
	h := &x.tree.head
	first, last := *h.article(), linkedArticle{}
	if x.isOther(&first) { // then it counts only where the page's own words are silent
		first, last = last, first
	}
	p.Title = squeeze(opt.Title)
	if p.Title == "" {
		p.Title = x.pageTitle(opt.URL)
	}
	p.Byline = x.byline(first.author, last.author)
	p.Canonical = canonical(opt.URL, h.canonical, h.first("og:url"))
	p.Lang = x.language(p)
	published := slices.Concat([]string{first.published}, h.each(publishedKeys), []string{h.time("datepublished"), h.time(""), last.published})
	modified := slices.Concat([]string{first.modified}, h.each(modifiedKeys), []string{h.time("datemodified"), last.modified})
	p.Published, p.Modified = firstDate(published...), firstDate(modified...)
	if !hasTime(p.Published) || p.Modified == "" {
		x.readVisible(p)
	}
	if p.Modified < p.Published {
		p.Modified = ""
	}
}

// readVisible fills the dates that are missing, and the time of a day, from the page's address and from what it
// shows its readers.
func (x *extractor) readVisible(p *Page) {
	address := addressDate(p.URL)
	if address == "" {
		address = addressDate(p.Canonical)
	}
	published, modified := x.shown(x.dayOrder(p.Lang))
	p.Published = firstDate(p.Published, address, published)
	p.Modified = firstDate(p.Modified, modified)
}

// dayOrder returns which of two numbers the page's readers take for the month.
func (x *extractor) dayOrder(lang string) dayOrder {
	switch lang {
	case "":
		return unknownOrder
	case "en":
	default:
		return dayFirst
	}
	h := &x.tree.head
	for _, tag := range []string{h.region, h.first("og:locale"), h.first("content-language")} {
		switch tag = strings.ToLower(strings.ReplaceAll(tag, "_", "-")); tag {
		case "en-us":
			return monthFirst
		case "en-gb", "en-au", "en-ie", "en-nz", "en-in", "en-za":
			return dayFirst
		}
	}
	return unknownOrder
}

// The keys of meta elements with dates, in order of trust.
var (
	publishedKeys = []string{
		"article:published_time", "datepublished", "og:article:published_time", "og:published_time", "parsely-pub-date", "sailthru.date",
		"dc.date.issued", "dcterms.created", "dc.date", "dcterms.date", "article:published", "pubdate", "publishdate", "publish-date",
		"publication_date", "date", "cxenseparse:recs:publishtime", "release_date",
	}
	modifiedKeys = []string{
		"article:modified_time", "datemodified", "og:updated_time", "article:updated_time", "dcterms.modified", "last-modified", "lastmod", "article:modified",
	}
)

// isOther reports whether linked data describes another story than the page: hardly a word of its
// headline is in the page's title or in the visible headline.
func (x *extractor) isOther(a *linkedArticle) bool {
	title := x.tree.head.titles()
	if i := x.headline(); i >= 0 {
		l := &x.tree.leaves[i]
		title += " " + string(x.tree.text[l.from:l.to])
	}
	return !sharesWords(a.headline, title)
}

// sharesWords reports whether a third of the words of a headline are in the title; true when either
// is too short to say.
func sharesWords(headline, title string) bool {
	in := map[uint32]bool{}
	eachWord([]byte(title), func(h uint32) { in[h] = true })
	words, shared := 0, 0
	eachWord([]byte(headline), func(h uint32) {
		words++
		if in[h] {
			shared++
		}
	})
	return words < 3 || len(in) < 3 || shared*3 >= words
}

// mainLabel returns the longest label of a host but for the last: the site's name, as a rule.
func mainLabel(host string) (longest string) {
	labels := strings.Split(host, ".")
	for _, l := range labels[:len(labels)-1] {
		if len(l) > len(longest) {
			longest = l
		}
	}
	return longest
}

// hostOf returns an address's host without "www.", "" if it has none.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
}

// lettersOf returns the letters and digits of s in lower case.
func lettersOf(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// canonical returns the first of the addresses that is a web page's, made absolute.
func canonical(base string, addresses ...string) string {
	b, err := url.Parse(base)
	if err != nil {
		b = &url.URL{}
	}
	for _, a := range addresses {
		if a == "" {
			continue
		}
		u, err := b.Parse(strings.TrimSpace(a))
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || !strings.ContainsAny(u.Hostname(), ".:") { // localhost
			continue
		}
		if !strings.HasPrefix(u.Fragment, "!") {
			u.Fragment, u.RawFragment = "", ""
		}
		return u.String()
	}
	return ""
}

// language returns the language that the page declares; the article's text decides when it is
// clearly in another, or when the page does not say.
func (x *extractor) language(p *Page) string {
	h := &x.tree.head
	declared := h.lang
	for _, s := range []string{h.first("content-language", "language", "dc.language"), h.first("og:locale"), h.article().language} {
		if declared == "" {
			declared = PrimaryLanguage(s)
		}
	}
	found := DetectLanguage(p.sample())
	if found == "und" {
		return declared
	}
	if sameLanguage(found, declared) {
		return declared
	}
	return found
}

// sample returns the beginning of the kept text, as much as DetectLanguage reads.
func (p *Page) sample() string {
	var b strings.Builder
	for i := 0; i < len(p.Blocks) && b.Len() < 4*langSampleRunes; i++ {
		if p.Blocks[i].Kept() {
			b.WriteString(p.Blocks[i].Text)
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// sameLanguage reports whether two codes stand for one language, or for two that a short text
// does not tell apart.
func sameLanguage(a, b string) bool {
	if a == b {
		return true
	}
	for _, group := range [...]string{"no nb nn da", "hr bs sr sh", "id ms", "gl pt es", "cs sk", "fa ur", "hi mr ne"} {
		if strings.Contains(group, a) && b != "" && strings.Contains(group, b) {
			return true
		}
	}
	return false
}
