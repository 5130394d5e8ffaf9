package boilerplate

import (
	"bufio"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
)

// sharedDir returns the folder of the evaluation data beside the repository, and skips the test
// where there is none.
func sharedDir(t *testing.T, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
	}
	dir = filepath.Join(dir, "..", "shared", name)
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no evaluation data: ", err)
	}
	return dir
}

// Every line of the seed texts is judged as it is labelled.
func TestSeeds(t *testing.T) {
	dir := sharedDir(t, "seeds")
	f, err := os.Open(filepath.Join(dir, "expected.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	seen := 0
	for sc := bufio.NewScanner(f); sc.Scan(); {
		var seed struct {
			File string `json:"file"`
			Keep []int  `json:"keep"`
			Drop []int  `json:"drop"`
		}
		if err := json.Unmarshal(sc.Bytes(), &seed, json.RejectUnknownMembers(false)); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(filepath.Join(dir, seed.File))
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(string(data), "\n")
		kept := keptTextLines(t, lines)
		check := func(numbers []int, want bool) {
			for _, n := range numbers {
				seen++
				if kept[n-1] != want {
					t.Errorf("%s:%d: kept is %v: %s", seed.File, n, kept[n-1], lines[n-1])
				}
			}
		}
		check(seed.Keep, true)
		check(seed.Drop, false)
	}
	if seen != 180 {
		t.Errorf("%d lines, want 180", seen)
	}
}

// The rough sets stay above a floor: hardly a paragraph is lost, and most of the furniture goes.
func TestTextEvalFloor(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	dir := sharedDir(t, "eval/dev/strip-text")
	for set, floor := range map[string]struct{ f1, paragraphs, noise float64 }{
		"rough-scrapinghub": {.965, .985, 2.7},
		"rough-andy-news":   {.93, .985, 5.6},
		"rough-fundus":      {.95, .985, 5.6},
		"rough-l3s-gn1":     {.965, .985, 2.0},
	} {
		f1, paragraphs, noise := evaluateText(t, filepath.Join(dir, set+".jsonl.gz"))
		if f1 < floor.f1 || paragraphs < floor.paragraphs || noise > floor.noise {
			t.Errorf("%s: F1 %.3f, paragraphs %.3f, noise %.2f; the floor is %+v", set, f1, paragraphs, noise, floor)
		}
	}
}

// evaluateText returns the F1 of lines weighed by characters, the share of paragraphs of 10 words
// kept, and the lines of furniture left a page.
func evaluateText(t *testing.T, name string) (f1, paragraphs, noise float64) {
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	sc := bufio.NewScanner(z)
	sc.Buffer(nil, 64<<20)
	var right, wrong, lost, all, stayed, left, pages float64
	for sc.Scan() {
		var page struct {
			Lines  []string `json:"lines"`
			Labels string   `json:"labels"`
		}
		if err := json.Unmarshal(sc.Bytes(), &page, json.RejectUnknownMembers(false)); err != nil {
			t.Fatal(err)
		}
		pages++
		for i, kept := range keptTextLines(t, page.Lines) {
			n := float64(utf8.RuneCountInString(page.Lines[i]))
			if strings.TrimSpace(page.Lines[i]) == "" {
				continue
			}
			prose := len(strings.Fields(page.Lines[i])) >= 10
			switch {
			case page.Labels[i] == 'k' && kept:
				right += n
				if prose {
					stayed++
					all++
				}
			case page.Labels[i] == 'k':
				lost += n
				if prose {
					all++
				}
			case page.Labels[i] == 'd' && kept:
				wrong += n
				left++
			}
		}
	}
	p, r := right/(right+wrong), right/(right+lost)
	return 2 * p * r / (p + r), stayed / all, left / pages
}
