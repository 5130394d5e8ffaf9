package dedupe

import (
	"bufio"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
)

type evalDoc struct{ ID, Source, URL, Date, Text string }

type evalPair struct {
	ID1   string `json:"id1"`
	ID2   string `json:"id2"`
	Label *int   `json:"label"`
	Kind  string `json:"kind"`
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

// kindFloors is what must be found of each kind of copy, with a margin.
var kindFloors = map[string]float64{"exact": 0.99, "near": 0.98, "partial-containment": 0.94}

// The pairs of each labelled set that share copy are found, and few others: the
// figures of the evaluation, with a margin.
func TestEvalFloors(t *testing.T) {
	dir := evalDir(t)
	sum := 0.0
	sets := []string{"german2021", "helsinki2018", "reuters21578", "reutersc50", "usnews2016", "wiremut"}
	for _, set := range sets {
		f1 := evalSet(t, dir, set)
		if f1 < 0.955 {
			t.Errorf("%s: F1 %.3f", set, f1)
		}
		sum += f1
	}
	if mean := sum / float64(len(sets)); mean < 0.975 {
		t.Errorf("mean F1 %.4f", mean)
	}
}

// evalSet returns the F1 of one set, and checks what is found by kind.
func evalSet(t *testing.T, dir, set string) float64 {
	found := evalFound(DefaultParams(), readLines[evalDoc](t, filepath.Join(dir, set+".docs.jsonl.gz")))
	labels := map[pair]*int{}
	right, wanted, wrong := map[string]int{}, map[string]int{}, 0 // by kind; "" = all
	for _, p := range readLines[evalPair](t, filepath.Join(dir, set+".pairs.jsonl.gz")) {
		k := pairOf(p.ID1, p.ID2)
		if labels[k] = p.Label; p.Label == nil || *p.Label != 1 {
			continue
		}
		for _, kind := range []string{"", p.Kind} {
			wanted[kind]++
			if found[k] {
				right[kind]++
			}
		}
	}
	for p := range found {
		if l, ok := labels[p]; !ok || l != nil && *l == 0 {
			wrong++
		}
	}
	for kind, least := range kindFloors {
		if float64(right[kind]) < least*float64(wanted[kind]) {
			t.Errorf("%s: %d of %d %s copies", set, right[kind], wanted[kind], kind)
		}
	}
	precision, recall := float64(right[""])/float64(right[""]+wrong), float64(right[""])/float64(wanted[""])
	f1 := 2 * precision * recall / (precision + recall)
	t.Logf("%-13s P %.3f R %.3f F1 %.3f", set, precision, recall, f1)
	return f1
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
		for _, layout := range []string{time.DateOnly, time.RFC3339, "_2-Jan-2006 15:04:05"} {
			if when, err := time.Parse(layout, strings.TrimSuffix(d.Date, ".")); err == nil {
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
