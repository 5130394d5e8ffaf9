package dedupe

import (
	"bytes"
	"math/rand/v2"
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
