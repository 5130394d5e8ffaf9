package dedupe

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/cespare/xxhash/v2"
)

// A snapshot whose checksum is right and whose contents no index has is refused.
func TestMadeUp(t *testing.T) {
	for _, tt := range []struct {
		name string
		make func(x *Index, e *entry)
	}{
		{"grams", func(_ *Index, e *entry) { e.grams = gramMax + 1 }},
		{"a bitmap beyond the record", func(x *Index, _ *entry) { x.entryOf(x.next - 1).grams = gramMax }},
		{"numbers", func(_ *Index, e *entry) { e.numbers = numberMax + 1 }},
		{"level", func(_ *Index, e *entry) { e.level = maxLevel + 1 }},
		{"level of one that repeats", func(_ *Index, e *entry) { e.level = repeats | maxLevel + 1 }},
		{"no first document", func(_ *Index, e *entry) { e.first = 0 }},
		{"a first document to come", func(x *Index, e *entry) { e.first = x.next }},
		{"no member", func(_ *Index, e *entry) { e.link = 0 }},
		{"a member to come", func(x *Index, e *entry) { e.link = x.next }},
		{"a record at the end", func(x *Index, e *entry) { e.at = uint32(x.log.end) }},
		{"a record before the log", func(x *Index, e *entry) { e.at = uint32(x.log.end) + 1 }},
		{"a record in another", func(x *Index, e *entry) { e.at = x.entryOf(19).at }},
		{"an id beyond the page", func(x *Index, e *entry) { copy(x.log.record(e.at), "\xff\x7f") }},
		{"a posting of a document to come", func(x *Index, _ *entry) { x.posts.add(42, x.next, x.low) }},
		{"document 0", func(x *Index, _ *entry) {
			x.docs.reach(0)
			*x.docs.own(0) = *x.entryOf(1)
			x.low = 0
		}},
		{"a log without end", func(x *Index, _ *entry) {
			x.log.first += 1 << (63 - pageBits)
			x.log.end += 1 << 63
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := newIndex(t, DefaultParams())
			stream(x, 0, 40)
			tt.make(x, x.entryOf(20))
			var b bytes.Buffer
			if _, err := x.WriteTo(&b); err != nil {
				t.Fatal(err)
			}
			if _, err := ReadIndex(&b, DefaultParams()); !errors.Is(err, ErrSnapshot) {
				t.Errorf("error is %v", err)
			}
		})
	}
}

// What no check of a snapshot finds does no harm: a bitmap with all bits set, a bucket with keys that
// are not its part's.
func TestMadeUpIsBorne(t *testing.T) {
	x := newIndex(t, DefaultParams())
	text := invent(1, 200)
	ask(x, Doc{ID: "a", Publisher: "a"}, text)
	for i := range x.log.signature(x.entryOf(1)).bitmap {
		x.log.signature(x.entryOf(1)).bitmap[i] = 0xFF
	}
	v := ask(x, Doc{ID: "b", Publisher: "b"}, change(text, 2, 20))
	for _, m := range append(v.Overlaps, v.Of) {
		if !(m.Share >= 0 && m.Share <= 1 && m.ShareOfOther >= 0 && m.ShareOfOther <= 1) {
			t.Errorf("%+v", m)
		}
	}
	p := &x.posts.parts[7]
	p.own(p.n-1).push(0, 1)
	p.grow(1, 7)
}

// Whoever changes a snapshot and makes its checksum right gets an error, or an index that judges.
func FuzzMadeUp(f *testing.F) {
	p := DefaultParams()
	p.MaxDocs = 200
	x, err := NewIndex(p)
	if err != nil {
		f.Fatal(err)
	}
	const docs = 440
	stream(x, 0, docs)
	var b bytes.Buffer
	if _, err := x.WriteTo(&b); err != nil {
		f.Fatal(err)
	}
	good := b.Bytes()
	r := rand.New(rand.NewPCG(3, 4))
	entries := bytes.IndexByte(good, '}') + 1 + 4*(4+len(x.clock.last))
	records := entries + entryBytes*x.Len() + 16
	for range 60 {
		last := records - 16 - entryBytes*(1+r.IntN(60))
		f.Add(uint32(last+24+4*r.IntN(6)), r.Uint64(), uint8(r.IntN(4))) // from the time to the sizes
		for _, area := range [][2]int{{entries - 300, entries}, {records, records + 40_000}, {records + 40_000, len(good)}} {
			f.Add(uint32(area[0]+r.IntN(area[1]-area[0])), r.Uint64(), uint8(r.IntN(8)))
		}
	}
	f.Fuzz(func(t *testing.T, at uint32, with uint64, n uint8) {
		bad := bytes.Clone(good)
		sum := len(bad) - 8
		for i := range int(n%8) + 1 {
			bad[(int(at)+i)%sum] = byte(with >> (8 * i))
		}
		binary.LittleEndian.PutUint64(bad[sum:], xxhash.Sum64(bad[:sum]))
		y, err := ReadIndex(bytes.NewReader(bad), p)
		if err != nil {
			if !errors.Is(err, ErrSnapshot) && !errors.Is(err, ErrParams) {
				t.Errorf("error is %v", err)
			}
			return
		}
		for _, v := range stream(y, docs, docs+30) { // document 256 goes
			for _, m := range append(v.Overlaps, v.Of, v.Form) {
				if !(m.Share >= 0 && m.Share <= 1 && m.ShareOfOther >= 0 && m.ShareOfOther <= 1) {
					t.Fatalf("%+v", m)
				}
			}
		}
	})
}
