package main

import (
	"bytes"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/markusmobius/go-htmldate"
)

// htmldateModule carries the pages with their days.
const htmldateModule = "github.com/markusmobius/go-htmldate"

// daters find the day of publication, as 2006-01-02.
var daters = []peer{
	{"winnow/pkg/boilerplate", published, true},
	{"go-htmldate, fast", htmldateWith(htmldate.Options{SkipExtensiveSearch: true}), true},
	{"go-htmldate", htmldateWith(htmldate.Options{}), true},
}

func published(page []byte, u *url.URL) (string, error) {
	p, err := parseHTML(page, u)
	if err != nil || p.Published == "" {
		return "", err
	}
	return p.Published[:len(time.DateOnly)], nil
}

// htmldateWith asks for the first publication, as that project's own comparison does.
func htmldateWith(opt htmldate.Options) func([]byte, *url.URL) (string, error) {
	opt.UseOriginalDate = true
	return func(page []byte, u *url.URL) (string, error) {
		opt := opt
		if u != nil {
			opt.URL = u.String()
		}
		r, err := htmldate.FromReader(bytes.NewReader(page), opt)
		if err != nil || r.IsZero() {
			return "", err
		}
		return r.Format(time.DateOnly), nil
	}
}

// readDates reads the pages that htmldate is evaluated with, those with a day of publication,
// from where the go command keeps go-htmldate.
func readDates() (pages []page, err error) {
	dir, err := moduleDir(htmldateModule)
	if err != nil {
		return nil, err
	}
	files := os.DirFS(filepath.Join(dir, "test-files"))
	for _, list := range []struct{ file, variable string }{{"data-mediacloud.go", "mediacloudData"}, {"data-default.go", "defaultComparisonData"}} {
		file := filepath.Join(dir, "scripts", "comparison", list.file)
		entries, err := readList(file, list.variable)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			p := page{ID: e.only("File"), URL: e.only("URL"), Day: e.only("Date")}
			if p.Day == "nan" {
				continue // its makers found none: some of these pages have one
			}
			if _, err := time.Parse(time.DateOnly, p.Day); err != nil {
				return nil, fmt.Errorf("%s: %s: %w", file, p.URL, err)
			}
			if p.HTML, err = readPage(files, p.ID, "mediacloud", "comparison", "mock"); err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
			pages = append(pages, p)
		}
	}
	return pages, nil
}

// dates writes the table of those that find days of publication.
func dates(w io.Writer, rounds int) error {
	pages, err := readDates()
	if err != nil {
		return err
	}
	costs := measure(pages, daters, rounds)
	t := tabwriter.NewWriter(w, 0, 0, 1, ' ', 0)
	fmt.Fprint(t, "|\t| right\t| a day off\t| wrong\t| none\t| pages/CPU-s\t|\n| ---\t| ---\t| ---\t| ---\t| ---\t| ---\t|\n")
	for k, p := range daters {
		var n days
		for i, day := range p.texts(pages) {
			n.add(pages[i].Day, day)
		}
		fmt.Fprintf(t, "| %s\t| %d\t| %d\t| %d\t| %d\t| %.0f\t|\n", p.name, n.right, n.near, n.wrong, n.none, 1/costs[k].seconds)
	}
	fmt.Fprintf(t, "\n%d pages with a day\n", len(pages))
	return t.Flush()
}

// days counts pages. Near is a day off: winnow gives the day in UTC, the list the day where
// the page was written, and an article of the evening has two.
type days struct{ right, near, wrong, none int }

// add counts a page that was published on want and of which day was found, "" when none was.
func (n *days) add(want, day string) {
	a, _ := time.Parse(time.DateOnly, want)
	b, err := time.Parse(time.DateOnly, day)
	switch {
	case day == "":
		n.none++
	case err != nil:
		n.wrong++
	case a.Equal(b):
		n.right++
	case a.Sub(b).Abs() == 24*time.Hour:
		n.near++
	default:
		n.wrong++
	}
}
