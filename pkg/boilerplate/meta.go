package boilerplate

import (
	"bytes"
	"strings"
)

// head is what a page says about itself: in its head, in scripts with linked data, and in the
// attributes of its root.
type head struct {
	title     string
	lang      string
	region    string // the language as it is written, such as en-GB
	canonical string
	metas     []meta
	linked    [][]byte // JSON-LD scripts, as they stand
	times     []pageTime

	linkedRead bool
	linkedData linkedArticle
}

// meta is one meta element with content. key is its name, property, itemprop or http-equiv in
// lower case.
type meta struct{ key, val string }

// pageTime is a date that an element of the body gives for machines. prop is the element's
// itemprop in lower case.
type pageTime struct{ prop, val string }

// Bounds on what a head may make the parser keep.
const (
	maxMetas       = 400
	maxLinkedBytes = 1 << 20 // of one script
	maxLinked      = 64
	maxTimes       = 40
	maxMetaBytes   = 4096
)

// root reads the attributes of html and body.
func (h *head) root(attrs []byte) {
	for i := 0; i < len(attrs); {
		var key, val []byte
		key, val, i = readAttr(attrs, i)
		if h.lang == "" && (equalFold(key, "lang") || equalFold(key, "xml:lang")) {
			h.region = strings.TrimSpace(unescape(val))
			h.lang = PrimaryLanguage(h.region)
		}
	}
}

// add reads a meta, link, title or script element. inert says that it stands inside an element
// whose content is not the page's, such as a drawing.
func (h *head) add(name tag, attrs, content []byte, inert bool) {
	switch name {
	case tTitle:
		if h.title == "" && !inert {
			h.title = squeeze(unescape(content[:min(len(content), maxMetaBytes)]))
		}
	case tMeta:
		h.addMeta(attrs)
	case tLink:
		h.addLink(attrs)
	case tScript:
		if len(h.linked) < maxLinked && len(content) <= maxLinkedBytes && bytes.Contains(attrs, []byte("ld+json")) {
			h.linked = append(h.linked, content)
		}
	}
}

func (h *head) addMeta(attrs []byte) {
	if len(h.metas) >= maxMetas {
		return
	}
	var m meta
	for i := 0; i < len(attrs); {
		var key, val []byte
		key, val, i = readAttr(attrs, i)
		switch {
		case equalFold(key, "content"):
			m.val = squeeze(unescape(val[:min(len(val), maxMetaBytes)]))
		case equalFold(key, "name"), equalFold(key, "property"), equalFold(key, "itemprop"), equalFold(key, "http-equiv"):
			if m.key == "" {
				m.key = strings.ToLower(strings.TrimSpace(string(val[:min(len(val), 128)])))
			}
		}
	}
	if m.key != "" && m.val != "" {
		h.metas = append(h.metas, m)
	}
}

func (h *head) addLink(attrs []byte) {
	var rel, href []byte
	for i := 0; i < len(attrs); {
		var key, val []byte
		key, val, i = readAttr(attrs, i)
		if equalFold(key, "rel") {
			rel = val
		} else if equalFold(key, "href") {
			href = val
		}
	}
	if h.canonical == "" && equalFold(rel, "canonical") && len(href) < maxMetaBytes {
		h.canonical = strings.TrimSpace(unescape(href))
	}
}

// titles returns all that the head gives for the page's title, in one string.
func (h *head) titles() string {
	if t := h.first("og:title", "twitter:title"); t != "" {
		return t
	}
	return h.title
}

// marked returns what the head says in a few words: title, description, author, site.
func (h *head) marked() [markedTexts]string {
	author := h.article().author
	if author == "" {
		author = h.first("author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "byl", "twitter:data1")
	}
	return [...]string{h.titles(), h.first("og:description", "description", "twitter:description"), author, h.siteName()}
}

// siteName returns what the site calls itself, or "".
func (h *head) siteName() string {
	return h.first("og:site_name", "application-name", "al:ios:app_name")
}

// articleBody returns the text of the article as the linked data has it, or "".
func (h *head) articleBody() string {
	body := h.article().body
	if strings.Contains(body, "<p") {
		return ""
	}
	return body
}

// first returns the content of the first meta element that has one of the keys, the keys in
// order of trust.
func (h *head) first(keys ...string) string {
	for _, k := range keys {
		for i := range h.metas {
			if h.metas[i].key == k {
				return h.metas[i].val
			}
		}
	}
	return ""
}

// each returns the contents of the first meta elements that have the keys, in the order of the keys.
func (h *head) each(keys []string) (vals []string) {
	for _, k := range keys {
		vals = append(vals, h.first(k))
	}
	return vals
}

// addTime keeps the date of an element.
func (h *head) addTime(prop, val []byte) {
	if len(val) > 0 && len(val) < 128 && len(h.times) < maxTimes {
		h.times = append(h.times, pageTime{strings.ToLower(string(prop[:min(len(prop), 64)])), string(val)})
	}
}

// time returns the first date that an element gives under the property, "" for any.
func (h *head) time(prop string) string {
	for i := range h.times {
		if prop == "" || strings.Contains(h.times[i].prop, prop) {
			return h.times[i].val
		}
	}
	return ""
}

// squeeze turns every run of white space into one space and trims.
func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

// PrimaryLanguage returns the two- or three-letter language of a tag such as "pt-BR" in lower
// case, or "".
func PrimaryLanguage(tag string) string {
	tag, _, _ = strings.Cut(strings.TrimSpace(tag), "-")
	tag, _, _ = strings.Cut(tag, "_")
	if len(tag) < 2 || len(tag) > 3 {
		return ""
	}
	for i := 0; i < len(tag); i++ {
		if !isLetter(tag[i]) {
			return ""
		}
	}
	return strings.ToLower(tag)
}
