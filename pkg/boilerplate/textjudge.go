package boilerplate

// judge gives each block that is not the article its reason.
func (d *textDoc) judge() {
	var sc lineScanner
	first, last := len(d.blocks), -1
	for i := range d.blocks {
		b := &d.blocks[i]
		line := d.text[b.start:b.end]
		sc.scan(&d.rules.m, line)
		b.fold, b.words = sc.fold, sc.words
		b.rule = sc.rule(d.rules)
		b.sure = b.rule < 0 && b.words >= 15 && endsSentence(line)
		if b.sure {
			first, last = min(first, i), i
		}
	}
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
		} else if b.words == 0 {
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
		if b.reason != "" || b.words < 3 {
			continue
		}
		if seen[b.fold] {
			b.reason = reasonHeadline
		} else if i <= first || i < 3 {
			seen[b.fold] = true
		}
	}
}
