package dedupe

import (
	"math/rand/v2"
	"testing"
)

// A text and an earlier one of which a sample is kept share all: what is furniture by now counts for
// neither, whatever the level of the grams and however many of them are below it.
func TestWeighLeavesFurnitureOut(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	sk := &Sketch{}
	for range 3000 {
		sk.grams = append(sk.grams, r.Uint64())
	}
	for level := range 4 {
		q := &query{}
		q.begin(&Doc{}, sk)
		c := candidate{level: level, chance: 0.3}
		c.at = q.newMask()
		for w := range q.drop {
			if w < q.words/2 {
				q.drop[w] = ^uint64(0)
			}
			q.mask(c.at)[w] = atLevel(q.grams(w), level)
		}
		c.total = q.mask(c.at).count()
		c.weigh(q)
		if c.share < 0.99 || c.other < 0.97 || c.mine < c.total*2/5 || c.mine > c.total*3/5 {
			t.Errorf("level %d: %d grams of %d, share %.2f, of the other %.2f", level, c.mine, c.total, c.share, c.other)
		}
	}
}
