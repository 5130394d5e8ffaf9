package boilerplate

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func explained() *Page {
	return &Page{Title: "A ship came in", Blocks: []Block{
		{Text: "Skip to content", Reason: "rule:en/navigation"},
		{Text: "A ship came in at noon.\x1b[2J"},
		{Text: "Read more", Reason: "page-tail"},
	}}
}

func TestExplainPlain(t *testing.T) {
	var b strings.Builder
	if err := Explain(&b, explained(), Explanation{Width: 12}); err != nil {
		t.Fatal(err)
	}
	want := `A ship came …

- rule:en/navigation  Skip to cont…
+                     A ship came …
- page-tail           Read more

     1 blocks       27 characters  kept
     1 blocks       15 characters  rule:en/navigation
     1 blocks        9 characters  page-tail
`
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Error(d)
	}
}

// A page cannot write to the terminal: the only escapes are ours.
func TestExplainEscapes(t *testing.T) {
	var b strings.Builder
	if err := Explain(&b, explained(), Explanation{Color: true, Width: -1}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "\x1b[2J") || !strings.Contains(b.String(), "noon.?[2J") {
		t.Errorf("the page's escape is in the output: %q", b.String())
	}
	if !strings.Contains(b.String(), ansiDropped+"Read more"+ansiOff) {
		t.Errorf("dropped text is not struck out: %q", b.String())
	}
}
