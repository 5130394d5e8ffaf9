package record

import "github.com/go-json-experiment/json/jsontext"

// Verdicts of a Dup.
const (
	Exact     = "exact"     // the same text, word for word
	Near      = "near"      // the same text with small changes
	Contained = "contained" // adds nothing to a longer earlier one
)

// Relations of a record to an earlier one that shares its text.
const (
	Syndication = "syndication" // of another publisher
	Repeat      = "repeat"      // another page of the same publisher
	Revision    = "revision"    // the same page, later
)

// Dup is the verdict on a page whose article was seen before: its head, and of what it is a copy.
type Dup struct {
	ID           string
	Seq          uint64
	Source       string
	URL          string
	Site         string
	Title        string
	Lang         string
	Byline       string
	Published    string
	Added        string
	Cluster      string
	Verdict      string // Exact, Near or Contained
	Of           string // id of the earlier record
	OfSeq        uint64
	Share        float64 // of this record's text that the other has, 0 to 1
	ShareOfOther float64
	Relation     string // Syndication, Repeat or Revision
	Removed      Removed
	Metadata     jsontext.Value // a compact JSON object; nil means {}
}

// AppendJSON appends d as one line of JSON, without the line break; see [Clean.AppendJSON].
func (d *Dup) AppendJSON(dst []byte) []byte {
	dst = appendMember(dst, `{"id":`, d.ID)
	dst = appendUintMember(dst, `,"seq":`, d.Seq)
	dst = appendMember(dst, `,"source":`, d.Source)
	dst = appendMember(dst, `,"url":`, d.URL)
	dst = appendMember(dst, `,"site":`, d.Site)
	dst = appendMember(dst, `,"title":`, d.Title)
	dst = appendMember(dst, `,"lang":`, d.Lang)
	dst = appendMember(dst, `,"byline":`, d.Byline)
	dst = appendMember(dst, `,"published":`, d.Published)
	dst = appendMember(dst, `,"added":`, d.Added)
	dst = appendMember(dst, `,"cluster":`, d.Cluster)
	dst = appendMember(dst, `,"verdict":`, d.Verdict)
	dst = appendMember(dst, `,"of":`, d.Of)
	dst = appendUintMember(dst, `,"of_seq":`, d.OfSeq)
	dst = appendShareMember(dst, `,"share":`, d.Share)
	dst = appendShareMember(dst, `,"share_of_other":`, d.ShareOfOther)
	dst = appendMember(dst, `,"relation":`, d.Relation)
	dst = d.Removed.appendMember(dst)
	dst = appendMetadata(dst, d.Metadata)
	return append(dst, '}')
}

// ParseDup reads what AppendJSON wrote, as strictly as [ParseClean].
func ParseDup(data []byte) (Dup, error) {
	var d Dup
	err := parseStrict(data, []strictKey{
		{"id", str(&d.ID)},
		{"seq", uintOf(&d.Seq)},
		{"source", str(&d.Source)},
		{"url", str(&d.URL)},
		{"site", str(&d.Site)},
		{"title", str(&d.Title)},
		{"lang", str(&d.Lang)},
		{"byline", str(&d.Byline)},
		{"published", str(&d.Published)},
		{"added", str(&d.Added)},
		{"cluster", str(&d.Cluster)},
		{"verdict", oneOf(&d.Verdict, Exact, Near, Contained)},
		{"of", str(&d.Of)},
		{"of_seq", uintOf(&d.OfSeq)},
		{"share", floatOf(&d.Share)},
		{"share_of_other", floatOf(&d.ShareOfOther)},
		{"relation", oneOf(&d.Relation, Syndication, Repeat, Revision)},
		{"removed", removedOf(&d.Removed)},
		{"metadata", objectOf(&d.Metadata)},
	})
	return d, err
}
