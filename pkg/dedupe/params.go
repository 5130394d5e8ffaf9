package dedupe

import (
	"errors"
	"fmt"
	"time"
)

// ErrParams reports parameters that make no sense, or that are not those the
// data was made with.
var ErrParams = errors.New("dedupe: parameters")

// Params are the settings that change results. They are comparable, stored
// with every snapshot, and checked when it is read. Start from DefaultParams.
type Params struct {
	Seed       Seed          // of all hashes; a program whose texts may be hostile has one of its own and keeps it secret
	Overlap    float64       // least share of the smaller text that makes two texts overlap
	Near       float64       // least share both ways that makes the new text a near duplicate
	Contained  float64       // least share of the new text that makes it contained in the other
	MaxMatches int           // most overlaps reported for one text, best first
	Window     time.Duration // farthest apart in event time that two texts are compared; 0 = no bound
	MaxDocs    int           // documents the index remembers, and a new one is compared with; the oldest goes first
}

// Seed is what the hashes of texts begin with. It does not print, so that no log tells it.
type Seed uint64

// String returns no more than that there is a seed.
func (Seed) String() string { return "(secret)" }

// DefaultParams returns the one setting that the figures in the package
// documentation were measured with.
func DefaultParams() Params {
	return Params{
		Seed:       0x57696e6e6f77,
		Overlap:    0.35,
		Near:       0.80,
		Contained:  0.90,
		MaxMatches: 32,
		MaxDocs:    10_000_000,
	}
}

// Validate returns an error that wraps ErrParams and names every field that is
// out of range, or nil.
func (p Params) Validate() error {
	var bad []error
	check := func(ok bool, field string, value any, want string) {
		if !ok {
			bad = append(bad, fmt.Errorf("%w: %s is %v, want %s", ErrParams, field, value, want))
		}
	}
	check(p.Overlap > 0 && p.Overlap <= 1, "Overlap", p.Overlap, "more than 0, at most 1")
	check(p.Near >= p.Overlap && p.Near <= 1, "Near", p.Near, "from Overlap to 1")
	check(p.Contained >= p.Overlap && p.Contained <= 1, "Contained", p.Contained, "from Overlap to 1")
	check(p.MaxMatches > 0 && p.MaxMatches <= 1024, "MaxMatches", p.MaxMatches, "1 to 1024")
	check(p.Window >= 0, "Window", p.Window, "0 or more")
	check(p.MaxDocs > 0 && p.MaxDocs <= 1<<30, "MaxDocs", p.MaxDocs, "1 to 2^30")
	return errors.Join(bad...)
}
