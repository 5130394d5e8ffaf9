package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"github.com/go-json-experiment/json"

	"winnow/internal/batch"
	"winnow/internal/cli"
	"winnow/internal/record"
	"winnow/pkg/boilerplate"
)

var stripCommand = &cli.Command{
	Name:   "strip",
	Short:  "remove boilerplate from documents, standard input to standard output",
	Filter: true,
	Long: `Reads JSON lines {id, html or text, url?, title?} and writes, in the same order, JSON lines
{id, title, text, lang, removed}.

"removed" lists [start, end, "reason"]: byte offsets into the input text when the input was text,
so that what was cut can be put back; for HTML it is empty. A document in which there is nothing to
work on, not even boilerplate, has an "error", as a line that is no document; then the exit code is 3.

With -learn (the default) blocks that recur on the pages of one site, which the url tells, are
taken for its template: from the third page on, short ones from the second where the page itself is
unsure about them; where it is sure that a block is text, two pages later, and a paragraph of 12 words
and more from the fourteenth. One that most pages lack is left till the twelfth. With -learn=false each
page is judged alone.

What strip writes has no url, source and published: winnow dedupe, given that, knows no publishers
and times. Give it the texts with these keys, or use winnow clean, which is both.`,
	Examples: []cli.Example{
		{Line: `echo '{"id":"1","text":"A title\n\nA title\n\nThe story."}' | winnow strip`, Doc: "one document"},
		{Line: "zcat pages.jsonl.gz | winnow strip -learn=false > out.jsonl", Doc: "an archive, page by page"},
	},
	Setup: func(fs *cli.Flags) cli.RunFunc {
		learn := fs.Bool("learn", true, "learn each site's template from its pages")
		var rules []string
		fs.Strings(&rules, "rules", "phrase rules beside the built-in ones, from `FILE` (its form: go doc ./pkg/boilerplate Rules); may be given several times")
		return func(ctx context.Context, env cli.Env) error {
			r, err := boilerplate.LoadRules(rules...)
			if err != nil {
				return cli.Usagef("-rules: %w", err)
			}
			s := &stripper{rules: r}
			if *learn {
				s.model = boilerplate.NewModel(boilerplate.DefaultModelParams())
			}
			return filter(env, func(lines []inputLine) ([][]byte, int, error) {
				return s.batch(ctx, lines)
			})
		}
	},
}

type stripper struct {
	rules *boilerplate.Rules
	model *boilerplate.Model // nil: each page alone
}

// stripped is a page on its way through the filter, and its output line.
type stripped struct {
	ID      string   `json:"id"`
	Title   string   `json:"title"`
	Text    string   `json:"text"`
	Lang    string   `json:"lang"`
	Removed [][3]any `json:"removed"`
	Error   string   `json:"error,omitempty"`

	site string
	page *boilerplate.Page
}

func (s *stripper) batch(ctx context.Context, lines []inputLine) (out [][]byte, bad int, err error) {
	pages, err := batch.Map(ctx, runtime.GOMAXPROCS(filterWorkers), lines, s.parse)
	if err != nil {
		return nil, 0, err
	}
	for i, p := range pages {
		switch {
		case p.page == nil:
			p.Error = (&lineError{lines[i].number, errors.New(p.Error)}).Error()
			bad++
		case s.model != nil && p.site != "":
			s.model.Learn(record.BareSite(p.site), p.page)
		}
	}
	out, err = batch.Map(ctx, runtime.GOMAXPROCS(filterWorkers), pages, (*stripped).encode)
	return out, bad, err
}

// parse is pure.
func (s *stripper) parse(line inputLine) *stripped {
	raw, err := line.raw()
	p := &stripped{ID: raw.ID, site: record.Site(raw.URL), Lang: "und"}
	if err != nil {
		p.Error = err.Error()
		return p
	}
	if p.page, err = s.page(&raw); err != nil {
		p.page, p.Error = nil, err.Error()
		return p
	}
	if p.site == "" {
		p.site = record.Site(p.page.Canonical)
	}
	p.Title = raw.Title
	if p.Title == "" {
		p.Title = p.page.Title
	}
	return p
}

// page takes a record apart into judged blocks. It is pure.
func (s *stripper) page(raw *record.Raw) (*boilerplate.Page, error) {
	opt := boilerplate.Options{URL: raw.URL, Title: raw.Title, Rules: s.rules}
	var p *boilerplate.Page
	var err error
	switch {
	case raw.HTML != "":
		opt.ContentType = "text/html; charset=utf-8" // whatever the page says of itself
		p, err = boilerplate.ParseHTML([]byte(raw.HTML), opt)
	case raw.Text != "":
		p, err = boilerplate.ParseText(raw.Text, opt)
	default:
		err = errors.New(`the document has neither "text" nor "html"`)
	}
	if err == nil && len(p.Blocks) == 0 {
		err = errors.New("the page has no text")
	}
	return p, err
}

// encode is pure.
func (p *stripped) encode() []byte {
	p.Removed = [][3]any{}
	if p.page != nil {
		p.Text = p.page.Text()
		p.Lang = boilerplate.DetectLanguage(p.Text)
		for _, s := range p.page.Removed() {
			p.Removed = append(p.Removed, [3]any{s.Start, s.End, s.Reason})
		}
	}
	out, err := json.Marshal(p)
	if err != nil {
		panic(fmt.Sprintf("winnow strip: %v", err)) // strings and numbers: cannot fail
	}
	return out
}
