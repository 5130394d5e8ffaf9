package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/go-json-experiment/json"

	"winnow/internal/batch"
	"winnow/internal/cli"
	"winnow/internal/flags"
	"winnow/internal/record"
	"winnow/pkg/dedupe"
)

var dedupeCommand = &cli.Command{
	Name:   "dedupe",
	Short:  "judge documents against all earlier ones, standard input to standard output",
	Filter: true,
	Long: `Reads JSON lines {id, text, url?, source?, published?} and writes, in the same order, JSON lines
{id, verdict, of, share, relation, overlaps}.

"verdict" is clean, exact, near or contained. For the last three "of" names the earlier document,
"share" is the part of this text that stands there too, and "relation" says how the two are related:
syndication (of another publisher), repeat (another page of the same one) or revision (the same
page, later). The publisher is the site, which the url tells, or else the source. A clean document
may still overlap earlier ones: "overlaps" lists {id, share, share_of_other, relation}. A document
without words has the verdict dead and an "error", as a line that is no document; then the exit code
is 3. "id" is the document's, or derived from its url and content.`,
	Examples: []cli.Example{
		{Line: "zcat docs.jsonl.gz | winnow dedupe > verdicts.jsonl", Doc: "verdicts for an archive"},
	},
	Setup: func(fs *cli.Flags) cli.RunFunc {
		copies := flags.Dedupe(fs, "Copies")
		return func(ctx context.Context, env cli.Env) error {
			params, err := copies()
			if err != nil {
				return err
			}
			index, err := dedupe.NewIndex(params)
			if err != nil {
				return err
			}
			d := &deduper{index: index, sketchers: sync.Pool{New: func() any { return dedupe.NewSketcher(params) }}}
			return filter(env, func(lines []inputLine) ([][]byte, int, error) {
				return d.batch(ctx, lines)
			})
		}
	},
}

var (
	errNoWords  = errors.New(`the document has no words in "text"`)
	errOnlyHTML = errors.New(`the document has "html" and no "text": winnow strip makes one of the other`)
)

type deduper struct {
	index     *dedupe.Index
	sketchers sync.Pool // of *dedupe.Sketcher
}

// judged is a document on its way through the filter, and its output line.
type judged struct {
	ID       string    `json:"id"`
	Verdict  string    `json:"verdict"`
	Of       string    `json:"of"`
	Share    float64   `json:"share"`
	Relation string    `json:"relation"`
	Overlaps []overlap `json:"overlaps"`
	Error    string    `json:"error,omitempty"`

	doc dedupe.Doc
	sk  dedupe.Sketch
	bad error
}

type overlap struct {
	ID           string  `json:"id"`
	Share        float64 `json:"share"`
	ShareOfOther float64 `json:"share_of_other"`
	Relation     string  `json:"relation"`
}

func (d *deduper) batch(ctx context.Context, lines []inputLine) (out [][]byte, bad int, err error) {
	docs, err := batch.Map(ctx, runtime.GOMAXPROCS(filterWorkers), lines, d.sketch)
	if err != nil {
		return nil, 0, err
	}
	for i, j := range docs {
		j.doc.Seq = uint64(lines[i].number)
		if j.bad != nil {
			j.Verdict, j.Error = "dead", (&lineError{lines[i].number, j.bad}).Error()
			bad++
			continue
		}
		j.set(d.index.Judge(j.doc, &j.sk))
	}
	out, err = batch.Map(ctx, runtime.GOMAXPROCS(filterWorkers), docs, (*judged).encode)
	return out, bad, err
}

// sketch is pure.
func (d *deduper) sketch(line inputLine) *judged {
	raw, err := line.raw()
	j := &judged{Overlaps: []overlap{}, bad: err}
	if err != nil {
		return j
	}
	raw.Complete("", time.Time{}, time.Time{})
	j.ID = raw.ID
	j.doc = dedupe.Doc{ID: raw.ID, Publisher: record.Publisher(record.Site(raw.URL), raw.Source), URL: raw.URL}
	if t, err := time.Parse(time.RFC3339, raw.Published); err == nil {
		j.doc.Time = t.Unix()
	}
	sk := d.sketchers.Get().(*dedupe.Sketcher)
	sk.Sketch(&j.sk, raw.Text)
	d.sketchers.Put(sk)
	if j.sk.Words == 0 {
		if j.bad = errNoWords; raw.HTML != "" {
			j.bad = errOnlyHTML
		}
	}
	return j
}

func (j *judged) set(v dedupe.Verdict) {
	j.Verdict = "clean"
	if v.Kind != dedupe.Unique {
		j.Verdict, j.Of, j.Share, j.Relation = v.Kind.String(), v.Of.ID, v.Of.Share, v.Of.Relation.String()
	}
	for _, o := range v.Overlaps {
		j.Overlaps = append(j.Overlaps, overlap{o.ID, o.Share, o.ShareOfOther, o.Relation.String()})
	}
}

// encode is pure.
func (j *judged) encode() []byte {
	out, err := json.Marshal(j)
	if err != nil {
		panic(fmt.Sprintf("winnow dedupe: %v", err)) // strings and numbers: cannot fail
	}
	return out
}
