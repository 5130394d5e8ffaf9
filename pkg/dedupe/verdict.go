package dedupe

// Kind says what a text is to the texts before it.
type Kind uint8

// The verdicts.
const (
	Unique    Kind = iota // new text, perhaps with overlaps
	Exact                 // the same words as an earlier text
	Near                  // almost the same words, both ways
	Contained             // part of an earlier text: it adds nothing
)

// String returns the verdict as the records have it: "clean", "exact", "near", "contained".
func (k Kind) String() string { return [...]string{"clean", "exact", "near", "contained"}[k&3] }

// Relation says how two documents that share text are related.
type Relation uint8

// The relations.
const (
	Syndication Relation = iota // another publisher
	Repeat                      // the same publisher, another page
	Revision                    // the same page, later: the URL is the same, see [Doc]
)

// String returns "syndication", "repeat" or "revision".
func (r Relation) String() string { return [...]string{"syndication", "repeat", "revision", ""}[r&3] }

// Doc is what is known of a document beside its text.
type Doc struct {
	ID        string
	Seq       uint64 // strictly increasing
	Publisher string // host of the URL, or source

	// URL of the page, "" = unknown. Compared without what does not tell a page from others: scheme,
	// port 80 or 443, case and leading "www." of the host, a slash at the end of the path, and the
	// fragment, but one with "!" or "/" in front, which scripts read as a path.
	URL string

	Time int64 // event time, seconds since 1970 UTC; 0 = unknown
}

// Match is an earlier document that shares text with the new one.
type Match struct {
	ID           string
	Seq          uint64
	Share        float64 // share of the new text that is in the earlier one, 0 to 1
	ShareOfOther float64 // share of the earlier text that is in the new one, 0 to 1
	Relation     Relation
}

// Resemblance returns what the two texts share of all that both hold, 0 to 1: the
// Jaccard coefficient of their shingles.
func (m Match) Resemblance() float64 {
	if m.Share == 0 || m.ShareOfOther == 0 {
		return 0
	}
	return 1 / (1/m.Share + 1/m.ShareOfOther - 1)
}

// Verdict is what Judge found.
type Verdict struct {
	Kind     Kind
	Of       Match   // the earlier document a duplicate repeats, itself no duplicate but for Exact; zero when Unique
	Overlaps []Match // other earlier documents that share text: the best of each story, best first, then the others
	Form     Match   // an earlier text made from the same form, with other numbers or much later; zero when none
	Cluster  string  // id of the first document of the story
}
