package boilerplate

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A ruleMatcher compares lines with all patterns at once. The patterns are a trie over the ids of
// folded words; placeholders are nodes that loop. A line is run through it as through a
// nondeterministic automaton: the time is words times the nodes that are alive at once, which is
// a handful.

// wordFlags says to which word lists a word belongs, and what it looks like in its line.
type wordFlags uint8

const (
	wordFunction wordFlags = 1 << iota
	wordDate
	wordChrome
	wordComment // what the headings and buttons of comment threads are made of
	wordPerson  // the first and second person
	wordName    // stands in small letters inside of names
	wordNumber  // starts with a digit
	wordCapital // starts with a capital, or counts as one, or belongs to a script without case
)

// wordList is a list of words in rules files.
type wordList struct {
	flags  wordFlags // that its words have
	notice int32     // what they are in notices about cookies
}

var wordLists = map[string]wordList{
	"function": {flags: wordFunction}, "date": {flags: wordDate}, "chrome": {flags: wordChrome},
	"comment": {flags: wordComment}, "person": {flags: wordPerson}, "name": {flags: wordName}, "capital": {flags: wordCapital},
	"cookie": {flags: wordChrome, notice: noticeSubject}, "consent": {notice: noticeTerm}, "we": {notice: noticeSpeaker},
}

// lineToken is one word of a line.
type lineToken struct {
	id    int32 // of the word in the rules; 0: none of them has it
	flags wordFlags
	wakes bool // leads on from a node of ruleMatcher.idle
	colon bool // a colon, or a sign that stands for one, comes behind it
}

const (
	maxPatternTokens = 48 // longest pattern, in words and placeholders of all its choices
	maxLineTokens    = 64 // words of a line that are looked at one by one
	maxRuleTokens    = 48 // longest line that is compared with the patterns as a whole, in words
	maxSpellings     = 64 // most spellings that the choices inside one word may make
)

// Placeholders: the words that a looping node accepts.
const (
	loopNone uint8 = iota
	loopAny
	loopName
	loopDate
)

type ruleNode struct {
	loop uint8   // which words the node accepts and stays
	skip int32   // node that is reached with no word at all (an <any>); 0: none
	join []int32 // nodes behind a choice that ends here
	name int32   // node reached by a word of a name
	date int32
	num  int32
	mark int32 // node reached with no word, where a colon stands behind the last one
	rule int32 // rule+1 that ends here; 0: none
}

type ruleEdge struct{ node, word int32 }

type ruleMatcher struct {
	words vocabulary
	nodes []ruleNode
	edges edgeTable
	start []int32 // the nodes that are alive before the first word

	// Most words of most lines lead nowhere, and leave just the nodes alive that a leading <any>
	// keeps alive: idle. From there on only some words have to be looked at.
	idle  []int32   // nil: there is no such set
	wakes wordFlags // of words that idle's placeholders take, beside those that say so themselves
}

type matcherBuilder struct {
	words map[uint64]*vocab
	nodes []ruleNode
	edges map[ruleEdge]int32
	ids   int32 // word ids given out
}

func newMatcherBuilder() matcherBuilder {
	return matcherBuilder{words: map[uint64]*vocab{}, nodes: make([]ruleNode, 1), edges: map[ruleEdge]int32{}}
}

// word returns the entry of a folded word, which it creates.
func (b *matcherBuilder) word(h uint64) *vocab {
	v := b.words[h]
	if v == nil {
		v = &vocab{}
		b.words[h] = v
	}
	return v
}

// literal returns the id of a folded word.
func (b *matcherBuilder) literal(h uint64) int32 {
	v := b.word(h)
	if v.id == 0 {
		b.ids++
		v.id = b.ids
	}
	return v.id
}

// add adds one pattern that ends in the rule with index r.
func (b *matcherBuilder) add(pattern string, r int32) error {
	items, err := parsePattern(pattern)
	if err != nil {
		return fmt.Errorf("pattern %q: %w", pattern, err)
	}
	if err := b.insert(items, r); err != nil {
		return fmt.Errorf("pattern %q: %w", pattern, err)
	}
	return nil
}

// insert adds the items of a pattern. A choice that may be left out at the very start is spelt out
// both ways, so that the root has no way on without a word.
func (b *matcherBuilder) insert(items []patternItem, r int32) error {
	for len(items) > 0 && items[0].optional {
		rest := append([]patternItem{{choices: items[0].choices}}, items[1:]...)
		if err := b.insert(rest, r); err != nil {
			return err
		}
		items = items[1:]
	}
	at, literals := int32(0), false
	for _, it := range items {
		if len(it.choices) == 1 && !it.optional {
			next, lit, err := b.phrase(at, it.choices[0])
			if err != nil {
				return err
			}
			at, literals = next, literals || lit
			continue
		}
		join, all := b.node(ruleNode{}), !it.optional
		for _, c := range it.choices {
			end, lit, err := b.phrase(at, c)
			if err != nil {
				return err
			}
			all = all && lit
			b.nodes[end].join = append(b.nodes[end].join, join)
		}
		if it.optional {
			b.nodes[at].join = append(b.nodes[at].join, join)
		}
		at, literals = join, literals || all
	}
	if !literals {
		return errors.New("has no word of its own: it would match anything")
	}
	if b.nodes[at].rule == 0 {
		b.nodes[at].rule = r + 1
	}
	return nil
}

// phrase adds words and placeholders behind node at. It returns the node at their end, and whether
// there is a word among them.
func (b *matcherBuilder) phrase(at int32, words []string) (int32, bool, error) {
	literal := false
	for _, w := range words {
		if strings.HasPrefix(w, "<") {
			next, err := b.placeholder(at, w)
			if err != nil {
				return 0, false, err
			}
			at = next
			continue
		}
		foldWords(w, func(h uint64) {
			e := ruleEdge{at, b.literal(h)}
			if b.edges[e] == 0 {
				b.edges[e] = b.node(ruleNode{})
			}
			at = b.edges[e]
			literal = true
		})
	}
	return at, literal, nil
}

// placeholder returns the node behind a placeholder at node at.
func (b *matcherBuilder) placeholder(at int32, w string) (int32, error) {
	get := func(p func(*ruleNode) *int32, n ruleNode) int32 {
		if *p(&b.nodes[at]) == 0 {
			id := b.node(n)
			*p(&b.nodes[at]) = id
		}
		return *p(&b.nodes[at])
	}
	switch w {
	case "<any>":
		return get(func(n *ruleNode) *int32 { return &n.skip }, ruleNode{loop: loopAny}), nil
	case "<name>":
		return get(func(n *ruleNode) *int32 { return &n.name }, ruleNode{loop: loopName}), nil
	case "<date>":
		return get(func(n *ruleNode) *int32 { return &n.date }, ruleNode{loop: loopDate}), nil
	case "<number>":
		return get(func(n *ruleNode) *int32 { return &n.num }, ruleNode{}), nil
	case "<:>":
		return get(func(n *ruleNode) *int32 { return &n.mark }, ruleNode{}), nil
	}
	return 0, fmt.Errorf("unknown placeholder %s: want <any>, <name>, <date>, <number> or <:>", w)
}

func (b *matcherBuilder) node(n ruleNode) int32 {
	b.nodes = append(b.nodes, n)
	return int32(len(b.nodes) - 1)
}

func (b *matcherBuilder) build() ruleMatcher {
	m := ruleMatcher{nodes: b.nodes, edges: newEdgeTable(b.edges)}
	m.start = m.enter(nil, 0, false)
	m.idle = m.step(nil, m.start, lineToken{})
	if !slices.Equal(m.idle, m.step(nil, m.idle, lineToken{})) {
		m.idle = nil
	}
	for _, at := range m.idle {
		n := &m.nodes[at]
		m.wakes |= placeholderFlags(n)
	}
	wakes := map[int32]bool{}
	for e := range b.edges {
		wakes[e.word] = wakes[e.word] || slices.Contains(m.idle, e.node)
	}
	for _, v := range b.words {
		v.wakes = wakes[v.id]
	}
	m.words = newVocabulary(b.words)
	return m
}

// placeholderFlags returns the flags of words that lead from a node to its placeholders.
func placeholderFlags(n *ruleNode) (f wordFlags) {
	if n.num != 0 {
		f |= wordNumber
	}
	if n.name != 0 {
		f |= loopWords[loopName]
	}
	if n.date != 0 {
		f |= loopWords[loopDate]
	}
	return f
}

// matchState is the set of nodes that are alive while a line runs through a ruleMatcher.
type matchState struct{ now, next []int32 }

// match returns the index of the rule that matches the whole line, or -1. Of several it is the one
// whose pattern was reached first.
func (m *ruleMatcher) match(line []lineToken, s *matchState) int {
	s.now = append(s.now[:0], m.start...)
	idle := false
	for _, t := range line {
		if idle && !t.wakes && t.flags&m.wakes == 0 {
			continue
		}
		s.next = m.step(s.next[:0], s.now, t)
		s.now, s.next = s.next, s.now
		if len(s.now) == 0 {
			return -1
		}
		idle = slices.Equal(s.now, m.idle)
	}
	return m.ending(s.now)
}

// ending returns the index of the rule that ends in one of the nodes, or -1.
func (m *ruleMatcher) ending(nodes []int32) int {
	for _, at := range nodes {
		if r := m.nodes[at].rule; r != 0 {
			return int(r) - 1
		}
	}
	return -1
}

// matchLong returns the index of the rule that matches a line of which these are the first words, or -1. Patterns
// that begin with <any> are left out: in that many words they would find what they look for by chance.
func (m *ruleMatcher) matchLong(line []lineToken, s *matchState) int {
	s.now = append(s.now[:0], 0)
	for _, t := range line {
		s.next = m.step(s.next[:0], s.now, t)
		s.now, s.next = s.next, s.now
		for _, at := range s.now {
			if m.nodes[at].loop != loopAny {
				continue
			}
			if r := m.ending(m.enter(s.next[:0], at, false)); r >= 0 {
				return r
			}
		}
		if len(s.now) == 0 {
			break
		}
	}
	return -1
}

// step adds to next the nodes that are alive after a word.
func (m *ruleMatcher) step(next, now []int32, t lineToken) []int32 {
	for _, at := range now {
		n := &m.nodes[at]
		if n.loop != loopNone && accepts(n.loop, t) {
			next = m.enter(next, at, t.colon)
		}
		if t.id != 0 {
			if to := m.edges.find(at, t.id); to != 0 {
				next = m.enter(next, to, t.colon)
			}
		}
		if n.num != 0 && t.flags&wordNumber != 0 {
			next = m.enter(next, n.num, t.colon)
		}
		if n.name != 0 && t.flags&wordCapital != 0 { // what stands in small letters in names begins none
			next = m.enter(next, n.name, t.colon)
		}
		if n.date != 0 && accepts(loopDate, t) {
			next = m.enter(next, n.date, t.colon)
		}
	}
	return next
}

// enter adds a node to the set, and those behind it that need no word, or just the colon that there is.
func (m *ruleMatcher) enter(set []int32, at int32, colon bool) []int32 {
	if slices.Contains(set, at) {
		return set
	}
	set = append(set, at)
	n := &m.nodes[at]
	if n.skip != 0 {
		set = m.enter(set, n.skip, colon)
	}
	if n.mark != 0 && colon {
		set = m.enter(set, n.mark, colon)
	}
	for _, j := range n.join {
		set = m.enter(set, j, colon)
	}
	return set
}

// loopWords holds the words, by any of their flags, that the placeholders accept.
var loopWords = [...]wordFlags{loopName: wordCapital | wordName, loopDate: wordDate | wordNumber}

// accepts reports whether a placeholder takes the word.
func accepts(loop uint8, t lineToken) bool {
	return loop == loopAny || t.flags&loopWords[loop] != 0
}
