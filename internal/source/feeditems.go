package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/mmcdole/gofeed"
)

// feedText is the text of a feed and where its items are in it. The library ends a feed at an end tag that belongs
// to no element, without an error, and gives nothing of one that breaks off: whether it read to the end shows an empty item
// behind the last one, and what it did not read as a whole is read item by item, so that damage costs the item it lies in.
type feedText struct {
	data   []byte
	root   []byte // names of the elements: rss, feed or rdf:RDF
	item   []byte // and item or entry
	pieces []feedPiece
	rest   []byte // an item that breaks off with the file
	closed bool   // the feed has an end

	begin, mark, end []byte // what an item that is read alone stands between: start tags, an empty item and end tags
}

// feedPiece is an item from its start to its end or, where that is missing, to the next one's start or the end of the feed.
type feedPiece struct {
	from, to int
	open     bool // without its end
}

var errUnread = errors.New("it is no item, or has an end tag without its element")

func newFeedText(data []byte) *feedText {
	x := &feedText{data: data, item: []byte("item")}
	first, _ := root(data)
	if x.root = tagName(first); string(x.root) == "feed" {
		x.item = []byte("entry")
	}
	if !x.cut(true) {
		x.cut(false)
	}
	return x
}

// tagName returns the name behind the < that tag begins with, with the / of an end tag; nil when it is none of a feed's.
func tagName(tag []byte) []byte {
	const longest = 16
	tag = tag[min(len(tag), 1):min(len(tag), longest)]
	if i := bytes.IndexAny(tag[min(len(tag), 1):], " \t\r\n/>"); i >= 0 {
		return tag[:i+1]
	}
	return nil
}

// cut finds the items and returns whether each has an end. Items may hold elements of the same name if nested is true;
// else each start ends the item before it.
func (x *feedText) cut(nested bool) bool {
	x.pieces, x.rest, x.closed = nil, nil, false
	from, level := 0, 0
	finish := func(to int, open bool) {
		if level > 0 {
			x.pieces = append(x.pieces, feedPiece{from, to, open})
		}
		level = 0
	}
	end, endRoot := append([]byte("/"), x.item...), append([]byte("/"), x.root...)
	for i := 0; ; {
		next := bytes.IndexByte(x.data[i:], '<')
		if next < 0 {
			break
		}
		i += next
		tag, n := x.data[i:], 1
		switch name := tagName(tag); {
		case bytes.HasPrefix(tag, []byte("<![CDATA[")):
			n = behind(tag, "]]>")
		case bytes.HasPrefix(tag, []byte("<!--")):
			n = behind(tag, "-->")
		case bytes.EqualFold(name, x.item):
			if !nested {
				finish(i, true)
			}
			if level == 0 {
				from, x.closed = i, false
			}
			level++
			if n = behind(tag, ">"); n > 0 && tag[n-2] == '/' {
				level--
				if level == 0 {
					x.pieces = append(x.pieces, feedPiece{from: i, to: i + n})
				}
			}
		case bytes.EqualFold(name, end) && level > 1:
			level--
		case bytes.EqualFold(name, end):
			if n = behind(tag, ">"); n > 0 {
				finish(i+n, false)
			}
		case bytes.EqualFold(name, endRoot) || bytes.EqualFold(name, []byte("/channel")):
			x.closed = true
			if !nested {
				finish(i, true)
			}
		}
		if n < 0 {
			break
		}
		i += n
	}
	if level > 0 {
		x.rest, x.closed = x.data[from:], false
	}
	return level == 0
}

// parse reads a feed that is given in parts.
func (x *feedText) parse(parts ...[]byte) (*gofeed.Feed, error) {
	readers := make([]io.Reader, len(parts))
	for i, part := range parts {
		if depth(part) > maxFeedDepth {
			return nil, errors.New("elements nest too deeply for a feed")
		}
		readers[i] = bytes.NewReader(part)
	}
	return gofeed.NewParser().Parse(io.MultiReader(readers...))
}

const maxBegin = 8 << 10 // bytes that are read with each item; the library looks for the first start tag in 4 KiB

// read returns the feed, with all its items if they need not be read alone. An error is the whole feed's.
func (x *feedText) read() (f *gofeed.Feed, all bool, err error) {
	if len(x.pieces) == 0 && x.rest == nil {
		f, err = x.parse(x.data)
		return f, true, err
	}
	x.around()
	if n := len(x.pieces); n > 0 {
		last := x.pieces[n-1].to
		f, err = x.parse(x.data[:last], x.mark, x.data[last:])
		if err == nil && len(f.Items) == n+1 {
			f.Items = f.Items[:n]
			return f, true, nil
		}
	}
	if len(x.begin) > maxBegin {
		return nil, false, fmt.Errorf("the feed is damaged, and its start tags have more than %d bytes", maxBegin)
	}
	if f, err = x.parse(x.head(), x.end); err != nil {
		f = &gofeed.Feed{} // its items can do without
	}
	return f, false, nil
}

// piece returns the bytes of an item.
func (x *feedText) piece(i int) []byte { return x.data[x.pieces[i].from:x.pieces[i].to] }

// alone reads an item by itself.
func (x *feedText) alone(i int) (*gofeed.Item, error) {
	var end []byte
	if x.pieces[i].open {
		end = []byte("</" + string(x.item) + ">")
	}
	f, err := x.parse(x.begin, x.piece(i), end, x.mark, x.end)
	switch {
	case err != nil:
		return nil, err
	case len(f.Items) != 2:
		return nil, errUnread
	}
	return f.Items[0], nil
}

// rests is what comes behind the items: io.EOF, or what is left of a feed that breaks off.
func (x *feedText) rests(d *Document) error {
	switch d.Data = x.rest; {
	case x.rest != nil:
		return errors.New("the feed breaks off in an item")
	case len(x.pieces) > 0 && !x.closed:
		return errors.New("the feed breaks off behind an item")
	}
	return io.EOF
}

// head returns what stands before the first item.
func (x *feedText) head() []byte {
	if len(x.pieces) > 0 {
		return x.data[:x.pieces[0].from]
	}
	return x.data[:len(x.data)-len(x.rest)]
}

// around notes what an item that is read alone needs: the declaration of the encoding and the start tags, in which
// namespaces are declared, and their end tags.
func (x *feedText) around() {
	head := x.head()
	first, _ := root(head)
	x.begin = bytes.Clone(head[:len(head)-len(first)+max(behind(first, ">"), 0)])
	if i := bytes.Index(head, []byte("<channel")); i >= 0 {
		x.begin = append(x.begin, head[i:i+max(behind(head[i:], ">"), 0)]...)
		x.end = []byte("</channel>")
	}
	x.end = append(x.end, "</"+string(x.root)+">"...)
	x.mark = []byte("<" + string(x.item) + ` xmlns=""></` + string(x.item) + ">")
}
