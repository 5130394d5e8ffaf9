package cli

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Count writes n with its thousands apart: 1,234,567.
func Count[T ~int | ~int64 | ~uint64 | ~uint32 | ~int32](n T) string {
	s := fmt.Sprintf("%d", n)
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// Bytes writes a size in decimal units with at most three digits: 950 B, 1.5 MB, 24 GB.
func Bytes(n int64) string {
	if n < 1000 && n > -1000 {
		return strconv.FormatInt(n, 10) + " B"
	}
	v := float64(n)
	for _, unit := range []string{"kB", "MB", "GB", "TB", "PB", "EB"} {
		v /= 1000
		if math.Abs(v) < 9.95 {
			return fmt.Sprintf("%.1f %s", v, unit)
		}
		if math.Abs(v) < 999.5 || unit == "EB" {
			return fmt.Sprintf("%.0f %s", v, unit)
		}
	}
	panic("unreachable")
}

// Rate writes how many of n happen in a second: 4,210/s, 3.4/s; "-" if d is not positive.
func Rate(n int64, d time.Duration) string {
	if d <= 0 {
		return "-"
	}
	r := float64(n) / d.Seconds()
	if r < 9.95 {
		return fmt.Sprintf("%.1f/s", r)
	}
	return Count(int64(math.Round(r))) + "/s"
}

// Percent writes part of whole: 12.3%; "-" if whole is 0.
func Percent(part, whole int64) string {
	if whole == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f%%", 100*float64(part)/float64(whole))
}

// Elapsed writes a duration for people: 0.4s, 12s, 3m05s, 2h10m, 3d04h.
func Elapsed(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1fs", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
	case d < 24*time.Hour:
		return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%dd%02dh", int(d.Hours())/24, int(d.Hours())%24)
}

var byteUnits = map[string]int64{
	"": 1, "b": 1,
	"k": 1e3, "kb": 1e3, "m": 1e6, "mb": 1e6, "g": 1e9, "gb": 1e9, "t": 1e12, "tb": 1e12,
	"pb": 1e15, "eb": 1e18,
	"kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40, "pib": 1 << 50, "eib": 1 << 60,
}

// ParseBytes reads a size: a number, then nothing, a decimal unit (k, kB, MB, ... EB) or
// a binary one (KiB, MiB, ... EiB), in any case. It reads what [Bytes] writes.
func ParseBytes(s string) (int64, error) {
	digits := strings.TrimRight(strings.ToLower(strings.TrimSpace(s)), "begikmpt ")
	unit, ok := byteUnits[strings.TrimSpace(strings.ToLower(strings.TrimSpace(s))[len(digits):])]
	v, err := strconv.ParseFloat(digits, 64)
	if !ok || err != nil || v < 0 || v*float64(unit) >= math.MaxInt64 || math.IsNaN(v) {
		return 0, fmt.Errorf("%q is not a size; write for example 1500, 64KB, 2GiB", s)
	}
	return int64(v * float64(unit)), nil
}
