package boilerplate

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// pageTitle returns the page's title without the site's name: the visible headline if it is the
// one that the head means, else what the head says.
func (x *extractor) pageTitle(address string) string {
	h := &x.tree.head
	site, host := h.siteName(), hostOf(address)
	said := [...]string{h.first("og:title"), h.article().headline, h.first("twitter:title", "dc.title"), h.title}
	for i, s := range said {
		said[i] = cutSite(tidyTitle(plain(s)), site, host)
	}
	if i := x.headline(); i >= 0 {
		i = x.storyTop()
		if l := &x.tree.leaves[i]; l.to-l.from < 400 {
			s := tidyTitle(string(x.text(i)))
			if cut := cutSite(s, site, host); strings.HasPrefix(s, cut) {
				s = cut
			}
			letters := lettersOf(s)
			if x.rows[i][fHeadline] >= 60 || h.titles() == "" || isMostOf(letters, lettersOf(h.titles())) ||
				letters == lettersOf(said[len(said)-1]) { // og:title is for social networks
				return x.withoutKicker(s, said[:])
			}
		}
	}
	for _, s := range said {
		if s != "" {
			return s
		}
	}
	return ""
}

// withoutKicker returns a headline without what stands before it in its element, such as its topic or date
// or "3 responses to", if the head gives it alone, and nowhere with that. What a colon or a dash joins stays.
func (x *extractor) withoutKicker(s string, said []string) string {
	whole := lettersOf(s)
	for _, t := range append(said, x.tree.head.title) {
		if strings.Contains(lettersOf(t), whole) {
			return s
		}
	}
	for _, t := range said {
		t = strings.TrimLeft(t, " »|")
		i := strings.LastIndex(s, t)
		if i <= 0 || len(t)*3 < len(s) || len(strings.Fields(t)) < 4 || !strings.HasSuffix(whole, lettersOf(t)) {
			continue
		}
		before := strings.TrimRight(s[:i], " „“\"»")
		first, _ := utf8.DecodeRuneInString(t)
		if joins := strings.HasSuffix(before, ":") && !strings.HasSuffix(before, " :") || strings.HasSuffix(before, "–") || strings.HasSuffix(before, "-"); !joins && !unicode.IsLower(first) {
			return s[i:]
		}
	}
	return s
}

const maxTitle = 4096 // bytes

// tidyTitle returns a title without control characters, and no longer than maxTitle.
func tidyTitle(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, s)
	for n := maxTitle; len(s) > maxTitle; n-- {
		if utf8.RuneStart(s[n]) {
			return s[:n]
		}
	}
	return s
}

// isMostOf reports whether part begins or ends whole, and is not just a bit of it.
func isMostOf(part, whole string) bool {
	return len(part)*3 >= len(whole) && (strings.HasPrefix(whole, part) || strings.HasSuffix(whole, part))
}

// cutSite removes the parts of a title that name the site.
func cutSite(title, site, host string) string {
	for _, sep := range [...]string{" | ", "|", "｜", " │ ", " ❘ ", "_", " - ", " – ", " — ", " » ", " « ", " :: ", " · ", " • ", " / ", " : "} {
		for {
			i := strings.LastIndex(title, sep)
			if i <= 0 || !namesSite(title[i+len(sep):], site, host) {
				break
			}
			title = title[:i]
		}
		if i := strings.Index(title, sep); i > 0 && namesSite(title[:i], site, host) {
			title = title[i+len(sep):]
		}
		if before, after, _ := strings.Cut(title, sep); len(strings.Fields(before)) > 2 && strings.Contains(sep, " ") {
			if name, motto, ok := strings.Cut(after, sep); ok && namesSite(name, site, host) && !strings.Contains(motto, "|") && len(strings.Fields(motto)) <= 10 {
				title = before
			}
		}
	}
	return strings.TrimSpace(title)
}

// namesSite reports whether part of a title is the site's name, or what its host is called.
func namesSite(part, site, host string) bool {
	a := lettersOf(part)
	if a == "" || len(strings.Fields(part)) > 6 {
		return false
	}
	if b := lettersOf(site); b != "" && (a == b || len(a) > 3 && strings.Contains(b, a) || len(b) > 3 && strings.HasPrefix(a, b)) {
		return true
	}
	whole := lettersOf(host)
	if len(a) > 2 && strings.Contains(whole, a) || len(whole) > 5 && strings.HasPrefix(a, whole) {
		return true
	}
	label := lettersOf(mainLabel(host))
	return len(label) > 3 && len(label)*2 > len(a) && strings.HasPrefix(strings.TrimPrefix(a, "the"), label)
}
