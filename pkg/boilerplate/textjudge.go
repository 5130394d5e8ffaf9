package boilerplate

import "slices"

// Reasons that no rules file names.
const (
	reasonHeadline = "repeated-headline" // the headline again
	reasonRepeated = "repeated-line"     // a line that the page says again and again
	reasonSymbols  = "no-words"
	reasonLinks    = "link-list" // one of a run of short lines that are not sentences
	reasonHead     = "page-head" // before the article
	reasonTail     = "page-tail" // after it
	reasonInside   = "page-line" // inside of it
	reasonTemplate = "site-template"
	reasonConsent  = "consent" // a notice about cookies
)

// The scores below which a line is not the article, in 1/lineOne of a logit: the longer a line the
// surer the verdict has to be, for a lost paragraph is worse than a line of furniture that stays.
const (
	dropShort = -lineOne * 4 / 10
	dropLong  = -lineOne * 18 / 10 // from longLine words on
	longLine  = 10

	fewLines = 10               // a text that short, without a paragraph of running text, loses little:
	dropFew  = -lineOne * 5 / 2 // only what is no sentence and surely not the article

	dropWrapped = -lineOne * 3 // in hard-wrapped text, where a line may be a part of one
)

// scanBlocks reads every block and finds the rule that matches it.
func (d *textDoc) scanBlocks() {
	sc := &d.scanner
	d.hashes, d.flags = d.hashes[:0], d.flags[:0]
	for i := range d.blocks {
		b := &d.blocks[i]
		sc.scanPart(&d.rules.m, &b.scan, d.text[b.start:], b.end-b.start)
		b.rule = sc.rule(d.rules)
		b.from = len(d.hashes)
		d.hashes = append(d.hashes, sc.hashes...)
		for _, t := range sc.tokens {
			d.flags = append(d.flags, t.flags)
		}
		b.to = len(d.hashes)
		b.sure = b.rule < 0 && b.scan.isProse()
	}
	d.notices()
}

// isProse reports whether a line reads as a paragraph of running text.
func (f *lineScan) isProse() bool {
	return f.size() >= 15 && f.endClass() >= 3 && f.signs == 0 && f.marks < 3
}

// judge gives each block that is not the article its reason.
func (d *textDoc) judge() {
	d.scanBlocks()
	d.contextOf()
	d.codes, d.scores = builtinLines().score(d.blocks, d.codes, d.scores)
	d.verdicts()
}

// verdicts turns rules and scores into reasons.
func (d *textDoc) verdicts() {
	first, last := len(d.blocks), -1
	for i := range d.blocks {
		b := &d.blocks[i]
		if b.sure && b.score > 0 {
			first, last = min(first, i), i
		}
	}
	title, _ := foldLine(d.title)
	for i := range d.blocks {
		b := &d.blocks[i]
		at := placeMiddle
		switch {
		case last < 0:
			at = placeHead | placeTail
		case i < first:
			at = placeHead
		case i > last:
			at = placeTail
		}
		switch {
		case b.scan.words == 0:
			b.reason = reasonSymbols
		case b.notice:
			b.reason = reasonConsent
		case b.rule >= 0 && d.rules.rules[b.rule].place&at != 0:
			b.reason = d.rules.rules[b.rule].reason
		case b.scan.fold == title && i <= first:
			title = 0 // the headline; once is enough
		case last < 0 && len(d.blocks) <= fewLines && (b.score >= dropFew || b.scan.endClass() >= 4):
			// no paragraph to judge by: a flash, a result, a poem, and nothing is certain
		case b.score < d.threshold(b):
			b.reason = d.shape(i, at)
		}
	}
	d.repeatedHeadlines(first)
}

// threshold returns the score below which the block goes.
func (d *textDoc) threshold(b *textBlock) int32 {
	if d.wrapped {
		return dropWrapped
	}
	if b.scan.size() >= longLine {
		return dropLong
	}
	return dropShort
}

// shape names the reason of a line that the trees turned down.
func (d *textDoc) shape(i int, at place) string {
	b := &d.blocks[i]
	switch {
	case b.thin:
		return reasonRepeated
	case b.scan.size() < longLine && b.f[lfShortRun] >= 4:
		return reasonLinks
	case at&placeHead != 0:
		return reasonHead
	case at&placeTail != 0:
		return reasonTail
	}
	return reasonInside
}

// repeatedHeadlines marks the lines that say the headline again: those of three words and more
// that are equal after folding to one of the page's first lines that stay. In the dump of a whole page, of
// which most lines are gone, it is the last before the article that stays: those before it are the page's title
// and what its menus say of it. A place and a date are no headline.
func (d *textDoc) repeatedHeadlines(first int) {
	var heads []int
	dump := d.isDump()
	for i := range d.blocks {
		b := &d.blocks[i]
		if b.reason != "" || b.sure || b.scan.words < 2 || b.scan.isDateline() {
			continue
		}
		at := slices.IndexFunc(heads, func(h int) bool { return d.blocks[h].scan.fold == b.scan.fold })
		switch {
		case at >= 0 && i < first && dump:
			d.blocks[heads[at]].reason, heads[at] = reasonHeadline, i
		case at >= 0:
			b.reason = reasonHeadline
		case len(heads) < 3 || i <= first && len(heads) < maxHeads:
			heads = append(heads, i)
		}
	}
}

// isDateline reports whether half of the words and more of a line are a date.
func (f *lineScan) isDateline() bool {
	return f.dates > 0 && f.numbers > 0 && 2*(f.dates+f.numbers) >= f.words
}

// isDump reports whether most lines have a reason to go, and more than a rough extractor leaves.
func (d *textDoc) isDump() bool {
	gone := 0
	for i := range d.blocks {
		if d.blocks[i].reason != "" {
			gone++
		}
	}
	return gone > dumpLines && gone*2 > len(d.blocks)
}

const (
	maxHeads  = 12 // most lines of the head that later lines are compared with
	dumpLines = 10
)
