package boilerplate

import (
	"bytes"
	"slices"
	"strings"
	"time"
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
	first := ""
	for _, s := range []string{linked, h.first("author"), h.first("article:author"), h.first("parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "byl", "cxenseparse:author", "twitter:data1"), later} {
		s = cleanByline(s)
		if s == "" || lettersOf(s) == site || isAccount(s, host) {
			continue
		}
		name, _, _ := strings.Cut(s, ",")
		if bytes.Contains(x.tree.text, []byte(name)) {
			return s
		}
		if first == "" {
			first = s
		}
	}
	if first != "" {
		return first
	}
	title := max(x.headline(), 0)
	signature := ""
	for i := max(title-3, 0); i < min(title+15, len(x.tree.leaves)); i++ {
		l := &x.tree.leaves[i]
		if x.stats[i].words > 16 {
			continue
		}
		text := string(x.tree.text[l.from:l.to])
		if x.stats[i].words <= 8 && x.marksAuthor(l.node) {
			if s := cleanByline(text); s != "" {
				return s
			}
		}
		if i > title && signature == "" {
			signature = signatory(text)
		}
	}
	return signature
}

// isAccount reports whether a byline is the account of a site with that name, not a person.
func isAccount(s, host string) bool {
	return host != "" && !strings.Contains(strings.TrimPrefix(s, "The "), " ") && strings.TrimPrefix(lettersOf(s), "the") == strings.TrimPrefix(host, "the")
}

// signatures begin the line in which an author signs.
var signatures = []string{"By ", "BY ", "by ", "By: ", "Written by ", "Von ", "von ", "Par ", "Por ", "Text: ", "Автор: ", "Текст: "}

// signatory returns the name that a line such as "By Nora Quince, 3 May" is signed with, "" if it is another one.
func signatory(line string) string {
	for _, p := range signatures {
		name, ok := strings.CutPrefix(line, p)
		if !ok {
			continue
		}
		end := strings.IndexAny(name+"|", ",;:|•·–—(/@0123456789")
		words := strings.Fields(name[:end])
		if n := len(words) - 1; n > 0 && (isDay(words[n]) || end < len(name) && name[end] >= '0' && name[end] <= '9' && isMonth(words[n])) {
			words = words[:n]
		}
		for _, w := range words {
			if r, _ := utf8.DecodeRuneInString(w); !unicode.IsUpper(r) && !slices.Contains(nameParticles, w) {
				return ""
			}
		}
		if len(words) < 2 || len(words) > 8 {
			return ""
		}
		return cleanByline(strings.Join(words, " "))
	}
	return ""
}

func isDay(word string) bool {
	_, err := time.Parse("Monday", word)
	return err == nil
}

func isMonth(word string) bool {
	_, err := time.Parse("January", word)
	_, short := time.Parse("Jan", strings.TrimSuffix(word, "."))
	return err == nil || short == nil
}

// nameParticles are the words within and between names that are not capitalized.
var nameParticles = []string{"and", "und", "et", "y", "e", "i", "и", "de", "del", "della", "der", "den", "di", "da", "dos", "du", "la", "le", "van", "von", "ten", "ter", "al", "el", "bin", "af", "av", "&"}

var bylineWords = []uint32{wordHash("byline"), wordHash("author"), wordHash("autor"), wordHash("auteur")}

// marksAuthor reports whether an element or one of the two around it is named after the author.
func (x *extractor) marksAuthor(n int32) bool {
	for range 3 {
		e := &x.tree.nodes[n]
		if e.flags&nodeAuthor != 0 {
			return true
		}
		for _, w := range x.tree.words[e.words : e.words+uint32(e.nwords)] {
			if slices.Contains(bylineWords, w) {
				return true
			}
		}
		n = e.parent
	}
	return false
}

var bylinePrefixes = []string{"written by ", "posted by ", "reported by ", "by: ", "by ", "von ", "par ", "por ", "di ", "door ", "av ", "af ", "przez ", "autor: ", "author: ", "автор: ", "текст: ", "text: ", "από ", "yazan: "}

// noNames is what programs write where they have no name.
var noNames = []string{"author", "autor", "null", "undefined", "none", "nan", "n/a", "[object object]"}

// cleanByline returns a name without what stands around it, "" if it cannot be one.
func cleanByline(s string) string {
	s = strings.Trim(plain(s), " |•·-–—,:")
	for _, p := range bylinePrefixes {
		if len(s) > len(p) && strings.EqualFold(s[:len(p)], p) {
			s = strings.TrimSpace(s[len(p):])
			break
		}
	}
	if len(s) < 2 || len(s) > maxByline || strings.Contains(s, "//") || strings.HasPrefix(s, "www.") || strings.HasPrefix(s, "@") || strings.HasPrefix(s, "{") {
		return ""
	}
	if slices.Contains(noNames, strings.ToLower(s)) {
		return ""
	}
	if strings.IndexFunc(s, unicode.IsLetter) < 0 || strings.IndexFunc(s, unicode.IsDigit) >= 0 {
		return ""
	}
	return s
}
