package segment

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// WriteText writes the statistics for a person.
func (st *Stats) WriteText(w io.Writer) error {
	out := &errWriter{w: w}
	if st.Segments == 0 {
		out.printf("no segments\n")
		return out.err
	}
	c := st.Records
	out.printf("%d documents in %d segments, sequences %d-%d", c.Total(), st.Segments, st.First, st.Last)
	if !st.AddedFirst.IsZero() {
		out.printf(", added %s to %s", st.AddedFirst.Format(time.DateTime), st.AddedLast.Format(time.DateTime))
	}
	out.printf("\n%s on disk, %s of records\n\n", bytesText(st.Bytes), bytesText(st.RawBytes))

	kinds := []Ranked{{"clean", c.Clean}}
	for _, v := range ranked(st.Verdicts) {
		kinds = append(kinds, Ranked{"dup: " + v.Name, v.Count})
	}
	for _, d := range st.Dead {
		kinds = append(kinds, Ranked{"dead: " + d.Stage + ": " + d.Reason, d.Count})
	}
	out.ranking("Verdicts", kinds, c.Total())
	out.ranking(fmt.Sprintf("Boilerplate: %d blocks, %d characters", st.Removed.Blocks, st.Removed.Chars), ranked(st.Removed.Reasons), st.Removed.Blocks)
	out.ranking("Languages", st.Languages, c.Clean)
	out.histogram("Clean texts by length, in characters", st.Lengths)

	out.printf("Sites (%d of %d)\n", len(st.Sites), st.SitesTotal)
	for _, s := range st.Sites {
		out.printf("  %-40s %9d clean %9d dup\n", dash(s.Site), s.Clean, s.Dup)
	}
	out.printf("\n")
	out.histogram(fmt.Sprintf("Stories with copies, by documents (%d)", st.Stories), st.StorySizes)
	for i := range st.Largest {
		s := &st.Largest[i]
		if gone := s.orphaned(); gone != "" {
			out.printf("  %6d  %s\n", s.Size, gone)
			continue
		}
		out.printf("  %6d  %s: %s\n", s.Size, dash(s.Site), cut(s.Title, 70))
	}
	out.printf("\nWho republished whom (and %d duplicates of a record of the same site)\n", st.OwnCopies)
	for _, p := range st.Republished {
		out.printf("  %9d  %s of %s\n", p.Count, dash(p.By), dash(p.Of))
	}
	return out.err
}

// ranking prints names with counts, shares and bars.
func (e *errWriter) ranking(title string, list []Ranked, total int) {
	if len(list) == 0 {
		return
	}
	e.printf("%s\n", title)
	for _, r := range list {
		share := float64(r.Count) / float64(max(total, 1))
		e.printf("%s\n", strings.TrimRight(fmt.Sprintf("  %-40s %9d %5.1f %%  %s", cut(dash(r.Name), 40), r.Count, 100*share, bar(share)), " "))
	}
	e.printf("\n")
}

// histogram prints buckets with bars relative to the largest.
func (e *errWriter) histogram(title string, list []Bucket) {
	if len(list) == 0 {
		return
	}
	e.printf("%s\n", title)
	most := 1
	for _, b := range list {
		most = max(most, b.Count)
	}
	for _, b := range list {
		e.printf("%s\n", strings.TrimRight(fmt.Sprintf("  %9d - %9d %9d  %s", b.From, b.To-1, b.Count, bar(float64(b.Count)/float64(most))), " "))
	}
	e.printf("\n")
}

// bar returns a bar for a share from 0 to 1; what is not nothing shows.
func bar(share float64) string {
	n := int(share*40 + 0.5)
	if n == 0 && share > 0 {
		return "."
	}
	return strings.Repeat("#", min(n, 40))
}

// cut returns at most n characters of s.
func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-3]) + "..."
	}
	return s
}

func bytesText(n int64) string {
	const units = "KMGTPE"
	if n < 1000 {
		return fmt.Sprintf("%d bytes", n)
	}
	f, i := float64(n)/1000, 0
	for f >= 999.5 && i+1 < len(units) {
		f /= 1000
		i++
	}
	return fmt.Sprintf("%.3g %cB", f, units[i])
}
