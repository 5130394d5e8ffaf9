package source

import (
	"bytes"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"

	"winnow/internal/record"
)

// format is one kind of file. The first format of the table that knows the name wins, then the
// first that knows the content.
type format struct {
	name   string
	suffix []string               // lower case, with the dot
	match  func(head []byte) bool // by content; head is the beginning, without byte order mark and white space
	only   func(head []byte) bool // nil, or what the content must be even when the name fits
	wide   bool                   // whether it is read in UTF-16 and UTF-32, too
	open   func(f *file, opt *Options) (reader, error)
}

// It is a function because archives hold files of all formats.
func formats() []format {
	return []format{
		{"WARC", []string{".warc", ".wet"}, isWARC, nil, false, openWARC},
		{"JSON", []string{".json"}, isJSONValues, isJSONValues, true, openValues},
		{"JSON lines", slices.Concat(lineSuffixes, []string{".json"}), isJSONObject, nil, true, openLines},
		{"tar", []string{".tar", ".tgz"}, isTar, nil, false, openTar},
		{"zip", []string{".zip"}, isZip, isZip, false, openZip},
		{"Parquet", []string{".parquet"}, isParquet, isParquet, false, openParquet},
		{"table", []string{".csv", ".tsv", ".tab"}, isTable, isNotBinary, true, openTable},
		{"feed", []string{".rss", ".atom"}, rootIs("rss", "feed", "rdf:RDF"), isNotBinary, false, openFeed},
		{"sitemap", nil, rootIs("urlset"), nil, false, openSitemap},
		{"sitemap index", nil, rootIs("sitemapindex"), nil, false, openSitemapIndex},
		{"HTML", []string{".html", ".htm", ".xhtml", ".shtml"}, isHTML, isPage, false, openHTML},
		{"text", []string{".txt", ".text", ".md"}, sniffs("text/plain"), isPlain, false, openText},
	}
}

// of opens f. Only web archives go back behind damage; they and JSON lines are asked where a document lies.
func (ft *format) of(f *file, opt *Options) (reader, error) {
	if f.packed != nil && ft.name != "WARC" {
		f.packed.onlyForward(ft.name == "JSON lines" && f.seekable())
	}
	return ft.open(f, opt)
}

// lineSuffixes name files whose lines are documents, whatever they look like.
var lineSuffixes = []string{".jsonl", ".ndjson", ".jl"}

const headSize = 4 << 10

// recognise opens f as the format it has, or says what it seems to be instead.
func recognise(f *file, opt *Options) (reader, error) {
	head := f.head()
	if docs, err := narrow(f, head, opt); docs != nil || err != nil {
		return docs, err
	}
	if ft := formatOf(f.path, head); ft != nil {
		return ft.of(f, opt)
	}
	if f.raw.err != nil {
		return nil, f.raw.err
	}
	return nil, fmt.Errorf("of no known format (it looks like %s)", http.DetectContentType(head))
}

// formatOf returns the format of a file by its path and beginning, nil when it has none.
func formatOf(path string, head []byte) *format {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte(byteOrderMark)), " \t\r\n")
	suffix, all := suffixOf(path), formats()
	i := slices.IndexFunc(all, func(ft format) bool { return slices.Contains(ft.suffix, suffix) && (ft.only == nil || ft.only(head)) })
	if i < 0 {
		i = slices.IndexFunc(all, func(ft format) bool { return ft.match(head) })
	}
	if i < 0 {
		return nil
	}
	return &all[i]
}

// suffixOf returns the extension in lower case; one that names a compression does not count.
func suffixOf(name string) string {
	name = strings.ToLower(path.Base(name))
	for _, c := range []string{".gz", ".gzip", ".zst", ".zstd"} {
		name = strings.TrimSuffix(name, c)
	}
	return path.Ext(name)
}

// isJSONObject knows the beginning of an object: a brace and what may follow it.
func isJSONObject(head []byte) bool {
	rest, ok := bytes.CutPrefix(head, []byte("{"))
	rest = bytes.TrimLeft(rest, " \t\r\n")
	return ok && len(rest) > 0 && (rest[0] == '"' || rest[0] == '}')
}

func sniffs(contentType string) func([]byte) bool {
	return func(head []byte) bool {
		kind := http.DetectContentType(head)
		if bytes.HasPrefix(head, []byte(wideBE)) {
			kind = "text/plain; charset=utf-32be"
		}
		return strings.HasPrefix(kind, contentType) && !record.IsBinary(head)
	}
}

// isNotBinary refuses what has the signature of another kind of file, and what is no text in any encoding; stray
// control characters do not make a text binary.
func isNotBinary(head []byte) bool {
	t := http.DetectContentType(head)
	return (strings.HasPrefix(t, "text/") || t == "application/octet-stream") && !record.IsBinary(head)
}
