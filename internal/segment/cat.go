package segment

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"iter"
	"time"

	"winnow/internal/record"
)

// CatOptions say how [Cat] prints.
type CatOptions struct {
	Text   bool          // for a person; otherwise JSON lines as they are stored
	Follow time.Duration // look for new segments so often until ctx ends; 0 = end behind the last one
}

// Cat writes the records of s that q asks for to w, in the order of their sequences.
func Cat(ctx context.Context, w io.Writer, s Store, q Query, opt CatOptions) error {
	out := bufio.NewWriterSize(w, 64<<10)
	records := Scan(s, q)
	if opt.Follow > 0 {
		records = Follow(ctx, s, q, opt.Follow, out.Flush)
	}
	for r, err := range records {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = writeRecord(out, &r, opt.Text)
		}
		if err != nil {
			out.Flush()
			return err
		}
	}
	return out.Flush()
}

// Follow is [Scan] that goes on with the segments that are committed later, for which it looks
// every poll, and ends with ctx. It calls idle, which may be nil, before it waits; an error of
// idle ends it.
func Follow(ctx context.Context, from Store, q Query, poll time.Duration, idle func() error) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		s := newScanner(from, q)
		defer s.dec.Close()
		var at Name // the last segment read
		for ctx.Err() == nil && at.Last < q.last() {
			list, err := List(from)
			if err == nil {
				err = list.Check()
			}
			if err != nil {
				yield(Record{}, err)
				return
			}
			for _, n := range list.Segments {
				if at.Last > 0 && n.First <= at.Last {
					continue
				}
				if at.Last > 0 && at.before(n) != nil {
					yield(Record{}, at.before(n))
					return
				}
				if !s.segment(n, yield) {
					return
				}
				at = n
			}
			if idle != nil {
				if err := idle(); err != nil {
					yield(Record{}, err)
					return
				}
			}
			select {
			case <-ctx.Done():
			case <-time.After(poll):
			}
		}
	}
}

func writeRecord(w io.Writer, r *Record, text bool) error {
	if !text {
		if _, err := w.Write(r.Line); err != nil {
			return err
		}
		_, err := w.Write([]byte{'\n'})
		return err
	}
	err := writeText(w, r)
	if err != nil {
		return fmt.Errorf("record %d: %w", r.Seq, err)
	}
	return nil
}

// writeText writes a record for a person, with an empty line behind it.
func writeText(w io.Writer, r *Record) error {
	out := errWriter{w: w}
	switch r.Kind {
	case Clean:
		c, err := record.ParseClean(r.Line)
		if err != nil {
			return err
		}
		out.printf("== %d clean %s %s %s %s\n%s\n%s\n\n%s\n\n", c.Seq, dash(c.Lang), dash(c.Site), dash(c.Added), c.ID, c.URL, c.Title, c.Text)
	case Dup:
		d, err := record.ParseDup(r.Line)
		if err != nil {
			return err
		}
		out.printf("== %d dup %s %s %s %s\n%s\n%s\n%s (%s): %.0f %% of it is in %d %s\n\n",
			d.Seq, dash(d.Lang), dash(d.Site), dash(d.Added), d.ID, d.URL, d.Title, d.Verdict, d.Relation, 100*d.Share, d.OfSeq, d.Of)
	default:
		d, err := record.ParseDead(r.Line)
		if err != nil {
			return err
		}
		out.printf("== %d dead %s %s %s\n%s\n%s: %s: %s\n%d bytes, beginning with %.200q\n\n",
			d.Seq, dash(d.Site), dash(d.Added), dash(d.ID), d.URL, d.Stage, d.Reason, d.Detail, d.Size, d.Raw)
	}
	return out.err
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
