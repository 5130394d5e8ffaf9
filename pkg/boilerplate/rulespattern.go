package boilerplate

import (
	"errors"
	"fmt"
	"strings"
)

// patternItem is one part of a pattern: a choice of phrases, each a list of words and placeholders.
type patternItem struct {
	choices  [][]string
	optional bool
}

// aroundPlaceholders sets placeholders apart from the words beside them.
var aroundPlaceholders = strings.NewReplacer("<", " <", ">", "> ")

// parsePattern takes a pattern apart at the spaces that stand outside of its choices.
func parsePattern(pattern string) ([]patternItem, error) {
	var items []patternItem
	for _, part := range splitPattern(pattern) {
		var it patternItem
		var texts []string
		c := part[0]
		switch {
		case (c == '(' || c == '[') && strings.IndexAny(part, ")]") == len(part)-1:
			texts = strings.Split(part[1:len(part)-1], "|")
			it.optional = c == '['
		default:
			var err error
			if texts, err = spellings(part); err != nil {
				return nil, err
			}
		}
		for _, t := range texts {
			words := strings.Fields(aroundPlaceholders.Replace(t))
			if len(words) == 0 {
				it.optional = true
				continue
			}
			it.choices = append(it.choices, words)
		}
		if len(it.choices) > 0 {
			items = append(items, it)
		}
	}
	if len(items) > maxPatternTokens {
		return nil, fmt.Errorf("has %d parts, the most is %d", len(items), maxPatternTokens)
	}
	if len(items) == 0 {
		return nil, errors.New("is empty")
	}
	return items, nil
}

// splitPattern cuts a pattern at the spaces outside of choices.
func splitPattern(pattern string) []string {
	var parts []string
	depth, start := 0, 0
	for i := 0; i < len(pattern); i++ {
		switch pattern[i] {
		case '(', '[':
			depth++
		case ')', ']':
			depth--
		case ' ', '\t':
			if depth <= 0 {
				if i > start {
					parts = append(parts, pattern[start:i])
				}
				start = i + 1
			}
		}
	}
	if start < len(pattern) {
		parts = append(parts, pattern[start:])
	}
	return parts
}

// spellings spells out the choices inside a word: "stor(y|ies)" is two words, "post[s]" too.
func spellings(word string) ([]string, error) {
	texts := []string{""}
	for rest := word; rest != ""; {
		i := strings.IndexAny(rest, "([)]")
		if i < 0 {
			i = len(rest)
		}
		head, choices := rest[:i], []string{""}
		if i == len(rest) {
			rest = ""
		} else {
			closing, ok := map[byte]string{'(': ")", '[': "]"}[rest[i]]
			if !ok {
				return nil, fmt.Errorf("%q without its opening", rest[i:i+1])
			}
			j := strings.Index(rest[i:], closing)
			if j < 0 {
				return nil, fmt.Errorf("%q without %q", rest[i:i+1], closing)
			}
			choices = strings.Split(rest[i+1:i+j], "|")
			if rest[i] == '[' {
				choices = append(choices, "")
			}
			rest = rest[i+j+1:]
		}
		if len(texts)*len(choices) > maxSpellings {
			return nil, fmt.Errorf("%q has more than %d spellings", word, maxSpellings)
		}
		next := make([]string, 0, len(texts)*len(choices))
		for _, t := range texts {
			for _, c := range choices {
				next = append(next, t+head+c)
			}
		}
		texts = next
	}
	return texts, nil
}
