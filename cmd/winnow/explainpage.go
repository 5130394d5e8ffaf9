package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"winnow/internal/cli"
	"winnow/internal/record"
	"winnow/pkg/boilerplate"
)

// pages shows the pages of one input, or the one with this id.
func (e *explainer) pages(ctx context.Context, id string) error {
	shown := 0
	err := e.each(ctx, e.env.Args[0], func(where string, raw *record.Raw) error {
		p, err := e.page(raw)
		if err != nil {
			return err
		}
		if site := record.Site(either(raw.URL, p.Canonical)); e.model != nil && site != "" {
			e.model.Learn(site, p)
		}
		if id != "" && raw.ID != id {
			return nil
		}
		if shown++; shown > 1 {
			e.out.line("")
		}
		e.show(where, raw, p)
		if id != "" {
			return errStop
		}
		return nil
	})
	if err == nil && shown == 0 {
		err = fmt.Errorf("%s: no such document there", e.env.Args[0])
	}
	if err != nil {
		return err
	}
	return e.out.flush()
}

// show writes one page: the reason on the left, the block on the right.
func (e *explainer) show(where string, raw *record.Raw, p *boilerplate.Page) {
	o := e.out
	o.line(bold, where)
	for _, field := range [][2]string{
		{"title", either(raw.Title, p.Title)}, {"url", either(raw.URL, p.Canonical)}, {"byline", either(raw.Byline, p.Byline)},
		{"published", either(raw.Published, p.Published)}, {"language", either(p.Lang, boilerplate.DetectLanguage(p.Text()))},
	} {
		if field[1] != "" {
			o.line("", fmt.Sprintf("%-10s %s", field[0], field[1]))
		}
	}
	o.line("")
	reasons := map[string]int{}
	kept, chars, cut := 0, 0, 0
	for i := range p.Blocks {
		b := &p.Blocks[i]
		n := utf8.RuneCountInString(b.Text)
		if b.Kept() {
			kept, chars = kept+1, chars+n
			o.row("", "", b.Text)
			continue
		}
		reasons[b.Reason]++
		cut += n
		o.row(faint, b.Reason, b.Text)
	}
	o.line("")
	o.line("", fmt.Sprintf("kept %s, %s characters; dropped %s, %s characters%s",
		blocks(kept), cli.Count(chars), blocks(len(p.Blocks)-kept), cli.Count(cut), list(reasons)))
}

func blocks(n int) string {
	if n == 1 {
		return "1 block"
	}
	return cli.Count(n) + " blocks"
}

// list writes counts as ": 3 share, 1 caption", the largest first.
func list(counts map[string]int) string {
	if len(counts) == 0 {
		return ""
	}
	keys := slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b)) })
	parts := make([]string, len(keys))
	for i, k := range keys {
		parts[i] = fmt.Sprintf("%d %s", counts[k], k)
	}
	return ": " + strings.Join(parts, ", ")
}
