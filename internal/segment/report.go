package segment

import (
	"fmt"
	"io"
)

// maxProblems bounds what a Report lists; more are counted.
const maxProblems = 1000

// Report is what [Verify] found.
type Report struct {
	Segments    int       `json:"segments"`
	First       uint64    `json:"first"` // 0 when there is no segment
	Last        uint64    `json:"last"`
	Chain       string    `json:"chain"` // of record Last
	Records     Count     `json:"records"`
	Bytes       int64     `json:"bytes"`     // of data files
	RawBytes    int64     `json:"raw_bytes"` // of lines
	Finished    bool      `json:"finished"`  // a bounded run ended, and says so
	Problems    []Problem `json:"problems"`  // the first 1000
	MoreTrouble int       `json:"more_problems"`
	Notes       []string  `json:"notes"` // worth knowing, not wrong
}

// Problem is something that is wrong.
type Problem struct {
	File string `json:"file"` // path within the directory
	What string `json:"what"`
	Do   string `json:"do"` // what a person can do about it
}

// OK tells whether nothing is wrong.
func (r *Report) OK() bool { return len(r.Problems) == 0 }

// WriteText writes the report for a person: problems, notes, and the accounting line.
func (r *Report) WriteText(w io.Writer) error {
	var out errWriter
	out.w = w
	for _, p := range r.Problems {
		out.printf("%s: %s\n    %s\n", p.File, p.What, p.Do)
	}
	if r.MoreTrouble > 0 {
		out.printf("and %d more problems\n", r.MoreTrouble)
	}
	for _, n := range r.Notes {
		out.printf("note: %s\n", n)
	}
	if r.Segments == 0 {
		out.printf("no segments")
		if r.Finished && r.OK() {
			out.printf(": the run had no documents")
		}
		out.printf("\n")
		return out.err
	}
	verdict := "all as it should be"
	if !r.OK() {
		verdict = fmt.Sprintf("%d problems", len(r.Problems)+r.MoreTrouble)
	}
	c := r.Records
	out.printf("%d segments, sequences %d-%d, chain %s\n", r.Segments, r.First, r.Last, r.Chain)
	out.printf("%d raw = %d clean + %d dup + %d dead: %s\n", r.Last-r.First+1, c.Clean, c.Dup, c.Dead, verdict)
	return out.err
}
