package record

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// Clean is the verdict on a page that has something new to say: its article.
type Clean struct {
	ID        string
	Seq       uint64 // its place in the raw stream; the same everywhere
	Source    string
	URL       string
	Site      string // see Site
	Title     string
	Text      string // the article, one block a line
	Lang      string // ISO 639-1, or "und"
	Byline    string
	Published string
	Added     string
	Cluster   string // id of the first record of the story
	Overlaps  []Overlap
	Removed   Removed
	Metadata  jsontext.Value // a compact JSON object; nil means {}
}

// Overlap names an earlier record that shares text with this one.
type Overlap struct {
	ID           string
	Seq          uint64
	Share        float64 // of this record's text, 0 to 1
	ShareOfOther float64 // of the other's
	Relation     string  // Syndication, Repeat or Revision
}

// Removed counts what was boilerplate.
type Removed struct {
	Chars   int            // characters
	Blocks  int            // blocks, or lines of a text
	Reasons map[string]int // blocks by reason
}

// AppendJSON appends c as one line of JSON, without the line break. Shares are rounded to four
// decimals. ParseClean gives c back, with those, and empty lists and maps as nil.
func (c *Clean) AppendJSON(dst []byte) []byte {
	dst = appendMember(dst, `{"id":`, c.ID)
	dst = appendUintMember(dst, `,"seq":`, c.Seq)
	dst = appendMember(dst, `,"source":`, c.Source)
	dst = appendMember(dst, `,"url":`, c.URL)
	dst = appendMember(dst, `,"site":`, c.Site)
	dst = appendMember(dst, `,"title":`, c.Title)
	dst = appendMember(dst, `,"text":`, c.Text)
	dst = appendMember(dst, `,"lang":`, c.Lang)
	dst = appendMember(dst, `,"byline":`, c.Byline)
	dst = appendMember(dst, `,"published":`, c.Published)
	dst = appendMember(dst, `,"added":`, c.Added)
	dst = appendMember(dst, `,"cluster":`, c.Cluster)
	dst = append(dst, `,"overlaps":[`...)
	for i := range c.Overlaps {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = c.Overlaps[i].appendJSON(dst)
	}
	dst = append(dst, ']')
	dst = c.Removed.appendMember(dst)
	dst = appendMetadata(dst, c.Metadata)
	return append(dst, '}')
}

func (o *Overlap) appendJSON(dst []byte) []byte {
	dst = appendMember(dst, `{"id":`, o.ID)
	dst = appendUintMember(dst, `,"seq":`, o.Seq)
	dst = appendShareMember(dst, `,"share":`, o.Share)
	dst = appendShareMember(dst, `,"share_of_other":`, o.ShareOfOther)
	dst = appendMember(dst, `,"relation":`, o.Relation)
	return append(dst, '}')
}

func (r *Removed) appendMember(dst []byte) []byte {
	dst = strconv.AppendInt(append(dst, `,"removed":{"chars":`...), int64(r.Chars), 10)
	dst = strconv.AppendInt(append(dst, `,"blocks":`...), int64(r.Blocks), 10)
	dst = append(dst, `,"reasons":{`...)
	for i, reason := range slices.SortedFunc(maps.Keys(r.Reasons), cmp.Compare[string]) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendString(dst, reason), ':')
		dst = strconv.AppendInt(dst, int64(r.Reasons[reason]), 10)
	}
	return append(dst, '}', '}')
}

// ParseClean reads what AppendJSON wrote: every key must be there, once, with its type, and no
// other. Errors wrap [ErrMalformed].
func ParseClean(data []byte) (Clean, error) {
	var c Clean
	err := parseStrict(data, []strictKey{
		{"id", str(&c.ID)},
		{"seq", uintOf(&c.Seq)},
		{"source", str(&c.Source)},
		{"url", str(&c.URL)},
		{"site", str(&c.Site)},
		{"title", str(&c.Title)},
		{"text", str(&c.Text)},
		{"lang", str(&c.Lang)},
		{"byline", str(&c.Byline)},
		{"published", str(&c.Published)},
		{"added", str(&c.Added)},
		{"cluster", str(&c.Cluster)},
		{"overlaps", overlapsOf(&c.Overlaps)},
		{"removed", removedOf(&c.Removed)},
		{"metadata", objectOf(&c.Metadata)},
	})
	return c, err
}
