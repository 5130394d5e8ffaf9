package main

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
)

// load returns n texts of 1,500 to 6,000 bytes.
func load(path string, n int) (texts []string, err error) {
	if path == "" {
		for i := range n {
			texts = append(texts, invent(uint64(i), 300+i%400))
		}
		return texts, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(path, ".gz") {
		if r, err = gzip.NewReader(f); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() && len(texts) < n {
		var d struct{ Text string }
		if err := json.Unmarshal(lines.Bytes(), &d); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if len(d.Text) >= 1500 && len(d.Text) <= 6000 {
			texts = append(texts, d.Text)
		}
	}
	return texts, lines.Err()
}

// corpus is the texts in order of arrival: the originals, then the copies.
type corpus struct {
	texts  []string
	copies map[int]copied
}

// copied says what a copy was made from.
type copied struct {
	kind string
	of   []int
}

// related reports whether two texts come from a common original.
func (c corpus) related(a, b int) bool {
	from := func(i int) []int {
		if k, ok := c.copies[i]; ok {
			return k.of
		}
		return []int{i}
	}
	for _, x := range from(a) {
		for _, y := range from(b) {
			if x == y {
				return true
			}
		}
	}
	return false
}

// kinds are the ways a text is copied. other is a text the copy may borrow from.
var kinds = []struct {
	name string
	make func(r *rand.Rand, text, other string) string
}{
	{"exact", func(_ *rand.Rand, t, _ string) string { return strings.ToUpper(t[:1]) + t[1:] + "\n" }},
	{"framed", func(r *rand.Rand, t, _ string) string {
		return invent(r.Uint64(), 60) + ".\n" + t + "\n" + invent(r.Uint64(), 40)
	}},
	{"cut60", func(_ *rand.Rand, t, _ string) string { return part(t, 0, 60) }},
	{"cut30", func(_ *rand.Rand, t, _ string) string { return part(t, 0, 30) }},
	{"embedded", func(_ *rand.Rand, t, o string) string { return part(o, 0, 50) + "\n" + t + "\n" + part(o, 50, 100) }},
	{"quoted", func(r *rand.Rand, t, o string) string {
		return invent(r.Uint64(), 100) + " “" + part(t, 40, 70) + "” " + invent(r.Uint64(), 60)
	}},
	{"edit05", func(r *rand.Rand, t, _ string) string { return edit(r, t, 5) }},
	{"edit10", func(r *rand.Rand, t, _ string) string { return edit(r, t, 10) }},
	{"edit20", func(r *rand.Rand, t, _ string) string { return edit(r, t, 20) }},
	{"shuffled", func(r *rand.Rand, t, _ string) string {
		s := strings.SplitAfter(t, ". ")
		r.Shuffle(len(s), func(i, j int) { s[i], s[j] = s[j], s[i] })
		return strings.Join(s, " ")
	}},
}

// plant adds n copies of each kind to the texts.
func plant(texts []string, n int) corpus {
	c := corpus{texts: texts, copies: map[int]copied{}}
	originals := len(texts)
	r := rand.New(rand.NewPCG(7, 7))
	for k, kind := range kinds {
		for i := range n {
			of := (k*n + i) % originals
			other := r.IntN(originals)
			c.copies[len(c.texts)] = copied{kind.name, []int{of}}
			if kind.name == "embedded" {
				c.copies[len(c.texts)] = copied{kind.name, []int{of, other}}
			}
			c.texts = append(c.texts, kind.make(r, texts[of], texts[other]))
		}
	}
	return c
}

// part returns the words between two percentages of a text.
func part(t string, from, to int) string {
	w := strings.Fields(t)
	return strings.Join(w[len(w)*from/100:len(w)*to/100], " ")
}

// edit replaces that many in a hundred words.
func edit(r *rand.Rand, t string, percent int) string {
	w := strings.Fields(t)
	for i := range w {
		if r.IntN(100) < percent {
			w[i] = invent(r.Uint64(), 1)
		}
	}
	return strings.Join(w, " ")
}

// invent returns n invented words.
func invent(seed uint64, n int) string {
	r := rand.New(rand.NewPCG(seed, 1))
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString([]string{" ", " ", " ", " ", " ", " ", ", ", ". "}[r.IntN(8)])
		}
		for range 1 + r.IntN(3) {
			b.WriteString([]string{"ka", "lo", "mir", "ten", "sa", "vu", "ro", "pel", "din", "ost", "ar", "eb", "zun", "fi", "gra"}[r.IntN(15)])
		}
	}
	return b.String()
}
