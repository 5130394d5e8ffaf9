package segment

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"
)

// Partition names the keys by which records go into folders, outermost first: "date" (of intake),
// "published" (date of publication), "lang", "site". The folders are called key=value, as Hive,
// DuckDB, Spark and pandas read them. "date" can only be the first: it is a property of the segment,
// which ends when a later date begins.
type Partition []string

var partitionKeys = []string{"date", "published", "lang", "site"}

// ParsePartition reads a comma-separated list of keys; "none" is the empty one.
func ParsePartition(s string) (Partition, error) {
	p := Partition{}
	if s == "none" {
		return p, nil
	}
	for key := range strings.SplitSeq(s, ",") {
		key = strings.TrimSpace(key)
		switch {
		case !slices.Contains(partitionKeys, key) || slices.Contains(p, key):
			return nil, fmt.Errorf("partition %q: want none, or some of date, published, lang, site, each once", s)
		case key == "date" && len(p) > 0:
			return nil, fmt.Errorf("partition %q: date must be the first key", s)
		}
		p = append(p, key)
	}
	return p, nil
}

// byDate tells whether segments have a date.
func (p Partition) byDate() bool { return len(p) > 0 && p[0] == "date" }

// nowhere is the value for records that have none: what Hive and its readers take for NULL.
const nowhere = "__HIVE_DEFAULT_PARTITION__"

// appendFolder appends the folder of a record below its segment's date, such as
// "lang=en/site=com.example", "" when there are no such keys.
func (p Partition) appendFolder(dst []byte, c *counted) []byte {
	for _, key := range p {
		if key == "date" {
			continue
		}
		if len(dst) > 0 {
			dst = append(dst, '/')
		}
		dst = append(append(dst, key...), '=')
		switch key {
		case "published":
			dst = appendDay(dst, c.Published)
		case "lang":
			dst = appendEscaped(dst, c.Lang)
		case "site":
			dst = appendEscaped(dst, c.Site)
		}
	}
	return dst
}

// appendDay appends the UTC date of an RFC 3339 time.
func appendDay(dst []byte, s string) []byte {
	t, err := time.Parse(time.RFC3339, s)
	if t = t.UTC(); err != nil || t.Year() < 1 || t.Year() > 9999 {
		return append(dst, nowhere...)
	}
	return t.AppendFormat(dst, time.DateOnly)
}

// longest value of a partition key in a name, in bytes; file systems take 255 for a folder.
const maxValue = 200

// appendEscaped appends s as Hive writes values: what may be special in a path as %XX. A value
// that becomes too long is cut, and its hash behind it keeps it apart from others.
func appendEscaped(dst []byte, s string) []byte {
	const hex = "0123456789ABCDEF"
	if s == "" {
		return append(dst, nowhere...)
	}
	from := len(dst)
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '.', c == '-', c == '_':
			dst = append(dst, c)
		default:
			dst = append(dst, '%', hex[c>>4], hex[c&15])
		}
	}
	if len(dst)-from > maxValue {
		dst = fmt.Appendf(dst[:from+maxValue-20], "~%016x", xxhash.Sum64String(s))
	}
	return dst
}

// folderHas tells whether a file in the folder may hold records with this value of the key; they
// may when the folder does not say.
func folderHas(folder, key string, has func(value string) bool) bool {
	for part := range strings.SplitSeq(folder, "/") {
		if value, ok := strings.CutPrefix(part, key+"="); ok {
			return has(value)
		}
	}
	return true
}
