package boilerplate

import (
	"strconv"
	"strings"
	"time"
)

// dateLayouts are the ways in which pages write their dates for machines, the commonest first.
// Those without a zone are taken as UTC.
var dateLayouts = [...]string{
	time.RFC3339Nano,
	"2006-01-02T15:04:05.999999999Z0700",
	"2006-01-02T15:04:05.999999999",
	"2006-01-02T15:04Z07:00",
	"2006-01-02T15:04Z0700",
	"2006-01-02T15:04",
	"2006-01-02 15:04:05Z07:00",
	"2006-01-02 15:04:05 Z0700",
	"2006-01-02 15:04:05.999999999",
	"2006-01-02 15:04",
	"2006-01-02",
	"2006/01/02 15:04:05",
	"2006/01/02",
	"20060102T150405Z0700",
	"20060102150405",
	"20060102",
	time.RFC1123Z,
	time.RFC1123,
	"Mon, 2 Jan 2006 15:04:05 -0700",
	"Mon Jan 2 15:04:05 MST 2006",
	"2 January 2006 15:04",
	"2 January 2006",
	"2 Jan 2006",
	"January 2, 2006 3:04 PM",
	"January 2, 2006",
	"Jan 2, 2006",
	"02.01.2006 15:04",
	"02.01.2006",
}

// firstDate returns the first of the dates that can be read, as RFC 3339 in UTC, or "".
func firstDate(dates ...string) string {
	for _, s := range dates {
		if d := readDate(s); d != "" {
			return d
		}
	}
	return ""
}

// readDate returns a date in RFC 3339 and UTC, "" if it cannot be read or lies outside the time
// of the web.
func readDate(s string) string {
	s = strings.TrimSpace(s)
	if len(s) < 8 || len(s) > 64 {
		return ""
	}
	if i := strings.IndexAny(s, "[("); i > 8 {
		s = strings.TrimSpace(s[:i])
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && len(s) >= 10 && len(s) <= 13 && len(s) != 12 {
		if len(s) == 13 {
			n /= 1000
		}
		return webTime(time.Unix(n, 0))
	}
	for _, layout := range dateLayouts {
		if layout[0] == '2' && (s[0] < '0' || s[0] > '9') {
			continue
		}
		if t, err := time.Parse(layout, s); err == nil {
			return webTime(t)
		}
	}
	return ""
}

func webTime(t time.Time) string {
	t = t.UTC()
	if t.Year() < 1970 || t.Year() > 2100 {
		return ""
	}
	return t.Format(time.RFC3339)
}
