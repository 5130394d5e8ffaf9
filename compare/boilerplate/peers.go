package main

import (
	"bytes"
	"net/url"
	"strings"

	"codeberg.org/readeck/go-readability/v2"
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

// text returns what the peer takes for the article, "" when it fails.
func (p peer) text(g *page) (text string) {
	defer func() {
		if recover() != nil {
			text = ""
		}
	}()
	u, err := url.Parse(g.URL)
	if err != nil {
		u = nil
	}
	text, err = p.extract([]byte(g.HTML), u)
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
	var opt boilerplate.Options
	if u != nil {
		opt.URL = u.String()
	}
	p, err := boilerplate.ParseHTML(page, opt)
	if err != nil {
		return "", err
	}
	return p.Text(), nil
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
