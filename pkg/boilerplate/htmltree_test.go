package boilerplate

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Tag soup shows the same words, cut in the same places, as golang.org/x/net/html: whatever is
// left open, closed twice or crossed.
//
// The one element left out is font, which is taken for a span, so that the end tag of one may end the other.
func TestTreeEqualsParserOnSoup(t *testing.T) {
	tags := []string{"div", "p", "span", "b", "i", "em", "a", "ul", "li", "h1", "h2", "section", "article", "blockquote", "dl", "dt", "dd", "center", "header", "pre"}
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		b.WriteString("<!DOCTYPE html><html><body>")
		for range rapid.IntRange(1, 40).Draw(t, "pieces") {
			tag := rapid.SampledFrom(tags).Draw(t, "tag")
			switch rapid.IntRange(0, 7).Draw(t, "kind") {
			case 0, 1:
				b.WriteString("<" + tag + ">")
			case 2, 3:
				b.WriteString("</" + tag + ">")
			case 4:
				b.WriteString(rapid.SampledFrom([]string{"<br>", "<hr/>", "<img src=x>", "<!-- c -->", "<script>var a = '<p>';</script>", "<style>p{}</style>", "<title>x</title>", "<input>"}).Draw(t, "void"))
			default:
				b.WriteString(rapid.SampledFrom([]string{"one", "two ", " three", "a&amp;b", "x &lt; y", "5 < 6", "\n"}).Draw(t, "text"))
			}
		}
		want, err := parserText(b.String())
		if err != nil {
			t.Fatal(err)
		}
		tr := parseTree([]byte(b.String()), Options{})
		var got []string
		for _, l := range tr.leaves {
			got = append(got, strings.Fields(string(tr.text[l.from:l.to]))...)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%s\n got %q\nwant %q", b.String(), got, want)
		}
	})
}

// Every leaf lies in the text, after the one before, and its counts fit it.
func TestTreeLeavesAreInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		page := rapid.SliceOfN(rapid.SampledFrom([]string{
			"<table>", "<tr>", "<td>", "</td>", "</table>", "<a href=x>", "</a>", "<p>", "<select>", "<option>", "<svg>", "</svg>",
			"<template>", "<b>", "</b>", "<pre>", "\n", "word ", "wörd", "&nbsp;", "<br>", "<iframe>", "<textarea>",
		}), 0, 60).Draw(t, "page")
		tr := parseTree([]byte(strings.Join(page, "")), Options{MaxDepth: 12})
		end := uint32(0)
		for i, l := range tr.leaves {
			if l.from < end || l.to <= l.from || int(l.to) > len(tr.text) {
				t.Fatalf("leaf %d is [%d, %d) after %d of %d", i, l.from, l.to, end, len(tr.text))
			}
			if l.link > l.to-l.from || l.bold > l.to-l.from {
				t.Fatalf("leaf %d: %d bytes of links, %d bold in %d", i, l.link, l.bold, l.to-l.from)
			}
			if int(l.node) >= len(tr.nodes) {
				t.Fatalf("leaf %d is in node %d of %d", i, l.node, len(tr.nodes))
			}
			end = l.to
		}
	})
}

func TestScanner(t *testing.T) {
	tests := []struct{ name, page, want string }{
		{"attributes with brackets", `<a title="a > b" href='x'>y</a>`, "start(a) text(y) close(a)"},
		{"comment with a tag", "<!-- <p> -->x", "text(x)"},
		{"comment that ends at once", "<!-->x", "text(x)"},
		{"comment never closed", "x<!-- y", "text(x)"},
		{"script with a tag in a string", "<script>'<p>'</script>x", "start(script) text(x)"},
		{"script in a comment in a script", "<script><!-- <script> </script> --></script>x", "start(script) text(x)"},
		{"capitals", "<DIV CLASS=A>x</Div>", "start(div) text(x) close(div)"},
		{"less than", "a < b <3 c", "text(a < b <3 c)"},
		{"end of page in a tag", "x<div class=", "text(x) start(div)"},
		{"slash without spaces", "<br/><p/>x", "start(br) start(p) text(x)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for s := (scanner{b: []byte(tt.page)}); s.next(); {
				switch s.kind {
				case tokenText:
					got = append(got, "text("+string(s.text)+")")
				case tokenStart:
					got = append(got, "start("+tagNames[s.name]+")")
				case tokenClose:
					got = append(got, "close("+tagNames[s.name]+")")
				}
			}
			if s := strings.Join(got, " "); s != tt.want {
				t.Errorf("got %s, want %s", s, tt.want)
			}
		})
	}
}
