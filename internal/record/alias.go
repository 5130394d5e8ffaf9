package record

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// Mapping names foreign keys: producer's key to one of Raw's keys ("id", "url", "source", "title",
// "text", "html", "lang", "byline", "published", "added"). Its entries come before Raw's own keys
// and the built-in aliases; the target "" or "metadata" sends a key to the metadata. Keys are
// case-sensitive; "a.b" is a key of that name, and key b of the object that stands under a, or of the
// first object of a list there. A nil Mapping leaves the built-in aliases alone.
type Mapping map[string]string

// ParseMapping reads "maintext=text,authors=byline", the form of a command's flag.
func ParseMapping(s string) (Mapping, error) {
	m := Mapping{}
	for entry := range strings.SplitSeq(s, ",") {
		if entry = strings.TrimSpace(entry); entry == "" {
			continue
		}
		from, to, ok := strings.Cut(entry, "=")
		if !ok || from == "" {
			return nil, fmt.Errorf("mapping %q: want KEY=FIELD, as in body=text", entry)
		}
		m[strings.TrimSpace(from)] = strings.TrimSpace(to)
	}
	return m, m.Validate()
}

// Validate says which target is no key of Raw.
func (m Mapping) Validate() error {
	for from, to := range m {
		if _, ok := targets[to]; !ok {
			return fmt.Errorf("mapping %q=%q: the target must be one of %s, or metadata", from, to, strings.Join(fieldKeys[:metadataField], ", "))
		}
	}
	return nil
}

// field numbers the keys of Raw in their order.
type field uint8

const (
	idField field = iota
	urlField
	sourceField
	titleField
	textField
	htmlField
	langField
	bylineField
	publishedField
	addedField
	metadataField
	numFields
)

var fieldKeys = [numFields]string{"id", "url", "source", "title", "text", "html", "lang", "byline", "published", "added", "metadata"}

// candidate is what a key may mean: a field, and how well the key fits it (0 is best).
type candidate struct {
	field field
	rank  int
}

const (
	mappedRank = iota
	canonicalRank
	aliasRank // and above, in the order of the table
)

// aliases are the keys of other tools' items, by field, best first.
var aliases = [numFields][]string{
	idField:        {"guid", "stories_id", "story_id", "processed_stories_id", "uuid"},
	urlField:       {"pageUrl", "resolvedPageUrl", "canonicalUrl", "canonical_url", "original_url", "response_url", "link"},
	sourceField:    {"source_domain", "siteName", "site_name", "media_name", "publisher", "source_name", "canonical_domain"},
	titleField:     {"headline", "article_title", "title_page", "title_rss"},
	textField:      {"maintext", "articleBody", "story_text", "text_content", "content_text", "article_text", "full_text", "fulltext", "cleaned_text", "body_text", "content", "body", "article"},
	htmlField:      {"browserHtml", "raw_html", "page_html", "articleBodyHtml", "html_content", "content_html", "body_html", responseKey},
	langField:      {"language", "inLanguage", "humanLanguage", "language_code"},
	bylineField:    {"authors", "author", "author_name", "creator"},
	publishedField: {"date_publish", "datePublished", "publish_date", "published_at", "publishedAt", "date_published", "published_date", "publication_date", "publishDate", "pubDate", "pub_date", "date", "estimatedDate"},
	addedField:     {"date_download", "collect_date", "scraped_at", "crawled_at", "fetched_at"},
}

// maybeHTML are the aliases of text under which some scrapers put markup.
var maybeHTML = []string{"content", "body"}

// targets are what a Mapping may name.
var targets = func() map[string]field {
	m := map[string]field{"": metadataField}
	for f, key := range fieldKeys {
		m[key] = field(f)
	}
	return m
}()

var builtin = func() map[string]candidate {
	m := map[string]candidate{}
	for f, list := range aliases {
		m[fieldKeys[f]] = candidate{field(f), canonicalRank}
		for i, key := range list {
			m[key] = candidate{field(f), aliasRank + i}
		}
	}
	return m
}()

// Known reports whether a key is one of Raw's, or a built-in alias of one; the metadata's is none.
func Known(key string) bool {
	c, ok := builtin[key]
	return ok && c.field != metadataField
}

// lookup says which field the key is for; !ok means none. A key mapped to metadata is none.
func (m Mapping) lookup(key []byte) (candidate, bool) {
	if to, ok := m[string(key)]; ok {
		f := targets[to]
		return candidate{f, mappedRank}, f != metadataField
	}
	c, ok := builtin[string(key)]
	return c, ok
}

// below reports whether a path of the mapping goes through path.
func (m Mapping) below(path string) bool {
	for from := range m {
		if len(from) > len(path) && from[len(path)] == '.' && from[:len(path)] == path {
			return true
		}
	}
	return false
}

// lastKey returns the last key of a path.
func lastKey(path []byte) []byte { return path[bytes.LastIndexByte(path, '.')+1:] }

// looksLikeHTML decides for the keys in maybeHTML: markup opens the value and closes somewhere.
func looksLikeHTML(path []byte, s string) bool {
	return slices.Contains(maybeHTML, string(lastKey(path))) && strings.HasPrefix(strings.TrimSpace(s), "<") && strings.Contains(s, "</")
}
