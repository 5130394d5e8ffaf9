package segment

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Query selects records. Its zero value selects all; every field that is set must hold.
type Query struct {
	First, Last uint64 // range of sequences; Last 0 = no end
	Kinds       []Kind // empty = all
	ID          string
	Site        string // a site and all below it: "com.reuters" selects com.reuters.www too
	Lang        string // clean and dup only; the dead have no language

	// Range of intake in UTC: from the first instant of From to before Until; the zero time = open.
	// Records without a time of intake are not in any range.
	From, Until time.Time

	PublishedFrom, PublishedUntil time.Time // the same for the time of publication
}

// Day returns the range From, Until for one UTC date such as 2026-11-21.
func Day(date string) (from, until time.Time, err error) {
	from, err = time.Parse(time.DateOnly, date)
	if err != nil {
		return from, from, fmt.Errorf("date %q: want YYYY-MM-DD", date)
	}
	return from, from.AddDate(0, 0, 1), nil
}

func (q *Query) last() uint64 {
	if q.Last == 0 {
		return math.MaxUint64
	}
	return q.Last
}

func (q *Query) wantsKind(k Kind) bool {
	if q.Lang != "" && k == Dead {
		return false
	}
	return len(q.Kinds) == 0 || slices.Contains(q.Kinds, k)
}

// wantsFile tells whether a file of records of kind k in the folder of a partition may hold one
// that is asked for.
func (q *Query) wantsFile(k Kind, folder string) bool {
	return q.wantsKind(k) &&
		(q.Lang == "" || folderHas(folder, "lang", func(v string) bool { return v == string(appendEscaped(nil, q.Lang)) })) &&
		(q.Site == "" || folderHas(folder, "site", func(v string) bool {
			return v != nowhere && strings.Contains(v, "%") || strings.Contains(v, "~") || underSite(v, q.Site)
		}))
}

// mayHold tells from the manifest whether the segment may hold a record that is asked for.
func (q *Query) mayHold(m *Manifest) bool {
	if q.From.IsZero() && q.Until.IsZero() {
		return true
	}
	first, err1 := time.Parse(time.RFC3339, m.AddedFirst)
	last, err2 := time.Parse(time.RFC3339, m.AddedLast)
	if err1 != nil || err2 != nil {
		return false
	}
	return !last.Before(q.From) && (q.Until.IsZero() || first.Before(q.Until))
}

// match tells whether r, whose sequence and kind are right, is asked for. It reads no more of the
// line than it needs.
func (q *Query) match(r *Record) (bool, error) {
	if q.ID == "" && q.Site == "" && q.Lang == "" && q.From.IsZero() && q.Until.IsZero() && q.PublishedFrom.IsZero() && q.PublishedUntil.IsZero() {
		return true, nil
	}
	if q.ID != "" {
		quoted, err := jsontext.AppendQuote(nil, q.ID)
		if err == nil && len(quoted) == len(q.ID)+2 && !bytes.Contains(r.Line, quoted) {
			return false, nil // cheaper than to read every record
		}
	}
	id, site, lang, added, published := "", "", "", "", ""
	for o := (object{b: r.Line}); ; {
		key, val, ok, err := o.next()
		if err != nil {
			return false, err
		}
		if !ok {
			break
		}
		switch string(key) {
		case "id":
			id = text(val)
		case "site":
			site = again(q.Site, val)
		case "lang":
			lang = again(q.Lang, val)
		case "added":
			added = text(val)
		case "published":
			published = text(val)
		}
	}
	if q.ID != "" && id != q.ID || q.Lang != "" && lang != q.Lang || q.Site != "" && !underSite(site, q.Site) {
		return false, nil
	}
	return within(added, q.From, q.Until) && within(published, q.PublishedFrom, q.PublishedUntil), nil
}

// within tells whether the RFC 3339 time lies in the range; what is no time lies in none that has
// an end.
func within(s string, from, until time.Time) bool {
	if from.IsZero() && until.IsZero() {
		return true
	}
	t, err := time.Parse(time.RFC3339, s)
	return err == nil && !t.Before(from) && (until.IsZero() || t.Before(until))
}

// underSite tells whether site is of or below it, both with their labels reversed.
func underSite(site, of string) bool {
	rest, ok := strings.CutPrefix(site, of)
	return ok && (rest == "" || rest[0] == '.')
}
