package dedupe

import (
	"fmt"
	"math/rand/v2"
)

var publishers = []string{"one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"}

// fill adds n synthetic documents of 500 words, one in ten a changed copy of an
// earlier one.
func fill(x *Index, from, n int, sk *Sketch) {
	var id [32]byte
	for i := from; i < from+n; i++ {
		synthesize(sk, i)
		copy(id[:], fmt.Appendf(id[:0], "%032x", i))
		x.Judge(Doc{ID: string(id[:]), Seq: uint64(i), Publisher: publishers[i%len(publishers)], Time: int64(i)}, sk)
	}
}

// synthesize makes the sketch of the i-th synthetic document.
func synthesize(sk *Sketch, i int) {
	source := uint64(i)
	if i%10 == 9 {
		source = uint64(i) - 7*uint64(1+i%1000)%uint64(i)
	}
	r, own := rand.NewPCG(source, 5), rand.NewPCG(uint64(i), 6)
	sk.Exact, sk.Words, sk.level = own.Uint64(), 500, 0
	sk.grams, sk.keys, sk.keyAt, sk.numbers = sk.grams[:0], sk.keys[:0], sk.keyAt[:0], sk.numbers[:0]
	for k := range 470 {
		g := r.Uint64()
		if i%10 == 9 && k > 350 {
			g = own.Uint64()
		}
		if sk.grams = append(sk.grams, g); k%27 == 0 {
			sk.keys, sk.keyAt = append(sk.keys, uint32(mix(g))), append(sk.keyAt, uint16(k))
		}
	}
	for k := range uint16(10) {
		sk.numbers = append(sk.numbers, k*6000+uint16(own.Uint64()%6000))
	}
}
