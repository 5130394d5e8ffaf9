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
	"2006-01-02T15:04MST",
	"2006-01-02 15:04:05Z07:00",
	"2006-01-02 15:04:05Z0700",
	"2006-01-02 15:04:05Z07",
	"2006-01-02 15:04:05 Z0700",
	"2006-01-02 15:04:05 Z07:00",
	"2006-01-02 15:04:05 -0700 MST",
	"2006-01-02 15:04:05 MST",
	"2006-01-02 15:04:05.999999999",
	"2006-01-02 15:04 Z0700",
	"2006-01-02 15:04",
	"2006-1-2 15:04:05",
	"2006-1-2 15:04",
	"2006-1-2",
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
// those of mail, of Java and JavaScript, and what people write. Go reads names in any case.
var wordLayouts = func() (all []string) {
	for _, day := range []string{"2 Jan 2006", "Jan 2 2006"} {
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

const midnight = "T00:00:00Z"

// hasTime reports whether a date of readDate's is more than a day.
func hasTime(date string) bool { return date != "" && !strings.HasSuffix(date, midnight) }

// firstDate returns the first of the dates that can be read, as RFC 3339 in UTC, or "". A day alone gives
// way to the time that another one has for that day.
func firstDate(dates ...string) (first string) {
	for _, s := range dates {
		d := readDate(s)
		if first == "" {
			first = d
		} else if day, ok := strings.CutSuffix(first, midnight); ok && strings.HasPrefix(d, day) {
			first = d
		}
		if hasTime(first) {
			break
		}
	}
	return first
}

// readDate returns a date in RFC 3339 and UTC, "" if it cannot be read or lies outside the time
// of the web.
func readDate(s string) string {
	if i := strings.IndexAny(s, "[("); i > 8 { // the zone's name
		s = s[:i]
	}
	s = strings.Trim(s, " \"'")
	if i := strings.Index(s, "Z "); i > 0 { // and another zone
		s = s[:i+1]
	}
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
		if before, after, ok := strings.Cut(s, "24:00"); ok && (strings.HasSuffix(before, "T") || strings.HasSuffix(before, " ")) {
			return dayAfter(readDate(before + "00:00" + after))
		}
	}
	return parseDate(plainDate(s), wordLayouts)
}

// dayAfter returns a date of readDate's one day later.
func dayAfter(date string) string {
	t, err := time.Parse(time.RFC3339, date)
	if err != nil {
		return ""
	}
	return webTime(t.AddDate(0, 0, 1))
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

// plainDate returns a date with the name of its month in English, without the day of the week, the signs and
// the small words between its parts, and the letters behind the day's number.
func plainDate(s string) string {
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == ',' || r == '|' || r == '\u00a0' })
	parts = slices.DeleteFunc(parts, func(p string) bool {
		return slices.Contains(dateFillers, strings.ToLower(strings.TrimSuffix(p, ".")))
	})
	if len(parts) > 2 && (parts[0][0] < '0' || parts[0][0] > '9') && (monthOf(parts[0]) == 0 || monthOf(parts[2]) > 0) {
		parts = parts[1:] // martes 3 marzo
	}
	for i, p := range parts[:min(len(parts), 2)] {
		p = strings.TrimSuffix(p, ".")
		if n := len(p) - 2; n > 0 && p[0] <= '9' && slices.Contains([]string{"st", "nd", "rd", "th", "er"}, p[n:]) {
			p = p[:n]
		}
		if m := monthOf(p); m > 0 {
			p = m.String()[:3]
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
