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
	event               bool // something happens then
	words               int  // beside the dates
}

// Words before a date, in lower case.
var (
	publishedLabels = strings.Fields(`published publish posted post date datum pubdate written veröffentlicht erschienen publiziert geschrieben erstellt eingestellt
		verfasst gepostet gespeichert publié publiée posté rédigé écrit publicado publicada fecha escrito pubblicato pubblicata data inserito scritto
		gepubliceerd geplaatst geschreven publicerad publicerat publiceret publisert julkaistu opublikowano opublikowany dodano data zveřejněno vydáno publikováno
		опубликовано опубликована дата опубліковано δημοσίευση δημοσιεύτηκε δημοσιεύθηκε ημερομηνία yayınlanma yayınlandı tarih diterbitkan dipublikasikan 发布 时间 日期 发布时间 公開日 掲載 掲載日 投稿日 작성일 등록 입력`)
	modifiedLabels = strings.Fields(`updated update modified revised revision changed edited edit reviewed aktualisiert aktualisierung stand geändert bearbeitet überarbeitet änderung
		jour modifié modifiée modification actualizado actualizada actualización modificado modificada atualizado atualizada aggiornato aggiornata aggiornamento modifica
		bijgewerkt gewijzigd uppdaterad uppdaterat ändrad opdateret oppdatert endret päivitetty muokattu zaktualizowano aktualizacja aktualizováno upraveno обновлено изменено оновлено
		ενημέρωση ενημερώθηκε güncelleme güncellendi güncellenme diperbarui 更新 更新日 最終更新日 最后更新 更新时间 수정 수정일`)
	otherLabels = strings.Fields(`event termin deadline until till since bis ab seit vom findet born geboren died gestorben copyright joined registered member mitglied registriert
		beigetreten released release erscheinungsdatum erscheinungstermin jusqu depuis hasta desde até fino dal scadenza tot vanaf inscrit naissance expires starts ends beginnt ende
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
			s.event = s.event || isHour(p, i) || slices.Contains(eventWords, p[i].word)
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
	if s.event && !s.labelled {
		s.published = ""
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

// eventWords are those of a line that says when and where something happens.
var eventWords = strings.Fields(`event einlass beginn eintritt ort treffpunkt anmeldung tickets doors venue admission location rsvp entrée lieu entrada lugar ingresso luogo toegang locatie plats
	inträde wstęp miejsce место вход místo vstupné paikka τόπος 会場 開場 장소`)

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
