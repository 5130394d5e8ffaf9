package main

import (
	"bytes"
	"net/url"
	"strings"

	"codeberg.org/readeck/go-readability/v2"
	distiller "github.com/markusmobius/go-domdistiller"
	"github.com/markusmobius/go-trafilatura"
	"golang.org/x/net/html"

	"winnow/pkg/boilerplate"
)

// peer is one way from a page to its article's text.
type peer struct {
	name    string
	extract func(page []byte, u *url.URL) (string, error)
	judges  bool // it tells the article from the rest
}

// peers are those compared; the first is what the others' cost is measured in.
var peers = []peer{
	{"x/net/html, parsing alone", parse, false},
	{"winnow/pkg/boilerplate", winnow, true},
	{"go-trafilatura, fast", trafilaturaWith(trafilatura.Options{}), true},
	{"go-trafilatura", trafilaturaWith(trafilatura.Options{EnableFallback: true}), true},
	{"go-trafilatura, precise", trafilaturaWith(trafilatura.Options{EnableFallback: true, Focus: trafilatura.FavorPrecision}), true},
	{"go-readability", readable, true},
}

// more are those compared by snippets alone.
var more = []peer{
	{"go-trafilatura, recall", trafilaturaWith(trafilatura.Options{EnableFallback: true, Focus: trafilatura.FavorRecall}), true},
	{"go-domdistiller", distilled, true},
}

// texts returns what the peer takes for the article of each page.
func (p peer) texts(pages []page) []string {
	texts := make([]string, len(pages))
	for i := range pages {
		u, err := url.Parse(pages[i].URL)
		if err != nil {
			u = nil
		}
		texts[i] = p.try([]byte(pages[i].HTML), u)
	}
	return texts
}

// try returns what the peer takes for the article, "" when it fails.
func (p peer) try(page []byte, u *url.URL) (text string) {
	defer func() {
		if recover() != nil {
			text = ""
		}
	}()
	text, err := p.extract(page, u)
	if err != nil {
		return ""
	}
	return text
}

func parse(page []byte, _ *url.URL) (string, error) {
	_, err := html.Parse(bytes.NewReader(page))
	return "", err
}

func winnow(page []byte, u *url.URL) (string, error) {
	p, err := parseHTML(page, u)
	if err != nil {
		return "", err
	}
	return p.Text(), nil
}

func parseHTML(page []byte, u *url.URL) (*boilerplate.Page, error) {
	var opt boilerplate.Options
	if u != nil {
		opt.URL = u.String()
	}
	return boilerplate.ParseHTML(page, opt)
}

// trafilaturaWith leaves comments out, as that project's own comparison does.
func trafilaturaWith(opt trafilatura.Options) func([]byte, *url.URL) (string, error) {
	opt.ExcludeComments = true
	return func(page []byte, u *url.URL) (string, error) {
		opt := opt
		opt.OriginalURL = u
		r, err := trafilatura.Extract(bytes.NewReader(page), opt)
		if err != nil {
			return "", err
		}
		return r.ContentText, nil
	}
}

func readable(page []byte, u *url.URL) (string, error) {
	a, err := readability.FromReader(bytes.NewReader(page), u)
	if err != nil || a.Node == nil {
		return "", err
	}
	var b strings.Builder
	err = a.RenderText(&b)
	return b.String(), err
}

func distilled(page []byte, u *url.URL) (string, error) {
	r, err := distiller.ApplyForReader(bytes.NewReader(page), &distiller.Options{OriginalURL: u, SkipPagination: true})
	if err != nil {
		return "", err
	}
	return r.Text, nil
}
