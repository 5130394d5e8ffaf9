// Package source reads documents from what people have: a file, a directory, a glob or standard
// input; web archives, tables, feeds, text, HTML or JSON, plain, gzip or zstd. It gives them one after
// the other, each with the bytes it was made from, and holds every input to bounds.
//
//	s, err := source.Open(ctx, "archive/", source.Options{})
//	for {
//		doc, err := s.Next() // io.EOF at the end
//		raw, err := doc.Raw() // record.ErrMalformed: doc.Data is what there is
//	}
//
// # Order
//
// Documents come in a fixed order: files byte-wise by path, in a file from its beginning, in a tar or zip
// archive in the archive's. The same input gives the same documents with the same numbers, on any
// machine, however many files are read at once.
//
// Documents carry a [Mark], with which the input can be opened again near them: that of their file, where an input has
// many, and within a web archive or a file of JSON lines that of a place at most some megabytes before. What lies before it is not read.
//
// # Bad data and broken world
//
// A malformed line, a truncated gzip file or a decompression bomb is bad data: it is delivered as a
// document whose Raw says what is wrong, and the next line or file follows. What cannot be read at
// all (permission, a failing disk) ends the input with an error. Files of no known format are left
// out and reported to Options.Skipped, as is the rest of a broken file; when the input is a file of no
// known format alone, it is an error.
//
// What is listed in JSON is found by brackets and strings alone, so that what is no JSON between them costs itself
// only. A list of articles in an object of Options.ListFrom bytes or more is known by its beginning and read element by
// element; from a mark within such a list's file reading goes on before the list.
//
// In a web archive damage costs the records it lies in: see package warc. Its records that are no
// pages (requests, images, redirects, ...) are counted and reported to Options.Passed.
//
// # Formats
//
//	format      by name (before .gz, .gzip, .zst, .zstd)     by content, for other names
//	----------  -------------------------------------------  -------------------------------------
//	WARC, WET   .warc .wet                                    first line WARC/1.x
//	JSON lines  .jsonl .ndjson .jl .json                      first character {
//	JSON        the same, when the first line ends within     first character [, or such a first line
//	            an object or begins with "[" (not .jsonl, .ndjson, .jl)
//	CSV, TSV    .csv .tsv .tab                                a header with a column such as url or text
//	Parquet     .parquet                                      PAR1
//	tar, zip    .tar .tgz, .zip                               ustar, PK
//	RSS, Atom   .rss .atom                                    first element rss, feed, rdf:RDF
//	sitemap                                                   first element urlset
//	HTML        .html .htm .xhtml .shtml                      as browsers sniff it (WHATWG), or XHTML
//	text        .txt .text .md                                as browsers sniff it
//
// JSON and tables in UTF-16 or UTF-32 with a byte order mark are read as if they were in UTF-8.
// What is no text in any encoding is no table, feed, page or text, whatever its name. JSON whose first two values are objects,
// feeds and sitemaps are read as such when they are called texts or pages, and so are whole pages called texts (misnamed.go); what
// merely begins with a brace or a tag is a text. Compression is recognised by content alone. A new format is a file of its own and a line in the
// table of format.go.
package source
