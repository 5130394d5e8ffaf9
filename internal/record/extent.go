package record

// Extent follows a JSON value to its end by its brackets and strings alone, which a value has that is
// broken otherwise. The value may come in pieces. The zero Extent stands before a value, one with a Depth in
// as many objects and lists, of which it finds the end.
type Extent struct {
	Depth   int // of brackets that are open
	begun   bool
	quoted  bool // in a string
	escaped bool // behind its backslash
}

// Scan goes on with data and returns how much of it belongs to the value. ended tells whether the value ends
// there, and not data alone.
func (e *Extent) Scan(data []byte) (n int, ended bool) {
	for i := 0; i < len(data); i++ {
		if e.escaped {
			e.escaped = false
			continue
		}
		if e.quoted {
			if i = skipPlain(data, i); i == len(data) {
				break
			}
			e.escaped, e.quoted = data[i] == '\\', data[i] != '"'
			if !e.quoted && e.Depth == 0 {
				return i + 1, true
			}
			continue
		}
		c := data[i]
		if e.Depth == 0 && e.begun && isDelimiter[c] {
			return i, true
		}
		e.begun = true
		switch c {
		case '"':
			e.quoted = true
		case '{', '[':
			e.Depth++
		case '}', ']':
			if e.Depth--; e.Depth <= 0 {
				e.Depth = 0
				return i + 1, true
			}
		}
	}
	return len(data), false
}

// Whole reports whether the value may end where the data did: it is a number or a word.
func (e *Extent) Whole() bool { return e.begun && !e.quoted && e.Depth == 0 }

// isDelimiter holds the bytes that end a number or a word.
var isDelimiter = [256]bool{' ': true, '\t': true, '\r': true, '\n': true, ',': true, '"': true, '[': true, ']': true, '{': true, '}': true}

// walkList calls f for each element of the list that begins at data[at], valid or not, until f says no. It
// returns the place behind the list, -1 if it did not come there.
func walkList(data []byte, at int, f func(val []byte) bool) (end int) {
	for i := at + 1; ; i++ {
		if i = skipSpace(data, i); i < len(data) && data[i] == ']' {
			return i + 1
		}
		var e Extent
		n, ended := e.Scan(data[i:])
		if !ended || data[i] == ',' || !f(data[i:i+n]) {
			return -1
		}
		if i = skipSpace(data, i+n); i < len(data) && data[i] == ']' {
			return i + 1
		}
		if i == len(data) || data[i] != ',' {
			return -1
		}
	}
}
