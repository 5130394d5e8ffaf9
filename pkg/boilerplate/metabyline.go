package boilerplate

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const maxByline = 160 // bytes

// byline returns who wrote the article: the first name given that stands on the page, else the
// first given, else what the page marks as its author, else who signs below the headline. The linked data's name comes
// before the others, or behind.
func (x *extractor) byline(linked, later string) string {
	h := &x.tree.head
	own := canonical("", h.canonical, h.first("og:url")) // as the page says: it is the same wherever the page was kept
	site, host := lettersOf(h.first("og:site_name")), lettersOf(mainLabel(hostOf(own)))
	title, first := x.pageTitle(own), ""
	for _, s := range []string{linked, h.first("author"), h.first("article:author"), h.first("parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "byl", "cxenseparse:author", "twitter:data1"), later} {
		s = cleanByline(s)
		if s == "" || lettersOf(s) == site || isAccount(s, host) || lettersOf(s) == lettersOf(title) {
			continue
		}
		name, _, _ := strings.Cut(s, ",")
		if bytes.Contains(x.tree.text, []byte(name)) {
			first = s
			break
		}
		if first == "" {
			first = s
		}
	}
	if first != "" && strings.Contains(first, " ") && !isLoose(first, host) {
		return first
	}
	marked, sure := x.credited()
	for i, s := range [...]string{marked, x.signature()} {
		if s == "" || lettersOf(s) == lettersOf(title) || strings.Count(s, " ") > 1 && strings.HasPrefix(h.titles(), s) {
			continue
		}
		better := (sure || i > 0) && isLoose(first, host) && isName(s) && !isLoose(s, host)
		if first == "" || isPart(first, s) || better {
			return s
		}
	}
	return first
}

// isPart reports whether a byline is the beginning of a fuller one, or that one run together as in an account.
func isPart(s, full string) bool {
	a, b := lettersOf(s), lettersOf(full)
	return a != "" && strings.HasPrefix(b, a) && len(full) > len(s)
}

// isLoose reports whether a byline is no person's name but a company's, a site's, an account or an
// abbreviation: a person whom the page names takes its place.
func isLoose(s, host string) bool {
	s, _, _ = strings.Cut(s, ",")
	small := strings.IndexFunc(s, unicode.IsUpper) < 0
	if letters := lettersOf(s); len(host) > 3 && strings.Contains(letters, host) || len(letters) < 6 && s == strings.ToUpper(s) {
		return true
	}
	words := strings.Fields(s)
	if len(words) == 0 {
		return true
	}
	if r, _ := utf8.DecodeRuneInString(words[len(words)-1]); unicode.IsLower(r) && (!small || len(words) == 1) {
		return true
	}
	for _, w := range words {
		w = strings.Trim(w, ",.()")
		if i := strings.LastIndexByte(w, '.'); slices.Contains(companyWords, w) || i > 2 && len(w)-i <= 4 && w[i+1:] == strings.ToLower(w[i+1:]) {
			return true
		}
	}
	return false
}

// companyWords are the words that tell companies, societies and desks from people.
var companyWords = []string{"GmbH", "e.V", "eV", "AG", "KG", "Inc", "Ltd", "LLC", "SA", "S.A", "B.V", "Verlag", "Media", "Online", "Redaktion", "Agencies", "Agenturen"}

// signature returns the name in the first line below the headline that is signed, else the one in which the
// article ends, "" if there is none.
func (x *extractor) signature() string {
	title, end := x.storyTop(), x.storyEnd()
	for i := title + 1; i < min(title+maxNear, len(x.tree.leaves)); i++ {
		if s := x.signed(i); s != "" {
			return s
		}
		if x.stats[i].words <= 16 {
			if s := dated(string(x.text(i))); s != "" {
				return s
			}
		}
	}
	for i := min(end+6, len(x.tree.leaves)-1); i > max(end-4, title); i-- {
		if s := x.signed(i); s != "" && (i <= end+1 || bytes.ContainsAny(x.text(i), ":：")) && !x.isForeign(x.tree.leaves[i].node, title, true) {
			return s
		}
	}
	return ""
}

// signed returns the name with which leaf i is signed, also where the name is a leaf of its own behind "By".
func (x *extractor) signed(i int) string {
	if x.stats[i].words > 16 {
		return ""
	}
	line := strings.TrimLeft(string(x.text(i)), " -–—~|·•")
	if len(line) < 12 && i+1 < len(x.tree.leaves) && x.stats[i+1].words <= 8 && leadsIn(line) {
		return namesIn(string(x.text(i+1)), false, false)
	}
	return signatory(line)
}

// isAccount reports whether a byline is the account of a site with that name, not a person.
func isAccount(s, host string) bool {
	return host != "" && !strings.Contains(strings.TrimPrefix(s, "The "), " ") && strings.TrimPrefix(lettersOf(s), "the") == strings.TrimPrefix(host, "the")
}
