package source

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"winnow/internal/record"
	"winnow/internal/source/warc"
)

// webArchive reads the pages of a WARC file: responses with status 200 and resources that are HTML or text,
// and conversions (WET). What else is in it is counted and passed over; what is damaged is a malformed
// document.
type webArchive struct {
	f      *file
	opt    *Options
	r      *warc.Reader
	passed map[string]int
}

func isWARC(head []byte) bool { return bytes.HasPrefix(head, []byte("WARC/")) }

func openWARC(f *file, opt *Options) (reader, error) {
	var members warc.Members
	if f.packed != nil {
		members = f.packed
	}
	return &webArchive{f: f, opt: opt, r: warc.NewReader(f.r, members, opt.MaxFile), passed: map[string]int{}}, nil
}

func (a *webArchive) next(d *Document) error {
	for {
		rec, err := a.r.Next()
		if damage, ok := errors.AsType[*warc.DamageError](err); ok {
			d.Data, d.Size, d.At = damage.Head, max(damage.Size, int64(len(damage.Head))), damage.Place.String()
			d.parse = broken(record.ReasonBrokenFile, damage.Detail+"; "+goesOn(damage))
			if damage.Last {
				a.opt.Skipped(a.f.name, fmt.Sprintf("its rest, from %s on: %s", d.Where(), damage.Detail))
			}
			return nil
		}
		if err != nil {
			if err == io.EOF && len(a.passed) > 0 {
				a.opt.Passed(a.f.name, a.passed)
			}
			return err
		}
		a.f.gave()
		page, kind := a.classify(rec)
		if page == nil {
			a.passed[kind]++
			continue
		}
		d.Data, d.Size, d.At = rec.Block, rec.Size, rec.Place.String()
		d.parse = page.parse
		if rec.Size > int64(len(rec.Block)) || rec.Size > int64(a.opt.MaxFile) {
			d.Data, d.parse = d.Data[:min(len(d.Data), cutSize)], oversize(int64(a.opt.MaxFile))
		}
		return nil
	}
}

func (a *webArchive) at() int64 { return a.r.At() }

func (a *webArchive) here() (Place, map[string]int) {
	return a.f.placeOf(a.r.At()), maps.Clone(a.passed)
}

func (a *webArchive) begin(at *Place) { a.r.Begin(at.Plain + at.Inner) }

func goesOn(e *warc.DamageError) string {
	if e.Last {
		return fmt.Sprintf("%d bytes are left out and no record follows", e.Size)
	}
	return fmt.Sprintf("%d bytes are left out, the next record is at %v", e.Size, e.Next)
}

// broken is the parse of a document that is none.
func broken(reason, detail string) func(*Document) (record.Raw, error) {
	return func(*Document) (record.Raw, error) {
		return record.Raw{}, &record.MalformedError{Reason: reason, Detail: detail}
	}
}

// Kinds of records that are passed over, a closed set.
const (
	passedMedia   = "media"    // neither HTML nor text: images, style sheets, scripts, PDF
	passedStatus  = "status"   // a response that is not 200 OK
	passedRevisit = "revisit"  // says that a page was the same as before
	passedRequest = "request"  // what the crawler asked
	passedMeta    = "metadata" // what the crawler noted, warcinfo too
	passedDNS     = "dns"      // name service and other protocols
	passedRobots  = "robots"   // robots.txt
	passedParts   = "segment"  // continuations of records in segments
	passedOther   = "other"    // of no known type
)

// PassedKinds returns the kinds of archived records that are no documents.
func PassedKinds() []string {
	return []string{passedMedia, passedStatus, passedRevisit, passedRequest, passedMeta, passedDNS, passedRobots, passedParts, passedOther}
}

// archived is a page of an archive, as far as its record's header says.
type archived struct {
	opt                   *Options
	url, id, date, at     string
	contentType           string // the server's, with its charset
	http, text, truncated bool
	segmented, wrong      bool
}

// classify decides whether a record is a document; if not, of which kind it is.
func (a *webArchive) classify(rec *warc.Record) (page *archived, kind string) {
	p := &archived{opt: a.opt, url: rec.URL(), at: rec.Place.String(), wrong: rec.Wrong}
	switch rec.Type() {
	case "response":
		if kind := p.response(rec); kind != "" {
			return nil, kind
		}
	case "resource", "conversion":
		p.contentType = rec.Fields.Get("Content-Type")
		if kind := p.media(rec, func() []byte { return rec.Block }); kind != "" {
			return nil, kind
		}
	case "revisit":
		return nil, passedRevisit
	case "request":
		return nil, passedRequest
	case "metadata", "warcinfo":
		return nil, passedMeta
	case "continuation":
		return nil, passedParts
	default:
		return nil, passedOther
	}
	p.id = strings.Trim(rec.Fields.Get("WARC-Record-ID"), "<>")
	p.date = rec.Fields.Get("WARC-Date")
	p.truncated = rec.Fields.Get("WARC-Truncated") != ""
	p.segmented = rec.Fields.Get("WARC-Segment-Number") != ""
	return p, ""
}

// response looks into the HTTP message; it returns the kind of what is passed over, or "".
func (p *archived) response(rec *warc.Record) string {
	if strings.HasPrefix(p.url, "dns:") {
		return passedDNS
	}
	status, fields, body, ok := rec.HTTP()
	switch {
	case !ok:
		return passedDNS
	case status != http.StatusOK && status != http.StatusNonAuthoritativeInfo:
		return passedStatus
	}
	p.http, p.contentType = true, fields.Get("Content-Type")
	return p.media(rec, func() []byte {
		head, _ := warc.Decode(fields, body, headSize) // only its beginning is looked at
		return head
	})
}

// media finds out whether it is HTML or text; from the content where nobody says, which body gives.
func (p *archived) media(rec *warc.Record, body func() []byte) string {
	kind, _, err := mime.ParseMediaType(p.contentType)
	if err != nil && kind == "" {
		kind, _, _ = strings.Cut(p.contentType, ";")
		kind = strings.ToLower(strings.TrimSpace(kind))
	}
	if !strings.Contains(kind, "/") || kind == "application/octet-stream" || kind == "unknown/unknown" {
		kind = cmp.Or(rec.Fields.Get("WARC-Identified-Payload-Type"), http.DetectContentType(body()))
		kind, _, _ = strings.Cut(kind, ";")
	}
	switch {
	case slices.Contains([]string{"text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml"}, kind):
	case kind != "text/plain":
		return passedMedia
	case isRobots(p.url):
		return passedRobots
	default:
		p.text = true
	}
	return ""
}

func isRobots(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Path == "/robots.txt"
}

// parse makes the record of a page.
func (p *archived) parse(d *Document) (record.Raw, error) {
	if p.segmented {
		return record.Raw{}, &record.MalformedError{Reason: record.ReasonBrokenFile, Detail: "the record is in segments, which are not put together"}
	}
	body := d.Data
	if p.http {
		rec := warc.Record{Block: d.Data}
		_, fields, sent, _ := rec.HTTP()
		var err error
		body, err = warc.Decode(fields, sent, p.opt.MaxFile)
		switch {
		case errors.Is(err, warc.ErrTooLarge):
			reason := record.ReasonOversize
			if int64(len(body)) > int64(len(sent)+1<<10)*p.opt.MaxRatio {
				reason = record.ReasonBomb
			}
			return record.Raw{}, &record.MalformedError{Reason: reason, Detail: err.Error()}
		case err != nil && !(p.truncated && len(body) > 0): // the crawler stopped there, and says so
			return record.Raw{}, &record.MalformedError{Reason: record.ReasonBrokenFile, Detail: err.Error()}
		}
	}
	page, charset, err := decodeText(body, p.contentType)
	if err != nil {
		return record.Raw{}, err
	}
	r := record.Raw{URL: p.url, Added: p.date}
	if p.text {
		r.Text, r.Title = page, titleOf(page)
	} else {
		r.HTML = page
	}
	more := []string{"warc_record_id", p.id, "warc_date", p.date, "warc_offset", p.at}
	if p.truncated {
		more = append(more, "warc_truncated", "yes")
	}
	if p.wrong {
		more = append(more, "warc_content_length", "wrong")
	}
	r.Metadata = provenance(d.Path, charset, more...)
	return r, nil
}
