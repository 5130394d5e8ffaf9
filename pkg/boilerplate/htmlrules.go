package boilerplate

// applyRules gives the kept blocks that a phrase rule matches, where the rule's place allows it,
// the rule's reason. The head of an article is what stands before its first paragraph of running
// text, the tail what stands after the last.
func (p *Page) applyRules(rules *Rules) {
	if rules == nil {
		rules = DefaultRules()
	}
	first, last := len(p.Blocks), -1
	for i := range p.Blocks {
		if b := &p.Blocks[i]; b.Kept() && b.Kind != Heading && len(b.Text) >= proseBytes {
			first, last = min(first, i), i
		}
	}
	if last < 0 { // what holds anywhere holds without a paragraph too
		first, last = 0, len(p.Blocks)
	}
	var sc lineScanner
	for i := range p.Blocks {
		b := &p.Blocks[i]
		if !b.Kept() || len(b.Text) > ruleBytes || b.Kind == Code || b.Kind == Table {
			continue
		}
		at := placeMiddle
		if i < first {
			at = placeHead
		} else if i > last {
			at = placeTail
		}
		if n := sc.match(rules, b.Text); n >= 0 && rules.rules[n].place&at != 0 {
			b.Reason = rules.rules[n].reason
		}
	}
}

const (
	proseBytes = 140 // of a block that is surely running text
	ruleBytes  = 400 // of the longest block that a phrase rule is tried on
)
