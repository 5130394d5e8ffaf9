package source

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"winnow/internal/record"
)

// This file is about the first lines of a table: how it is known, its separator, its columns.

// lineFeeds reads the line ends of a table that has carriage returns alone, as old spreadsheets write them.
type lineFeeds struct{ r io.Reader }

func (l lineFeeds) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	for i, c := range p[:n] {
		if c == '\r' {
			p[i] = '\n'
		}
	}
	return n, err
}

// columnName is the key a column stands for: a known name whatever its case, unless it is mapped as it stands, and no
// name twice.
func columnName(name string, i int, taken []string, mapping record.Mapping) string {
	name = strings.ToValidUTF8(strings.TrimSpace(name), "\uFFFD")
	_, mapped := mapping[name]
	if low := strings.ToLower(name); !mapped && record.Known(low) {
		name = low
	}
	if name == "" {
		name = fmt.Sprintf("column%d", i+1)
	}
	for slices.Contains(taken, name) {
		name += "_"
	}
	return name
}

// comma returns the separator of the first line.
func comma(head []byte) rune {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	best, most := ',', 0
	for _, c := range ",\t;|" {
		if n := bytes.Count(line, []byte(string(c))); n > most {
			best, most = c, n
		}
	}
	return best
}

// separatorLine knows a first line that names the separator, sep=; and the like, as Excel reads and writes it. It
// returns the separator and the bytes of the line, 0 if there is none.
func separatorLine(head []byte) (separator rune, size int) {
	line := head[:max(bytes.IndexAny(head, "\r\n"), 0)]
	name, value, _ := strings.Cut(strings.Trim(string(line), `"`), "=")
	if value == `\t` {
		value = "\t"
	}
	separator, n := utf8.DecodeRuneInString(value)
	if !strings.EqualFold(name, "sep") || value == "" || n != len(value) || separator == utf8.RuneError || separator == '"' {
		return 0, 0
	}
	size = len(line) + 1
	if bytes.HasPrefix(head[len(line):], []byte("\r\n")) {
		size++
	}
	return separator, size
}

// isTable knows a header of two columns or more, one of which holds an address or a text, with a
// second line behind it.
func isTable(head []byte) bool {
	separator, size := separatorLine(head)
	if head = head[size:]; size == 0 {
		separator = comma(head)
	}
	line, rest, ok := bytes.Cut(head, []byte("\n"))
	if !ok || len(bytes.TrimSpace(rest)) == 0 {
		return false
	}
	columns := strings.FieldsFunc(strings.ToLower(string(bytes.TrimSpace(line))), func(r rune) bool { return r == separator })
	known := false
	for i := range columns {
		c := strings.Trim(columns[i], `" `)
		if c == "" || len(c) > 64 || strings.ContainsAny(c, ".!?<>{}") {
			return false
		}
		known = known || slices.Contains([]string{"url", "link", "text", "html", "body", "content", "maintext", "article_text"}, c)
	}
	return known && len(columns) > 1
}
