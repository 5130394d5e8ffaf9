package dedupe

import (
	"bufio"
	"compress/gzip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
)

type evalDoc struct{ ID, Source, URL, Date, Text string }

type evalPair struct {
	ID1   string `json:"id1"`
	ID2   string `json:"id2"`
	Label *int   `json:"label"`
}

// evalDir returns where the labelled sets lie, beside the repository.
func evalDir(t testing.TB) string {
	dir := filepath.Join("..", "..", "..", "shared", "eval", "dev", "dedupe")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the labelled sets are not beside the repository: ", err)
	}
	return dir
}

func readLines[T any](t testing.TB, path string) (out []T) {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var v T
		if err := json.Unmarshal(lines.Bytes(), &v, json.MatchCaseInsensitiveNames(true)); err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

type pair [2]string

func pairOf(a, b string) pair { return pair{min(a, b), max(a, b)} }

// The pairs of each labelled set that share copy are found, and few others: the
// figures of the evaluation, with a margin.
func TestEvalFloors(t *testing.T) {
	dir := evalDir(t)
	sum := 0.0
	sets := []string{"german2021", "helsinki2018", "reuters21578", "reutersc50", "usnews2016", "wiremut"}
	for _, set := range sets {
		found := evalFound(DefaultParams(), readLines[evalDoc](t, filepath.Join(dir, set+".docs.jsonl.gz")))
		labels := map[pair]*int{}
		right, wanted, wrong := 0, 0, 0
		for _, p := range readLines[evalPair](t, filepath.Join(dir, set+".pairs.jsonl.gz")) {
			labels[pairOf(p.ID1, p.ID2)] = p.Label
			if p.Label != nil && *p.Label == 1 {
				wanted++
			}
		}
		for p := range found {
			if l, ok := labels[p]; !ok || l != nil && *l == 0 {
				wrong++
			} else if l != nil {
				right++
			}
		}
		precision, recall := float64(right)/float64(right+wrong), float64(right)/float64(wanted)
		f1 := 2 * precision * recall / (precision + recall)
		t.Logf("%-13s P %.3f R %.3f F1 %.3f", set, precision, recall, f1)
		if f1 < 0.955 {
			t.Errorf("%s: F1 %.3f", set, f1)
		}
		sum += f1
	}
	if mean := sum / float64(len(sets)); mean < 0.975 {
		t.Errorf("mean F1 %.4f", mean)
	}
}

// evalFound returns the pairs that one pass over docs finds: those named, and
// those of two duplicates of one document.
func evalFound(p Params, docs []evalDoc) map[pair]bool {
	x, _ := NewIndex(p)
	s := NewSketcher(p)
	var sk Sketch
	found := map[pair]bool{}
	copies := map[string][]string{}
	for i, d := range docs {
		s.Sketch(&sk, d.Text)
		doc := Doc{ID: d.ID, Seq: uint64(i + 1), Publisher: d.Source, URL: d.URL}
		for _, layout := range []string{time.DateOnly, time.RFC3339} {
			if when, err := time.Parse(layout, d.Date); err == nil {
				doc.Time = when.Unix()
			}
		}
		v := x.Judge(doc, &sk)
		for _, id := range partners(v) {
			found[pairOf(d.ID, id)] = true
		}
		if v.Kind == Unique {
			continue
		}
		for _, id := range copies[v.Of.ID] {
			found[pairOf(d.ID, id)] = true
		}
		copies[v.Of.ID] = append(copies[v.Of.ID], d.ID)
	}
	return found
}
