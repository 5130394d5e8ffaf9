package boilerplate

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// dateLayouts are the ways in which pages write their dates in digits, the commonest first. Those
// without a zone are taken as UTC.
var dateLayouts = [...]string{
	time.RFC3339Nano,
	"2006-01-02T15:04:05.999999999Z0700",
	"2006-01-02T15:04:05.999999999",
	"2006-01-02T15:04:05Z07",
	"2006-01-02T15:04Z07:00",
	"2006-01-02T15:04Z0700",
	"2006-01-02T15:04",
	"2006-01-02 15:04:05Z07:00",
	"2006-01-02 15:04:05Z07",
	"2006-01-02 15:04:05 Z0700",
	"2006-01-02 15:04:05 Z07:00",
	"2006-01-02 15:04:05 -0700 MST",
	"2006-01-02 15:04:05 MST",
	"2006-01-02 15:04:05.999999999",
	"2006-01-02 15:04 Z0700",
	"2006-01-02 15:04",
	"2006-01-02",
	"2006/01/02 15:04:05",
	"2006/01/02 15:04",
	"2006/01/02",
	"20060102T150405Z0700",
	"20060102150405",
	"20060102",
	"02.01.2006 15:04",
	"02.01.2006",
}

// wordLayouts are those of dates with the name of a month, without the day of the week and signs:
// those of mail, of Java and JavaScript, and what people write. Go reads names in any case, whole or cut.
var wordLayouts = func() (all []string) {
	for _, day := range []string{"2 Jan 2006", "Jan 2 2006", "2 January 2006", "January 2 2006"} {
		all = append(all, day)
		for _, clock := range []string{" 15:04:05", " 15:04", " 3:04 PM", " 3:04:05 PM", " 3:04PM"} {
			for _, zone := range []string{"", " -0700", " GMT-0700", " MST"} {
				all = append(all, day+clock+zone)
			}
		}
	}
	return append(all, "Jan 2 15:04:05 MST 2006", "Jan 2 15:04:05 2006")
}()

// zoneHours are the zones that mail may name. Source: RFC 5322, 4.3.
var zoneHours = map[string]int{"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}

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
	if i := strings.IndexAny(s, "[("); i > 8 { // the zone's name
		s = s[:i]
	}
	s = strings.TrimSpace(s)
	if len(s) < 8 || len(s) > 64 {
		return ""
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && len(s) >= 10 && len(s) <= 13 && len(s) != 12 {
		if len(s) == 13 {
			n /= 1000
		}
		return webTime(time.Unix(n, 0))
	}
	if s[0] >= '0' && s[0] <= '9' {
		if d := parseDate(s, dateLayouts[:]); d != "" {
			return d
		}
	}
	return parseDate(plainDate(s), wordLayouts)
}

// parseDate reads a date in one of the layouts. What the abbreviation of a zone means is never asked
// of the machine: another one would read another time. One that RFC 5322 does not know is UTC.
func parseDate(s string, layouts []string) string {
	for _, layout := range layouts {
		t, err := time.ParseInLocation(layout, s, time.UTC)
		if err != nil {
			continue
		}
		if zone, offset := t.Zone(); offset == 0 {
			t = t.Add(-time.Duration(zoneHours[zone]) * time.Hour)
		}
		return webTime(t)
	}
	return ""
}

// plainDate returns a date without its day of the week, the signs and the "at" between its parts, and
// the letters behind the day's number.
func plainDate(s string) string {
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == ',' || r == '|' || r == '\u00a0' })
	parts = slices.DeleteFunc(parts, func(p string) bool { return p == "-" || p == "–" || strings.EqualFold(p, "at") })
	if len(parts) > 0 {
		switch strings.ToLower(parts[0][:min(len(parts[0]), 3)]) {
		case "mon", "tue", "wed", "thu", "fri", "sat", "sun":
			parts = parts[1:]
		}
	}
	for i, p := range parts[:min(len(parts), 2)] {
		p = strings.TrimSuffix(p, ".")
		if n := len(p) - 2; n > 0 && p[0] <= '9' && slices.Contains([]string{"st", "nd", "rd", "th"}, p[n:]) {
			p = p[:n]
		}
		if strings.EqualFold(p, "sept") {
			p = "Sep"
		}
		parts[i] = p
	}
	for i := min(len(parts), 3); i < len(parts); i++ {
		parts[i] = strings.ToUpper(parts[i]) // pm
	}
	return strings.Join(parts, " ")
}

func webTime(t time.Time) string {
	t = t.UTC()
	if t.Year() < 1970 || t.Year() > 2100 {
		return ""
	}
	return t.Format(time.RFC3339)
}
