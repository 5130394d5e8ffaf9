package boilerplate

import (
	"net/url"
	"slices"
	"strings"
	"time"
)

// eventPaths are the parts of addresses under which a day is that of an event or of an archive.
var eventPaths = []string{"event", "events", "calendar", "kalender", "termin", "termine", "veranstaltung", "veranstaltungen", "agenda", "eventos", "evenements", "archive", "archives", "archiv"}

// addressDate returns the day that the path of an address names, as in /2020/08/24/title or /20200824-title; "" if it
// names none, two, or nothing behind it, as where a day's stories are listed.
func addressDate(address string) (day string) {
	u, err := url.Parse(address)
	if err != nil || len(u.Path) > maxMetaBytes {
		return ""
	}
	for part := range strings.SplitSeq(u.Path, "/") {
		if slices.Contains(eventPaths, strings.ToLower(part)) {
			return ""
		}
	}
	path := strings.TrimRight(u.Path, "/")
	for i := 0; i < len(path); {
		n := digits(path[i:])
		if n == 0 {
			i++
			continue
		}
		d, length := pathDay(path[i:], n)
		if d != "" && (i+length == len(path) && path[i+n-1:] != path[i+7:] || day != "" && d != day) {
			return ""
		}
		if d != "" {
			day = d
		}
		i += max(length, n)
	}
	return day
}

// pathDay returns the day that stands at the beginning of a part of a path, and its length. The first n bytes are digits.
func pathDay(s string, n int) (day string, length int) {
	if n == 8 {
		return calendarDay(number(s[:4]), number(s[4:6]), number(s[6:8])), n
	}
	if n != 4 || len(s) < 8 || !isPathSign(s[4]) {
		return "", 0
	}
	month := digits(s[5:])
	if month == 0 || month > 2 || len(s) < 7+month || !isPathSign(s[5+month]) {
		return "", 0
	}
	at := 6 + month
	if n = digits(s[at:]); n == 0 || n > 2 {
		return "", 0
	}
	if s[at-1] == '/' && len(s) > at+n && s[at+n] != '/' { // 2020/08/3-ways
		return "", 0
	}
	return calendarDay(number(s[:4]), number(s[5:5+month]), number(s[at:at+n])), at + n
}

func isPathSign(c byte) bool { return c == '/' || c == '-' || c == '_' }

// digits returns the number of digits at the beginning of s.
func digits(s string) (n int) {
	for n < len(s) && '0' <= s[n] && s[n] <= '9' {
		n++
	}
	return n
}

// number returns the value of up to nine digits.
func number(digits string) (n int) {
	for _, c := range digits[:min(len(digits), 9)] {
		n = n*10 + int(c-'0')
	}
	return n
}

// calendarDay returns the midnight of a day as readDate does, "" if no calendar has it or it lies outside the time of the web.
func calendarDay(year, month, day int) string {
	if year < 1995 || year > 2100 || month < 1 || month > 12 {
		return ""
	}
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if t.Day() != day {
		return ""
	}
	return webTime(t)
}
