package main

import (
	"cmp"
	"context"
	"fmt"

	"winnow/internal/cli"
	"winnow/internal/record"
	"winnow/pkg/boilerplate"
)

// pages shows the pages of one input, or the one with this id.
func (e *explainer) pages(ctx context.Context, id string) error {
	shown := 0
	dead, err := e.each(ctx, e.env.Args[0], func(where string, raw *record.Raw) error {
		p, err := e.read(raw)
		if err != nil {
			return err
		}
		if site := record.Site(either(raw.URL, p.Canonical)); e.model != nil && site != "" {
			e.model.Learn(record.BareSite(site), p)
		}
		if id != "" && raw.ID != id {
			return nil
		}
		if shown++; shown > 1 {
			e.out.line(plain)
		}
		if err := e.show(where, raw, p); err != nil {
			return err
		}
		if id != "" {
			return errStop
		}
		return nil
	})
	switch {
	case err != nil:
	case id == "" && dead > 0:
		err = fmt.Errorf("%w: %d of %d", cli.ErrDead, dead, dead+shown)
	case shown == 0:
		err = fmt.Errorf("%s: %s", e.env.Args[0], none(id))
	}
	return cmp.Or(e.out.flush(), err)
}

// show writes one page: what is known of it, and its blocks, each with its fate.
func (e *explainer) show(where string, raw *record.Raw, p *boilerplate.Page) error {
	o := e.out
	o.line(bold, where)
	for _, field := range [][2]string{
		{"url", either(raw.URL, p.Canonical)},
		{"byline", either(raw.Byline, p.Byline)},
		{"published", either(raw.Published, p.Published)},
		{"modified", p.Modified},
		{"language", either(p.Lang, boilerplate.DetectLanguage(p.Text()))},
	} {
		if field[1] != "" {
			o.row(plain, field[0], field[1])
		}
	}
	p.Title = either(raw.Title, p.Title)
	how := boilerplate.Explanation{Color: o.colour, Width: -1}
	if e.env.StdoutTerminal {
		how.Width = o.width - margin
	}
	return boilerplate.Explain(o.w, p, how)
}
