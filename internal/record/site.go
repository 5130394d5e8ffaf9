package record

import (
	"net/netip"
	"strings"

	"golang.org/x/net/idna"
)

// Site returns the host of an absolute URL with its labels reversed ("com.irishexaminer.www"), in
// lower case and punycode, without port and final dot. An IP address is one label: an IPv4 one is
// written with dashes ("192-0-2-1"), an IPv6 one without brackets ("2001:db8::1"). A URL without a
// scheme counts when it begins with "//" or "www.". Site returns "" when there is no valid host.
func Site(url string) string {
	host := hostOf(url)
	if host == "" {
		return ""
	}
	if addr, err := netip.ParseAddr(host); err == nil {
		return strings.ReplaceAll(addr.Unmap().WithZone("").String(), ".", "-")
	}
	host = strings.TrimSuffix(host, ".")
	if !ascii(host) {
		puny, err := idna.Lookup.ToASCII(host)
		if err != nil {
			return ""
		}
		host = puny
	}
	return reverseLabels(host)
}

// Publisher names whose page a document is: its site, of which "www." is no part here, or its source when
// it has none.
func Publisher(site, source string) string {
	if site == "" {
		return source
	}
	return BareSite(site)
}

// BareSite returns a site without its "www.": both forms of a name serve the same pages. A name that has
// nothing else in front of its top-level domain ("com.www", "localhost.www") stays.
func BareSite(site string) string {
	if bare, ok := strings.CutSuffix(site, ".www"); ok && strings.Contains(bare, ".") {
		return bare
	}
	return site
}

// hostOf returns what stands where a URL has its host: no user, port or brackets.
func hostOf(url string) string {
	url = strings.TrimSpace(url)
	switch scheme, rest, ok := strings.Cut(url, "://"); {
	case ok && !strings.ContainsAny(scheme, "/?#@"):
		url = rest
	case strings.HasPrefix(url, "//"):
		url = url[2:]
	case len(url) < 4 || !strings.EqualFold(url[:4], "www."):
		return ""
	}
	if i := strings.IndexAny(url, "/?#\\"); i >= 0 {
		url = url[:i]
	}
	url = url[strings.LastIndexByte(url, '@')+1:]
	if v6, ok := strings.CutPrefix(url, "["); ok {
		v6, _, _ = strings.Cut(v6, "]")
		return v6
	}
	host, _, _ := strings.Cut(url, ":")
	return host
}

// reverseLabels returns the labels of an ASCII host name in reverse order and lower case, "" when
// it is no host name: letters, digits, "-" and "_", labels up to 63 bytes, 253 in all.
func reverseLabels(host string) string {
	if len(host) == 0 || len(host) > 253 {
		return ""
	}
	out := make([]byte, 0, 256)
	for end := len(host); ; {
		dot := strings.LastIndexByte(host[:end], '.')
		label := host[dot+1 : end]
		if len(label) == 0 || len(label) > 63 {
			return ""
		}
		for i := range len(label) {
			c := label[i]
			switch {
			case 'A' <= c && c <= 'Z':
				c += 'a' - 'A'
			case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '_':
			default:
				return ""
			}
			out = append(out, c)
		}
		if dot < 0 {
			return string(out)
		}
		out = append(out, '.')
		end = dot
	}
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
