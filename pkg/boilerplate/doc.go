// Package boilerplate takes the article out of a page and leaves the rest behind: menus, share
// bars, captions, related links, newsletter pleas, comments, footers. It works page by page, on
// HTML and on text that somebody else extracted, and site by site on a stream of pages. It knows
// bytes: nothing of records, brokers or files.
//
//   - [ParseHTML] takes an HTML page apart in one pass over its bytes, reads its title, byline,
//     dates, language and canonical address, and judges each block of text with trees trained on
//     pages with hand-made article texts.
//   - [ParseText] does the same for text, one block a line, whose hard-wrapped lines it joins first.
//     What it removes it gives as byte spans, so that removal can be undone.
//   - [Rules] are phrase rules, data files by language, that name lines such as "Read more" for what
//     they are.
//   - [Model] learns a site's template: what recurs over its pages.
//   - [Decode] makes UTF-8 of a page or a text in whatever charset, declared or not.
//   - [DetectLanguage] names the language of a text.
//
// Every block that is removed says why in its Reason. All of it is deterministic: the same input
// gives the same output on every machine, because verdicts are sums of integers.
//
// # Dates of HTML
//
// Linked data, meta elements and time elements say when a page was published. Where none does, the path of its
// address may name the day, or a short line by the headline, or one elsewhere that its words ("posted on") or its element
// call a date. Lines of lists, comments and events do not count, nor two days at once: no date is better than a wrong one.
// 02/11/2026 is read where the page's language says which number is the month. A day by itself is its midnight, UTC.
//
// # Judging HTML
//
// A block of text, a leaf, becomes a row of a hundred small integers and more: its length, links,
// punctuation and words; the elements that hold it, how much they hold, and what their class and
// id say (weights of general words and, in texts, of pairs of them, learned, none of fewer than three
// sites); where it stands among the running text, the headline and the headings. A forest of oblivious
// decision trees gives the row a score. A second sees beside the row what the first thought of the leaves
// around, of the elements around, and of the run of leaves and the element in which the scores add up
// best. The mean of both is the leaf's score. Each page is cut where its own scores promise most precision
// and recall together, and where it would come out all but empty, the best of it is kept.
//
// Nothing in it names a site. TestTrainHTML in this directory trains the model and
// cross-validates it by host: what it prints holds for sites that it never saw.
//
// Sources: Kohlschütter, Fankhauser, Nejdl, Boilerplate Detection using Shallow Text Features, WSDM
// 2010; Pasternack and Roth, Extracting Article Text from the Web with Maximum Subsequence
// Segmentation, WWW 2009; Vogels, Ganea, Eickhoff, Web2Text, ECIR 2018; Friedman, Greedy Function
// Approximation, 2001, for the trees; Ye, Chai, Lee, Chieu, Optimizing F-measure, ICML 2012, for the cut.
package boilerplate
