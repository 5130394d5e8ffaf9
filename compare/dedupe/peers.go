package main

import (
	"hash/fnv"
	"math/bits"
	"strconv"
	"strings"

	"github.com/cespare/xxhash/v2"
	minwise "github.com/dgryski/go-minhash"
	minhashlsh "github.com/ekzhu/minhash-lsh"

	"winnow/pkg/dedupe"
)

// winnow is the package compared.
type winnow struct{ x *dedupe.Index }

func newWinnow() *winnow {
	x, err := dedupe.NewIndex(dedupe.DefaultParams())
	if err != nil {
		panic(err) // the defaults are valid
	}
	return &winnow{x}
}

func (d *winnow) run(texts []string, pair func(later, earlier int)) {
	s := dedupe.NewSketcher(dedupe.DefaultParams())
	var sk dedupe.Sketch
	for i, t := range texts {
		s.Sketch(&sk, t)
		v := d.x.Judge(dedupe.Doc{ID: strconv.Itoa(i), Seq: uint64(i), Publisher: strconv.Itoa(i % 50)}, &sk)
		if v.Kind != dedupe.Unique {
			pair(i, int(v.Of.Seq))
		}
		for _, m := range v.Overlaps {
			pair(i, int(m.Seq))
		}
	}
}

// shingles calls yield with every three words of a text, folded as the peers' users
// fold: lower case, split at white space.
func shingles(text string, yield func(string)) {
	w := strings.Fields(strings.ToLower(text))
	for i := range len(w) - 2 {
		yield(w[i] + " " + w[i+1] + " " + w[i+2])
	}
}

// ekzhu is MinHash with 128 hashes and the bands its library thinks best for the
// threshold. It must be filled before it is asked.
type ekzhu struct {
	lsh  *minhashlsh.MinhashLSH
	sigs [][]uint64
}

func newEkzhu(threshold float64) *ekzhu {
	return &ekzhu{lsh: minhashlsh.NewMinhashLSH(128, threshold)}
}

func (d *ekzhu) run(texts []string, pair func(later, earlier int)) {
	for i, t := range texts {
		m := minhashlsh.NewMinhash(1, 128)
		shingles(t, func(s string) { m.Push([]byte(s)) })
		sig := m.Signature()
		d.sigs = append(d.sigs, sig)
		d.lsh.Add(i, sig)
	}
	d.lsh.Index()
	for i, sig := range d.sigs {
		for _, k := range d.lsh.Query(sig) {
			if j := k.(int); j < i {
				pair(i, j)
			}
		}
	}
}

// dgryski is min-wise hashing with 125 hashes, in 25 bands of 5 kept in Go maps: the
// library has signatures only.
type dgryski struct{ bands [25]map[uint64][]int32 }

func (d *dgryski) run(texts []string, pair func(later, earlier int)) {
	h1 := func(b []byte) uint64 { return xxhash.Sum64(b) }
	h2 := func(b []byte) uint64 { return xxhash.Sum64(b)*0x9E3779B97F4A7C15 + 1 }
	for b := range d.bands {
		d.bands[b] = map[uint64][]int32{}
	}
	for i, t := range texts {
		m := minwise.NewMinWise(h1, h2, 125)
		shingles(t, func(s string) { m.Push([]byte(s)) })
		sig := m.Signature()
		for b := range d.bands {
			key := uint64(b)
			for _, v := range sig[5*b : 5*b+5] {
				key = (key ^ v) * 0x9E3779B97F4A7C15
				key ^= key >> 29
			}
			for _, j := range d.bands[b][key] {
				pair(i, int(j))
			}
			d.bands[b][key] = append(d.bands[b][key], int32(i))
		}
	}
}

// simhash is Charikar's fingerprint as mfonda/simhash computes it, over words in pairs
// and FNV-1a (that module cannot be had from every proxy), with the seven blocks that
// find every pair within six bits.
type simhash struct {
	prints []uint64
	blocks [7]map[uint64][]int32
}

func (d *simhash) run(texts []string, pair func(later, earlier int)) {
	for b := range d.blocks {
		d.blocks[b] = map[uint64][]int32{}
	}
	for i, t := range texts {
		p := fingerprint(t)
		d.prints = append(d.prints, p)
		for b := range d.blocks {
			key := p >> (9 * b) & (1<<9 - 1)
			if b == 6 {
				key = p >> 54
			}
			for _, j := range d.blocks[b][key] {
				if bits.OnesCount64(p^d.prints[j]) <= 6 {
					pair(i, int(j))
				}
			}
			d.blocks[b][key] = append(d.blocks[b][key], int32(i))
		}
	}
}

func fingerprint(text string) (p uint64) {
	var sum [64]int
	h := fnv.New64a()
	w := strings.Fields(strings.ToLower(text))
	for i := range len(w) - 1 {
		h.Reset()
		h.Write([]byte(w[i] + " " + w[i+1]))
		v := h.Sum64()
		for b := range sum {
			sum[b] += int(v>>b&1)*2 - 1
		}
	}
	for b, s := range sum {
		if s > 0 {
			p |= 1 << b
		}
	}
	return p
}
