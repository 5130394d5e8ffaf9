package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"winnow/internal/cli"
	"winnow/internal/record"
	"winnow/internal/segment"
	"winnow/pkg/dedupe"
)

// pair compares the two texts that the arguments name.
func (e *explainer) pair(ctx context.Context) error {
	a, errA := e.load(ctx, e.env.Args[0])
	b, errB := e.load(ctx, e.env.Args[1])
	if dup, ok := errors.AsType[*noTextError](errB); ok && errA == nil {
		return e.heads(&a, dup)
	}
	if dup, ok := errors.AsType[*noTextError](errA); ok && errB == nil {
		return e.heads(&b, dup)
	}
	if errA != nil || errB != nil {
		return cmp.Or(errA, errB)
	}
	x, err := newJudge(e.params)
	if err != nil {
		return err
	}
	x.judge(&a)
	e.compare(&a, &b, x.judge(&b))
	return e.out.flush()
}

// heads says what is known of a duplicate and its original without the duplicate's text.
func (e *explainer) heads(a *text, dup *noTextError) error {
	if dup.Kind != segment.Dup {
		return dup
	}
	d, err := record.ParseDup(dup.Line)
	if err != nil {
		return err
	}
	if d.Of != a.doc.ID {
		return fmt.Errorf("%w (it is a duplicate of %q, as far as the segments know)", dup, d.Of)
	}
	b := textOf(dup.name, &record.Clean{ID: d.ID, Seq: d.Seq, Site: d.Site, Source: d.Source, URL: d.URL, Title: d.Title, Published: d.Published, Added: d.Added})
	v := dedupe.Verdict{Kind: dupKinds[d.Verdict], Of: dedupe.Match{ID: d.Of, Seq: d.OfSeq, Share: d.Share, ShareOfOther: d.ShareOfOther}}
	o := e.out
	o.row(bold, "A  "+words(a.body), a.name+"  "+a.head)
	o.row(bold, "B", b.name+"  "+b.head)
	o.line(plain)
	o.line(plain, verdict(v, e.params))
	o.line(plain, relation(d.Relation, a, &b))
	o.line(plain, "Segments do not hold the texts of duplicates: `winnow explain -dir ", e.dir, " ", a.name, " FILE` with the file that B came from shows the passages.")
	return o.flush()
}

// dupKinds are the verdicts of duplicates by their names in records.
var dupKinds = map[string]dedupe.Kind{record.Exact: dedupe.Exact, record.Near: dedupe.Near, record.Contained: dedupe.Contained}

// relations are the relations by their names in records.
var relations = map[string]dedupe.Relation{record.Syndication: dedupe.Syndication, record.Repeat: dedupe.Repeat, record.Revision: dedupe.Revision}

// against explains one argument by the records of the directory.
func (e *explainer) against(ctx context.Context) error {
	name := e.env.Args[0]
	r, err := e.find(name)
	if err != nil {
		return err
	}
	if r != nil {
		err = e.record(ctx, r)
	} else {
		err = e.stranger(ctx, name)
	}
	if err != nil {
		return err
	}
	return e.out.flush()
}

// record explains a record by what it says itself.
func (e *explainer) record(ctx context.Context, r *segment.Record) error {
	if r.Kind != segment.Clean {
		if err := segment.Cat(ctx, e.env.Stdout, e.from, segment.Query{First: r.Seq, Last: r.Seq}, segment.CatOptions{Text: true}); err != nil {
			return err
		}
		if r.Kind == segment.Dup {
			e.out.line(plain, "Segments do not hold the texts of duplicates: `winnow explain -dir ", e.dir, " FILE` with the file it came from shows what it shares.")
		}
		return nil
	}
	c, err := record.ParseClean(r.Line)
	if err != nil {
		return err
	}
	b := textOf(c.ID, &c)
	if len(c.Overlaps) == 0 {
		e.out.line(bold, b.head)
		e.out.line(plain, "clean: it shares no text worth mentioning with an earlier record")
	}
	for i, o := range c.Overlaps {
		if i > 0 {
			e.out.line(plain)
		}
		other, err := e.find(o.ID)
		if err != nil {
			return err
		}
		if other == nil || other.Kind != segment.Clean {
			e.out.line(plain, fmt.Sprintf("%s (sequence %d): %s of this text stands there, whose text is not in these segments", o.ID, o.Seq, percent(o.Share)))
			continue
		}
		a, err := clean(o.ID, other)
		if err != nil {
			return err
		}
		match := dedupe.Match{ID: o.ID, Seq: o.Seq, Share: o.Share, ShareOfOther: o.ShareOfOther, Relation: relations[o.Relation]}
		e.compare(&a, &b, dedupe.Verdict{Overlaps: []dedupe.Match{match}})
	}
	return nil
}

// stranger judges a file against every clean record of the directory.
func (e *explainer) stranger(ctx context.Context, name string) error {
	b, err := e.load(ctx, name)
	if err != nil {
		return err
	}
	x, err := newJudge(e.params)
	if err != nil {
		return err
	}
	records := 0
	for r, err := range segment.Scan(e.from, segment.Query{Kinds: []segment.Kind{segment.Clean}}) {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		t, err := clean("", &r)
		if err != nil {
			return err
		}
		x.judge(&t)
		records++
	}
	v := x.judge(&b)
	m := best(v)
	if m.ID == "" {
		e.out.line(bold, b.head)
		e.out.line(plain, fmt.Sprintf("clean: it shares no text worth mentioning with the %s clean records in %s", cli.Count(records), e.dir))
		return nil
	}
	r, err := e.find(m.ID)
	if err != nil {
		return err
	}
	a, err := clean(m.ID, r)
	if err != nil {
		return err
	}
	e.compare(&a, &b, v)
	return nil
}

// judge is an index, with a sequence of its own.
type judge struct {
	index    *dedupe.Index
	sketcher *dedupe.Sketcher
	sk       dedupe.Sketch
	seq      uint64
}

func newJudge(p dedupe.Params) (*judge, error) {
	x, err := dedupe.NewIndex(p)
	return &judge{index: x, sketcher: dedupe.NewSketcher(p)}, err
}

func (j *judge) judge(t *text) dedupe.Verdict {
	j.seq++
	d := t.doc
	d.Seq = j.seq
	j.sketcher.Sketch(&j.sk, t.body)
	return j.index.Judge(d, &j.sk)
}

// compare writes the verdict on b, the later text, and what it shares with a.
func (e *explainer) compare(a, b *text, v dedupe.Verdict) {
	o := e.out
	for _, t := range []struct {
		mark string
		*text
	}{{"A", a}, {"B", b}} {
		o.row(bold, t.mark+"  "+words(t.body), t.name+"  "+t.head)
	}
	found := dedupe.Passages(a.body, b.body)
	shared := 0
	for _, p := range found {
		shared += p.Words
	}
	o.line(plain)
	o.line(plain, verdict(v, e.params))
	if m := best(v); m.ID != "" {
		o.line(plain, relation(m.Relation.String(), a, b))
	}
	o.line(plain, fmt.Sprintf("shared passages of 6 words or more: %d, of %s words in all", len(found), cli.Count(shared)))
	at := 0
	alone := func(end int) {
		if strings.ContainsFunc(b.body[at:end], unicode.IsLetter) {
			o.columns(faint, "", "["+words(b.body[at:end])+" of B alone]")
		}
	}
	for _, p := range found {
		o.line(plain)
		alone(p.BStart)
		o.columns(green, a.body[p.AStart:p.AEnd], b.body[p.BStart:p.BEnd])
		at = p.BEnd
	}
	if at > 0 {
		alone(len(b.body))
	}
}

// words counts as the index does: a script without spaces has words too.
func words(text string) string {
	var sk dedupe.Sketch
	dedupe.NewSketcher(dedupe.DefaultParams()).Sketch(&sk, text)
	if sk.Words == 1 {
		return "1 word"
	}
	return cli.Count(sk.Words) + " words"
}

// best returns what a verdict is about: the earlier text that is repeated, or else overlaps most, or
// else has the same form. Its ID is empty when there is none.
func best(v dedupe.Verdict) dedupe.Match {
	switch {
	case v.Kind != dedupe.Unique:
		return v.Of
	case len(v.Overlaps) > 0:
		return v.Overlaps[0]
	}
	return v.Form
}

// relation explains a relation, as records have it, by who of the two publishers is who.
func relation(name string, a, b *text) string {
	switch {
	case name == record.Revision:
		return "a revision: the same page"
	case a.doc.Publisher == "" || b.doc.Publisher == "":
		return "by unknown publishers"
	case name == record.Repeat:
		return "a repeat: another page of the same publisher, " + a.doc.Publisher
	}
	return fmt.Sprintf("syndication: %s has it from %s, or both from a third", b.doc.Publisher, a.doc.Publisher)
}

// verdict says what B is to A, and why.
func verdict(v dedupe.Verdict, p dedupe.Params) string {
	shares := func(m dedupe.Match) string {
		return fmt.Sprintf("%s of B stands in A, %s of A in B", percent(m.Share), percent(m.ShareOfOther))
	}
	switch v.Kind {
	case dedupe.Exact:
		return "B is an exact duplicate of A: the same words"
	case dedupe.Near:
		return fmt.Sprintf("B is a near duplicate of A: %s (near from %s both ways)", shares(v.Of), percent(p.Near))
	case dedupe.Contained:
		return fmt.Sprintf("B is contained in A and adds nothing: %s (contained from %s of B)", shares(v.Of), percent(p.Contained))
	}
	if len(v.Overlaps) > 0 {
		return fmt.Sprintf("B is clean and overlaps A: %s (overlap from %s of the smaller)", shares(v.Overlaps[0]), percent(p.Overlap))
	}
	if v.Form.ID != "" {
		return "B is clean: it is made from the same form as A, with other numbers or much later: " + shares(v.Form)
	}
	return fmt.Sprintf("B is clean: it shares too little with A (overlap from %s of the smaller)", percent(p.Overlap))
}

func percent(share float64) string { return fmt.Sprintf("%.0f %%", 100*share) }
