package cleaner

import (
	"bytes"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"winnow/internal/bus"
	"winnow/internal/record"
	"winnow/pkg/boilerplate"
)

// extract takes one message of RAW apart into blocks. It is pure. What cannot be taken apart gets
// a dead record; so does a page that makes the parser panic, which would otherwise stop the
// stream at the same message after every restart.
func (f *Fold) extract(m bus.Message) (d *document) {
	d = &document{msg: &m, source: bus.SourceOf(m.Subject)}
	d.clean.Seq, d.clean.Source = m.Seq, d.source
	d.clean.Added = timeOfIntake(&m)
	defer func() {
		if r := recover(); r != nil {
			d.die("extract", "panic", fmt.Sprint(r)) // the stack would not be the same twice
			f.log.Error("a page made the parser panic: please report it", "seq", m.Seq, "panic", r, "stack", string(debug.Stack()))
		}
	}()
	if m.Subject == "" {
		d.die("raw", "missing", fmt.Sprintf("message %d was deleted from RAW before it was read", m.Seq))
		return d
	}
	if why := m.Header[bus.HeaderDead]; why != "" {
		reason, detail := rejection(why)
		d.die("ingest", reason, detail)
		return d
	}
	payload, err := decode(m.Header[bus.HeaderEncoding], m.Data, MaxPayload)
	if err != nil {
		d.die("decode", "encoding", err.Error())
		return d
	}
	if d.raw, err = record.ParseRaw(payload, nil); err != nil {
		d.dieMalformed(err)
		return d
	}
	d.raw.Complete(d.source, m.Time, m.Time) // the broker keeps its time: the fold stays pure
	d.head()
	d.parse(f.rules)
	return d
}

// timeOfIntake is the ingester's word for it, or else the broker's; "" for a message that is gone.
func timeOfIntake(m *bus.Message) string {
	if t, err := time.Parse(time.RFC3339Nano, m.Header[bus.HeaderAdded]); err == nil && !record.Future(t, m.Time) {
		return t.UTC().Format(time.RFC3339Nano)
	}
	if m.Time.IsZero() {
		return ""
	}
	return m.Time.UTC().Format(time.RFC3339Nano)
}

// rejection takes an ingester's header "reason: detail" apart. The reasons are a closed set, which
// keeps what producers write out of the metrics' labels.
func rejection(why string) (reason, detail string) {
	reason, detail, _ = strings.Cut(why, ": ")
	if !slices.Contains(record.Reasons(), reason) {
		return "rejected", why
	}
	return reason, detail
}

// head copies the producer's fields into the clean record.
func (d *document) head() {
	r := &d.raw
	d.clean = record.Clean{
		ID: r.ID, Seq: d.msg.Seq, Source: r.Source, URL: r.URL, Site: record.Site(r.URL), Title: r.Title,
		Lang: r.Lang, Byline: r.Byline, Published: r.Published, Added: r.Added, Metadata: r.Metadata,
	}
}

// parse turns the page's HTML, or else its text, into judged blocks and fills the fields that the
// producer left empty from what the page says of itself.
func (d *document) parse(rules *boilerplate.Rules) {
	r := &d.raw
	opt := boilerplate.Options{URL: r.URL, Title: r.Title, Rules: rules}
	var err error
	switch {
	case r.HTML != "":
		opt.ContentType = htmlUTF8
		d.page, err = boilerplate.ParseHTML([]byte(r.HTML), opt)
	case r.Text != "":
		d.page, err = boilerplate.ParseText(r.Text, opt)
	default:
		d.die("extract", "empty", "the record has neither text nor html")
		return
	}
	if err != nil {
		d.die("extract", "unparsable", err.Error())
		return
	}
	c, p := &d.clean, d.page
	c.Title = first(c.Title, p.Title)
	c.Byline = first(c.Byline, p.Byline)
	c.Published = first(c.Published, p.Published)
	if p.Modified != "" {
		c.Metadata = record.WithMember(c.Metadata, "modified", p.Modified)
	}
	c.Lang = first(p.Lang, boilerplate.PrimaryLanguage(c.Lang))
	if c.URL == "" && p.Canonical != "" {
		c.URL, c.Site = p.Canonical, record.Site(p.Canonical)
	}
}

// htmlUTF8 is the charset of a record's HTML, whatever the page's own declaration says.
const htmlUTF8 = "text/html; charset=utf-8"

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// dieMalformed makes the dead record of a payload that is not a record.
func (d *document) dieMalformed(err error) {
	reason := "malformed"
	if bad := (*record.MalformedError)(nil); errors.As(err, &bad) {
		reason = bad.Reason
	}
	d.die("decode", reason, err.Error())
}

// die decides the document's fate: a dead record with the reason and the head of the payload, which
// is decoded a second time so that living documents need not keep theirs.
func (d *document) die(stage, reason, detail string) {
	c := &d.clean
	payload, err := decode(d.msg.Header[bus.HeaderEncoding], d.msg.Data, MaxPayload)
	if err != nil {
		payload = d.msg.Data
	}
	size := len(payload)
	if n, err := strconv.Atoi(d.msg.Header[bus.HeaderSize]); err == nil && stage == "ingest" {
		size = max(size, n)
	}
	d.dead = &record.Dead{
		ID: c.ID, Seq: d.msg.Seq, Source: first(c.Source, d.source), URL: c.URL, Site: c.Site, Added: c.Added,
		Stage: stage, Reason: reason, Detail: detail, Size: size,
		Raw: bytes.Clone(payload[:min(len(payload), record.MaxDeadBytes)]), // the rest can go
	}
}

// removed sums up what was taken from the page.
func removed(p *boilerplate.Page) record.Removed {
	r := record.Removed{Reasons: map[string]int{}}
	for i := range p.Blocks {
		if b := &p.Blocks[i]; !b.Kept() {
			r.Chars += utf8.RuneCountInString(b.Text)
			r.Blocks++
			r.Reasons[b.Reason]++
		}
	}
	return r
}
