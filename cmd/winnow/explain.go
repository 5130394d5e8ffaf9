package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"winnow/internal/cli"
	"winnow/internal/flags"
	"winnow/internal/record"
	"winnow/internal/segment"
	"winnow/internal/source"
	"winnow/pkg/boilerplate"
	"winnow/pkg/dedupe"
)

var explainCommand = &cli.Command{
	Name:  "explain",
	Args:  "FILE|ID...",
	Short: "why was this line dropped, why is this a duplicate of that",
	Long: `With one FILE (HTML, text or JSON lines) it shows the page: every block that was kept, and every block
that was dropped with the reason. Of a file or directory of many pages it shows all, or the one with
-id, and learns the sites' templates on the way, as the pipeline does. What is no document is named and
passed over.

With two files it strips both, takes the first for the earlier one, and shows the verdict on the
second, the shares, and the passages that they share side by side. FILE#ID is one document of a file
of many.

With -dir it looks in a directory of segments, or s3://BUCKET/PREFIX: two record ids are compared in the same way; one id
shows what that record overlaps; a FILE is judged against every clean record there. The text of a
duplicate is in no segment: of its id there are the verdict and the shares alone; for the passages
give the file that it came from, as FILE or FILE#ID. Give the thresholds that the pipeline was given.`,
	Examples: []cli.Example{
		{Line: "winnow explain page.html", Doc: "what is the article, and why is the rest not"},
		{Line: "winnow explain -id 17 archive.jsonl.gz", Doc: "one page of an archive, with what its site taught"},
		{Line: "winnow explain agency.txt paper.html", Doc: "what the paper took from the agency"},
		{Line: "winnow explain -dir clean/ agency-17 items.jsonl#paper-4", Doc: "what a duplicate has from its original"},
		{Line: "winnow explain -dir clean/ copy.html", Doc: "which of the clean records is this a copy of"},
	},
	Setup: func(fs *cli.Flags) cli.RunFunc {
		dir := fs.String("dir", "", "look for records in the segments of `DIR`, or s3://BUCKET/PREFIX")
		id := fs.String("id", "", "show the page with this `ID` alone")
		learn := fs.Bool("learn", true, "learn each site's template from its pages")
		var rules []string
		fs.Strings(&rules, "rules", "phrase rules beside the built-in ones, from `FILE` (its form: go doc ./pkg/boilerplate Rules); may be given several times")
		copies := flags.Dedupe(fs, "Copies")
		store := flags.Store(fs)
		return func(ctx context.Context, env cli.Env) error {
			params, err := copies()
			if err != nil {
				return err
			}
			r, err := boilerplate.LoadRules(rules...)
			if err != nil {
				return cli.Usagef("-rules: %w", err)
			}
			e := &explainer{env: env, dir: *dir, params: params, out: newPaper(env), stripper: stripper{rules: r}}
			if *dir != "" {
				if e.from, err = store(ctx, env, *dir); err != nil {
					return err
				}
			}
			if *learn {
				e.model = boilerplate.NewModel(boilerplate.DefaultModelParams())
			}
			switch n := len(env.Args); {
			case n == 0 || n > 2:
				return cli.Usagef("want one or two files or ids, got %d", n)
			case slices.Contains(env.Args, ""):
				return cli.Usagef("an empty name is no file and no id")
			case n == 2:
				return e.pair(ctx)
			case *dir != "":
				return e.against(ctx)
			}
			return e.pages(ctx, *id)
		}
	},
}

// explainer is one run of the command.
type explainer struct {
	stripper
	env    cli.Env
	dir    string        // of segments; "" = none
	from   segment.Store // it
	params dedupe.Params
	out    *paper
}

// text is a stripped document that can be compared.
type text struct {
	name string // as the command line has it
	doc  dedupe.Doc
	head string // title and URL, for a person
	body string
}

// errStop ends each.
var errStop = errors.New("stop")

// each calls f for the documents of an input, in order. What is no document, as f may find out
// too (record.ErrMalformed), it names, counts and passes over.
func (e *explainer) each(ctx context.Context, input string, f func(where string, raw *record.Raw) error) (dead int, err error) {
	src, err := source.Open(ctx, input, source.Options{Stdin: e.env.Stdin})
	if err != nil {
		return 0, err
	}
	defer src.Close()
	for {
		doc, err := src.Next()
		if errors.Is(err, io.EOF) {
			return dead, nil
		}
		if err != nil {
			return dead, err
		}
		raw, err := doc.Raw()
		if err == nil {
			err = f(doc.Where(), &raw)
		}
		switch {
		case errors.Is(err, errStop):
			return dead, nil
		case errors.Is(err, record.ErrMalformed):
			e.env.Log.Warn("no document", "at", doc.Where(), "error", err)
			dead++
		case err != nil:
			return dead, fmt.Errorf("%s: %w", doc.Where(), err)
		}
	}
}

// read takes a document apart; errors wrap record.ErrMalformed.
func (e *explainer) read(raw *record.Raw) (*boilerplate.Page, error) {
	p, err := e.page(raw)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", record.ErrMalformed, err)
	}
	return p, nil
}

// load returns the text that an argument names: a record of the directory, or else a file.
func (e *explainer) load(ctx context.Context, name string) (text, error) {
	if e.dir != "" {
		r, err := e.find(name)
		if err != nil {
			return text{}, err
		}
		if r != nil {
			return clean(name, r)
		}
	}
	path, id := name, ""
	_, err := os.Stat(name)
	if i := strings.LastIndexByte(name, '#'); errors.Is(err, fs.ErrNotExist) && i > 0 {
		path, id = name[:i], name[i+1:]
		_, err = os.Stat(path)
	}
	if err != nil && name != "-" {
		if e.dir != "" {
			return text{}, fmt.Errorf("%s is neither the id of a record in %s nor a file", name, e.dir)
		}
		return text{}, err
	}
	return e.file(ctx, name, path, id)
}

// file returns the stripped text of the document with this id, or of the only one.
func (e *explainer) file(ctx context.Context, name, path, id string) (t text, err error) {
	found := 0
	_, err = e.each(ctx, path, func(_ string, raw *record.Raw) error {
		if id != "" && raw.ID != id {
			return nil
		}
		if found++; found > 1 {
			return nil
		}
		p, err := e.read(raw)
		if err != nil {
			return err
		}
		url, title := either(raw.URL, p.Canonical), either(raw.Title, p.Title)
		c := record.Clean{ID: name, Site: record.Site(url), Source: raw.Source, URL: url, Title: title, Text: p.Text(), Published: either(raw.Published, p.Published)}
		t = textOf(name, &c)
		return nil
	})
	switch {
	case err != nil:
	case found == 0:
		err = fmt.Errorf("%s: %s", path, none(id))
	case found > 1:
		err = fmt.Errorf("%s has %d documents: say which, as %s#ID", path, found, path)
	}
	return t, err
}

// none says that there is no document, or none with this id.
func none(id string) string {
	if id == "" {
		return "no document there"
	}
	return fmt.Sprintf("no document with the id %q there", id)
}

// find returns the record with this id, or nil.
func (e *explainer) find(id string) (*segment.Record, error) {
	for r, err := range segment.Scan(e.from, segment.Query{ID: id}) {
		r.Line = bytes.Clone(r.Line)
		return &r, err
	}
	return nil, nil
}

// noTextError says that a record has no text in the segments.
type noTextError struct {
	name string
	*segment.Record
}

func (e *noTextError) Error() string {
	return fmt.Sprintf("record %s is %s and has no text in the segments: give the file that it came from instead", e.name, e.Kind)
}

// clean returns the text of a clean record, or a *noTextError.
func clean(name string, r *segment.Record) (text, error) {
	if r.Kind != segment.Clean {
		return text{}, &noTextError{name, r}
	}
	c, err := record.ParseClean(r.Line)
	if err != nil {
		return text{}, err
	}
	return textOf(name, &c), nil
}

func textOf(name string, c *record.Clean) text {
	t := text{name: name, body: c.Text, doc: dedupe.Doc{ID: c.ID, Seq: c.Seq, Publisher: record.Publisher(c.Site, c.Source), URL: c.URL}}
	if at, ok := record.ParseTime(either(c.Published, c.Added)); ok {
		t.doc.Time = at.Unix()
	}
	t.head = strings.TrimSpace(either(c.Title, "(no title)") + "  " + c.URL)
	return t
}

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
