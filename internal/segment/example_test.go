package segment_test

import (
	"context"
	"fmt"
	"os"

	"winnow/internal/record"
	"winnow/internal/segment"
)

// A directory is written record by record, proven, and read back.
func Example() {
	dir, err := os.MkdirTemp("", "segments")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)

	w, err := segment.Open(segment.Dir(dir), segment.Options{})
	if err != nil {
		panic(err)
	}
	for w.Last() < 3 {
		seq := w.Last() + 1
		c := record.Clean{ID: fmt.Sprint("story-", seq), Seq: seq, Title: "A title", Text: "A text.", Added: "2026-11-21T10:00:00Z"}
		err := w.Append(segment.Record{Kind: segment.Clean, Seq: seq, Chain: "00000000000000ff", Line: c.AppendJSON(nil)})
		if err != nil {
			panic(err)
		}
	}
	if err := w.Commit(); err != nil { // until here a crash loses the segment, from here on it does not
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}

	report, err := segment.Verify(context.Background(), segment.Dir(dir))
	if err != nil {
		panic(err)
	}
	report.WriteText(os.Stdout)
	for r, err := range segment.Scan(segment.Dir(dir), segment.Query{First: 2, Last: 2}) {
		if err != nil {
			panic(err)
		}
		fmt.Printf("%d %v %.31s\n", r.Seq, r.Kind, r.Line)
	}
	// Output:
	// 1 segments, sequences 1-3, chain 00000000000000ff
	// 3 raw = 3 clean + 0 dup + 0 dead: all as it should be
	// 2 clean {"id":"story-2","seq":2,"source
}
