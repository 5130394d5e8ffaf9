package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"winnow/internal/cli"
	"winnow/internal/segment"
)

// summary sums up the manifests of an output directory.
type summary struct {
	Raw      int             `json:"raw"` // documents in: clean + dup + dead
	Clean    int             `json:"clean"`
	Dup      int             `json:"dup"`
	Dead     int             `json:"dead"`
	LeftOut  int64           `json:"files_left_out"` // files of the inputs that are no documents, or whose rest could not be read
	Passed   map[string]int  `json:"records_passed"` // records of web archives that are no documents, by kind
	Verdicts map[string]int  `json:"verdicts"`       // duplicates by kind
	Reasons  map[string]int  `json:"dead_reasons"`   // dead records by stage/reason
	Removed  segment.Removed `json:"removed"`        // boilerplate
	Segments int             `json:"segments"`
	Bytes    int64           `json:"bytes"`     // on disk
	RawBytes int64           `json:"raw_bytes"` // of the records before compression
	Retired  int             `json:"retired"`   // documents before all these, which retention removed
	Run      runSummary      `json:"run"`
}

// runSummary is of this run alone.
type runSummary struct {
	Documents int64   `json:"documents"` // cleaned and written; an earlier run may have taken some of them in
	Seconds   float64 `json:"seconds"`
}

func summarize(ctx context.Context, from segment.Store, dir string) (*summary, error) {
	t, err := segment.Sum(ctx, from)
	if errors.Is(err, segment.ErrNotContiguous) {
		return nil, fmt.Errorf("%w: run `winnow verify %s`", err, dir)
	}
	if err != nil {
		return nil, err
	}
	s := &summary{
		Clean: t.Records.Clean, Dup: t.Records.Dup, Dead: t.Records.Dead, Verdicts: t.Verdicts, Reasons: map[string]int{},
		Removed: t.Removed, Segments: t.Segments, Bytes: t.Bytes, RawBytes: t.RawBytes,
	}
	if t.Segments > 0 {
		s.Raw, s.Retired = int(t.Last-t.First+1), int(t.First-1)
	}
	for _, d := range t.Dead {
		s.Reasons[d.Stage+"/"+d.Reason] = d.Count
	}
	return s, nil
}

func (s *summary) writeJSON(w io.Writer) error {
	line, err := json.Marshal(s, json.Deterministic(true))
	if err != nil {
		return err
	}
	_, err = w.Write(append(line, '\n'))
	return err
}

// write prints the summary for a person.
func (s *summary) write(w io.Writer, dir string) error {
	out := func(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }
	took := time.Duration(s.Run.Seconds * float64(time.Second))
	if s.Retired > 0 {
		out("%-24s %10s  kept; retention removed the %s before them", "documents in", cli.Count(s.Raw), cli.Count(s.Retired))
	} else {
		out("%-24s %10s", "documents in", cli.Count(s.Raw))
	}
	out("%-24s %10s", "  clean", cli.Count(s.Clean))
	out("%-24s %10s", "  duplicates", cli.Count(s.Dup))
	counts(out, s.Verdicts, len(s.Verdicts))
	out("%-24s %10s", "  dead", cli.Count(s.Dead))
	counts(out, s.Reasons, len(s.Reasons))
	if s.LeftOut > 0 {
		out("%-24s %10s  or their rest: see the warnings", "files left out", cli.Count(s.LeftOut))
	}
	if n := total(s.Passed); n > 0 {
		out("%-24s %10s  of web archives, no pages", "records passed over", cli.Count(n))
		counts(out, s.Passed, len(s.Passed))
	}
	out("%-24s %10s  blocks, %s characters", "boilerplate removed", cli.Count(s.Removed.Blocks), cli.Count(s.Removed.Chars))
	counts(out, s.Removed.Reasons, 12)
	out("%-24s %10s  in %d segments under %s, %s before compression", "written", cli.Bytes(s.Bytes), s.Segments, dir, cli.Bytes(s.RawBytes))
	out("%-24s %10s  documents in %s (%s)", "this run", cli.Count(s.Run.Documents), cli.Elapsed(took), cli.Rate(s.Run.Documents, took))
	out("")
	_, err := fmt.Fprintf(w, "raw %d = clean %d + dup %d + dead %d\n", s.Raw, s.Clean, s.Dup, s.Dead)
	if s.Raw != s.Clean+s.Dup+s.Dead {
		return fmt.Errorf("the accounting does not close: run `winnow verify %s`", dir)
	}
	return err
}

func total(m map[string]int) (n int) {
	for _, v := range m {
		n += v
	}
	return n
}

// counts prints the largest counts of a map, and the rest in one line.
func counts(out func(string, ...any), m map[string]int, most int) {
	keys := slices.SortedFunc(maps.Keys(m), func(a, b string) int { return cmp.Or(cmp.Compare(m[b], m[a]), cmp.Compare(a, b)) })
	rest := 0
	for i, k := range keys {
		if i >= most {
			rest += m[k]
			continue
		}
		out("    %-30s %10s", k, cli.Count(m[k]))
	}
	if rest > 0 {
		out("    %-30s %10s", fmt.Sprintf("%d other reasons", len(keys)-most), cli.Count(rest))
	}
}
