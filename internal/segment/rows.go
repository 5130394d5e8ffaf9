package segment

import (
	"bytes"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"winnow/internal/record"
)

// CleanRow is a clean record in Parquet: the columns have the names and meaning of the JSON keys.
// What is empty or no time is null in the time columns. Times are kept to the nanosecond (intake)
// or microsecond (publication, which may be any year). The column exact holds the record's line of
// JSON where the columns do not give it back byte for byte, so that nothing is lost on the way into
// columns; it is null otherwise, that is, nearly always.
type CleanRow struct {
	ID        string       `parquet:"id"`
	Seq       int64        `parquet:"seq,delta"`
	Source    string       `parquet:"source,dict"`
	URL       string       `parquet:"url"`
	Site      string       `parquet:"site,dict"`
	Title     string       `parquet:"title"`
	Text      string       `parquet:"text"`
	Lang      string       `parquet:"lang,dict"`
	Byline    string       `parquet:"byline"`
	Published *int64       `parquet:"published,optional,timestamp(microsecond:utc)"`
	Added     *int64       `parquet:"added,optional,timestamp(nanosecond:utc)"`
	Cluster   string       `parquet:"cluster"`
	Overlaps  []OverlapRow `parquet:"overlaps,list"`
	Removed   RemovedRow   `parquet:"removed"`
	Metadata  string       `parquet:"metadata,json"`
	Exact     *string      `parquet:"exact,optional"`
}

// OverlapRow names an earlier record that shares text.
type OverlapRow struct {
	ID           string  `parquet:"id"`
	Seq          int64   `parquet:"seq"`
	Share        float64 `parquet:"share"`
	ShareOfOther float64 `parquet:"share_of_other"`
	Relation     string  `parquet:"relation,dict"`
}

// RemovedRow counts boilerplate.
type RemovedRow struct {
	Chars   int64            `parquet:"chars"`
	Blocks  int64            `parquet:"blocks"`
	Reasons map[string]int64 `parquet:"reasons"`
}

// DupRow is a duplicate in Parquet.
type DupRow struct {
	ID           string     `parquet:"id"`
	Seq          int64      `parquet:"seq,delta"`
	Source       string     `parquet:"source,dict"`
	URL          string     `parquet:"url"`
	Site         string     `parquet:"site,dict"`
	Title        string     `parquet:"title"`
	Lang         string     `parquet:"lang,dict"`
	Byline       string     `parquet:"byline"`
	Published    *int64     `parquet:"published,optional,timestamp(microsecond:utc)"`
	Added        *int64     `parquet:"added,optional,timestamp(nanosecond:utc)"`
	Cluster      string     `parquet:"cluster"`
	Verdict      string     `parquet:"verdict,dict"`
	Of           string     `parquet:"of"`
	OfSeq        int64      `parquet:"of_seq"`
	Share        float64    `parquet:"share"`
	ShareOfOther float64    `parquet:"share_of_other"`
	Relation     string     `parquet:"relation,dict"`
	Removed      RemovedRow `parquet:"removed"`
	Metadata     string     `parquet:"metadata,json"`
	Exact        *string    `parquet:"exact,optional"`
}

// DeadRow is a dead record in Parquet.
type DeadRow struct {
	ID     string  `parquet:"id"`
	Seq    int64   `parquet:"seq,delta"`
	Source string  `parquet:"source,dict"`
	URL    string  `parquet:"url"`
	Site   string  `parquet:"site,dict"`
	Added  *int64  `parquet:"added,optional,timestamp(nanosecond:utc)"`
	Stage  string  `parquet:"stage,dict"`
	Reason string  `parquet:"reason,dict"`
	Detail string  `parquet:"detail"`
	Size   int64   `parquet:"size"`
	Raw    []byte  `parquet:"raw"`
	Exact  *string `parquet:"exact,optional"`
}

// row is one of the row types behind its pointer.
type row[T any] interface {
	*T
	parse(line []byte) error    // fills the columns from a record's line
	appendJSON(b []byte) []byte // the line that the columns say
	exact() **string            // the column of that name
}

// fill makes r the row of line; buf is for its use.
func fill[T any, P row[T]](r P, line, buf []byte) ([]byte, error) {
	var zero T
	*r = zero
	if err := r.parse(line); err != nil {
		return buf, err
	}
	if buf = r.appendJSON(buf[:0]); !bytes.Equal(buf, line) {
		s := string(line)
		*r.exact() = &s
	}
	return buf, nil
}

// appendLine appends the line that r was made from.
func appendLine[T any, P row[T]](dst []byte, r P) []byte {
	if line := *r.exact(); line != nil {
		return append(dst, *line...)
	}
	return r.appendJSON(dst)
}

func (r *CleanRow) exact() **string { return &r.Exact }

func (r *CleanRow) parse(line []byte) error {
	c, err := record.ParseClean(line)
	*r = CleanRow{
		ID: c.ID, Seq: int64(c.Seq), Source: c.Source, URL: c.URL, Site: c.Site, Title: c.Title, Text: c.Text, Lang: c.Lang,
		Byline: c.Byline, Published: micros(c.Published), Added: nanos(c.Added), Cluster: c.Cluster,
		Removed: removedRow(c.Removed), Metadata: string(c.Metadata),
	}
	for _, o := range c.Overlaps {
		r.Overlaps = append(r.Overlaps, OverlapRow{o.ID, int64(o.Seq), o.Share, o.ShareOfOther, o.Relation})
	}
	return err
}

func (r *CleanRow) appendJSON(dst []byte) []byte {
	c := record.Clean{
		ID: r.ID, Seq: uint64(r.Seq), Source: r.Source, URL: r.URL, Site: r.Site, Title: r.Title, Text: r.Text, Lang: r.Lang,
		Byline: r.Byline, Published: fromMicros(r.Published), Added: fromNanos(r.Added), Cluster: r.Cluster,
		Removed: r.Removed.removed(), Metadata: jsontext.Value(r.Metadata),
	}
	for _, o := range r.Overlaps {
		c.Overlaps = append(c.Overlaps, record.Overlap{ID: o.ID, Seq: uint64(o.Seq), Share: o.Share, ShareOfOther: o.ShareOfOther, Relation: o.Relation})
	}
	return c.AppendJSON(dst)
}

func (r *DupRow) exact() **string { return &r.Exact }

func (r *DupRow) parse(line []byte) error {
	d, err := record.ParseDup(line)
	*r = DupRow{
		ID: d.ID, Seq: int64(d.Seq), Source: d.Source, URL: d.URL, Site: d.Site, Title: d.Title, Lang: d.Lang, Byline: d.Byline,
		Published: micros(d.Published), Added: nanos(d.Added), Cluster: d.Cluster, Verdict: d.Verdict, Of: d.Of, OfSeq: int64(d.OfSeq),
		Share: d.Share, ShareOfOther: d.ShareOfOther, Relation: d.Relation, Removed: removedRow(d.Removed), Metadata: string(d.Metadata),
	}
	return err
}

func (r *DupRow) appendJSON(dst []byte) []byte {
	d := record.Dup{
		ID: r.ID, Seq: uint64(r.Seq), Source: r.Source, URL: r.URL, Site: r.Site, Title: r.Title, Lang: r.Lang, Byline: r.Byline,
		Published: fromMicros(r.Published), Added: fromNanos(r.Added), Cluster: r.Cluster, Verdict: r.Verdict, Of: r.Of, OfSeq: uint64(r.OfSeq),
		Share: r.Share, ShareOfOther: r.ShareOfOther, Relation: r.Relation, Removed: r.Removed.removed(), Metadata: jsontext.Value(r.Metadata),
	}
	return d.AppendJSON(dst)
}

func (r *DeadRow) exact() **string { return &r.Exact }

func (r *DeadRow) parse(line []byte) error {
	d, err := record.ParseDead(line)
	*r = DeadRow{
		ID: d.ID, Seq: int64(d.Seq), Source: d.Source, URL: d.URL, Site: d.Site, Added: nanos(d.Added),
		Stage: d.Stage, Reason: d.Reason, Detail: d.Detail, Size: int64(d.Size), Raw: d.Raw,
	}
	return err
}

func (r *DeadRow) appendJSON(dst []byte) []byte {
	d := record.Dead{
		ID: r.ID, Seq: uint64(r.Seq), Source: r.Source, URL: r.URL, Site: r.Site, Added: fromNanos(r.Added),
		Stage: r.Stage, Reason: r.Reason, Detail: r.Detail, Size: int(r.Size), Raw: r.Raw,
	}
	return d.AppendJSON(dst)
}

func removedRow(r record.Removed) RemovedRow {
	out := RemovedRow{Chars: int64(r.Chars), Blocks: int64(r.Blocks)}
	for reason, n := range r.Reasons {
		if out.Reasons == nil {
			out.Reasons = make(map[string]int64, len(r.Reasons))
		}
		out.Reasons[reason] = int64(n)
	}
	return out
}

func (r RemovedRow) removed() record.Removed {
	out := record.Removed{Chars: int(r.Chars), Blocks: int(r.Blocks)}
	for reason, n := range r.Reasons {
		if out.Reasons == nil {
			out.Reasons = make(map[string]int, len(r.Reasons))
		}
		out.Reasons[reason] = int(n)
	}
	return out
}

// micros returns the microseconds since 1970 of an RFC 3339 time, nil for anything else.
func micros(s string) *int64 {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return nil
	}
	n := t.UnixMicro()
	return &n
}

func fromMicros(n *int64) string {
	if n == nil {
		return ""
	}
	return time.UnixMicro(*n).UTC().Format(time.RFC3339Nano)
}

// nanos returns the nanoseconds since 1970 of an RFC 3339 time between the years 1700 and 2200, nil
// for anything else.
func nanos(s string) *int64 {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || t.Year() < 1700 || t.Year() > 2200 {
		return nil
	}
	n := t.UnixNano()
	return &n
}

func fromNanos(n *int64) string {
	if n == nil {
		return ""
	}
	return time.Unix(0, *n).UTC().Format(time.RFC3339Nano)
}
