package segment

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
)

// Story is a record and its copies.
type Story struct {
	ID      string   `json:"id"` // of its first record
	Size    int      `json:"size"`
	Title   string   `json:"title"`
	Site    string   `json:"site"`
	Members []Member `json:"members,omitempty"` // in the order of their times

	FirstRemoved bool `json:"first_removed,omitempty"` // no segment has its first record any more
}

// Member is one document of a story.
type Member struct {
	Seq          uint64  `json:"seq"`
	ID           string  `json:"id"`
	Kind         string  `json:"kind"`
	Verdict      string  `json:"verdict"` // of a duplicate, "" otherwise
	Of           string  `json:"of"`
	Share        float64 `json:"share"`
	ShareOfOther float64 `json:"share_of_other"`
	Relation     string  `json:"relation"` // of a duplicate to the record it repeats, "" otherwise
	Site         string  `json:"site"`
	URL          string  `json:"url"`
	Title        string  `json:"title"`
	Lang         string  `json:"lang"`
	Published    string  `json:"published"`
	Added        string  `json:"added"`
}

// time returns when the document came out, as far as anyone says.
func (m *Member) time() string { return cmp.Or(m.Published, m.Added) }

// seconds leaves the fraction out of a time in UTC: a column of a table has room for whole seconds.
func seconds(t string) string {
	whole, fraction, _ := strings.Cut(t, ".")
	if strings.HasSuffix(fraction, "Z") {
		return whole + "Z"
	}
	return t
}

// largest returns the stories with at least size documents, by their number, at most top of them
// (0 = all). copies counts the documents of a story but for the first.
func largest(copies map[string]int, size, top int) []Story {
	list := []Story{}
	for id, n := range copies {
		if n+1 >= size {
			list = append(list, Story{ID: id, Size: n + 1})
		}
	}
	slices.SortFunc(list, func(a, b Story) int {
		return cmp.Or(cmp.Compare(b.Size, a.Size), cmp.Compare(a.ID, b.ID))
	})
	if top > 0 {
		list = firstOf(list, top)
	}
	return list
}

// StoryQuery selects stories.
type StoryQuery struct {
	ID  string // only the story that this document belongs to; "" = all
	Min int    // with at least so many documents; default 2
	Top int    // at most so many, the largest; 0 = all
}

// Stories returns stories, the largest first, each with its documents in the order of their times
// (published, or else added). It reads the dataset twice; memory grows with the number of stories that have
// copies and with the documents of those it returns.
func Stories(ctx context.Context, from Store, q StoryQuery) ([]Story, error) {
	type light struct {
		ID      string `json:"id"`
		Cluster string `json:"cluster"`
	}
	copies := map[string]int{}
	id := q.ID
	err := headings(ctx, from, func(r *Record, h *light) error {
		if q.ID != "" && h.ID == q.ID {
			id = h.Cluster
		}
		if r.Kind == Dup || h.Cluster != h.ID {
			copies[h.Cluster]++
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	least := max(q.Min, 2)
	if q.ID != "" {
		copies = map[string]int{id: copies[id]}
		least = 1
	}
	list := largest(copies, least, q.Top)
	byID := map[string]*Story{}
	for i := range list {
		byID[list[i].ID] = &list[i]
	}
	err = headings(ctx, from, func(r *Record, h *light) error {
		s := byID[h.Cluster]
		if s == nil {
			return nil
		}
		m := Member{Kind: r.Kind.String()}
		if err := json.Unmarshal(r.Line, &m); err != nil {
			return err
		}
		s.Members = append(s.Members, m)
		return nil
	})
	for i := range list {
		list[i].finish()
	}
	list = slices.DeleteFunc(list, func(s Story) bool { return len(s.Members) == 0 }) // an ID that nothing has
	return list, err
}

// memberHeading is what a story's title is read from.
type memberHeading struct {
	ID    string `json:"id"`
	Site  string `json:"site"`
	Title string `json:"title"`
}

// headings calls f with every record that is not dead and its fields that T has.
func headings[T any](ctx context.Context, from Store, f func(*Record, *T) error) error {
	for r, err := range Scan(from, Query{Kinds: []Kind{Clean, Dup}}) {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		var h T
		err = json.Unmarshal(r.Line, &h)
		if err == nil {
			err = f(&r, &h)
		}
		if err != nil {
			return fmt.Errorf("record %d: %w: %w", r.Seq, ErrRecord, err)
		}
	}
	return nil
}

// finish puts the members in order and takes the title from the first record.
func (s *Story) finish() {
	s.Size = len(s.Members) // less than was counted if the first record is gone
	s.FirstRemoved = true
	for i := range s.Members {
		m := &s.Members[i]
		if m.ID == s.ID && s.Title == "" {
			s.Title, s.Site = m.Title, m.Site
		}
		if m.ID == s.ID && m.Kind == Clean.String() { // a copy may have its id
			s.FirstRemoved = false
		}
	}
	slices.SortStableFunc(s.Members, func(a, b Member) int {
		t, err1 := time.Parse(time.RFC3339, a.time())
		u, err2 := time.Parse(time.RFC3339, b.time())
		if err1 != nil || err2 != nil {
			return cmp.Or(cmp.Compare(boolInt(err1 != nil), boolInt(err2 != nil)), cmp.Compare(a.Seq, b.Seq)) // the undated last
		}
		return cmp.Or(t.Compare(u), cmp.Compare(a.Seq, b.Seq))
	})
}

// orphaned says, instead of a title, that the first record is gone; "" when it is there.
func (s *Story) orphaned() string {
	if !s.FirstRemoved {
		return ""
	}
	return fmt.Sprintf("the first record of the story, %s, is no longer kept", s.ID)
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// WriteStories writes the stories for a person, or as JSON lines.
func WriteStories(w io.Writer, list []Story, jsonLines bool) error {
	out := errWriter{w: w}
	for i := range list {
		s := &list[i]
		if jsonLines {
			line, err := json.Marshal(s)
			if err != nil {
				return err
			}
			if _, err := w.Write(append(line, '\n')); err != nil {
				return err
			}
			continue
		}
		documents := "documents"
		if s.Size == 1 {
			documents = "document"
		}
		out.printf("%d %s: %s\n", s.Size, documents, cmp.Or(s.orphaned(), dash(s.Title)))
		for _, m := range s.Members {
			verdict := "first"
			switch {
			case m.Kind == Dup.String():
				verdict = fmt.Sprintf("%s %.0f %%", m.Verdict, 100*m.Share)
			case m.ID != s.ID:
				verdict = "overlaps"
			}
			out.printf("  %-20s %-15s %-11s %-30s %s\n", dash(seconds(m.time())), verdict, m.Relation, dash(m.Site), cmp.Or(m.URL, m.ID))
		}
		out.printf("\n")
	}
	return out.err
}
