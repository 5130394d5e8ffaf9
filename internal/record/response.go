package record

import (
	"encoding/base64"
	"mime"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// responseKey is Zyte API's key of a page as the server sent it, in base64; responseHeaders that of
// the list of its headers. Source: https://docs.zyte.com/zyte-api/usage/http.html.
const (
	responseKey     = "httpResponseBody"
	responseHeaders = "httpResponseHeaders"
)

// response returns the page of a response body in base64 as UTF-8, and whether it is plain text;
// ok is false when it is no page but an image, say.
func (p *rawParser) response(val jsontext.Value) (page string, plain, ok bool) {
	if val.Kind() != '"' {
		return "", false, false
	}
	encoded := unquote(val)
	body, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil { // some crawls decode it and keep the key
		return encoded, false, strings.HasPrefix(strings.TrimSpace(encoded), "<")
	}
	contentType := p.contentType()
	if contentType == "" {
		contentType = http.DetectContentType(body)
	}
	kind, _, _ := mime.ParseMediaType(contentType) // what is none is no page
	plain = kind == "text/plain"
	if !plain && !strings.HasSuffix(kind, "html") && !strings.HasSuffix(kind, "xml") || IsBinary(body) {
		return "", false, false
	}
	page, charset := DecodeText(body, contentType)
	if charset != "" {
		p.meta.add("charset", appendString(nil, charset))
	}
	return page, plain, true
}

// contentType returns the Content-Type of the response headers in the metadata, "" if there is none.
func (p *rawParser) contentType() string {
	at, ok := p.meta.names[responseHeaders]
	if !ok || p.meta.members[at].val.Kind() != '[' {
		return ""
	}
	for _, val := range elements(p.meta.members[at].val) {
		var name, value string
		members, _ := appendMembers(nil, val) // what is no object has none
		for _, s := range members {
			switch string(s.key) {
			case "name":
				name, _, _ = textOf(titleField, s.val)
			case "value":
				value, _, _ = textOf(titleField, s.val)
			}
		}
		if strings.EqualFold(name, "Content-Type") {
			return value
		}
	}
	return ""
}
