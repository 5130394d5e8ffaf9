package record

import (
	"bytes"
	"slices"
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

// listAt returns the place of the list in data that begins like an object that is one, -1 for others: it is asked for
// every record, and ends where an article has its text.
func listAt(data []byte, m Mapping) int {
	i := skipSpace(data, 0)
	if i == len(data) || data[i] != '{' {
		return -1
	}
	for {
		i = skipSpace(data, i+1)
		end, _, ok := scanString(data, i)
		if !ok {
			return -1
		}
		key := data[i+1 : end-1]
		if i = skipSpace(data, end); i == len(data) || data[i] != ':' {
			return -1
		}
		i = skipSpace(data, i+1)
		if i < len(data) && data[i] == '[' && isListKey(key) {
			if m.below(string(key)) {
				return -1
			}
			return i
		}
		if m.isContent(key) {
			return -1
		}
		if i, ok = scanValue(data, i); !ok {
			return -1
		}
		if i = skipSpace(data, i); i == len(data) || data[i] != ',' {
			return -1
		}
	}
}

func isListKey(key []byte) bool {
	return slices.ContainsFunc(listKeys, func(k string) bool { return k == string(key) })
}

// listed returns the elements of the list at a place in an object that is a list of articles, nil when it is something
// else. An element that is no record is one all the same: what is beside it need not be lost with it.
func listed(data []byte, at int, m Mapping) (parts [][]byte) {
	list, article := bytes.Clone(data[at:]), false
	end := walkList(list, 0, func(val []byte) bool {
		parts, article = append(parts, val), article || isArticle(val, m)
		return len(parts) <= maxListed
	})
	if end < 0 || !article {
		return nil
	}
	beside := slices.Concat(data[:at+1], list[end-1:])
	if checkObject(beside) != nil || len(beside)-len("[]") > max(end, maxBeside) {
		return nil
	}
	if members, err := appendMembers(nil, beside); err != nil || hasContent(members, m) {
		return nil
	}
	return parts
}

// IsEmptyList reports whether an object is an answer that lists no article: its list is empty, and beside it there is no
// text, and no id or address that would make it a record.
func IsEmptyList(data []byte, m Mapping) bool {
	at := listAt(data, m)
	if at < 0 {
		return false
	}
	end := skipSpace(data, at+1)
	if end == len(data) || data[end] != ']' || len(data) > maxBeside || checkObject(data) != nil {
		return false
	}
	members, err := appendMembers(nil, data)
	return err == nil && !slices.ContainsFunc(members, func(s span) bool {
		c, ok := m.lookup(s.key)
		return ok && slices.Contains([]field{textField, htmlField, idField, urlField}, c.field) && !isEmpty(s.val)
	})
}

// ArticlesAt returns the place of the list, its bracket, in an object that is a list of articles, as far as data, its
// beginning, tells: what follows the list is not looked at. It returns -1 for anything else. It is for
// objects that are too large for [Split].
func ArticlesAt(data []byte, m Mapping) int {
	at, article := listAt(data, m), false
	if at >= 0 {
		walkList(data, at, func(val []byte) bool {
			article = isArticle(val, m)
			return !article
		})
	}
	if !article {
		return -1
	}
	return at
}
