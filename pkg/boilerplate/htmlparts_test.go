package boilerplate

import (
	"strings"
	"testing"
)

// partsPage is an invented page: %MID% stands between two paragraphs of its article, %END% after
// the last one, inside the element that holds them.
const partsPage = `<!doctype html><html lang="en"><head><title>Lighthouse keepers return to Gull Rock | The Island Weekly</title></head><body>
<header class="site-header"><nav class="menu"><ul><li><a href="/">Home</a></li><li><a href="/isles">Isles</a></li><li><a href="/weather">Weather</a></li></ul></nav></header>
<main><article class="post"><h1>Lighthouse keepers return to Gull Rock</h1>
<div class="entry-content">
<p>Two keepers moved into the lighthouse on Gull Rock on Monday, thirty-one years after the lamp was handed over to a machine, because the machine has failed nine times since the spring.</p>
<p>“A lamp that is dark for an hour is worse than no lamp at all,” said the harbour master, Agnes Thole, who had asked the ministry for people instead of spare parts since 2019.</p>
%MID%
<p>The keepers, a married couple from the mainland, will stay for eleven weeks at a time. They have a boat, a vegetable bed, four hens and a telephone line that works when the wind is not from the west.</p>
<p>The ministry pays for the trial until the end of next year. Then it wants to decide whether the other two towers of the coast should have people in them again as well.</p>
%END%
</div></article></main>
<footer class="site-footer"><p>© 2026 The Island Weekly. All rights reserved.</p><p><a href="/imprint">Imprint</a> <a href="/privacy">Privacy</a></p></footer>
</body></html>`

func parseParts(t *testing.T, mid, end string) *Page {
	t.Helper()
	p, err := ParseHTML([]byte(strings.NewReplacer("%MID%", mid, "%END%", end).Replace(partsPage)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"moved into the lighthouse", "worse than no lamp", "four hens", "the other two towers"} {
		if !strings.Contains(p.Text(), part) {
			t.Errorf("the paragraph with %q is lost", part)
		}
	}
	return p
}

// What an article page has around and between the paragraphs goes, and the article stays.
func TestParseHTMLDropsParts(t *testing.T) {
	tests := []struct{ name, mid, end, gone string }{
		{"photo caption", `<figure class="wp-caption"><img src="a.jpg"><figcaption class="wp-caption-text">The tower on Gull Rock, seen from the ferry. Photo: Ivo Lund</figcaption></figure>`, "", "seen from the ferry"},
		{"share bar", "", `<div class="share-buttons"><span>Share this</span><ul><li><a href="#">Facebook</a></li><li><a href="#">WhatsApp</a></li><li><a href="#">Email</a></li></ul></div>`, "WhatsApp"},
		{"related links", `<aside class="related"><h3>Read more</h3><ul><li><a href="/1">Ferry fares rise on the first of May</a></li><li><a href="/2">Storm takes the roof off the net shed</a></li></ul></aside>`, "", "net shed"},
		{"related links at the end", "", `<div class="related-posts"><h3>Related articles</h3><ul><li><a href="/1">Ferry fares rise on the first of May</a></li><li><a href="/2">Storm takes the roof off the net shed</a></li></ul></div>`, "net shed"},
		{"newsletter box", `<div class="newsletter-signup"><h4>Sign up for our newsletter</h4><p>Get the island's news in your inbox every Friday.</p><form><input type=email><button>Subscribe</button></form></div>`, "", "inbox every Friday"},
		{"cookie wall", "", `<div id="cookie-consent" class="cookie-banner"><p>We use cookies to improve your experience on our site. By continuing you accept our cookie policy.</p><button>Accept all</button></div>`, "cookie policy"},
		{"author box", "", `<div class="author-box"><h4>About the author</h4><p>Petra Holm has written about the isles for the Weekly since 2008. Follow her on Twitter.</p></div>`, "since 2008"},
		{"paywall stub", "", `<div class="paywall-prompt"><h3>Subscribe to continue reading</h3><p>Already a subscriber? Log in to read the full story.</p><button>See offers</button></div>`, "Already a subscriber"},
		{"comments", "", `</div><div id="comments" class="comments-area"><h2>2 comments</h2><ol class="comment-list"><li class="comment"><div class="comment-author">Olaf says:</div><p>My grandfather kept that lamp for twenty years and never had a day off, so good luck to them.</p><a href="#">Reply</a></li><li class="comment"><div class="comment-author">Rune says:</div><p>And who pays for the hens, I wonder?</p><a href="#">Reply</a></li></ol>`, "My grandfather kept"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := parseParts(t, tt.mid, tt.end)
			if strings.Contains(p.Text(), tt.gone) {
				t.Errorf("%q is still there:\n%s", tt.gone, p.Text())
			}
			for i := range p.Blocks {
				if b := &p.Blocks[i]; strings.Contains(b.Text, tt.gone) && b.Reason == "" {
					t.Errorf("no reason for %q", b.Text)
				}
			}
		})
	}
}

// What belongs to the article stays, with its kind.
func TestParseHTMLKeepsParts(t *testing.T) {
	tests := []struct {
		name, mid, stays string
		kind             Kind
	}{
		{"list", `<p>Among the things that they must do every day are these:</p><ul><li>clean the glass of the lamp on both sides before noon</li><li>write down the wind and the height of the waves</li><li>wind up the clock that turns the lens</li></ul>`, "height of the waves", Item},
		{"quote", `<blockquote><p>“We were asked whether we would mind the quiet. We have three sons. We said that we would not mind it.”</p></blockquote>`, "mind the quiet", Quote},
		{"sub-heading", `<h2>Eleven weeks on the rock</h2>`, "Eleven weeks on the rock", Heading},
		{"table", `<p>The lamp was dark this often:</p><table><tr><th>Month</th><th>Failures</th></tr><tr><td>April</td><td>two failures</td></tr><tr><td>May</td><td>seven failures</td></tr></table>`, "May | seven failures", Table},
		{"code", `<p>The lamp is switched by a small program, of which this is the whole:</p><pre><code>if dusk() and not lit { light(lamp) }</code></pre>`, "light(lamp)", Code},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := parseParts(t, tt.mid, "")
			if !strings.Contains(p.Text(), tt.stays) {
				t.Fatalf("%q is lost:\n%s", tt.stays, p.Text())
			}
			for i := range p.Blocks {
				if b := &p.Blocks[i]; strings.Contains(b.Text, tt.stays) && b.Kind != tt.kind {
					t.Errorf("%q is a %v, want a %v", tt.stays, b.Kind, tt.kind)
				}
			}
		})
	}
}

func TestParseHTMLTitleWithoutSite(t *testing.T) {
	if got := parseParts(t, "", "").Title; got != "Lighthouse keepers return to Gull Rock" {
		t.Errorf("title %q", got)
	}
}
