package boilerplate

// contextOf fills in what the features of each line say about its page and its neighbours.
func (d *textDoc) contextOf() {
	n := len(d.blocks)
	if n == 0 {
		return
	}
	d.repeats()
	d.sharedWords()
	var function, words, sure, sureWords int
	first, last := n, -1
	for i := range d.blocks {
		b := &d.blocks[i]
		function += b.scan.function
		words += b.scan.words
		if b.sure {
			first, last = min(first, i), i
			sure++
			sureWords += b.scan.words
		}
	}
	bodyStart, bodyEnd := d.body()
	bodyWords := 0
	for i := bodyStart; i < bodyEnd; i++ {
		bodyWords += d.blocks[i].scan.size()
	}
	prev := -1 // last sure line before i
	for i := range d.blocks {
		b := &d.blocks[i]
		v := &b.f
		v.line(&b.scan)
		v[lfPageLines] = level(n)
		v[lfPageSure] = level(sure)
		v[lfPageSureShare] = share(sureWords, words)
		v[lfPageFunction] = share(function, words)
		v[lfPageWords] = level(words / n)
		v[lfFromStart] = level(i)
		v[lfFromEnd] = level(n - 1 - i)
		v[lfPosition] = share(i, n)
		v[lfToFirstSure] = signed(i - first)
		v[lfToLastSure] = signed(i - last)
		v[lfBefore] = level(max(bodyStart-i, 0))
		v[lfAfter] = level(max(i-bodyEnd+1, 0))
		v[lfBodyWords] = level(bodyWords)
		v[lfPrevSure] = small(i - prev)
		if b.sure {
			prev = i
		}
		if b.rule >= 0 {
			r := &d.rules.rules[b.rule]
			v[lfRule] = 1
			v[lfRulePlace] = uint8(r.place)
		}
	}
	d.runs()
	d.around()
}

// body returns the run of lines that has the most of what looks like the article and the least of
// what does not: the maximum subsequence of the lines' values (Pasternack and Roth, WWW 2009).
func (d *textDoc) body() (start, end int) {
	best, sum, from := 0, 0, 0
	for i := range d.blocks {
		b := &d.blocks[i]
		v := -6
		switch {
		case b.rule >= 0:
			v = -12
		case b.sure:
			v = min(b.scan.size(), 60)
		case b.scan.size() >= 8 && b.scan.endClass() >= 3:
			v = b.scan.size() / 2
		}
		sum += v
		if sum <= 0 {
			sum, from = 0, i+1
		} else if sum > best {
			best, start, end = sum, from, i+1
		}
	}
	return start, end
}

// runs fills in the runs of lines that are not sure.
func (d *textDoc) runs() {
	n := len(d.blocks)
	next := n
	for i := n - 1; i >= 0; i-- {
		d.blocks[i].f[lfNextSure] = small(next - i)
		if d.blocks[i].sure {
			next = i
		}
	}
	for i := 0; i < n; {
		j := i
		for j < n && !d.blocks[j].sure {
			j++
		}
		for k := i; k < j; k++ {
			d.blocks[k].f[lfShortRun] = level(j - i)
			d.blocks[k].f[lfShortRunAt] = level(k - i + 1)
		}
		i = j + 1
	}
}

// around fills in the neighbours of each line.
func (d *textDoc) around() {
	n := len(d.blocks)
	sums := make([]windowSum, n+1)
	for i := range d.blocks {
		b := &d.blocks[i]
		s := sums[i]
		s.words += b.scan.size()
		s.chrome += b.scan.chrome
		if b.rule >= 0 {
			s.rules++
		}
		sums[i+1] = s
	}
	at := func(i int) *windowSum { return &sums[min(max(i, 0), n)] }
	none := textBlock{rule: -1}
	line := func(i int) *textBlock {
		if i < 0 || i >= n {
			return &none
		}
		return &d.blocks[i]
	}
	for i := range d.blocks {
		v := &d.blocks[i].f
		v[lfAround3] = level((at(i+4).words - at(i-3).words) / 7)
		v[lfAround8] = level((at(i+9).words - at(i-8).words) / 17)
		v[lfChromeAround] = small(at(i+4).chrome - at(i-3).chrome)
		v[lfRulesBefore] = small(at(i).rules - at(i-8).rules)
		v[lfRulesAfter] = small(at(i+9).rules - at(i+1).rules)
		p, q := line(i-1), line(i+1)
		v[lfPrev1], v[lfPrev2] = level(p.scan.size()), level(line(i-2).scan.size())
		v[lfNext1], v[lfNext2] = level(q.scan.size()), level(line(i+2).scan.size())
		v[lfPrevEnd], v[lfNextEnd] = p.scan.endClass(), q.scan.endClass()
		v[lfPrevRule], v[lfNextRule] = uint8(min(p.rule, 0)+1), uint8(min(q.rule, 0)+1)
		v[lfPrevFunction] = share(p.scan.function, p.scan.words)
		v[lfNextFunction] = share(q.scan.function, q.scan.words)
		v[lfPrevCapital] = share(p.scan.capitals, p.scan.words)
		v[lfNextCapital] = share(q.scan.capitals, q.scan.words)
	}
}

// windowSum is a running total over lines.
type windowSum struct{ words, chrome, rules int }

// repeats fills in how often each line stands in the page.
func (d *textDoc) repeats() {
	seen := make(map[uint64]int, len(d.blocks))
	for i := range d.blocks {
		b := &d.blocks[i]
		b.f[lfEarlier] = small(seen[b.scan.fold])
		seen[b.scan.fold]++
	}
	for i := range d.blocks {
		b := &d.blocks[i]
		b.f[lfRepeats] = small(seen[b.scan.fold])
	}
}

// sharedWords fills in how many of each line's words that are no function words the sure
// paragraphs have too, those other than the line itself.
func (d *textDoc) sharedWords() {
	var once, twice bloomWords
	for i := range d.blocks {
		b := &d.blocks[i]
		if !b.sure {
			continue
		}
		var own bloomWords
		for _, w := range d.hashes[b.from:b.to] {
			if own.add(w) {
				continue
			}
			if once.add(w) {
				twice.add(w)
			}
		}
	}
	for i := range d.blocks {
		b := &d.blocks[i]
		in := &once
		if b.sure {
			in = &twice
		}
		n, all := 0, 0
		for k, w := range d.hashes[b.from:b.to] {
			if d.flags[b.from+k]&wordFunction != 0 {
				continue
			}
			all++
			if in.has(w) {
				n++
			}
		}
		b.f[lfShared] = level(n)
		b.f[lfSharedShare] = share(n, all)
	}
}

// bloomWords is a small approximate set of folded words.
type bloomWords [128]uint64

// add adds a word and reports whether it was there.
func (s *bloomWords) add(w uint64) bool {
	i, bit := w>>57, uint64(1)<<(w>>51&63)
	was := s[i]&bit != 0
	s[i] |= bit
	return was
}

func (s *bloomWords) has(w uint64) bool { return s[w>>57]>>(w>>51&63)&1 != 0 }
