package bus

import (
	"fmt"
	"strings"

	"github.com/cespare/xxhash/v2"
)

// Kind is the verdict a NEWS subject stands for.
type Kind uint8

// The kinds of NEWS messages; Unknown is any other subject.
const (
	Unknown Kind = iota
	Clean
	Dup
	Dead
)

// String returns the first token of the kind's subjects.
func (k Kind) String() string { return [...]string{"unknown", "clean", "dup", "dead"}[k] }

// newsSubjects are the subjects of NEWS, without the namespace.
var newsSubjects = []string{"clean.>", "dead.>", "dup.>"}

// Bounds of what goes into a subject, in bytes after escaping. Longer names are cut and end in a
// hash of the whole.
const (
	maxToken = 128
	maxSite  = 255
)

// RawSubject returns the subject of a source's pages: "raw." and one escaped token.
func RawSubject(source string) string { return "raw." + token(source, maxToken) }

// CleanSubject returns the subject of a clean record. site has its labels reversed ("com.reuters"),
// so that `clean.en.com.reuters.>` selects a site and everything below it.
func CleanSubject(lang, site string) string { return "clean." + place(lang, site) }

// DupSubject returns the subject of a duplicate.
func DupSubject(lang, site string) string { return "dup." + place(lang, site) }

// DeadSubject returns the subject of a dead record; stage is where it died.
func DeadSubject(stage string) string { return "dead." + token(stage, maxToken) }

// SourceOf returns the source of a raw subject, "" if subject is none. A producer that publishes
// to raw.a.b itself has the source "a.b".
func SourceOf(subject string) string {
	rest, ok := strings.CutPrefix(subject, "raw.")
	if !ok {
		return ""
	}
	return unplace(rest)
}

// KindOf returns the verdict a NEWS subject stands for.
func KindOf(subject string) Kind {
	first, _, _ := strings.Cut(subject, ".")
	switch first {
	case "clean":
		return Clean
	case "dup":
		return Dup
	case "dead":
		return Dead
	}
	return Unknown
}

// PlaceOf returns language and site of a clean or dup subject, "" and "" for any other.
func PlaceOf(subject string) (lang, site string) {
	if k := KindOf(subject); k != Clean && k != Dup {
		return "", ""
	}
	_, rest, _ := strings.Cut(subject, ".")
	lang, site, _ = strings.Cut(rest, ".")
	return unescape(lang), unplace(site)
}

// StageOf returns the stage of a dead subject, "" for any other.
func StageOf(subject string) string {
	rest, ok := strings.CutPrefix(subject, "dead.")
	if !ok {
		return ""
	}
	return unescape(rest)
}

func place(lang, site string) string {
	labels := strings.Split(site, ".")
	var b strings.Builder
	b.WriteString(token(lang, maxToken))
	start := b.Len()
	for i, label := range labels {
		t := token(label, maxToken)
		if b.Len()-start+1+len(t) > maxSite-1-cutLen && i > 0 || len(labels) > maxLabels && i == maxLabels-1 {
			b.WriteString("." + cutMark(site))
			break
		}
		b.WriteString("." + t)
	}
	return b.String()
}

func unplace(s string) string {
	if s == "" {
		return ""
	}
	labels := strings.Split(s, ".")
	for i, l := range labels {
		labels[i] = unescape(l)
	}
	return strings.Join(labels, ".")
}

const (
	hexDigits = "0123456789ABCDEF"
	maxLabels = 32
	cutLen    = 2 + 16 // of cutMark
)

// cutMark ends a cut name. "%-" is nothing that escaping makes.
func cutMark(whole string) string { return fmt.Sprintf("%%-%016X", xxhash.Sum64String(whole)) }

func plain(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-'
}

// token escapes s to one subject token of at most limit bytes: bytes outside [A-Za-z0-9_-] become
// %XX, the empty string "_", a name that is "_" itself "%5F".
func token(s string, limit int) string {
	switch s {
	case "":
		return "_"
	case "_":
		return "%5F"
	}
	out := make([]byte, 0, min(3*len(s), limit))
	whole := 0 // length of out that leaves room for the mark
	for i := range len(s) {
		if len(out) <= limit-cutLen {
			whole = len(out)
		}
		if c := s[i]; plain(c) {
			out = append(out, c)
		} else {
			out = append(out, '%', hexDigits[c>>4], hexDigits[c&15])
		}
		if len(out) > limit {
			return string(out[:whole]) + cutMark(s)
		}
	}
	return string(out)
}

// unescape undoes token, but for what was cut. What is no escape stays as it is.
func unescape(t string) string {
	if t == "_" {
		return ""
	}
	if !strings.Contains(t, "%") {
		return t
	}
	out := make([]byte, 0, len(t))
	for i := 0; i < len(t); i++ {
		if t[i] == '%' && i+2 < len(t) {
			hi, lo := strings.IndexByte(hexDigits, t[i+1]), strings.IndexByte(hexDigits, t[i+2])
			if hi >= 0 && lo >= 0 {
				out = append(out, byte(hi<<4|lo))
				i += 2
				continue
			}
		}
		out = append(out, t[i])
	}
	return string(out)
}

// kvKey makes a key of a key-value bucket: as token, with = for %, which keys may not contain.
func kvKey(key string) string { return strings.ReplaceAll(token(key, 200), "%", "=") }
