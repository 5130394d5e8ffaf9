package source

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mmcdole/gofeed"
	"golang.org/x/net/html"
	"golang.org/x/net/html/charset"

	"winnow/internal/record"
)

// feed gives the items of an RSS or Atom feed in their order.
type feed struct {
	path string
	text *feedText
	feed *gofeed.Feed
	all  bool // feed has the items
	at   int
}

// rootIs knows XML by its first element.
func rootIs(names ...string) func([]byte) bool {
	return func(head []byte) bool {
		head, _ = root(head)
		for _, name := range names {
			if rest, ok := bytes.CutPrefix(head, []byte("<"+name)); ok && len(rest) > 0 && strings.ContainsRune(" \t\r\n>", rune(rest[0])) {
				return true
			}
		}
		return false
	}
}

// root returns what follows the declarations and comments that XML begins with; ok is false when head ends in one.
func root(head []byte) (_ []byte, ok bool) {
	for {
		head = bytes.TrimLeft(head, " \t\r\n")
		var end int
		switch {
		case bytes.HasPrefix(head, []byte("<?")):
			end = behind(head, "?>")
		case bytes.HasPrefix(head, []byte("<!--")):
			end = behind(head, "-->")
		case bytes.HasPrefix(head, []byte("<!")):
			end = behindDeclaration(head)
		default:
			return head, true
		}
		if end < 0 {
			return nil, false
		}
		head = head[end:]
	}
}

// withoutType returns XML without its document type, beyond which the library does not look for the first element.
// The entities of HTML need no declaration there, and others stay as they are.
func withoutType(data []byte) []byte {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	body, ok := root(data)
	if !ok || len(body) == len(data) {
		return data
	}
	var declaration []byte
	if bytes.HasPrefix(data, []byte("<?xml")) {
		declaration = data[:behind(data, "?>")]
	}
	return slices.Concat(declaration, body)
}

// behind returns the place behind the first end, -1 when there is none.
func behind(data []byte, end string) int {
	if i := bytes.Index(data, []byte(end)); i >= 0 {
		return i + len(end)
	}
	return -1
}

// behindDeclaration returns the place behind a document type, which may hold declarations in brackets, or -1.
func behindDeclaration(data []byte) int {
	inside := false
	for i := 2; i < len(data); {
		n := 1
		switch c := data[i]; {
		case bytes.HasPrefix(data[i:], []byte("<!--")):
			n = behind(data[i:], "-->")
		case bytes.HasPrefix(data[i:], []byte("<?")):
			n = behind(data[i:], "?>")
		case c == '"' || c == '\'':
			if n = behind(data[i+1:], string(c)); n > 0 {
				n++
			}
		case c == '[' || c == ']':
			inside = c == '['
		case c == '>' && !inside:
			return i + 1
		}
		if n < 0 {
			return -1
		}
		i += n
	}
	return -1
}

const maxFeedDepth = 200 // elements in elements

func openFeed(f *file, opt *Options) (reader, error) {
	data, err := io.ReadAll(io.LimitReader(f.r, int64(opt.MaxFile)+1))
	switch {
	case f.raw.err != nil:
		return nil, err
	case err != nil:
		return &whole{f: f, broken: err}, nil //nolint:nilerr // the file is a malformed document
	case len(data) > opt.MaxFile:
		return &whole{f: f, broken: &record.MalformedError{Reason: record.ReasonOversize, Detail: fmt.Sprintf("a feed of more than %d bytes", opt.MaxFile)}}, nil
	}
	x := newFeedText(withoutType(data))
	parsed, all, err := x.read()
	if err != nil {
		return &whole{f: f, broken: err}, nil //nolint:nilerr // the file is a malformed document
	}
	return &feed{path: f.path, text: x, feed: parsed, all: all}, nil
}

// itemRecord makes the record of an item: its content, or else its description.
func itemRecord(path string, f *gofeed.Feed, item *gofeed.Item) record.Raw {
	r := record.Raw{
		ID: item.GUID, URL: address(f.Link, item), Title: plain(item.Title), Lang: f.Language,
		Published: feedTime(item.PublishedParsed, cmp.Or(item.Published, item.Updated)),
	}
	if len(r.ID) > record.MaxID || strings.HasPrefix(r.ID, "http") {
		r.ID = "" // an address is no better than the one that is derived
	}
	if body := cmp.Or(item.Content, item.Description); strings.ContainsAny(body, "<&") {
		r.HTML = body
	} else {
		r.Text = body
	}
	var names []string
	for _, a := range item.Authors {
		if a != nil && a.Name != "" {
			names = append(names, plain(a.Name))
		}
	}
	r.Byline = strings.Join(names, ", ")
	r.Metadata = provenance(path, "", "feed_title", plain(f.Title), "feed_link", f.Link, "guid", item.GUID, "categories", strings.Join(item.Categories, ", "))
	return r
}

// plain returns the text of a title or name, which may be HTML: without tags, and character references resolved.
func plain(s string) string {
	if !strings.ContainsAny(s, "<&") {
		return s
	}
	var text strings.Builder
	z := html.NewTokenizer(strings.NewReader(s))
	for {
		switch z.Next() {
		case html.TextToken:
			text.Write(z.Text())
		case html.ErrorToken:
			text.Write(z.Raw()) // a tag without end is none
			return strings.Join(strings.Fields(text.String()), " ")
		case html.StartTagToken, html.SelfClosingTagToken:
			if name, _ := z.TagName(); string(name) == "br" {
				text.WriteByte(' ')
			}
		}
	}
}

// address returns an item's link, made absolute by the feed's, or its guid when that is an address and there is no link.
func address(base string, item *gofeed.Item) string {
	if item.Link == "" {
		if strings.HasPrefix(item.GUID, "http://") || strings.HasPrefix(item.GUID, "https://") {
			return item.GUID
		}
		return ""
	}
	link, err := url.Parse(item.Link)
	b, errBase := url.Parse(base)
	if err != nil || errBase != nil || link.IsAbs() || !b.IsAbs() {
		return item.Link
	}
	return b.ResolveReference(link).String()
}

func feedTime(t *time.Time, s string) string {
	if t == nil {
		return s
	}
	return t.UTC().Format(time.RFC3339)
}

func (r *feed) next(d *Document) error {
	n := len(r.text.pieces)
	if r.all {
		n = len(r.feed.Items)
	}
	r.at++
	d.At = fmt.Sprint("item ", r.at)
	if r.at > n {
		return r.text.rests(d)
	}
	var item *gofeed.Item
	var err error
	if r.all {
		item = r.feed.Items[r.at-1]
	} else if item, err = r.text.alone(r.at - 1); err != nil {
		d.Data = r.text.piece(r.at - 1)
		d.Size, d.parse = int64(len(d.Data)), broken(record.ReasonSyntax, err.Error())
		return nil
	}
	raw := itemRecord(r.path, r.feed, item)
	give(d, &raw)
	return nil
}

// give makes d the document of a record that was read from something else than its own bytes. It goes through
// the parser, which holds its fields to their bounds.
func give(d *Document, r *record.Raw) {
	d.Data = r.AppendJSON(nil)
	d.Size = int64(len(d.Data))
	d.parse = func(d *Document) (record.Raw, error) { return record.ParseRaw(d.Data, nil) }
}

// depth returns how deep elements nest, as far as that can be seen without parsing.
func depth(data []byte) (deepest int) {
	level := 0
	for {
		i := bytes.IndexByte(data, '<')
		if i < 0 || i+1 >= len(data) {
			return deepest
		}
		data = data[i+1:]
		end := ">"
		switch {
		case bytes.HasPrefix(data, []byte("![CDATA[")):
			end = "]]>"
		case bytes.HasPrefix(data, []byte("!--")):
			end = "-->"
		}
		i = bytes.Index(data, []byte(end))
		if i < 0 {
			return deepest
		}
		switch {
		case data[0] == '/':
			level--
		case data[0] != '!' && data[0] != '?' && (i == 0 || data[i-1] != '/'):
			level++
			deepest = max(deepest, level)
		}
		data = data[i:]
	}
}

// sitemap gives the addresses of a sitemap: documents that have a URL, perhaps a title and a date, and no
// text, which become dead records, since nobody fetched them.
type sitemap struct {
	opt *Options
	in  *allowance
	dec *xml.Decoder
	n   int
}

// siteURL is an entry. Source: sitemaps.org and Google's extension for news.
type siteURL struct {
	Loc     string `xml:"loc"`
	Lastmod string `xml:"lastmod"`
	News    struct {
		Title       string `xml:"title"`
		Date        string `xml:"publication_date"`
		Publication struct {
			Name     string `xml:"name"`
			Language string `xml:"language"`
		} `xml:"publication"`
	} `xml:"news"`
}

func openSitemap(f *file, opt *Options) (reader, error) {
	in := &allowance{r: f.r}
	dec := xml.NewDecoder(in)
	dec.CharsetReader, dec.Entity = charset.NewReaderLabel, xml.HTMLEntity
	return &sitemap{opt: opt, in: in, dec: dec}, nil
}

func openSitemapIndex(*file, *Options) (reader, error) {
	return nil, errors.New("an index of sitemaps has no pages")
}

func (s *sitemap) next(d *Document) error {
	for {
		s.in.left = s.opt.MaxLine
		var u siteURL
		tok, err := s.dec.Token()
		if start, ok := tok.(xml.StartElement); err == nil {
			if !ok || start.Name.Local != "url" {
				continue
			}
			err = s.dec.DecodeElement(&u, &start)
		}
		if err != nil {
			d.At = strconv.FormatInt(s.dec.InputOffset(), 10)
			return err
		}
		s.n++
		give(d, &record.Raw{
			URL: strings.TrimSpace(u.Loc), Title: strings.TrimSpace(u.News.Title), Lang: u.News.Publication.Language, Published: u.News.Date,
			Metadata: provenance(d.Path, "", "lastmod", u.Lastmod, "publication", u.News.Publication.Name),
		})
		d.At = fmt.Sprint("url ", s.n)
		return nil
	}
}
