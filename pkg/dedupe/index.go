package dedupe

import (
	"cmp"
	"slices"
)

// Kind says what a text is to the texts before it.
type Kind uint8

// The verdicts.
const (
	Unique    Kind = iota // new text, perhaps with overlaps
	Exact                 // the same words as an earlier text
	Near                  // almost the same words, both ways
	Contained             // part of an earlier text: it adds nothing
)

// String returns the verdict as the records have it: "clean", "exact", "near", "contained".
func (k Kind) String() string { return [...]string{"clean", "exact", "near", "contained"}[k&3] }

// Doc is what is known of a document beside its text.
type Doc struct {
	ID        string
	Seq       uint64 // strictly increasing
	Publisher string // source, or host of the URL
	URL       string
	Time      int64 // event time, seconds since 1970 UTC; 0 = unknown
}

// Match is an earlier document that shares text with the new one.
type Match struct {
	ID           string
	Seq          uint64
	Share        float64 // share of the new text that is in the earlier one, 0 to 1
	ShareOfOther float64 // share of the earlier text that is in the new one, 0 to 1
}

// Verdict is what Judge found.
type Verdict struct {
	Kind     Kind
	Of       Match   // the earlier document a duplicate repeats; zero when Unique
	Overlaps []Match // other earlier documents that share text, best first
	Cluster  string  // id of the first document of the story
}

// Index remembers the sketches of earlier documents. One goroutine owns it.
type Index struct {
	p        Params
	docs     []entry
	exact    map[uint64]int
	postings map[uint64][]int32
	hits     map[int]int
}

type entry struct {
	Doc
	hashes  []uint64
	cluster int
}

const maxPostings = 64

// NewIndex returns an empty index. It wraps ErrParams.
func NewIndex(p Params) (*Index, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	return &Index{p: p, exact: map[uint64]int{}, postings: map[uint64][]int32{}, hits: map[int]int{}}, nil
}

// Judge compares doc with the documents before it and remembers it. The
// verdict's Overlaps are valid until the next call.
func (x *Index) Judge(doc Doc, sk *Sketch) Verdict {
	v := Verdict{Cluster: doc.ID}
	self := len(x.docs)
	e := entry{Doc: doc, hashes: slices.Clone(sk.hashes), cluster: self}
	var found []Match
	var at []int
	for i, n := range x.candidates(sk) {
		if n < 2 {
			continue
		}
		o := &x.docs[i]
		m := Match{ID: o.ID, Seq: o.Seq, Share: ratio(n, len(sk.hashes)), ShareOfOther: ratio(n, len(o.hashes))}
		if max(m.Share, m.ShareOfOther) >= x.p.Overlap {
			found, at = append(found, m), append(at, i)
		}
	}
	if i, ok := x.exact[sk.Exact]; ok {
		v.Kind, v.Of = Exact, Match{ID: x.docs[i].ID, Seq: x.docs[i].Seq, Share: 1, ShareOfOther: 1}
		v.Cluster, e.cluster = x.docs[x.docs[i].cluster].ID, x.docs[i].cluster
	} else {
		x.exact[sk.Exact] = self
	}
	for i, m := range found {
		if e.cluster == self || x.docs[at[i]].cluster < e.cluster {
			e.cluster = x.docs[at[i]].cluster
			v.Cluster = x.docs[e.cluster].ID
		}
		_ = m
	}
	slices.SortFunc(found, func(a, b Match) int {
		return cmp.Or(cmp.Compare(b.Share, a.Share), cmp.Compare(b.ShareOfOther, a.ShareOfOther), cmp.Compare(a.Seq, b.Seq))
	})
	if v.Kind == Unique && len(found) > 0 && found[0].Share >= x.p.Duplicate {
		v.Kind, v.Of = Contained, found[0]
		if found[0].ShareOfOther >= x.p.Duplicate {
			v.Kind = Near
		}
	}
	for _, m := range found {
		if m.Seq != v.Of.Seq && len(v.Overlaps) < x.p.MaxMatches {
			v.Overlaps = append(v.Overlaps, m)
		}
	}
	x.docs = append(x.docs, e)
	for _, h := range sk.hashes {
		if l := x.postings[h]; len(l) < maxPostings {
			x.postings[h] = append(l, int32(self))
		}
	}
	return v
}

func (x *Index) candidates(sk *Sketch) map[int]int {
	clear(x.hits)
	for _, h := range sk.hashes {
		for _, i := range x.postings[h] {
			x.hits[int(i)]++
		}
	}
	return x.hits
}

func ratio(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}
