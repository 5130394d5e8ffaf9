package main

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// set is a set of pages with the text that each should give.
type set struct {
	name  string
	pages []page
}

type page struct {
	ID       string   `json:"id"`
	URL      string   `json:"url"`
	HTML     string   `json:"html"`
	Gold     string   `json:"gold"`
	Optional []string `json:"optional"` // lines that may be there or not
	With     []string `json:"-"`        // strings that the text must hold
	Without  []string `json:"-"`        // strings that it must not
	Day      string   `json:"-"`        // day of publication, as 2006-01-02
}

// readSets reads all sets of a directory, in the order of their names.
func readSets(dir string) ([]set, error) {
	const suffix = ".jsonl.gz"
	files, err := filepath.Glob(filepath.Join(dir, "*"+suffix))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no *%s in %s", suffix, dir)
	}
	var sets []set
	for _, file := range files {
		pages, err := readSet(file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		sets = append(sets, set{strings.TrimSuffix(filepath.Base(file), suffix), pages})
	}
	return sets, nil
}

func readSet(file string) (pages []page, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r, err := gzip.NewReader(bufio.NewReader(f))
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(r)
	for d.More() {
		var p page
		if err := d.Decode(&p); err != nil {
			return nil, err
		}
		pages = append(pages, p)
	}
	return pages, nil
}

// dump writes the texts to a file of the peer and the set in dir, unless dir is "".
func dump(dir, peer string, s set, texts []string) (err error) {
	if dir == "" {
		return nil
	}
	name := strings.NewReplacer("/", "-", ",", "", " ", "-").Replace(peer)
	f, err := os.Create(filepath.Join(dir, name+"."+s.name+".jsonl"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	e := json.NewEncoder(f)
	for i, text := range texts {
		if err := e.Encode(map[string]string{"id": s.pages[i].ID, "text": text}); err != nil {
			return err
		}
	}
	return nil
}
