// Package ingester brings pages into RAW. [Replay] reads archives and continues after a kill where
// it was, without losing or doubling a document; [Intake] takes pages over HTTP and answers when
// they are stored. Scrapers may also publish to raw.<source> themselves.
//
// What cannot be read as a record is stored all the same, as it came: the cleaner makes a dead
// record of it, so that every document is accounted for.
package ingester
