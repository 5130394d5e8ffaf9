package source

import (
	"bytes"
	"errors"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// This file is about files whose name says text or page and whose content is something else for certain: a download
// that was saved under any name. A text may begin with a brace or a tag and is one all the same.

// isPage is what a file must be that is called a page.
func isPage(head []byte) bool { return isNotBinary(head) && !isObjects(head) && !isSyndication(head) }

// isPlain is what a file must be that is called a text.
func isPlain(head []byte) bool { return isPage(head) && !isWholePage(head) }

// isHTML knows a page as browsers do, and XHTML behind an XML declaration.
func isHTML(head []byte) bool {
	return sniffs("text/html")(head) || isNotBinary(head) && isWholePage(head)
}

// seenObject is how much of an object, in bytes, that goes on beyond the head has to be JSON.
const seenObject = 2 << 10

// isObjects knows JSON whose first two values, or the one, are objects, each or together in a list, as far as head goes.
func isObjects(head []byte) bool {
	if !isJSONObject(bytes.TrimLeft(bytes.TrimPrefix(head, []byte("[")), " \t\r\n")) {
		return false
	}
	dec := jsontext.NewDecoder(bytes.NewReader(head), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	objects := 0
	if dec.PeekKind() == '[' {
		if _, err := dec.ReadToken(); err != nil {
			return false
		}
	}
	for objects < 2 && dec.PeekKind() == '{' {
		if err := dec.SkipValue(); err != nil {
			return errors.Is(err, io.ErrUnexpectedEOF) && (objects > 0 || len(head) >= seenObject)
		}
		objects++
	}
	if objects == 2 || objects == 1 && dec.PeekKind() == ']' {
		return true
	}
	_, err := dec.ReadToken()
	return objects == 1 && (err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF))
}

// isSyndication knows a feed, a sitemap or an index of them: their first element, with the version or namespace that it
// must have.
func isSyndication(head []byte) bool {
	if !rootIs("rss", "feed", "rdf:RDF", "urlset", "sitemapindex")(head) {
		return false
	}
	body, _ := root(head)
	tag, _, ok := bytes.Cut(body, []byte(">"))
	return ok && bytes.IndexByte(tag, '=') >= 0
}

// isWholePage knows a page that is written out: it begins with HTML's document type or element, which another tag
// follows.
func isWholePage(head []byte) bool {
	for {
		head = bytes.TrimLeft(head, " \t\r\n")
		end := -1
		switch {
		case bytes.HasPrefix(head, []byte("<?")):
			end = behind(head, "?>")
		case bytes.HasPrefix(head, []byte("<!--")):
			end = behind(head, "-->")
		case begins(head, "<!doctype html"), begins(head, "<html"):
			end = behind(head, ">")
			return end > 0 && bytes.HasPrefix(bytes.TrimLeft(head[end:], " \t\r\n"), []byte("<"))
		}
		if end < 0 {
			return false
		}
		head = head[end:]
	}
}

// begins reports whether head begins with a tag, in letters of any case.
func begins(head []byte, tag string) bool {
	n := len(tag)
	return len(head) > n && bytes.EqualFold(head[:n], []byte(tag)) && bytes.IndexByte([]byte(" \t\r\n>"), head[n]) >= 0
}
