package segment

import (
	"cmp"
	"context"
	"fmt"
	"math/bits"
	"slices"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"winnow/internal/record"
)

// Stats sums a directory up.
type Stats struct {
	Totals

	Sites       []SiteCount `json:"sites"` // by documents
	SitesTotal  int         `json:"sites_total"`
	Languages   []Ranked    `json:"languages"` // of clean records
	Lengths     []Bucket    `json:"lengths"`   // of clean texts
	Stories     int         `json:"stories"`   // with at least one copy; the first record may be removed
	StorySizes  []Bucket    `json:"story_sizes"`
	Largest     []Story     `json:"largest"` // stories by copies, without the list of them
	Republished []Pair      `json:"republished"`
	OwnCopies   int         `json:"own_copies"` // duplicates of a record of the same site
}

// Ranked is a name and how often it came.
type Ranked struct {
	Name  string `json:"name"`
	Count int    `json:"count"`
}

// SiteCount counts the documents of one site, "www." before its name or not.
type SiteCount struct {
	Site  string `json:"site"`
	Clean int    `json:"clean"`
	Dup   int    `json:"dup"`
}

// Bucket counts what measures from From up to, and not including, To.
type Bucket struct {
	From  int `json:"from"`
	To    int `json:"to"`
	Count int `json:"count"`
}

// Pair counts the duplicates on site By of records of site Of.
type Pair struct {
	By    string `json:"by"`
	Of    string `json:"of"`
	Count int    `json:"count"`
}

// Summarize reads a dataset and sums it up; lists of sites, stories and pairs have at most top entries.
// Memory grows with the number of sites, of stories that have copies, and by four bytes a record. Nothing is checked on the way: see [Verify].
func Summarize(ctx context.Context, from Store, top int) (*Stats, error) {
	totals, err := Sum(ctx, from)
	if err != nil {
		return nil, err
	}
	st := &Stats{Totals: *totals}
	c := newCensus(st.First)
	if err := headings(ctx, from, c.add); err != nil {
		return nil, err
	}
	if err := c.findFirsts(ctx, from); err != nil {
		return nil, err
	}
	c.into(st, top)
	if err := c.describe(ctx, from, st.Largest); err != nil {
		return nil, err
	}
	return st, nil
}

// ranked returns the counts, largest first.
func ranked(counts map[string]int) []Ranked {
	list := []Ranked{}
	for k, n := range counts {
		list = append(list, Ranked{k, n})
	}
	slices.SortFunc(list, func(a, b Ranked) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Name, b.Name))
	})
	return list
}

func firstOf[T any](list []T, top int) []T { return list[:min(len(list), top):min(len(list), top)] }

// heading is what the census reads of a record.
type heading struct {
	ID      string         `json:"id"`
	Site    string         `json:"site"`
	Lang    string         `json:"lang"`
	Cluster string         `json:"cluster"`
	OfSeq   uint64         `json:"of_seq"`
	Text    jsontext.Value `json:"text"`
}

// census counts what the manifests do not say.
type census struct {
	first     uint64
	siteOf    []int32 // of record first+i, as an index; -1 = not known
	index     map[string]int32
	sites     []SiteCount
	languages map[string]int
	lengths   [64]int                // clean texts by the bits of their number of characters
	stories   map[string]*storyCount // by id of the first record
	pairs     map[[2]int32]int       // duplicates by their site and that of the record they copy
	text      []byte
}

type storyCount struct {
	copies int
	seq    uint64 // of the first copy
	gone   bool   // its first record is in a segment that was removed
}

// size counts the documents of the story that are there.
func (s *storyCount) size() int {
	if s.gone {
		return s.copies
	}
	return s.copies + 1
}

func newCensus(first uint64) *census {
	return &census{
		first: first, index: map[string]int32{}, languages: map[string]int{},
		stories: map[string]*storyCount{}, pairs: map[[2]int32]int{},
	}
}

// site returns the index of a site, of which "www." is no part here.
func (c *census) site(name string) int32 {
	name = record.BareSite(name)
	i, ok := c.index[name]
	if !ok {
		i = int32(len(c.sites))
		c.index[name] = i
		c.sites = append(c.sites, SiteCount{Site: name})
	}
	return i
}

func (c *census) add(r *Record, h *heading) error {
	if r.Kind == Dup || h.Cluster != h.ID {
		s := c.stories[h.Cluster]
		if s == nil {
			s = &storyCount{seq: r.Seq}
			c.stories[h.Cluster] = s
		}
		s.copies++
	}
	site := c.site(h.Site)
	for c.first+uint64(len(c.siteOf)) < r.Seq {
		c.siteOf = append(c.siteOf, -1) // dead
	}
	c.siteOf = append(c.siteOf, site)
	if r.Kind == Dup {
		c.sites[site].Dup++
		of := int32(-1)
		if at := h.OfSeq - c.first; at < uint64(len(c.siteOf)) {
			of = c.siteOf[at]
		}
		c.pairs[[2]int32{site, of}]++
		return nil
	}
	c.sites[site].Clean++
	c.languages[h.Lang]++
	var err error
	c.text, err = jsontext.AppendUnquote(c.text[:0], h.Text)
	c.lengths[bits.Len(uint(utf8.RuneCount(c.text)))]++
	return err
}

// into fills in what was counted.
func (c *census) into(st *Stats, top int) {
	st.Languages = ranked(c.languages)
	st.SitesTotal = len(c.sites)
	for k, n := range c.pairs {
		switch {
		case k[0] == k[1]:
			st.OwnCopies += n
		case k[1] >= 0: // else the record is in a segment that was removed
			st.Republished = append(st.Republished, Pair{By: c.sites[k[0]].Site, Of: c.sites[k[1]].Site, Count: n})
		}
	}
	slices.SortFunc(st.Republished, func(a, b Pair) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.By, b.By), cmp.Compare(a.Of, b.Of))
	})
	st.Republished = firstOf(st.Republished, top)
	st.Sites = c.sites
	slices.SortFunc(st.Sites, func(a, b SiteCount) int {
		return cmp.Or(cmp.Compare(b.Clean+b.Dup, a.Clean+a.Dup), cmp.Compare(a.Site, b.Site))
	})
	st.Sites = firstOf(st.Sites, top)
	st.Lengths = powers(&c.lengths)
	st.Stories = len(c.stories)
	var sizes [64]int
	copies := make(map[string]int, len(c.stories))
	for id, s := range c.stories {
		sizes[bits.Len(uint(s.size()))]++
		copies[id] = s.size() - 1
	}
	st.StorySizes = powers(&sizes)
	st.Largest = largest(copies, 1, max(top, 1))
}

// findFirsts finds out which stories have their first record, if segments were removed from the dataset's beginning.
func (c *census) findFirsts(ctx context.Context, from Store) error {
	if c.first <= 1 {
		return nil
	}
	last, missing := uint64(0), len(c.stories)
	for _, s := range c.stories {
		s.gone = true
		last = max(last, s.seq)
	}
	return firsts(ctx, from, last, missing, func(h *memberHeading) bool {
		s := c.stories[h.ID]
		if s == nil || !s.gone {
			return false
		}
		s.gone = false
		return true
	})
}

// describe finds title and site of the stories in their first records, as [Stories] does.
func (c *census) describe(ctx context.Context, from Store, list []Story) error {
	last := uint64(0) // the first records lie before this
	missing := map[string]*Story{}
	for i := range list {
		s := c.stories[list[i].ID]
		if list[i].FirstRemoved = s.gone; !s.gone {
			missing[list[i].ID] = &list[i]
			last = max(last, s.seq)
		}
	}
	return firsts(ctx, from, last, len(missing), func(h *memberHeading) bool {
		s := missing[h.ID]
		if s == nil {
			return false
		}
		s.Title, s.Site = h.Title, h.Site
		delete(missing, h.ID)
		return true
	})
}

// firsts calls found with the clean records up to last, until it has said of so many that it looked for them.
func firsts(ctx context.Context, from Store, last uint64, missing int, found func(*memberHeading) bool) error {
	if missing == 0 {
		return nil
	}
	for r, err := range Scan(from, Query{Kinds: []Kind{Clean}, Last: last}) {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		var h memberHeading
		if err := json.Unmarshal(r.Line, &h); err != nil {
			return fmt.Errorf("record %d: %w: %w", r.Seq, ErrRecord, err)
		}
		if found(&h) {
			if missing--; missing == 0 {
				return nil
			}
		}
	}
	return nil
}

// powers returns the buckets from the first to the last that is not empty.
func powers(counts *[64]int) []Bucket {
	list := []Bucket{}
	for i, n := range counts {
		if n > 0 || len(list) > 0 {
			list = append(list, Bucket{From: (1 << i) / 2, To: 1 << i, Count: n})
		}
	}
	for len(list) > 0 && list[len(list)-1].Count == 0 {
		list = list[:len(list)-1]
	}
	return list
}
