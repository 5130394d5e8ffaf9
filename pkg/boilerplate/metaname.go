package boilerplate

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// leadIns are the words before a name that say who wrote. They end in a blank or a colon.
var leadIns = []string{
	"interview: ", "interview by ", "interview von ", "article by: ", "article by ", "recipe by ", "written by: ", "view all posts by ", "all posts by ", "posts by ", "more by ", "about ", "zeige alle beiträge von ", "alle beiträge von ", "alles von ", "mehr von ", "über ", "vom ", "ein bericht von ",
	"written by ", "posted by ", "reported by ", "published by ", "words by ", "text by ", "story by ", "by: ", "by ", "author: ", "authors: ", "author ", "words: ", "about the author: ",
	"geschrieben von ", "veröffentlicht von ", "erstellt von ", "eingestellt von ", "gespeichert von ", "verfasst von ", "gepostet von ", "ein artikel von ", "artikel von ",
	"ein beitrag von ", "beitrag von ", "blog beitrag von ", "blogbeitrag von ", "gastbeitrag von ", "gastkommentar von ", "ein text von ", "eine kolumne von ", "ein kommentar von ", "ein interview von ", "ein gastbeitrag von ", "text von ", "text und interview: ", "text und fotos: ", "text & fotos: ", "text: ", "von: ", "von ", "autor: ", "autorin: ", "autoren: ", "autor ", "autorin ", "autoren ", "redaktion: ",
	"publié par ", "écrit par ", "rédigé par ", "proposé par ", "par: ", "par ", "auteur: ", "auteur : ", "texte: ", "texte : ",
	"publicado por ", "escrito por ", "postado por ", "por: ", "por ", "autora: ", "texto: ",
	"scritto da ", "pubblicato da ", "a cura di ", "di ", "autore: ", "testo: ",
	"geschreven door ", "door ", "tekst: ", "skrevet av ", "skriven av ", "av ", "skrevet af ", "af ", "forfatter: ", "przez ", "autorka: ", "tekst ",
	"автор: ", "авторы: ", "текст: ", "από ", "yazan: ", "yazar: ", "文：", "作者：", "作者:", "記者：",
}

// leadIn returns the length of the words before the name in s, 0 if there are none.
func leadIn(s string) int {
	longest := 0
	for _, p := range leadIns {
		if len(s) > len(p) && len(p) > longest && strings.EqualFold(s[:len(p)], p) {
			longest = len(p)
		}
	}
	return longest
}

// leadsIn reports whether text ends in the words before a name.
func leadsIn(text string) bool {
	text = strings.ToLower(text[max(0, len(text)-40):])
	for _, p := range leadIns {
		if strings.HasSuffix(text, p) && (len(text) == len(p) || !isLetter(text[len(text)-len(p)-1])) || text == strings.TrimSpace(p) {
			return true
		}
	}
	return false
}

// signatory returns the name that a line such as "By Nora Quince, 3 May" is signed with, "" if it is another one.
func signatory(line string) string {
	n := leadIn(line)
	if n == 0 {
		return ""
	}
	if r, _ := utf8.DecodeRuneInString(line); unicode.IsLower(r) && line[n-1] == ' ' && n < 9 && n != len("by ") && n != len("von ") {
		return "" // a word of the language, not a label
	}
	r, _ := utf8.DecodeRuneInString(line[n:])
	return namesIn(line[n:], n >= 9 && unicode.IsUpper(r), false)
}

// inLine are the words before a name behind a date.
var inLine = []string{" by ", " By ", " von ", " Von ", " par ", " Par ", " por ", " Por ", " door ", " Door ", " Autor: ", " Author: ", " Auteur: ", " Text: "}

// dated returns the name in a line behind a date, a time or a bar, such as "3 May 2026 by Nora Quince", "" if there is none.
func dated(line string) string {
	for _, p := range inLine {
		before, after, ok := strings.Cut(line, p)
		if !ok {
			continue
		}
		digits := strings.IndexFunc(before, unicode.IsDigit) >= 0
		if digits && (strings.Contains(before, "20") || strings.Contains(before, ":")) || strings.HasSuffix(before, "|") || strings.HasSuffix(before, "·") {
			return namesIn(after, false, false)
		}
	}
	return ""
}

// behindName are the words that go on behind a name.
var behindName = []string{" am ", " on ", " at ", " um ", " in ", " vom "}

// namesIn returns the names that a line of text begins with, "" if it begins with something else. alone
// says that one word is enough; marked, that it is enough behind a lead-in.
func namesIn(line string, alone, marked bool) string {
	line = strings.Trim(plain(line), " |•·~-–—,:→")
	n := max(leadIn(line), glued(line))
	alone = alone || marked && n > 0
	line = strings.TrimSpace(line[n:])
	end := strings.IndexAny(line+"|", ";:|•·–—→(/@0123456789<>")
	for _, w := range behindName {
		if i := strings.Index(line[:end], w); i > 0 {
			end = i
		}
	}
	list := strings.Split(line[:end], ", ")
	if end < len(line) && line[end] >= '0' && line[end] <= '9' {
		if end > 0 && isLetter(line[end-1]) {
			return ""
		}
		list[len(list)-1] = withoutMonth(list[len(list)-1])
	}
	list[0] = strings.TrimRight(withoutDay(list[0]), " ,-")
	if n := len(list[0]); n > 4 && list[0][n-1] == '.' && !strings.ContainsAny(list[0][n-4:n-1], ". ") {
		list[0] = list[0][:n-1]
	}
	if half := len(list[0]) / 2; list[0][:half] == list[0][half:] {
		list[0] = list[0][:half]
	}
	if !marked && strings.EqualFold(list[0][:min(4, len(list[0]))], "the ") {
		return "" // "By The River"
	}
	if !isName(list[0]) && !(alone && isSingle(list[0])) {
		return ""
	}
	many := 1
	for i := 1; i < len(list) && isName(list[i]); i++ {
		if hasAnd(list[i]) {
			many = i + 1
			break
		}
	}
	return cleanByline(strings.Join(list[:many], ", "))
}

// glued returns the length of a lead-in that the name follows without a blank, as where the page draws one.
func glued(s string) int {
	for _, p := range [...]string{"By", "Von", "Par", "Por"} {
		if rest, ok := strings.CutPrefix(s, p); ok {
			if r, _ := utf8.DecodeRuneInString(rest); unicode.IsUpper(r) && strings.Contains(rest, " ") {
				return len(p)
			}
		}
	}
	return 0
}

// withoutDay cuts the day of the week behind a name, withoutMonth the month.
func withoutDay(s string) string {
	if i := strings.LastIndexByte(s, ' '); i > 0 && isDay(s[i+1:]) {
		return s[:i]
	}
	return s
}

func withoutMonth(s string) string {
	s = strings.TrimSpace(s)
	if i := strings.LastIndexByte(s, ' '); i > 0 && isMonth(s[i+1:]) {
		return s[:i]
	}
	return s
}

func hasAnd(s string) bool {
	return slices.ContainsFunc(strings.Fields(s), func(w string) bool { return slices.Contains(conjunctions, w) })
}

// isName reports whether s is the name of a person or of several: two to eight words with capitals.
func isName(s string) bool {
	words := strings.Fields(s)
	if len(words) == 0 || len(words) > 8 || isRole(words[0]) {
		return false
	}
	capitals := 0
	for _, w := range words {
		if strings.ContainsAny(w, "!?»«“”\"[]{}=") || strings.HasSuffix(w, "-") || strings.EqualFold(w, "rights") {
			return false
		}
		if r, _ := utf8.DecodeRuneInString(w); !unicode.IsUpper(r) {
			if !slices.Contains(nameParticles, w) && !slices.Contains(conjunctions, w) {
				return false
			}
			continue
		}
		capitals++
	}
	return capitals > 1
}

// isSingle reports whether s can be an author's only name.
func isSingle(s string) bool {
	return len(s) > 1 && len(s) <= 40 && !strings.ContainsAny(s, " !?»«“”\"[]{}=") && !isRole(s) && !isDay(s) && !isMonth(s)
}

// isRole reports whether a word says what somebody or something is, not who.
func isRole(w string) bool { return slices.Contains(roles, strings.ToLower(strings.Trim(w, ":."))) }

var roles = []string{
	"video", "foto", "fotos", "photo", "photos", "image", "bild", "bilder", "quelle", "source", "autoren", "autoreninfo", "authors", "about", "über", "contact", "kontakt", "website", "profil", "profile", "mehr", "more", "all", "alle", "view", "zeige",
	"share", "teilen", "follow", "folgen", "twitter", "facebook", "instagram", "email", "e-mail", "mail", "rss", "home", "this", "adjust", "my", "mein", "meine", "text", "print", "subscribe", "log", "sign", "senior", "chief", "deputy", "managing", "author", "article", "posts", "articles", "artikel", "read", "see", "gast", "guest",
	"uns", "us", "me", "mich", "zur", "zum", "bei", "gesponserte", "sponsored", "anzeige", "today", "heute", "gestern", "yesterday", "comments", "kommentare", "written", "posted", "published", "editor", "editors", "writer", "written", "meet", "voir", "tous", "ver", "todos", "leer", "más",
}

// agencies are what news agencies are called where they are the author.
var agencies = []string{"reuters", "afp", "ap", "dpa", "apa", "sda", "efe", "ansa", "pap", "ians", "pti", "upi", "anp", "belga", "ritzau", "ntb", "tt", "lusa", "bloomberg"}

func isDay(word string) bool {
	_, err := time.Parse("Monday", word)
	return err == nil
}

func isMonth(word string) bool {
	_, err := time.Parse("January", word)
	_, short := time.Parse("Jan", strings.TrimSuffix(word, "."))
	return err == nil || short == nil
}

// nameParticles are the words within names that are not capitalized, conjunctions those between names.
var (
	nameParticles = []string{"of", "de", "del", "della", "der", "den", "di", "da", "dos", "du", "la", "le", "van", "von", "zu", "ten", "ter", "al", "el", "bin", "af", "av"}
	conjunctions  = []string{"and", "und", "et", "y", "e", "i", "и", "en", "og", "och", "ve", "&"}
)

// noNames is what programs write where they have no name.
var noNames = []string{
	"author", "the author", "the authors", "autor", "auteur", "null", "undefined", "none", "nan", "n/a", "[object object]", "no author", "unknown", "unbekannt", "anonymous", "anonym", "anónimo", "admin", "administrator",
	"super user", "publisher", "webmaster", "root", "user", "username", "guest", "gast", "name", "default", "test", "by", "von", "par", "por", "di", "door",
}

// cleanByline returns a name without what stands around it, "" if it cannot be one.
func cleanByline(s string) string {
	s = strings.Trim(squeeze(withoutTags(plain(s))), " |•·-–—,:→")
	s = strings.TrimSpace(s[leadIn(s):])
	if len(s) < 2 || len(s) > maxByline || strings.Contains(s, "//") || strings.HasPrefix(s, "www.") || strings.HasPrefix(s, "@") || strings.HasPrefix(s, "{") {
		return ""
	}
	if slices.Contains(noNames, strings.ToLower(s)) {
		return ""
	}
	if strings.IndexFunc(s, unicode.IsLetter) < 0 || strings.IndexFunc(s, unicode.IsDigit) >= 0 {
		return ""
	}
	return s
}

// withoutTags cuts the tags of elements that some sites leave in an author's name.
func withoutTags(s string) string {
	for {
		from := strings.IndexByte(s, '<')
		to := strings.IndexByte(s, '>')
		if from < 0 || to < from {
			return s
		}
		s = s[:from] + s[to+1:]
	}
}
