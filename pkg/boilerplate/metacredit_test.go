package boilerplate

import (
	"strings"
	"testing"
)

// The author stands on the page in many shapes: what marks or signs the article is its byline, and what marks others is not.
func TestParseHTMLByline(t *testing.T) {
	const (
		top   = `<title>Keepers return to Gull Rock | Isle Weekly</title><h1>Keepers return to Gull Rock</h1>`
		story = `<p>Two keepers moved into the lighthouse on Gull Rock on Monday, thirty-one years after the lamp was handed over to a machine, because the machine has failed nine times since the spring.</p>
<p>The council, which pays for the boat, says that it had asked for a third, and that the money for the paint, the oil and the bread of one winter was all that there was.</p>`
		head = `<link rel=canonical href="https://www.isleweekly.example/keepers">`
	)
	long := strings.Repeat(story, 9)
	company := `<meta name=author content="Inselpost Verlag GmbH">`
	for _, tt := range []struct{ name, page, want string }{
		{"rel in a line", top + `<p>3 May 2026 by <a rel=author href="/a/12">Agnes Thole</a> in News</p>` + story, "Agnes Thole"},
		{"one word", top + `<p>Posted on 3 May by <span class="author vcard"><a href="/author/agnes/">agnes</a></span></p>` + story, "agnes"},
		{"link to an author's page", top + `<div><a href="/autoren/thole">Agnes Thole</a></div>` + story, "Agnes Thole"},
		{"word and name in elements of their own", top + `<div class="byline"><div>By</div><div>Agnes Thole</div></div>` + story, "Agnes Thole"},
		{"word and name, no marks", top + `<p>By</p><p>Agnes Thole</p>` + story, "Agnes Thole"},
		{"name drawn without a blank", top + `<div class="byline"><span>By</span><span>Agnes Thole</span></div>` + story, "Agnes Thole"},
		{"two marked", top + `<ul class="x"><li><a class="author">Agnes Thole</a>, </li><li><a class="author">Ole Brink</a></li></ul>` + story, "Agnes Thole, Ole Brink"},
		{"three in a line", top + `<div class="author">Von Agnes Thole, Ole Brink und Ada Sund, Inselpost</div>` + story, "Agnes Thole, Ole Brink und Ada Sund"},
		{"name and post", top + `<div class="byline"><span class="author-name">Agnes Thole</span><span class="author-title">Isle Correspondent</span></div>` + story, "Agnes Thole"},
		{"German, with a verb", top + `<p class="autor">veröffentlicht von Agnes Thole</p>` + story, "Agnes Thole"},
		{"French, behind a date", top + `<p>3 mai 2026, par Agnès Thole</p>` + story, "Agnès Thole"},
		{"Spanish", top + `<p>Por Inés de la Thole</p>` + story, "Inés de la Thole"},
		{"Polish", top + `<span class="author">Agnieszka Tól</span>` + story, "Agnieszka Tól"},
		{"Russian", top + `<p>Текст: Агнесса Толе</p>` + story, "Агнесса Толе"},
		{"Greek", top + `<p class="author">Αγνή Θόλου</p>` + story, "Αγνή Θόλου"},
		{"Chinese", top + `<span class="author">作者：王小明</span>` + story, "王小明"},
		{"above the headline", `<div><span class="author">Agnes Thole</span></div>` + top + story, "Agnes Thole"},
		{"at the end", top + story + `<p>Text: Agnes Thole</p>`, "Agnes Thole"},
		{"at the end, signed", top + story + `<p><em>Von Agnes Thole</em></p>`, "Agnes Thole"},
		{"box at the end", top + story + `<div class="author-box"><h4>Agnes Thole</h4><p>Agnes Thole has lived on the isle for twenty years, and she has written for this paper, as her mother did, for ten of them.</p></div>`, "Agnes Thole"},
		{"link to all that somebody wrote", top + story + `<div class="author-info"><a rel=author href="/author/x/">View all posts by Agnes Thole →</a></div>`, "Agnes Thole"},
		{"headline quoted above the comments", `<title>Keepers return to Gull Rock | Isle Weekly</title><h1><a href="/k">Keepers return to Gull Rock</a></h1><address>By <a href="/author/thole/">Agnes Thole</a></address>` + story + `<h3>2 responses to Keepers return to Gull Rock</h3><div class="comment"><span class="author">Ole Brink says</span></div>`, "Agnes Thole"},
		{"first name in the head", `<meta name=author content="Agnes">` + top + `<p>By Agnes Thole</p>` + story, "Agnes Thole"},
		{"account in the head", `<meta name=author content="agnesthole">` + top + `<p>By Agnes Thole</p>` + story, "Agnes Thole"},
		{"company in the head", `<meta name=author content="Inselpost Verlag GmbH">` + top + `<p>Von Agnes Thole</p>` + story, "Agnes Thole"},
		{"company in the head, and nobody else", `<meta name=author content="Inselpost Verlag GmbH">` + top + story, "Inselpost Verlag GmbH"},
		{"links in the head's name", `<meta name=author content="&lt;a href='/x'&gt;Agnes Thole&lt;/a&gt;">` + top + story, "Agnes Thole"},
		{"person in the head", `<meta name=author content="Agnes Thole">` + top + `<p>By Ole Brink</p>` + story, "Agnes Thole"},

		{"far from the headline, signed", top + long + `<p><em>Von Agnes Thole</em></p>`, "Agnes Thole"},
		{"far from the headline, in a card", top + long + `<p>Text: <span class="card-author">Agnes</span></p>`, "Agnes"},
		{"far from the headline, and a company in the head", company + top + long + `<p class="author">Agnes Thole</p>`, "Agnes Thole"},
		{"behind a bar", top + `<p>Isle | By Agnes Thole | News</p>` + story, "Agnes Thole"},
		{"twice", top + `<p class="author"><i>Agnes Thole</i><b>Agnes Thole</b></p>` + story, "Agnes Thole"},
		{"one word behind a verb", top + `<p>Posted by Agnes</p>` + story, "Agnes"},

		{"far behind the story, and a company in the head", company + top + long + strings.Repeat(`<p>Tide</p>`, 8) + `<p class="author">Ole Brink</p>`, "Inselpost Verlag GmbH"},
		{"another story's signature", top + long + `<p>Tide</p><p>A boat is found</p><p>Von Ole Brink</p>`, ""},
		{"month in a link", top + `<p><a href="/author/x">November</a></p>` + story, ""},
		{"one word behind a small one", top + `<p>By Thole</p>` + story, ""},
		{"word alone", top + `<div class="byline">By</div>` + story, ""},
		{"nobody", `<meta name=author content="No Author">` + top + story, ""},
		{"program's account", `<meta name=author content="admin">` + top + story, ""},
		{"headline as the author", `<meta name=author content="Keepers return to Gull Rock">` + top + story, ""},
		{"section in an author's class", top + `<div class="author">Culture</div>` + story, ""},
		{"who made the page", top + story + `<footer class="author">Ole Brink und Kai designed</footer>`, ""},
		{"comments", top + story + `<div class="comments"><div class="comment"><cite class="author">Ole Brink</cite><p>Well done, all of you, and may the winter be a mild one.</p></div></div>`, ""},
		{"other stories", top + story + `<div class="related"><div><h4>A boat is found</h4><span class="author">Ole Brink</span></div></div>`, ""},
		{"several, each with an own story", top + story + `<div><div><h4>A boat is found</h4><a rel=author>Ole Brink</a></div><div><h4>A boat is lost</h4><a rel=author>Ada Sund</a></div></div>`, ""},
		{"photograph", top + `<figure><img src=x><figcaption>Photo by <span class="author">Ole Brink</span></figcaption></figure>` + story, ""},
		{"video", top + `<p class="author">Video von Ole Brink</p>` + story, ""},
		{"what all of them wrote", top + story + `<p><a href="/autoren/alle">Zur Übersicht</a></p>`, ""},
		{"place", top + `<p>By The River</p>` + story, ""},
		{"sentence", top + `<p>By the end of 2026 all lamps will be lit.</p>` + story, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := ParseHTML([]byte(head+tt.page), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if p.Byline != tt.want {
				t.Errorf("got %q, want %q", p.Byline, tt.want)
			}
		})
	}
}
