package record

import (
	"bytes"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// This file is about objects that are a list of articles and some words about it: the answers of
// search services, JSON Feed (https://www.jsonfeed.org/version/1.1/), exports.

// listKeys are the keys under which such an object has its list.
var listKeys = []string{"articles", "items", "data", "results"}

// Bounds of such an object: the documents in its list, and the bytes beside it, which are dropped,
// unless the list has more.
const (
	maxListed = 100_000
	maxBeside = 4 << 10
)

// mayList reports whether data begins like an object that is a list: it is asked for every record,
// and ends where an article has its text.
func mayList(data []byte, m Mapping) bool {
	i := skipSpace(data, 0)
	if i == len(data) || data[i] != '{' {
		return false
	}
	for {
		i = skipSpace(data, i+1)
		end, _, ok := scanString(data, i)
		if !ok {
			return false
		}
		key := data[i+1 : end-1]
		if i = skipSpace(data, end); i == len(data) || data[i] != ':' {
			return false
		}
		i = skipSpace(data, i+1)
		if i < len(data) && data[i] == '[' && isListKey(key) {
			return !m.below(string(key))
		}
		if m.isContent(key) {
			return false
		}
		if i, ok = scanValue(data, i); !ok {
			return false
		}
		if i = skipSpace(data, i); i == len(data) || data[i] != ',' {
			return false
		}
	}
}

func isListKey(key []byte) bool {
	return slices.ContainsFunc(listKeys, func(k string) bool { return k == string(key) })
}

// listed returns the objects of a list of articles, nil when data is something else.
func listed(data []byte, m Mapping) [][]byte {
	if checkObject(data) != nil {
		return nil
	}
	members, err := appendMembers(nil, data)
	at := slices.IndexFunc(members, func(s span) bool { return isListKey(s.key) && s.val.Kind() == '[' })
	if err != nil || at < 0 || hasContent(members, m) {
		return nil
	}
	val := members[at].val
	if beside := len(data) - len(val); beside > max(len(val), maxBeside) {
		return nil
	}
	list := elements(bytes.Clone(val))
	if len(list) > maxListed || !slices.ContainsFunc(list, func(val jsontext.Value) bool { return isArticle(val, m) }) {
		return nil
	}
	parts := make([][]byte, len(list))
	for i, val := range list {
		if val.Kind() != '{' {
			return nil
		}
		parts[i] = val
	}
	return parts
}
