package warc

import (
	"bytes"
	"strconv"
	"strings"
)

// Record is one record. Its slices are valid until the next call of Next.
type Record struct {
	Fields Fields // the header lines, without the version
	Block  []byte // what follows them; cut when the record is over the reader's limit
	Size   int64  // bytes of the whole block
	Place  Place
	Wrong  bool // Content-Length was wrong, and the block ends where the next record shows that it does
}

// Place says where in a file something begins.
type Place struct {
	Member int64 // of a compressed file: offset of the member or frame that holds it; else as Inner
	Inner  int64 // offset in the decompressed bytes of the member; else in the file
}

func (p Place) String() string {
	if p.Inner == 0 || p.Member == p.Inner {
		return strconv.FormatInt(p.Member, 10)
	}
	return strconv.FormatInt(p.Member, 10) + "+" + strconv.FormatInt(p.Inner, 10)
}

// Type returns WARC-Type in lower case: response, resource, conversion, request, ...
func (r *Record) Type() string { return strings.ToLower(r.Fields.Get("WARC-Type")) }

// URL returns WARC-Target-URI, without the angle brackets that some writers of WARC 1.0 put around it.
func (r *Record) URL() string {
	url := r.Fields.Get("WARC-Target-URI")
	if inner, ok := strings.CutPrefix(url, "<"); ok {
		url = strings.TrimSuffix(inner, ">")
	}
	return url
}

// HTTP takes the block of a response apart: status, header fields and the body as it was sent. !ok
// means that it is no HTTP message.
func (r *Record) HTTP() (status int, fields Fields, body []byte, ok bool) {
	line, rest := cutLine(r.Block)
	proto, after, _ := bytes.Cut(line, []byte(" "))
	if !bytes.HasPrefix(proto, []byte("HTTP/")) {
		return 0, nil, nil, false
	}
	code, _, _ := bytes.Cut(bytes.TrimLeft(after, " "), []byte(" "))
	status, err := strconv.Atoi(string(code))
	if err != nil {
		return 0, nil, nil, false
	}
	if blank := bytes.TrimPrefix(rest, []byte("\r")); len(blank) > 0 && blank[0] == '\n' {
		return status, nil, blank[1:], true
	}
	end, next := headerEnd(rest)
	if end < 0 {
		return status, Fields(rest), nil, true
	}
	return status, Fields(rest[:end]), rest[next:], true
}
