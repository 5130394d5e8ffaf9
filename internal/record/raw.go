package record

import (
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Raw is one page as its producer gave it. Times are RFC 3339 in UTC or "" once [Raw.Complete] has
// run, and before that whatever the producer wrote.
type Raw struct {
	ID        string // the producer's, or derived: see DerivedID
	URL       string
	Source    string // who delivered it: a crawl, a feed, a publisher
	Title     string
	Text      string // plain text, one block a line
	HTML      string // the page; may stand beside Text
	Lang      string // as declared
	Byline    string
	Published string
	Added     string         // time of intake
	Metadata  jsontext.Value // one compact JSON object: everything else the producer sent; never nil after ParseRaw
}

// AppendJSON appends r as one line of JSON, without the line break, and returns the extended
// slice. ParseRaw gives r back exactly, but for invalid UTF-8, which becomes U+FFFD. Metadata must
// be empty or a compact JSON object.
func (r *Raw) AppendJSON(dst []byte) []byte {
	dst = appendMember(dst, `{"id":`, r.ID)
	dst = appendMember(dst, `,"url":`, r.URL)
	dst = appendMember(dst, `,"source":`, r.Source)
	dst = appendMember(dst, `,"title":`, r.Title)
	dst = appendMember(dst, `,"text":`, r.Text)
	dst = appendMember(dst, `,"html":`, r.HTML)
	dst = appendMember(dst, `,"lang":`, r.Lang)
	dst = appendMember(dst, `,"byline":`, r.Byline)
	dst = appendMember(dst, `,"published":`, r.Published)
	dst = appendMember(dst, `,"added":`, r.Added)
	dst = appendMetadata(dst, r.Metadata)
	return append(dst, '}')
}

// Complete fills in what the intake knows and the producer may not: the source if there is none,
// the time of intake if there is none that can be read and believed, and an id derived from URL and
// content. It writes both times as RFC 3339 in UTC; one that it cannot read moves to the metadata,
// and so does a time of intake after the clock's: see [Future].
func (r *Raw) Complete(source string, received, clock time.Time) {
	if r.Source == "" {
		r.Source = source
	}
	r.Published = r.normalTime("published", r.Published, time.Time{})
	r.Added = r.normalTime("added", r.Added, clock)
	if r.Added == "" {
		r.Added = received.UTC().Format(time.RFC3339Nano)
	}
	if r.ID == "" {
		r.ID = DerivedID(r)
	}
}

// normalTime returns the time in s, or "" when it has moved to the metadata.
func (r *Raw) normalTime(key, s string, clock time.Time) string {
	if s == "" {
		return ""
	}
	t, ok := ParseTime(s)
	if !ok || Future(t, clock) {
		var m metadata
		m.add(key, appendString(nil, s))
		r.Metadata = m.join(r.Metadata)
		return ""
	}
	return t.Format(time.RFC3339Nano)
}
