package boilerplate

import "bytes"

// readAttrs reads what matters of an element's attributes: the words of its names, and whether
// it is hidden.
func (t *tree) readAttrs(n *element, attrs []byte) {
	var prop, date, content []byte
	for i := 0; i < len(attrs); {
		var key, val []byte
		key, val, i = readAttr(attrs, i)
		if len(key) == 0 {
			continue
		}
		switch lower(key[0]) {
		case 'c':
			if equalFold(key, "class") {
				t.addWords(val)
			} else if equalFold(key, "content") {
				content = val
			}
		case 'i':
			if equalFold(key, "id") {
				t.addWords(val)
			} else if equalFold(key, "itemprop") {
				t.addWords(val)
				prop = val
				if equalFold(val, "articlebody") {
					n.flags |= nodeBody
				} else if equalFold(val, "author") {
					n.flags |= nodeAuthor | nodeCredit
				}
			}
		case 'r':
			if equalFold(key, "role") {
				t.addWords(val)
			} else if equalFold(key, "rel") {
				if equalFold(val, "author") {
					n.flags |= nodeAuthor | nodeCredit
				}
			}
		case 'd':
			if len(key) > 5 && equalFold(key[:5], "data-") && namesElement(key[5:]) {
				t.addWords(val)
			} else if equalFold(key, "datetime") {
				date = val
			}
		case 'h':
			if equalFold(key, "hidden") {
				n.flags |= nodeHidden
			} else if equalFold(key, "href") {
				n.flags |= nodeLink
				if toAuthor(val) {
					n.flags |= nodeCredit
				}
			}
		case 'a':
			if equalFold(key, "aria-hidden") && equalFold(val, "true") {
				n.flags |= nodeHidden
			} else if equalFold(key, "aria-label") {
				t.addWords(val)
			}
		case 's':
			if equalFold(key, "style") && hides(val) {
				n.flags |= nodeHidden
			}
		}
	}
	if len(prop) > 4 && equalFold(prop[:4], "date") && date == nil {
		date = content
	}
	if date != nil {
		t.head.addTime(prop, date)
	}
	n.nwords = uint16(min(len(t.words)-int(n.words), 1<<16-1))
}

// namesElement reports whether a data attribute commonly says what its element is.
func namesElement(key []byte) bool {
	switch string(key) {
	case "testid", "test-id", "component", "type", "module", "qa", "name", "block", "role", "name-id", "element", "widget", "area", "section", "t":
		return true
	}
	return false
}

// hides reports whether an inline style takes the element off the page.
func hides(style []byte) bool {
	before, _, ok := bytes.Cut(style, []byte("none"))
	if !ok {
		return bytes.Contains(style, []byte("visibility:hidden"))
	}
	return bytes.HasSuffix(bytes.TrimRight(bytes.TrimSpace(before), ":"), []byte("display"))
}

const (
	maxNameBytes = 256 // of an attribute, for its words
)

// addWords appends the hashes of the words of a class, id or the like: runs of letters, cut at
// capitals, in lower case.
func (t *tree) addWords(val []byte) {
	if len(val) > maxNameBytes {
		val = val[:maxNameBytes]
	}
	h, n := uint32(fnvBase), 0
	for i := 0; i <= len(val); i++ {
		var c byte
		if i < len(val) {
			c = val[i]
		}
		letter := isLetter(c) || c >= 0x80
		if n > 0 && (!letter || 'A' <= c && c <= 'Z' && 'a' <= val[i-1] && val[i-1] <= 'z') {
			if n > 1 {
				t.words = append(t.words, h)
			}
			h, n = fnvBase, 0
		}
		if letter {
			h = (h ^ uint32(lower(c))) * fnvPrime
			n++
		}
	}
}

const (
	fnvBase  = 2166136261
	fnvPrime = 16777619
)

// wordHash returns the hash under which addWords stores a word.
func wordHash(s string) uint32 {
	h := uint32(fnvBase)
	for i := 0; i < len(s); i++ {
		h = (h ^ uint32(s[i])) * fnvPrime
	}
	return h
}
