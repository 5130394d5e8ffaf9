package boilerplate

// scanBlocks reads every block and finds the rule that matches it.
func (d *textDoc) scanBlocks() {
	var sc lineScanner
	for i := range d.blocks {
		b := &d.blocks[i]
		b.scan = sc.scan(&d.rules.m, d.text[b.start:b.end])
		b.rule = sc.rule(d.rules)
		b.from = len(d.hashes)
		d.hashes = append(d.hashes, sc.hashes...)
		for _, t := range sc.tokens {
			d.flags = append(d.flags, t.flags)
		}
		b.to = len(d.hashes)
		b.sure = b.rule < 0 && b.scan.isProse()
	}
}

// judge gives each block that is not the article its reason.
func (d *textDoc) judge() {
	d.scanBlocks()
	first, last := len(d.blocks), -1
	for i := range d.blocks {
		if d.blocks[i].sure {
			first, last = min(first, i), i
		}
	}
	d.contextOf()
	for i := range d.blocks {
		b := &d.blocks[i]
		at := placeMiddle
		if i < first {
			at |= placeHead
		}
		if i > last {
			at |= placeTail
		}
		if at != placeMiddle {
			at &^= placeMiddle
		}
		if b.rule >= 0 && d.rules.rules[b.rule].place&at != 0 {
			b.reason = d.rules.rules[b.rule].reason
		} else if b.scan.words == 0 {
			b.reason = reasonSymbols
		}
	}
	d.repeatedHeadlines(first)
}

// Reasons that no rules file names.
const (
	reasonHeadline = "repeated-headline"
	reasonSymbols  = "no-words"
	reasonTemplate = "site-template"
)

// repeatedHeadlines marks the lines that say the headline again: those equal to an earlier line
// of the head after folding, or to the title.
func (d *textDoc) repeatedHeadlines(first int) {
	seen := map[uint64]bool{}
	for i := range d.blocks {
		b := &d.blocks[i]
		if b.reason != "" || b.scan.words < 3 {
			continue
		}
		if seen[b.scan.fold] {
			b.reason = reasonHeadline
		} else if i <= first || i < 3 {
			seen[b.scan.fold] = true
		}
	}
}

// isProse reports whether a line reads as a paragraph of running text.
func (f *lineScan) isProse() bool {
	return f.size() >= 15 && f.endClass() >= 3 && f.signs == 0 && f.marks < 3
}
