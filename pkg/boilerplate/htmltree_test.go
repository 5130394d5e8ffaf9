package boilerplate

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Tag soup shows the same words, cut in the same places, as golang.org/x/net/html: whatever is
// left open, closed twice or crossed.
func TestTreeEqualsParserOnSoup(t *testing.T) {
	tags := []string{
		"div", "p", "span", "b", "i", "em", "a", "ul", "li", "h1", "h2", "section", "article", "blockquote", "dl", "dt", "dd", "center", "header", "pre",
		"font", "tt", "big", "strike", "nobr", "acronym", "ins", "my-part", "dir", "menu", "listing",
	}
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

// Elements that are no longer in the standard are cut as browsers show them.
func TestTreeOldElements(t *testing.T) {
	for _, tt := range []struct{ name, page, want string }{
		{"inline", "<p>a<font>b</font><tt>c</tt><big>d</big><strike>e</strike><nobr>f</nobr><acronym>g</acronym><my-part>h</my-part></p>", "abcdefgh"},
		{"center", "a<center>b</center>c", "a|b|c"},
		{"marquee", "a<marquee>b</marquee>c", "a|b|c"},
		{"dir", "<dir><li>a<li>b</dir>c", "a|b|c"},
		{"listing", "<p>a<listing>b\n  <b>c</b></listing>d", "a|b\n  c|d"},
		{"xmp", "<p>a<xmp>b &amp;\n  <b>c</b></xmp>d", "a|b &amp;\n  <b>c</b>|d"},
		{"xmp in a table", "<table><tr><td>a<xmp><td>b</xmp>c<td>d</table>", "a|<td>b|c|d"},
		{"xmp that is not closed", "a<xmp>b<p>c", "a|b|c"},
		{"plaintext", "a<plaintext>b\nc", "a|b\nc"},
		{"frames", strings.Repeat("<frame src=a>", 3000) + "<div>a</div>b", "a|b"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tr := parseTree([]byte(tt.page), Options{})
			var got []string
			for _, l := range tr.leaves {
				got = append(got, string(tr.text[l.from:l.to]))
			}
			if s := strings.Join(got, "|"); s != tt.want || tr.over > 0 {
				t.Errorf("got %q, want %q; %d elements too deep", s, tt.want, tr.over)
			}
		})
	}
}

// An end tag closes an element of its own name, and none that is only treated like one.
func TestTreeEndTagOfAnother(t *testing.T) {
	for _, page := range []string{
		"<span><b>a</font>b</b></span>", "<font><b>a</span>b</b></font>", "<my-part><b>a</other-part>b</b></my-part>",
		"<ul><b>a</dir>b</b></ul>", "<ins><b>a</del>b</b></ins>",
	} {
		tr := parseTree([]byte(page), Options{})
		if len(tr.leaves) != 1 || tr.leaves[0].bold != 2 {
			t.Errorf("%s: %+v, want one block of 2 bytes, all bold", page, tr.leaves)
		}
	}
	if tr := parseTree([]byte("<my-part><b>a</b></My-Part>b"), Options{}); tr.nodes[tr.leaves[0].node].tag != tHTML {
		t.Error("an element without a tag of its own is not closed")
	}
}
