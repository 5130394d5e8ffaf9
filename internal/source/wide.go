package source

import (
	"bufio"
	"bytes"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
	"golang.org/x/text/transform"
)

// wide returns the encoding of a file whose byte order mark says that it is in UTF-16 or UTF-32, nil for others.
// Spreadsheets and PowerShell's redirection write the first.
func wide(head []byte) encoding.Encoding {
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe\x00\x00")), bytes.HasPrefix(head, []byte(wideBE)):
		return utf32.UTF32(utf32.LittleEndian, utf32.UseBOM)
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	}
	return nil
}

// wideBE is the mark of UTF-32, the highest byte first, which no browser knows.
const wideBE = "\x00\x00\xfe\xff"

// narrow opens JSON or a table in UTF-16 or UTF-32 as if it were in UTF-8; no marks are made in it. It returns nil for
// anything else: pages and texts are decoded as a whole, and say what they were.
func narrow(f *file, head []byte, opt *Options) (reader, error) {
	enc := wide(head)
	if enc == nil {
		return nil, nil
	}
	text, err := enc.NewDecoder().Bytes(head[:len(head)&^3])
	if err != nil {
		return nil, nil //nolint:nilerr // no text, then
	}
	ft := formatOf(f.path, text)
	if ft == nil || !ft.wide {
		return nil, nil
	}
	f.r, f.narrowed = bufio.NewReaderSize(transform.NewReader(f.r, enc.NewDecoder()), readSize), true
	return ft.of(f, opt)
}
