package boilerplate

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// linePart is a number or a word of a line that may show a date.
type linePart struct {
	word   string // in lower case, "" of a number
	num    int
	digits int    // of the number, 0 of a word
	sep    string // the signs between it and the part before, without white space
}

// maxParts bounds the parts of a line with a date: one that has more is running text.
const maxParts = 40

// dayOrder says what the first of two numbers is that may both be the month.
type dayOrder int

const (
	unknownOrder dayOrder = iota
	dayFirst
	monthFirst
)

// lineParts returns the parts of a line, nil if it has too many.
func lineParts(line string) (parts []linePart) {
	from := 0 // of the signs
	for i := 0; i < len(line); {
		r, n := utf8.DecodeRuneInString(line[i:])
		if !isPartOf(r) {
			i += n
			continue
		}
		if len(parts) == maxParts {
			return nil
		}
		p := linePart{sep: strings.TrimSpace(line[from:i])}
		end := i + digits(line[i:])
		if p.digits = end - i; p.digits > 0 {
			p.num = number(line[i:end])
		} else {
			for end < len(line) {
				r, n := utf8.DecodeRuneInString(line[end:])
				if !isPartOf(r) || '0' <= r && r <= '9' {
					break
				}
				end += n
			}
			p.word = strings.ToLower(line[i:end])
		}
		parts = append(parts, p)
		i, from = end, end
	}
	return parts
}

// isPartOf reports whether a rune is of a number or of a word. The signs for year, month and day of Chinese,
// Japanese and Korean stand between numbers as a dash does.
func isPartOf(r rune) bool {
	return (unicode.IsLetter(r) || '0' <= r && r <= '9' || unicode.IsMark(r)) && !strings.ContainsRune("年月日년월일", r)
}

// dayAt returns the day that the parts begin with and how many of them it takes; "" if they begin with another thing.
func dayAt(p []linePart, order dayOrder) (day string, n int) {
	if len(p) < 3 {
		return "", 0
	}
	switch {
	case p[0].digits == 4 && isNumber(p[1]) && isNumber(p[2]):
		if a, b := p[1].sep, p[2].sep; a == b && (a == "-" || a == "/" || a == ".") || a == "年" && b == "月" || a == "년" && b == "월" {
			return calendarDay(p[0].num, p[1].num, p[2].num), 3
		}
	case isNumber(p[0]) && isNumber(p[1]):
		return dayInDigits(p, order), 3
	case isNumber(p[0]):
		return dayBeforeMonth(p)
	case p[0].word != "" && isNumber(p[1]):
		return dayBehindMonth(p)
	}
	return "", 0
}

// isNumber reports whether a part may be a day or a month.
func isNumber(p linePart) bool { return p.digits == 1 || p.digits == 2 }

// dayInDigits reads 02.11.2021, 02.11.21 and 02/11/2021.
func dayInDigits(p []linePart, order dayOrder) string {
	a, b, year := p[0].num, p[1].num, p[2].num
	if p[1].sep != p[2].sep {
		return ""
	}
	switch p[1].sep {
	case ".":
		if p[2].digits == 2 && p[1].digits == 2 { // 1.2.10 is a version
			year += 2000
			if year >= 2095 {
				year -= 100
			} else if year > 2040 {
				return ""
			}
			return calendarDay(year, b, a)
		}
		order = dayFirst
	case "/", "-":
		if a > 12 {
			order = dayFirst
		} else if b > 12 {
			order = monthFirst
		}
	default:
		return ""
	}
	switch {
	case p[2].digits != 4:
		return ""
	case order == dayFirst || a == b:
		return calendarDay(year, b, a)
	case order == monthFirst:
		return calendarDay(year, a, b)
	}
	return ""
}

// dayBeforeMonth reads 2. November 2021, 2nd of November, 2021 and 2 de noviembre de 2021.
func dayBeforeMonth(p []linePart) (day string, n int) {
	n = skipWords(p, 1, dayEndings)
	if n+1 >= len(p) || p[n].word == "" || !isSign(p[n].sep, ".-/'’") {
		return "", 0
	}
	year := skipWords(p, n+1, monthEndings)
	if year >= len(p) || p[year].digits != 4 || !isSign(p[year].sep, ".,-/'’") {
		return "", 0
	}
	return calendarDay(p[year].num, int(monthOf(p[n].word)), p[0].num), year + 1
}

// dayBehindMonth reads November 2, 2021 and Nov. 2nd 2021.
func dayBehindMonth(p []linePart) (day string, n int) {
	n = skipWords(p, 2, dayEndings)
	if n >= len(p) || p[n].digits != 4 || !isSign(p[1].sep, ".") || !isSign(p[n].sep, ",.") || p[n].sep == "" && !isMonth(p[0].word) && n == 2 {
		return "", 0
	}
	return calendarDay(p[n].num, int(monthOf(p[0].word)), p[1].num), n + 1
}

// The small words behind the number of a day, and behind the name of a month.
var (
	dayEndings   = []string{"st", "nd", "rd", "th", "er", "º", "ª", "de", "of", "d", "da", "τη", "ος"}
	monthEndings = []string{"de", "del", "da"}
)

// skipWords returns the index of the first part from i on that is none of the words, of which it skips two at most.
func skipWords(p []linePart, i int, words []string) int {
	for range 2 {
		if i < len(p) && p[i].word != "" && slices.Contains(words, p[i].word) {
			i++
		}
	}
	return i
}

// isSign reports whether the signs between two parts are none or one of those.
func isSign(sep, signs string) bool {
	return sep == "" || utf8.RuneCountInString(sep) == 1 && strings.Contains(signs, sep)
}

// inRange reports whether the day at i ends a range: 2.-5. November, 30 October - 2 November.
func inRange(p []linePart, i int) bool {
	if i == 0 || !strings.ContainsAny(p[i].sep, "-–—&+/") {
		return false
	}
	before := p[i-1]
	if i > 1 && before.digits > 0 && p[i-1].sep == ":" {
		return false // a clock
	}
	return isNumber(before) || before.word != "" && i > 1 && isNumber(p[i-2]) && monthOf(before.word) > 0
}

// clockBehind returns the time of day that stands directly behind a date at p[i], and the index behind it.
func clockBehind(p []linePart, i int) (clock time.Duration, end int) {
	at := i
	for at < len(p) && at < i+2 && p[at].word != "" && (slices.Contains(dateFillers, p[at].word) || p[at].word == "t") {
		at++
	}
	if at+1 >= len(p) || !isNumber(p[at]) || !strings.Contains(",|·•-–—/日일. ", p[at].sep) {
		return 0, i
	}
	hour, second := p[at].num, 0
	at++
	if p[at].word == "h" && at+1 < len(p) { // 14h05
		at++
	} else if p[at].sep != ":" {
		return 0, i
	}
	minute := p[at].num
	if p[at].digits != 2 || minute > 59 || hour > 24 {
		return 0, i
	}
	at++
	if at < len(p) && p[at].sep == ":" && p[at].digits == 2 && p[at].num < 60 {
		second = p[at].num
		at++
	}
	if at < len(p) && hour <= 12 && (p[at].word == "am" || p[at].word == "pm" || (p[at].word == "a" || p[at].word == "p") && at+1 < len(p) && p[at+1].word == "m") {
		hour %= 12
		if p[at].word[0] == 'p' {
			hour += 12
		}
		at += 1 + 2 - len(p[at].word)
	}
	if at < len(p) && p[at].word != "" {
		if hours, ok := zoneHours[strings.ToUpper(p[at].word)]; ok {
			hour -= hours
			at++
		}
	}
	return time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second)*time.Second, at
}

// isHour reports whether p[i] is an hour by itself, as in "19 Uhr" and "7 pm".
func isHour(p []linePart, i int) bool {
	return i+1 < len(p) && isNumber(p[i]) && slices.Contains([]string{"uhr", "h", "am", "pm", "heures", "horas", "час", "часов"}, p[i+1].word)
}
