package record

import (
	"strconv"
	"strings"
	"time"
)

// timeLayouts are the formats producers write, most frequent first, by how a time in them begins. A
// time without a zone is UTC.
var timeLayouts = [...][]string{
	dateAndT: {
		time.RFC3339Nano,
		"2006-01-02T15:04:05",
		"2006-01-02T15:04:05Z0700",
		"2006-01-02T15:04Z07:00",
		"2006-01-02T15:04",
		"2006-01-02T15:04:05Z07",
	},
	dateAndBlank: {
		"2006-01-02 15:04:05",
		"2006-01-02 15:04:05Z07:00",
		"2006-01-02 15:04:05Z0700",
		"2006-01-02 15:04:05 Z0700",
		"2006-01-02 15:04:05 MST",
		"2006-01-02 15:04",
		"2006-01-02 15:04:05Z07", // PostgreSQL
		"2006-01-02 15:04:05 Z07:00",
		"2006-01-02 15:04:05 -0700 MST", // Go
	},
	dateAlone: {"2006-01-02"},
	noDate: {
		"Mon, _2 Jan 2006 15:04:05 MST", // RFC 1123
		"Mon, _2 Jan 2006 15:04:05 -0700",
		"_2 Jan 2006 15:04:05 MST", // RFC 5322 without the day
		"_2 Jan 2006 15:04:05 -0700",
		"_2-Jan-2006 15:04:05",
		"2006/01/02 15:04:05",
		"2006/01/02",
		"20060102T150405Z0700",
		"20060102150405", // CDX
		"20060102",
	},
}

const (
	dateAndT = iota
	dateAndBlank
	dateAlone
	noDate
)

// beginning tells how a time begins: each try with a layout that cannot fit costs an error.
func beginning(s string) int {
	switch {
	case len(s) < len("2006-01-02") || s[4] != '-' || s[7] != '-':
		return noDate
	case len(s) == len("2006-01-02"):
		return dateAlone
	case s[10] == ' ':
		return dateAndBlank
	}
	return dateAndT
}

// ParseTime reads a time in one of the common formats: RFC 3339, ISO 8601 with or without a zone
// or a clock, RFC 1123 and 5322, Unix seconds or milliseconds. It returns UTC, and false for
// anything else, for a zone known by an abbreviation other than UTC or GMT (they are ambiguous),
// and outside the years 1 to 9999. 24:00 ends its day. A point that a cut fraction left at the end is passed over.
func ParseTime(s string) (time.Time, bool) {
	s = strings.TrimSuffix(strings.TrimSpace(s), ".")
	if t, ok := unixTime(s); ok {
		return t, true
	}
	if len(s) > len("2006-01-02T") && beginning(s) < dateAlone && strings.HasPrefix(s[len("2006-01-02T"):], "24:00") {
		t, ok := ParseTime(s[:len("2006-01-02T")] + "00" + s[len("2006-01-02T24"):])
		t = t.AddDate(0, 0, 1)
		return t, ok && t.Second() == 0 && t.Nanosecond() == 0 && t.Year() <= 9999
	}
	for _, layout := range timeLayouts[beginning(s)] {
		t, err := time.Parse(layout, s)
		if err != nil {
			continue
		}
		if zone, _ := t.Zone(); strings.HasSuffix(layout, "MST") && !strings.Contains(layout, "-0700") && zone != "UTC" && zone != "GMT" {
			return time.Time{}, false
		}
		t = t.UTC()
		return t, t.Year() >= 1 && t.Year() <= 9999
	}
	return time.Time{}, false
}

// unixTime reads 9 to 10 digits as seconds since 1970 and 12 to 13 as milliseconds; a fraction of
// a second is dropped. Shorter numbers are no times: they are years, days or counts.
func unixTime(s string) (time.Time, bool) {
	whole, fraction, _ := strings.Cut(s, ".")
	if strings.Trim(whole+fraction, "0123456789") != "" {
		return time.Time{}, false
	}
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return time.Time{}, false
	}
	switch len(whole) {
	case 9, 10:
		return time.Unix(n, 0).UTC(), true
	case 12, 13:
		return time.UnixMilli(n).UTC(), true
	}
	return time.Time{}, false
}

// Future tells whether a time of intake is not to be believed, since it lies after the clock of
// whoever takes the record in by more than a day, which clocks may differ by. Segments and what is
// kept of them follow the time of intake: one in the year 9999 would never be old. Without a clock
// every time is believed.
func Future(t, clock time.Time) bool {
	const skew = 24 * time.Hour
	return !clock.IsZero() && t.After(clock.Add(skew))
}
