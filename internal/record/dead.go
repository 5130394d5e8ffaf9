package record

import (
	"encoding/base64"
	"strconv"
)

// Dead is the verdict on a payload that is no usable page: why, and the bytes up to a bound.
type Dead struct {
	ID     string // "" when the payload has none that can be read
	Seq    uint64
	Source string
	URL    string
	Site   string
	Added  string
	Stage  string // where it failed: decode, parse, extract, ...
	Reason string // from a closed set, as the stage defines it
	Detail string // for a person
	Size   int    // bytes of the payload, decompressed
	Raw    []byte // its first MaxDeadBytes bytes: what the producer sent, or the record that the intake made of it
}

// AppendJSON appends d as one line of JSON, without the line break: Raw in base64 (RFC 4648, with
// padding), at most MaxDeadBytes of it.
func (d *Dead) AppendJSON(dst []byte) []byte {
	dst = appendMember(dst, `{"id":`, d.ID)
	dst = appendUintMember(dst, `,"seq":`, d.Seq)
	dst = appendMember(dst, `,"source":`, d.Source)
	dst = appendMember(dst, `,"url":`, d.URL)
	dst = appendMember(dst, `,"site":`, d.Site)
	dst = appendMember(dst, `,"added":`, d.Added)
	dst = appendMember(dst, `,"stage":`, d.Stage)
	dst = appendMember(dst, `,"reason":`, d.Reason)
	dst = appendMember(dst, `,"detail":`, d.Detail)
	dst = strconv.AppendInt(append(dst, `,"size":`...), int64(d.Size), 10)
	dst = append(dst, `,"raw":"`...)
	dst = base64.StdEncoding.AppendEncode(dst, d.Raw[:min(len(d.Raw), MaxDeadBytes)])
	return append(dst, '"', '}')
}

// ParseDead reads what AppendJSON wrote, as strictly as [ParseClean].
func ParseDead(data []byte) (Dead, error) {
	var d Dead
	err := parseStrict(data, []strictKey{
		{"id", str(&d.ID)},
		{"seq", uintOf(&d.Seq)},
		{"source", str(&d.Source)},
		{"url", str(&d.URL)},
		{"site", str(&d.Site)},
		{"added", str(&d.Added)},
		{"stage", str(&d.Stage)},
		{"reason", str(&d.Reason)},
		{"detail", str(&d.Detail)},
		{"size", intOf(&d.Size)},
		{"raw", base64Of(&d.Raw)},
	})
	return d, err
}
