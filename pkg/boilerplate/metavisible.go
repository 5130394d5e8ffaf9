package boilerplate

import (
	"slices"
	"strings"
	"time"
)

// shownDates are the dates of one line. published is that which may be the page's, modified what stands behind
// a word such as "updated"; both as readDate returns them.
type shownDates struct {
	published, modified string
	labelled            bool // behind a word such as "published"
	words               int  // beside the dates
}

// Words before a date, in lower case.
var (
	publishedLabels = strings.Fields(`published publish posted post date datum pubdate written veröffentlicht erschienen publiziert geschrieben erstellt eingestellt
		verfasst gepostet gespeichert publié publiée posté rédigé écrit publicado publicada fecha escrito pubblicato pubblicata data inserito scritto
		gepubliceerd geplaatst geschreven publicerad publicerat publiceret publisert julkaistu opublikowano opublikowany dodano data zveřejněno vydáno publikováno
		опубликовано опубликована дата опубліковано δημοσίευση δημοσιεύτηκε δημοσιεύθηκε ημερομηνία yayınlanma yayınlandı tarih diterbitkan dipublikasikan 发布 时间 日期 发布时间 公開日 掲載 掲載日 投稿日 작성일 등록 입력`)
	modifiedLabels = strings.Fields(`updated update modified revised revision changed edited edit reviewed aktualisiert aktualisierung stand geändert bearbeitet überarbeitet änderung
		jour modifié modifiée modification actualizado actualizada actualización modificado modificada atualizado atualizada aggiornato aggiornata aggiornamento modificato
		bijgewerkt gewijzigd uppdaterad uppdaterat ändrad opdateret oppdatert endret päivitetty muokattu zaktualizowano aktualizacja aktualizováno upraveno обновлено изменено оновлено
		ενημέρωση ενημερώθηκε güncelleme güncellendi güncellenme diperbarui 更新 更新日 最終更新日 最后更新 更新时间 수정 수정일`)
	otherLabels = strings.Fields(`event termin deadline until till since from bis ab seit vom findet born geboren died gestorben copyright joined registered member mitglied registriert
		beigetreten released release erscheinungsdatum erscheinungstermin jusqu depuis hasta desde até fino dal scadenza tot vanaf inscrit naissance expires starts ends beginn beginnt ende
		до с dabei accessed retrieved abgerufen consulté today heute aujourd hoy oggi hoje vandaag idag dziś сегодня 今日 今天`)
)

// readLine returns the dates that a line shows. What names two days to be published on, a range of them or two times of
// one day tells of something that happens then.
func readLine(line string, order dayOrder) (s shownDates) {
	p := lineParts(line)
	last := 0 // behind the date before
	for i := 0; i < len(p); {
		day, n := dayAt(p[i:], order)
		if day == "" {
			if i > 0 && p[i].sep == ":" && p[i].digits == 2 && isNumber(p[i-1]) && last > 0 {
				return shownDates{} // until
			}
			if !slices.Contains(dateFillers, p[i].word) {
				s.words++
			}
			i++
			continue
		}
		if inRange(p, i) || strings.Contains(p[i].sep, "©") {
			return shownDates{}
		}
		label := labelOf(p[last:i])
		clock, end := clockBehind(p, i+n)
		if end > i+n {
			day = addClock(day, clock)
		}
		switch {
		case label == labelModified:
			s.modified = day
		case label == labelOther || label != labelPublished && strings.HasSuffix(p[i].sep, ":"):
			return shownDates{}
		case s.published != "" && s.published[:10] != day[:10]:
			return shownDates{}
		case s.published == "":
			s.published, s.labelled = day, label == labelPublished
		}
		i, last = end, end
	}
	return s
}

// addClock returns a day of readDate's with a time of day.
func addClock(day string, clock time.Duration) string {
	t, err := time.Parse(time.RFC3339, day)
	if err != nil {
		return ""
	}
	return webTime(t.Add(clock))
}

// What the words before a date say of it.
const (
	labelNone = iota
	labelPublished
	labelModified
	labelOther
)

// labelOf returns what the last of the words before a date that says so says of it.
func labelOf(before []linePart) int {
	found := labelNone
	for i := len(before) - 1; i >= 0; i-- {
		switch w := before[i].word; {
		case w == "":
		case slices.Contains(modifiedLabels, w):
			return labelModified // "date of last update"
		case slices.Contains(otherLabels, w):
			found = labelOther
		case found == labelNone && slices.Contains(publishedLabels, w):
			found = labelPublished
		}
	}
	return found
}

const (
	maxDateLine   = 200 // bytes
	maxDateWindow = 24  // leaves behind the headline
	maxDateLines  = 200 // lines looked at on a page
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
	for i := from; i < end; i++ {
		lines[i-from] = x.dateLine(i, title, order)
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

const maxBeforeTitle = 3

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

// dateLine returns the dates of leaf i where it may stand for the page.
func (x *extractor) dateLine(i, title int, order dayOrder) shownDates {
	l := &x.tree.leaves[i]
	if i == title || !x.mayShowDate(i) || x.strange(l.node, title) {
		return shownDates{}
	}
	s := readLine(string(x.tree.text[l.from:l.to]), order)
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
	dateNames    = wordHashes("date time datum published publish posted pubdate meta byline postdate dateline timestamp datetime created info fecha metadata postmeta")
	strangeNames = wordHashes("comment comments kommentar kommentare commentaires reply replies related recent sidebar widget event events calendar kalender archive archives teaser teasers recommended popular latest aside footer copyright similar topbar ticker")
)

func wordHashes(words string) (hashes []uint32) {
	for w := range strings.FieldsSeq(words) {
		hashes = append(hashes, wordHash(w))
	}
	return hashes
}

// isNamed reports whether one of an element's names is among the words.
func (x *extractor) isNamed(n int32, words []uint32) bool {
	e := &x.tree.nodes[n]
	for _, w := range x.tree.words[e.words : e.words+uint32(e.nwords)] {
		if slices.Contains(words, w) {
			return true
		}
	}
	return false
}

// namesDate reports whether an element or the one around it is called a date.
func (x *extractor) namesDate(n int32) bool {
	up := x.tree.nodes[n].parent
	return x.tree.nodes[n].tag == tTime || x.isNamed(n, dateNames) || x.isNamed(up, dateNames)
}

// strange reports whether what stands around an element, up to what holds the headline too, is not the page's own.
func (x *extractor) strange(n int32, title int) bool {
	for ; n > 0 && !x.holds(n, title); n = x.tree.nodes[n].parent {
		if x.isNamed(n, strangeNames) || x.tree.nodes[n].tag == tFooter && x.nodes[n].in&inArticle == 0 {
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
	return n == 0 || i < 3 && x.nodes[n].leaves*10 > int32(len(x.stats))*9
}

// isOneOfMany reports whether leaves that stand in elements like those of leaf i show other days, as in a list.
func (x *extractor) isOneOfMany(i int, date string, order dayOrder) bool {
	sig, looked := x.stats[i].sig, 0
	for k := range x.stats {
		if k == i || x.stats[k].sig != sig || !x.mayShowDate(k) {
			continue
		}
		if looked++; looked > maxDateLines {
			break
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
		if s.published == "" || s.words > 9 || !s.labelled && !x.namesDate(l.node) || x.strange(l.node, title) {
			continue
		}
		if date != "" && date[:10] != s.published[:10] {
			return ""
		}
		date = s.published
	}
	return date
}
