// Package record defines what flows through Winnow: the raw page that a producer hands in, and the
// three verdicts that can come of it (clean, dup, dead). It reads and writes them as JSON, one
// record a line, every key always present and of one type. The JSON Schemas lie in schema/.
//
// # What becomes of odd input
//
// [ParseRaw] takes what scrapers really send. Nothing is lost in silence: a value either reaches
// its field, or moves to the record's metadata with its key, or the whole record is malformed (and
// becomes a dead record that keeps its bytes), or metadata's [NotesKey] says what was left out.
//
//	input                                       fate
//	------------------------------------------  ---------------------------------------------------
//	key in another dialect (maintext, ...)      read as the field it means: see [Mapping]
//	{"article": {...}} (Zyte API),              its keys, where the record itself has none for the
//	{"objects": [{...}]} (Diffbot),             field; what they leave goes to metadata. Several
//	a path of the Mapping                       objects are several records: see [Split]
//	{"articles": [...]} and the like, without   what is listed, as it stands: see [Split]
//	a text of its own
//	httpResponseBody (Zyte API)                 base64 of a page in any charset: html, or text
//	two keys for one field                      the canonical key wins, then the order of the table
//	                                            of aliases; the other one goes to metadata
//	unknown key                                 metadata; a name already taken there gets a "_"
//	null, "" or [] in a known key               as if the key were absent
//	list of strings                             text, html: joined by line breaks; byline: by ", ";
//	                                            other fields: the first, the list goes to metadata
//	byline, source as {"name": ...}, or lists   the names
//	number as id or time                        its literal
//	other wrong type: id, url, text, html       malformed (wrong-type)
//	other wrong type: descriptive fields        the value goes to metadata, the field stays empty
//	id over 512 bytes                           malformed (id-too-long): an id cannot be cut
//	url over 8 KiB, lang or a time over 64      the value goes to metadata, the field stays empty
//	bytes, source over 256 bytes
//	title or byline over 4 KiB                  cut at a character, the whole goes to metadata
//	text or html over 32 MiB                    malformed (text-too-long, html-too-long)
//	metadata over 256 KiB or deeper than 32     members are kept in order while they fit; the others
//	                                            are left out, their names and sizes noted
//	metadata that is no object                  kept as its member "metadata"
//	time in a common format                     [Raw.Complete] writes it as RFC 3339 in UTC
//	time in any other format                    "", the original goes to metadata
//	added more than a day after the clock       the time of intake, the original goes to metadata
//	NUL and other control characters, escaped   kept as they are
//	raw control characters in a string          malformed (syntax): not JSON
//	lone surrogate escapes ("\ud83d")           replaced by U+FFFD, noted
//	invalid UTF-8                               malformed (invalid-utf8): the file has another
//	                                            encoding, and guessing would damage every record
//	duplicate keys, at any depth                malformed (duplicate-key)
//	bytes after the object, no object at all    malformed (syntax, not-object)
//	no text and no html                         not malformed here; the cleaner makes it dead
//	byte order mark                             skipped
package record
