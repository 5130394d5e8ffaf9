package dedupe

import (
	"bytes"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// The bits that vector instructions look up are those that the loops in Go do.
func TestVectorBits(t *testing.T) {
	if !vector {
		t.Skip("this processor, or this build, has no such instructions")
	}
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		var s shelf
		for i := range s.all {
			s.all[i] = rng.Uint64() & rng.Uint64()
		}
		grams := make([]uint64, rapid.IntRange(0, 64).Draw(t, "grams"))
		for i := range grams {
			grams[i] = rng.Uint64()
		}
		size := uint64(64 * rapid.IntRange(1, len(s.all)).Draw(t, "words"))
		if got, want := probeVector(&s.all, grams, size), s.all.probeEach(grams, size); got != want {
			t.Fatalf("%064b, want %064b", got, want)
		}
		publisher := rng.Uint32()
		if got, want := shelfVector(&s.all, grams, publisher), s.hasEach(publisher, grams); got != want {
			t.Fatalf("shelf: %064b, want %064b", got, want)
		}
	})
}

// The loops of vector instructions write what those in Go do.
func TestVector(t *testing.T) {
	if !vector {
		t.Skip("this processor, or this build, has no such instructions")
	}
	texts := rapid.Custom(func(t *rapid.T) string {
		size := rapid.IntRange(0, 300).Draw(t, "size")
		if rapid.IntRange(0, 9).Draw(t, "large") == 0 {
			size = chunkBytes - size
		}
		one := rapid.OneOf(rapid.Byte(), rapid.ByteRange(0, 0x7F), rapid.SampledFrom([]byte("az AZ09@[`{/:\x00\x7f\x80\xff")))
		part := rapid.SliceOfN(one, 1, 80).Draw(t, "part")
		return string(bytes.Repeat(part, size/len(part)+1)[:size])
	})
	rapid.Check(t, func(t *rapid.T) {
		text := texts.Draw(t, "text")
		var a, b [chunkArea]byte
		if n, want := copyVector(a[:], text), copyASCII(b[:], text); n != want || !bytes.Equal(a[:n], b[:n]) || string(a[:n]) != text[:n] {
			t.Fatalf("copied %d bytes, want %d", n, want)
		}
		if !bytes.Equal(a[len(text):], make([]byte, chunkArea-len(text))) {
			t.Fatal("wrote beyond the text")
		}
		copy(b[:], text)
		var got, want [edgeBytes]byte
		n, to := edgesVector(got[:], b[:len(text)]), findEdges(&want, &b, len(text))
		if n != to || !bytes.Equal(got[:n], want[:n]) {
			t.Fatalf("%d bytes of edges, want %d", n, to)
		}
	})
}

// The grams of a block, with vector instructions or without, are what their definition says.
func TestHashGrams(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 2))
		s := NewSketcher(DefaultParams())
		var dst Sketch
		s.start(&dst, "")
		s.cut = ^uint64(0) >> rapid.IntRange(0, 3).Draw(t, "level")
		s.keys.limit = rng.Uint64()
		s.t.n = rapid.IntRange(0, bufWords).Draw(t, "words")
		from := 0
		if s.t.n > carryWords {
			from = rapid.SampledFrom([]int{0, carryWords}).Draw(t, "from")
		}
		few := rapid.IntRange(1, 300).Draw(t, "vocabulary") // few words repeat within a group
		for i := range s.t.n {
			s.t.hash[i], s.t.weight[i] = mix(rng.Uint64N(uint64(few))), uint8(rng.IntN(3))
		}
		exact, seen := s.exact, map[uint64]uint64{}
		var kept []uint64
		var picked []uint16
		var grams, places []uint64
		for i := from; i < s.t.n; i++ {
			h, w := s.t.hash[:], s.t.weight[:]
			switch i {
			case 0:
				exact = (exact + h[0]) * mul1
				continue
			case 1:
				exact = (exact + (bits.RotateLeft64(h[0], 17) ^ h[1])) * mul1
				continue
			}
			g := bits.RotateLeft64(h[i-2], 39) ^ bits.RotateLeft64(h[i-1], 17) ^ h[i]
			exact = (exact + g) * mul1
			if g <= s.keys.limit {
				picked = append(picked, uint16(i))
			}
			if slot, tag := g&4095, g>>12&0xFFFF; g <= s.cut && w[i]+w[i-1]+w[i-2] >= gramLetters && seen[slot] != tag {
				seen[slot] = tag
				kept = append(kept, g)
			}
			grams, places = append(grams, g), append(places, uint64(len(kept)))
		}
		var out [bufWords]uint64
		n, p := s.hashGrams(&out, from)
		if !slices.Equal(out[:n], kept) || !slices.Equal(s.pick[:p], picked) || s.exact != exact {
			t.Fatalf("%d kept, %d picked, want %d, %d; hash %x, want %x", n, p, len(kept), len(picked), s.exact, exact)
		}
		first := max(from, gramWords-1)
		for i, g := range grams {
			if s.gram[first+i] != g || uint64(s.place[first+i]) != places[i] {
				t.Fatalf("gram %d is %x at %d, want %x at %d", i, s.gram[first+i], s.place[first+i], g, places[i])
			}
		}
	})
}
