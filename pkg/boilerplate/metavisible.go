package boilerplate

import "strings"

const (
	maxDateLine    = 200 // bytes
	maxBeforeTitle = 3   // leaves
	maxDateWindow  = 24  // leaves behind the headline
	maxDateLines   = 200 // lines looked at on a page
)

// shown returns the dates by which the page tells its readers when it was published and changed: those by its
// headline, or else the only one further down that says so.
func (x *extractor) shown(order dayOrder) (published, modified string) {
	title := x.headline()
	if title < 0 {
		title = x.firstRunning()
	}
	var lines [maxDateWindow + maxBeforeTitle + 1]shownDates
	from := max(title-maxBeforeTitle, 0)
	end := x.windowEnd(title)
	above := true
	for i := from; i < end; i++ {
		lines[i-from] = x.dateLine(i, title, above, order)
		above = above && (i <= title || !x.isRunning(i))
	}
	for i := title + 1; i < end; i++ {
		published, modified = x.take(i, lines[i-from], order, published, modified)
	}
	for i := min(title, end) - 1; i >= from; i-- {
		published, modified = x.take(i, lines[i-from], order, published, modified)
	}
	if published == "" {
		published = x.onlyDate(title, order)
	}
	return published, modified
}

// take returns the dates of leaf i where there are none yet.
func (x *extractor) take(i int, s shownDates, order dayOrder, published, modified string) (string, string) {
	if published == "" && s.published != "" && !x.isOneOfMany(i, s.published, order) {
		published = s.published
	}
	if modified == "" {
		modified = s.modified
	}
	return published, modified
}

// firstRunning returns the first leaf of running text.
func (x *extractor) firstRunning() int {
	for i := range x.stats {
		if x.isRunning(i) {
			return i
		}
	}
	return 0
}

// isRunning reports whether leaf i is running text of the article.
func (x *extractor) isRunning(i int) bool { return x.stats[i].good > 0 && x.score[i] > 0 }

// windowEnd returns the end of the leaves by the headline: behind the first two paragraphs below it.
func (x *extractor) windowEnd(title int) int {
	end := min(title+1+maxDateWindow, len(x.stats))
	running := 0
	for i := title + 1; i < end; i++ {
		if x.isRunning(i) {
			if running++; running == 2 {
				return min(i+2, end)
			}
		}
	}
	return end
}

// dateLine returns the dates of leaf i where it may stand for the page. above says that no running text is before it.
func (x *extractor) dateLine(i, title int, above bool, order dayOrder) shownDates {
	l := &x.tree.leaves[i]
	names := strangeNames
	if above {
		names = aboveNames
	}
	if i == title || !x.mayShowDate(i) || x.strange(l.node, title, names) {
		return shownDates{}
	}
	s := readLine(string(x.tree.text[l.from:l.to]), order)
	if !s.labelled && x.inEvent(l.node) {
		s.published = ""
	}
	if s.published == "" {
		return s
	}
	most := 9
	switch h := tag(x.rows[i][fTag]); {
	case h.isHeading():
		most = 2
	case s.labelled || x.namesDate(l.node):
		most = 14
	case x.score[i] > 0 || i < title:
		most = 4
	}
	if s.words > most || i < title && x.inMasthead(i, title) {
		s.published = ""
	}
	return s
}

// mayShowDate reports whether leaf i is short and has the digits of a date.
func (x *extractor) mayShowDate(i int) bool {
	l := &x.tree.leaves[i]
	if n := l.to - l.from; n < 8 || n > maxDateLine || x.nodes[l.node].in&(inAside|inNav|inFigure|inCaption|inQuote|inHidden|inButton) != 0 {
		return false
	}
	n := 0
	for _, c := range x.tree.text[l.from:l.to] {
		if '0' <= c && c <= '9' {
			n++
		}
	}
	return n >= 5
}

// The words by which elements are named that hold dates, and those that hold what is not the page's.
var (
	eventNames   = wordHashes("event events vevent termin termine veranstaltung veranstaltungen calendar kalender")
	dateNames    = wordHashes("date time datum published publish posted pubdate meta byline postdate dateline timestamp datetime created info fecha metadata postmeta")
	strangeNames = wordHashes("related sidebar event events calendar kalender recommended latest ticker topbar copyright comment comments kommentar kommentare commentaires reply replies recent widget archive archives teaser teasers popular footer similar")
	// aboveNames are those of them that count above the article's text, where "comments" is how many there are.
	aboveNames = wordHashes("related sidebar event events calendar kalender recommended latest ticker topbar copyright")
)

// wordHashes returns the hashes of words, as trees keep them of the names of elements.
func wordHashes(words string) (hashes []uint32) {
	for w := range strings.FieldsSeq(words) {
		hashes = append(hashes, wordHash(w))
	}
	return hashes
}

// namesDate reports whether an element or the one around it is called a date.
func (x *extractor) namesDate(n int32) bool {
	up := x.tree.nodes[n].parent
	return x.tree.nodes[n].tag == tTime || x.tree.named(n, dateNames) || x.tree.named(up, dateNames)
}

// strange reports whether what stands around an element, up to what holds the headline too, is not the page's own.
func (x *extractor) strange(n int32, title int, names []uint32) bool {
	for ; n > 0 && !x.holds(n, title); n = x.tree.nodes[n].parent {
		if x.tree.named(n, names) || x.tree.nodes[n].tag == tFooter && x.nodes[n].in&inArticle == 0 {
			return true
		}
	}
	return false
}

// inEvent reports whether an element or one around it is named after an event.
func (x *extractor) inEvent(n int32) bool {
	for ; n > 0; n = x.tree.nodes[n].parent {
		if x.tree.named(n, eventNames) {
			return true
		}
	}
	return false
}

func (x *extractor) holds(n int32, leaf int) bool {
	return int(x.nodes[n].first) <= leaf && leaf < int(x.nodes[n].last)
}

// inMasthead reports whether leaf i, before the headline, belongs to the page and not to the article.
func (x *extractor) inMasthead(i, title int) bool {
	n := x.tree.leaves[i].node
	if in := x.nodes[n].in; in&inHeader != 0 && in&(inArticle|inMain) == 0 {
		return true
	}
	for n > 0 && !x.holds(n, title) {
		n = x.tree.nodes[n].parent
	}
	if i == title-1 && tag(x.rows[i][fTag]).isHeading() {
		return false
	}
	return n == 0 || i < 3 && x.nodes[n].leaves*10 > int32(len(x.stats))*9
}

// isOneOfMany reports whether leaves that stand in elements like those of leaf i show other days, as in a list.
func (x *extractor) isOneOfMany(i int, date string, order dayOrder) bool {
	sig, looked := x.stats[i].sig, 0
	for k := range x.stats {
		if k == i || x.stats[k].sig != sig {
			continue
		}
		if looked++; looked > maxDateLines {
			break
		}
		if !x.mayShowDate(k) {
			continue
		}
		l := &x.tree.leaves[k]
		s := readLine(string(x.tree.text[l.from:l.to]), order)
		if s.published != "" && s.published[:10] != date[:10] && s.words <= 9 {
			return true
		}
	}
	return false
}

// onlyDate returns the date behind the headline that is called so by its element or by the words before it, "" if
// there are two days.
func (x *extractor) onlyDate(title int, order dayOrder) (date string) {
	looked := 0
	for i := title + 1; i < len(x.stats) && looked < maxDateLines; i++ {
		if !x.mayShowDate(i) {
			continue
		}
		looked++
		l := &x.tree.leaves[i]
		s := readLine(string(x.tree.text[l.from:l.to]), order)
		if s.published == "" || s.words > 9 || !s.labelled && (s.words > 3 || x.nodes[l.node].in&inList != 0 || !x.namesDate(l.node)) || x.strange(l.node, title, strangeNames) || !s.labelled && x.inEvent(l.node) {
			continue
		}
		if date != "" && date[:10] != s.published[:10] {
			return ""
		}
		date = s.published
	}
	return date
}
