// Package dedupe finds near-duplicate documents in a stream: exact copies, edited
// copies, texts cut from earlier ones, texts that quote, embed or merge earlier ones,
// with the share of each that the two have in common. It was made for news, where one
// agency story appears on many sites under other headlines, in a local frame, cut or
// brought up to date, among pages that share nothing but their publisher's furniture.
//
//	index, err := dedupe.NewIndex(params)
//	sketcher := dedupe.NewSketcher(params)
//	sketcher.Sketch(&sketch, text)        // pure: one sketcher a goroutine
//	verdict := index.Judge(doc, &sketch)  // in order: one goroutine
//
// A verdict is always against a real earlier document that it names, never against a
// chain of matches. The first one seen wins. A text that adds nothing to an earlier one
// is a duplicate (Exact, Near, Contained); one that contains or overlaps earlier ones is
// Unique and lists them. What it says depends on the documents judged before and on
// Params alone: not on time, on the machine or on chance.
//
// # Method
//
// Text is cut into words by Unicode's letters and digits, and folded: case, width,
// accents, quotes, dashes, ligatures, soft hyphens, invisible characters, and UTF-8 that
// was once read as Windows-1252. Chinese, Japanese, Thai, Lao, Khmer and Burmese, which
// put no spaces between words, are cut into overlapping groups of characters.
//
// Candidates come from an inverted index of winnowed 5-word shingles (keys): of every 48
// in a row, of fewer in short texts, the one whose last three words have the smallest
// hash, so that two texts which share 52 words in a row share a key by construction. Keys
// that eight documents hold already say nothing and are left out; the members of one story
// post a key once: the first that has it, and where documents are soon forgotten (with a
// window, or when the index is a sixteenth full) the latest that is no duplicate, so that
// a text is found until it is forgotten itself.
//
// Candidates are verified by 3-word shingles (grams), which survive editing. A document
// is kept as a bitmap of three bits a gram; the grams of the new text are looked up in
// it and the hits corrected for chance, which gives the containment both ways. Very
// unequal texts are compared by runs of grams, where chance counts for little.
//
// What decides precision is what does not count:
//
//   - furniture: grams that stand in three or more other stories of the publisher,
//     learned from the candidates as they come and remembered. Versions of a story count
//     once; a story's versions lie within three days of each other or at one URL.
//   - shingles of next to no letters ("17 of 150").
//   - forms (market reports, earnings, lottery draws): their words recur, their
//     numbers do not, so a partial match needs its share of common numbers, the more
//     so within a publisher, days later and in short texts. What only shares a form is
//     named in Verdict.Form.
//   - short texts within one publisher need a larger share, as do texts days apart, and
//     texts with numbers from the next day on.
//
// # Sources
//
// Resemblance and containment of shingles: A. Broder, On the resemblance and containment
// of documents, 1997. Winnowing: S. Schleimer, D. Wilkerson, A. Aiken, Winnowing: local
// algorithms for document fingerprinting, SIGMOD 2003. Bitmaps corrected for chance:
// K. Whang, B. Vander-Zanden, H. Taylor, A linear-time probabilistic counting algorithm,
// 1990, and B. Bloom, 1970. Multiplication hashing of words: wyhash, Wang Yi.
//
// # Limits
//
// Shares are estimates: the standard error is about 0.03 at 500 words, more for shorter
// texts. Texts that share a long quotation or a tweet and little else are matched like
// copies. Of copies with three in ten words replaced one in twenty-nine is missed (3 of 86).
// Translations and paraphrases are not found. The first three stories of a publisher
// are judged without knowledge of its furniture: strip boilerplate first. Of texts
// beyond 4,096 grams a sample is kept, so that what a short text shares with a book is
// found only in part. Text is not normalised before grapheme level: Hangul jamo and
// syllables differ.
//
// # What is missed
//
// The misses and false matches on the labelled sets, by what they have in common:
//
//   - short texts beside quotations: a text of 150 words that quotes what everybody
//     quotes shares half of itself with texts that are no copies of it, and a text of
//     150 words of which 30 are copied shares less than one that only quotes. Both are
//     most of the errors in the set of one event: ten misses of fourteen are one text,
//     a tweet said twice.
//   - reports of 100 words that their own agency rewrites within hours: names and facts
//     stay, but what is shared are runs of five to nine words, a third of the text, as
//     in two reports made from one form.
//   - forms with words around the numbers: two papers that fill an agency's daily form
//     on different days share .6 and some of the numbers, as updates do.
//   - a column of captions that a site puts under many stories for weeks: furniture
//     from the fourth page on, though labelled as an update.
//   - a text of 400 words in a page of 20,000: of the page one gram in eight is kept,
//     and what those share is not told from chance.
//   - texts with three in ten words replaced, which share .30 to .35 of their grams;
//     between publishers and within a day they count as copies from .30 on.
//
// The seed moves the figures of a single set by .01, because a bitmap errs by .03 and
// many labelled pairs lie that near to the threshold. Compare changes by means over
// several seeds.
//
// # Costs
//
// About 430 bytes of index for a text of 3 KB, with its id: 467 at 12,000 documents,
// 440 at 20,000, 428 at ten million; an empty index has 2.2 MB. The work for one
// document is bounded, whatever it holds, and allocates nothing once warm. Processors with
// AVX-512 (VBMI2: Intel since Ice Lake, AMD since Zen 4) run five of the loops in vector
// instructions, a third faster in all and with the same results; build with -tags purego
// to do without.
// BenchmarkStream is the way from text to verdict, BenchmarkIndex query and insertion in
// an index of up to ten million, BenchmarkHostile documents made to be expensive,
// BenchmarkSnapshot what a snapshot stops. What they showed is in PERFORMANCE.md.
package dedupe
