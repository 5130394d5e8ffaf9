package boilerplate

import "fmt"

// ruleExample is a line that tells what a section is for.
type ruleExample struct {
	text string
	at   int // its line in the file
}

// check returns an error for the first example that does not hold.
func (r *Rules) check() error {
	var sc lineScanner
	for i, x := range r.rules {
		fail := func(e ruleExample, format string) error {
			return fmt.Errorf("%w: %s:%d: "+format+": change the patterns or the example", ErrRules, x.file, e.at, e.text, x.reason)
		}
		for _, e := range x.good {
			if sc.match(r, e.text) < 0 {
				return fail(e, "%q is to match, but no pattern of %s does")
			}
		}
		for _, e := range x.bad {
			if sc.match(r, e.text) == i {
				return fail(e, "%q is not to match, but a pattern of %s does")
			}
		}
	}
	return nil
}
