package boilerplate

import (
	"strings"
	"testing"
)

// rowsOf returns the features of an invented page by the first word of each leaf.
func rowsOf(t *testing.T, page string) map[string]*features {
	t.Helper()
	x := &extractor{model: &htmlModel{}}
	x.extract(parseTree([]byte(page), Options{}))
	rows := map[string]*features{}
	for i := range x.rows {
		word, _, _ := strings.Cut(string(x.text(i)), " ")
		rows[word] = &x.rows[i]
	}
	return rows
}

// wantFeatures checks features of a leaf.
func wantFeatures(t *testing.T, rows map[string]*features, leaf string, want map[int]int16) {
	t.Helper()
	f := rows[leaf]
	if f == nil {
		t.Fatalf("no leaf begins with %q", leaf)
	}
	for v, w := range want {
		if f[v] != w {
			t.Errorf("leaf %q: feature %d is %d, want %d", leaf, v, f[v], w)
		}
	}
}

// A leaf is compared with the names that the head gives, and with the other leaves.
func TestCompareWithHead(t *testing.T) {
	rows := rowsOf(t, `<title>Gulls leave the rock</title><meta name="author" content="Petra Holm"><meta property="og:site_name" content="The Island Weekly">
<p>Gulls leave the rock<p>Petra Holm writes about birds.<p>Subscribe to The Island Weekly today.
<p>Nobody knows where the gulls of the northern cliff have gone.<p>Nobody  knows where the gulls of the other cliff went.`)
	wantFeatures(t, rows, "Gulls", map[int]int16{fHeadline: 100, fAuthorName: 0, fSiteName: 33, fOpening: 0})
	wantFeatures(t, rows, "Petra", map[int]int16{fHeadline: 0, fAuthorName: 100, fSiteName: 0, fOpening: 1})
	wantFeatures(t, rows, "Subscribe", map[int]int16{fAuthorName: 0, fSiteName: 100})
	wantFeatures(t, rows, "Nobody", map[int]int16{fOpening: 2})
}

// The article body of the linked data is compared with each leaf, and with the page.
func TestCompareWithLinkedData(t *testing.T) {
	said := "The keepers came back to the rock on Monday, in a small boat, with four hens and a goat."
	rows := rowsOf(t, `<script type="application/ld+json">{"@type":"NewsArticle","headline":"x","articleBody":"`+said+`"}</script>
<p>`+said+`<p>Another paragraph of the same length, which the linked data does not have, about the weather of the week, again.<p>Ok`)
	wantFeatures(t, rows, "The", map[int]int16{fLinked: 100})
	wantFeatures(t, rows, "Another", map[int]int16{fLinked: 0})
	wantFeatures(t, rows, "Ok", map[int]int16{fLinked: -2})
	if all := rows["Ok"][fLinkedAll]; all < 30 || all > 60 {
		t.Errorf("%d %% of the page is in the linked data, want about half", all)
	}
}

// A leaf in a list of like elements knows how long the list is; one in an article, how much of the
// page the article holds.
func TestRepeats(t *testing.T) {
	long := strings.Repeat("A sentence of the article, not short. ", 8)
	rows := rowsOf(t, `<main><article><p>First `+long+`<p>Second `+long+`</article></main>
<div class="teasers"><div class="card"><h3>One</h3><p>Uno is told here</div><div class="card"><h3>Two</h3><p>Due is told here</div><div class="card"><h3>Three</h3><p>Tre is told here</div></div>`)
	wantFeatures(t, rows, "First", map[int]int16{fNested: 1, fArtGood: 100, fRepeat: 0})
	wantFeatures(t, rows, "Due", map[int]int16{fNested: 0, fArtGood: -1, fRepeat: 3, fRepeatUp: 1})
}

// Italics are told by their share of the leaf.
func TestItalicShare(t *testing.T) {
	rows := rowsOf(t, `<p><em>Told by the harbour master.</em><p>Half <i>Half</i> a<p>Plain`)
	wantFeatures(t, rows, "Told", map[int]int16{fItalic: 100})
	wantFeatures(t, rows, "Plain", map[int]int16{fItalic: 0})
}
