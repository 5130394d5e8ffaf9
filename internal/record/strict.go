package record

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// strictKey is a key that must be there, and how to read its value: false means the wrong type.
type strictKey struct {
	name string
	read func(jsontext.Value) bool
}

// parseStrict reads a record that has exactly these keys, in any order.
func parseStrict(data []byte, keys []strictKey) error {
	if err := checkObject(data); err != nil {
		return err
	}
	return readKeys(data, keys)
}

func readKeys(data []byte, keys []strictKey) error {
	var room [24]span
	members, err := appendMembers(room[:0], data)
	if err != nil {
		return err
	}
	seen := 0
	for i, s := range members {
		if i >= len(keys) || keys[i].name != string(s.key) { // not in the writer's order
			i = slices.IndexFunc(keys, func(k strictKey) bool { return k.name == string(s.key) })
		}
		if i < 0 {
			return malformed(ReasonUnknownKey, fmt.Sprintf("%q", s.key))
		}
		if !keys[i].read(s.val) {
			return malformed(ReasonWrongType, fmt.Sprintf("%q", s.key))
		}
		seen |= 1 << i
	}
	for i, k := range keys {
		if seen&(1<<i) == 0 {
			return malformed(ReasonMissingKey, fmt.Sprintf("%q", k.name))
		}
	}
	return nil
}

func str(p *string) func(jsontext.Value) bool {
	return func(v jsontext.Value) bool {
		if v.Kind() != '"' {
			return false
		}
		*p = unquote(v)
		return true
	}
}

func oneOf(p *string, allowed ...string) func(jsontext.Value) bool {
	return func(v jsontext.Value) bool { return str(p)(v) && slices.Contains(allowed, *p) }
}

func uintOf(p *uint64) func(jsontext.Value) bool {
	return func(v jsontext.Value) (ok bool) {
		n, err := strconv.ParseUint(string(v), 10, 64)
		*p = n
		return err == nil
	}
}

func intOf(p *int) func(jsontext.Value) bool {
	return func(v jsontext.Value) bool {
		var n uint64
		ok := uintOf(&n)(v) && n <= math.MaxInt
		*p = int(n)
		return ok
	}
}

func floatOf(p *float64) func(jsontext.Value) bool {
	return func(v jsontext.Value) bool {
		f, err := strconv.ParseFloat(string(v), 64)
		*p = f
		return err == nil && v.Kind() == '0' && f >= 0 && f <= 1
	}
}

func base64Of(p *[]byte) func(jsontext.Value) bool {
	return func(v jsontext.Value) bool {
		var s string
		if !str(&s)(v) {
			return false
		}
		b, err := base64.StdEncoding.Strict().DecodeString(s)
		if len(b) > 0 {
			*p = b
		}
		return err == nil && len(b) <= MaxDeadBytes
	}
}

// objectOf reads any object, compact.
func objectOf(p *jsontext.Value) func(jsontext.Value) bool {
	return func(v jsontext.Value) bool {
		if v.Kind() != '{' {
			return false
		}
		*p = compact(v)
		return true
	}
}

func removedOf(p *Removed) func(jsontext.Value) bool {
	return func(v jsontext.Value) bool {
		return readKeys(v, []strictKey{
			{"chars", intOf(&p.Chars)}, {"blocks", intOf(&p.Blocks)}, {"reasons", countsOf(&p.Reasons)},
		}) == nil
	}
}

func countsOf(p *map[string]int) func(jsontext.Value) bool {
	return func(v jsontext.Value) bool {
		members, err := appendMembers(nil, v)
		for _, s := range members {
			var n int
			if !intOf(&n)(s.val) {
				return false
			}
			if *p == nil {
				*p = map[string]int{}
			}
			(*p)[string(s.key)] = n
		}
		return err == nil
	}
}

func overlapsOf(p *[]Overlap) func(jsontext.Value) bool {
	return func(v jsontext.Value) bool {
		if v.Kind() != '[' {
			return false
		}
		dec := jsontext.NewDecoder(bytes.NewBuffer(v))
		if _, err := dec.ReadToken(); err != nil {
			return false
		}
		for dec.PeekKind() != ']' {
			val, err := dec.ReadValue()
			if err != nil {
				return false
			}
			var o Overlap
			if readKeys(val, []strictKey{
				{"id", str(&o.ID)},
				{"seq", uintOf(&o.Seq)},
				{"share", floatOf(&o.Share)},
				{"share_of_other", floatOf(&o.ShareOfOther)},
				{"relation", oneOf(&o.Relation, Syndication, Repeat, Revision)},
			}) != nil {
				return false
			}
			*p = append(*p, o)
		}
		return true
	}
}
