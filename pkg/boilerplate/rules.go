package boilerplate

import (
	"bufio"
	"bytes"
	"embed"
	"errors"
	"fmt"
	"os"
	"path"
	"strings"
	"sync"
)

// ErrRules is wrapped by every error about the content of a rules file.
var ErrRules = errors.New("phrase rules")

//go:embed rules/*.txt
var ruleFiles embed.FS

// Rules is a set of phrase rules: whole-line patterns, each with a reason and a place, and lists of
// words. It is immutable and safe for concurrent use.
//
// A rules file is UTF-8 text. A section starts with a head in brackets; the lines below it are its
// patterns or words, "+" lines are examples that the section must match, "-" lines are examples
// that it must not match (a file where that is not so is refused), "#" starts a comment line:
//
//	[newsletter tail]
//	sign up (for|to) (our|the) [free|daily] newsletter[s]
//	+ Sign up for our newsletters!
//	- The newsletter says that profits have doubled.
//
// The head names the reason and the places where the rule holds: head (before the first paragraph
// that is surely the article's), tail (after the last one), anywhere. A pattern is compared with a
// whole line after folding: case, accents and punctuation do not count. (a|b) is one of the
// choices, [a|b] one of them or nothing (neither holds another), <any> any words or none, <name> words in capitals,
// <date> a date or time, <number> one number, and behind a
// word <:> is a colon, or a slash or equals sign in its place. "[words function]" starts a list of
// words: a language's function words; "[words date]" the words of its dates, "[words chrome]" those that
// furniture is made of, "[words comment]" those of the headings and buttons of comment threads,
// "[words person]" the first and second person, "[words name]" what stands in small letters in names but
// begins none, "[words capital]" what counts as a word in capitals however it is written, "[words cookie]" what notices
// about cookies are about, "[words consent]" what they say of it and "[words we]" how they call who says it.
// The built-in lists hold for every file. Of a line of more than 48 words the first are compared with the patterns that begin with a
// word and end with <any>.
type Rules struct {
	rules  []rule
	m      ruleMatcher
	notice vocabulary // of notices about cookies: the ids are noticeSubject and those below it
}

// rule is one section of a rules file.
type rule struct {
	reason string // rule:<file>/<section>
	place  place
	file   string
	good   []ruleExample // must match
	bad    []ruleExample // must not
}

type place uint8

const (
	placeHead place = 1 << iota
	placeTail
	placeMiddle
	placeAnywhere = placeHead | placeTail | placeMiddle
)

var places = map[string]place{"head": placeHead, "tail": placeTail, "anywhere": placeAnywhere}

var defaultRules = sync.OnceValue(func() *Rules {
	b := newRuleBuilder()
	if err := b.builtin(false); err != nil {
		panic(err)
	}
	return b.build()
})

// DefaultRules returns the built-in rules.
func DefaultRules() *Rules { return defaultRules() }

// LoadRules returns the built-in rules together with those of the files named. An error names the
// file and the line, and wraps ErrRules when it is about what the file says.
func LoadRules(names ...string) (*Rules, error) {
	b := newRuleBuilder()
	if err := b.builtin(false); err != nil {
		return nil, err
	}
	if len(names) > 0 {
		if err := b.own(names); err != nil {
			return nil, err
		}
	}
	return b.build(), nil
}

// ParseRules returns the rules of one file alone, without the built-in ones but with their words. The reasons are
// "rule:<name>/<section>", where name is the file's base name without its extension.
func ParseRules(name string, data []byte) (*Rules, error) {
	b := newRuleBuilder()
	if err := b.builtin(true); err != nil {
		return nil, err
	}
	if err := b.parse(name, data); err != nil {
		return nil, err
	}
	r := b.build()
	if err := r.check(); err != nil {
		return nil, err
	}
	return r, nil
}

type ruleBuilder struct {
	rules  []rule
	m      matcherBuilder
	notice map[uint64]*vocab

	wordsOnly bool // the rules of the file that is being read do not count
}

func newRuleBuilder() *ruleBuilder {
	return &ruleBuilder{m: newMatcherBuilder(), notice: map[uint64]*vocab{}}
}

func (b *ruleBuilder) build() *Rules {
	return &Rules{rules: b.rules, m: b.m.build(), notice: newVocabulary(b.notice)}
}

// builtin adds the built-in rules, or only their words.
func (b *ruleBuilder) builtin(wordsOnly bool) error {
	files, err := ruleFiles.ReadDir("rules")
	if err != nil {
		return err
	}
	b.wordsOnly = wordsOnly
	defer func() { b.wordsOnly = false }()
	for _, f := range files {
		data, err := ruleFiles.ReadFile("rules/" + f.Name())
		if err == nil {
			err = b.parse(f.Name(), data)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// own adds the rules of a user's files. Their examples are checked against them alone, so that no built-in rule
// hides a slip.
func (b *ruleBuilder) own(names []string) error {
	alone := newRuleBuilder()
	if err := alone.builtin(true); err != nil {
		return err
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err == nil {
			err = alone.parse(name, data)
		}
		if err == nil {
			err = b.parse(name, data)
		}
		if err != nil {
			return err
		}
	}
	return alone.build().check()
}

// parse adds the rules of one file.
func (b *ruleBuilder) parse(name string, data []byte) error {
	base := ruleBase(name)
	sc := bufio.NewScanner(bytes.NewReader(bytes.TrimPrefix(data, []byte("\uFEFF"))))
	var words wordList // that is being read, empty in a rule
	cur := -1
	for no := 1; sc.Scan(); no++ {
		line := strings.TrimSpace(sc.Text())
		fail := func(format string, args ...any) error {
			return fmt.Errorf("%w: %s:%d: %s", ErrRules, name, no, fmt.Sprintf(format, args...))
		}
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[' && strings.IndexByte(line, ']') == len(line)-1 && !strings.Contains(line, "|"):
			r, w, err := parseHead(base, line)
			if err != nil {
				return fail("%v", err)
			}
			words, cur = w, -1
			if w == (wordList{}) && !b.wordsOnly {
				r.file = name
				b.rules = append(b.rules, r)
				cur = len(b.rules) - 1
			}
		case words != (wordList{}):
			for w := range strings.FieldsSeq(line) {
				foldWords(w, func(h uint64) { b.word(h, words) })
			}
		case b.wordsOnly:
		case cur < 0:
			return fail("%q stands before the first section, such as [newsletter tail]", line)
		case line[0] == '+':
			b.rules[cur].good = append(b.rules[cur].good, ruleExample{strings.TrimSpace(line[1:]), no})
		case line[0] == '-':
			b.rules[cur].bad = append(b.rules[cur].bad, ruleExample{strings.TrimSpace(line[1:]), no})
		default:
			if err := b.m.add(line, int32(cur)); err != nil {
				return fail("%v", err)
			}
		}
	}
	if err := sc.Err(); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrRules, name, err)
	}
	return nil
}

// word adds a folded word to a list.
func (b *ruleBuilder) word(h uint64, list wordList) {
	if list.flags != 0 {
		b.m.word(h).flags |= list.flags
	}
	if list.notice != 0 {
		if b.notice[h] == nil {
			b.notice[h] = &vocab{}
		}
		b.notice[h].id |= list.notice
	}
}

// ruleBase is what a file is called in the reasons of its rules.
func ruleBase(name string) string {
	return strings.TrimSuffix(path.Base(strings.ReplaceAll(name, `\`, "/")), path.Ext(name))
}

// parseHead reads a section's head: a rule's reason and places, or the kind of a word list.
func parseHead(base, line string) (rule, wordList, error) {
	f := strings.Fields(strings.Trim(line, "[]"))
	if len(f) < 2 {
		return rule{}, wordList{}, fmt.Errorf("section %s: want a reason and a place, such as [newsletter tail]", line)
	}
	if f[0] == "words" {
		w, ok := wordLists[f[1]]
		if !ok || len(f) != 2 {
			return rule{}, wordList{}, fmt.Errorf("section %s: a word list is one of function, date, chrome, comment, person, name, capital, cookie, consent, we", line)
		}
		return rule{}, w, nil
	}
	r := rule{reason: "rule:" + base + "/" + f[0]}
	for _, p := range f[1:] {
		at, ok := places[p]
		if !ok {
			return rule{}, wordList{}, fmt.Errorf("section %s: unknown place %q: want head, tail or anywhere", line, p)
		}
		r.place |= at
	}
	return r, wordList{}, nil
}
