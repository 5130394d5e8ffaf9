package boilerplate

// Rules is a set of phrase rules: whole-line patterns, each with a reason and a place. It is
// immutable and safe for concurrent use.
type Rules struct{}
