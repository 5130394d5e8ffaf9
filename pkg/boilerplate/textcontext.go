package boilerplate

import "math/bits"

// contextOf fills in what the features of each line say about its page and its neighbours. Short
// lines that stand in the page again and again, such as a marker between all paragraphs, are seen
// through: they have neighbours and are nobody's.
func (d *textDoc) contextOf() {
	if len(d.blocks) == 0 {
		return
	}
	d.repeats()
	d.sharedWords()
	var function, words, sure, sureWords, n int
	first, last := -1, -1
	for i := range d.blocks {
		b := &d.blocks[i]
		b.rank = n
		if b.thin {
			continue
		}
		function += b.scan.function
		words += b.scan.words
		if b.sure {
			if first < 0 {
				first = n
			}
			last = n
			sure++
			sureWords += b.scan.words
		}
		n++
	}
	if first < 0 {
		first = n
	}
	from, to := d.body()
	bodyWords := 0
	for i := from; i < to; i++ {
		bodyWords += d.blocks[i].scan.size()
	}
	bodyStart, bodyEnd := d.rank(from), d.rank(to)
	for i := range d.blocks {
		b := &d.blocks[i]
		v := &b.f
		v.line(&b.scan)
		v[lfPageLines] = level(min(n, 120))
		v[lfPageSure] = level(min(sure, 20))
		v[lfPageSureShare] = share(sureWords, words)
		v[lfPageFunction] = share(function, words)
		v[lfPageWords] = level(words / max(n, 1))
		v[lfFromStart] = level(min(b.rank, 30))
		v[lfFromEnd] = level(min(n-1-b.rank, 30))
		v[lfToFirstSure] = signed(min(b.rank-first, 20))
		v[lfToLastSure] = signed(max(b.rank-last, -20))
		v[lfBefore] = level(min(max(bodyStart-b.rank, 0), 50))
		v[lfAfter] = level(min(max(b.rank-bodyEnd+1, 0), 50))
		v[lfBodyWords] = level(min(bodyWords, 1000))
		if b.rule >= 0 {
			r := &d.rules.rules[b.rule]
			v[lfRule] = 1
			v[lfRulePlace] = uint8(r.place)
		}
	}
	d.runs(n)
	d.around(n)
	d.threads()
	d.chains()
}

// rank returns the number of lines before line i that are not seen through.
func (d *textDoc) rank(i int) int {
	if i < len(d.blocks) {
		return d.blocks[i].rank
	}
	l := &d.blocks[len(d.blocks)-1]
	if l.thin {
		return l.rank
	}
	return l.rank + 1
}

// body returns the run of lines that has the most of what looks like the article and the least of
// what does not: the maximum subsequence of the lines' values (Pasternack and Roth, WWW 2009).
func (d *textDoc) body() (start, end int) {
	best, sum, from := 0, 0, 0
	for i := range d.blocks {
		b := &d.blocks[i]
		if b.thin {
			continue
		}
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

// runs fills in the runs of lines that are not sure, and the way to the next sure ones.
func (d *textDoc) runs(n int) {
	next := n
	for i := len(d.blocks) - 1; i >= 0; i-- {
		b := &d.blocks[i]
		b.f[lfNextSure] = small(next - b.rank)
		if b.sure {
			next = b.rank
		}
	}
	prev := -1
	for i := 0; i < len(d.blocks); i++ {
		b := &d.blocks[i]
		b.f[lfPrevSure] = small(b.rank - prev)
		if b.sure {
			prev = b.rank
			continue
		}
		b.f[lfShortRunAt] = level(b.rank - prev)
		b.f[lfShortRun] = level(int(b.f[lfNextSure]) + b.rank - prev - 1)
	}
}

// around fills in the neighbours of each line.
func (d *textDoc) around(n int) {
	solid, sums := d.solid[:0], append(d.windows[:0], windowSum{})
	for i := range d.blocks {
		b := &d.blocks[i]
		if b.thin {
			continue
		}
		s := sums[len(solid)]
		s.words += b.scan.size()
		s.chrome += b.scan.chrome
		if b.rule >= 0 {
			s.rules++
		}
		solid = append(solid, b)
		sums = append(sums, s)
	}
	d.solid, d.windows = solid, sums
	at := func(i int) *windowSum { return &sums[min(max(i, 0), n)] }
	none := textBlock{rule: -1}
	line := func(i int) *textBlock {
		if i < 0 || i >= n {
			return &none
		}
		return solid[i]
	}
	for i := range d.blocks {
		b := &d.blocks[i]
		v, k := &b.f, b.rank
		after := k + 1 // the next neighbour
		if b.thin {
			after = k
		}
		v[lfAround3] = level((at(k+4).words - at(k-3).words) / 7)
		v[lfAround8] = level((at(k+9).words - at(k-8).words) / 17)
		v[lfChromeAround] = small(at(k+4).chrome - at(k-3).chrome)
		v[lfRulesBefore] = small(at(k).rules - at(k-8).rules)
		v[lfRulesAfter] = small(at(after+8).rules - at(after).rules)
		p, q := line(k-1), line(after)
		v[lfPrev1], v[lfPrev2] = level(p.scan.size()), level(line(k-2).scan.size())
		v[lfNext1], v[lfNext2] = level(q.scan.size()), level(line(after+1).scan.size())
		v[lfPrevEnd], v[lfNextEnd] = p.scan.endClass(), q.scan.endClass()
		v[lfPrevRule], v[lfNextRule] = uint8(min(p.rule, 0)+1), uint8(min(q.rule, 0)+1)
		v[lfPrevFunction] = share(p.scan.function, p.scan.words)
		v[lfNextFunction] = share(q.scan.function, q.scan.words)
		v[lfPrevCapital] = share(p.scan.capitals, p.scan.words)
		v[lfNextCapital] = share(q.scan.capitals, q.scan.words)
	}
}

// threads fills in what tells a thread of comments: stamps of date and time, buttons, names and
// the first person, again and again, behind a line that announces it.
func (d *textDoc) threads() {
	n := len(d.blocks)
	sums := append(d.stamps[:0], threadSum{})
	for i := range d.blocks {
		b := &d.blocks[i]
		s := sums[i]
		f := &b.scan
		short := f.size() <= 14 && !b.sure
		if b.isStamp() {
			s.dates++
		}
		if b.isButton() {
			s.buttons++
		}
		if short && f.comment > 0 {
			s.comments++
			s.since = i
		}
		if f.size() <= 4 && f.capitals == f.words && f.words > 0 && f.endClass() == 0 {
			s.names++
		}
		s.person += f.person
		s.words += f.words
		sums = append(sums, s)
	}
	d.stamps = sums
	at := func(i int) *threadSum { return &sums[min(max(i, 0), n)] }
	for i := range d.blocks {
		v := &d.blocks[i].f
		here, next := at(i), at(i+1)
		v[lfSinceComment] = 255
		if here.comments > 0 {
			v[lfSinceComment] = level(min(i-here.since, 100))
		}
		v[lfCommentsBefore] = small(min(here.comments, 20))
		v[lfDatesBefore] = small(here.dates - at(i-10).dates)
		v[lfDatesAfter] = small(at(i+11).dates - next.dates)
		v[lfThinBefore] = small(here.buttons - at(i-8).buttons)
		v[lfThinAfter] = small(at(i+9).buttons - next.buttons)
		v[lfNamesAround] = small(at(i+7).names - at(i-6).names)
		v[lfPersonAround] = share(4*(at(i+6).person-at(i-5).person), at(i+6).words-at(i-5).words)
		if d.blocks[i].thin {
			v[lfThin] = 1
		}
	}
}

// isStamp reports whether the line is short and says when something was written.
func (b *textBlock) isStamp() bool {
	f := &b.scan
	return f.size() <= 14 && !b.sure && f.dates > 0 && f.numbers > 0 && f.dates+f.numbers >= 3
}

// isButton reports whether the line repeats what one can do with each comment.
func (b *textBlock) isButton() bool {
	return b.thin && (b.rule >= 0 || b.scan.chrome+b.scan.comment > 0)
}

const (
	chainGap = 30 // most lines between two stamps of one chain
	chainMin = 3  // fewest stamps of a chain
)

// chains fills in the chains of stamps and buttons: a thread of comments has one every few lines.
func (d *textDoc) chains() {
	mark := func(from, to, n int) {
		if n < chainMin {
			return
		}
		k := 0
		for i := max(from-2, 0); i < min(to+chainGap/2, len(d.blocks)); i++ {
			b := &d.blocks[i]
			if b.isStamp() || b.isButton() {
				k++
			}
			b.f[lfThread] = level(min(n, 100))
			b.f[lfThreadAt] = level(min(k, 30))
		}
	}
	from, last, n := 0, -1, 0
	for i := range d.blocks {
		b := &d.blocks[i]
		if !b.isStamp() && !b.isButton() {
			continue
		}
		if last < 0 || i-last > chainGap {
			mark(from, last, n)
			from, n = i, 0
		}
		last = i
		n++
	}
	mark(from, last, n)
}

// threadSum is a running total over lines.
type threadSum struct{ dates, buttons, comments, since, names, person, words int }

// windowSum is a running total over lines.
type windowSum struct{ words, chrome, rules int }

// thinRepeats is how often a short line stands in a page that is seen through.
const thinRepeats = 4

// repeats fills in how often each line stands in the page.
func (d *textDoc) repeats() {
	d.seen.reset(len(d.blocks))
	for i := range d.blocks {
		b := &d.blocks[i]
		n := d.seen.count(b.scan.fold)
		b.f[lfEarlier] = small(*n)
		*n++
	}
	for i := range d.blocks {
		b := &d.blocks[i]
		n := *d.seen.count(b.scan.fold)
		b.f[lfRepeats] = small(n)
		b.thin = n >= thinRepeats && b.scan.size() < 10
	}
}

// lineCounts counts lines by the hash of their words: an open hash table, at most half full.
type lineCounts struct{ slots []lineCount }

type lineCount struct {
	fold uint64
	n    int // 0: an empty slot
}

// reset empties the table for at most n lines.
func (c *lineCounts) reset(n int) {
	size := 1 << bits.Len(uint(2*n))
	if size > cap(c.slots) {
		c.slots = make([]lineCount, size)
		return
	}
	c.slots = c.slots[:size]
	clear(c.slots)
}

// count returns the count of a line, which the caller makes more than 0.
func (c *lineCounts) count(fold uint64) *int {
	mask := uint64(len(c.slots) - 1)
	for i := fold >> 32 & mask; ; i = (i + 1) & mask {
		s := &c.slots[i]
		if s.n == 0 {
			s.fold = fold
		}
		if s.fold == fold {
			return &s.n
		}
	}
}

// sharedWords fills in how many of each line's words that are no function words the sure
// paragraphs have too, those other than the line itself.
func (d *textDoc) sharedWords() {
	d.shared = wordLines{}
	for i := range d.blocks {
		b := &d.blocks[i]
		if !b.sure {
			continue
		}
		for _, w := range d.hashes[b.from:b.to] {
			d.shared.add(w, wordLine(i+1))
		}
	}
	for i := range d.blocks {
		b := &d.blocks[i]
		need := wordLine(1)
		if b.sure {
			need = manyLines
		}
		hashes, flags := d.hashes[b.from:b.to], d.flags[b.from:b.to]
		n, all := 0, 0
		for k, w := range hashes { // without branches: which way they go is anybody's guess
			content := int(^flags[k] & wordFunction) // 0 or 1: it is the lowest flag
			all += content
			n += content & d.shared[w>>51].atLeast(need)
		}
		b.f[lfShared] = level(n)
		b.f[lfSharedShare] = share(n, all)
	}
}

// wordLines says approximately for each word whether one line has it, or several: words whose
// hashes end alike are one.
type wordLines [1 << 13]wordLine

// wordLine is the last line that has a word, from 1, and manyLines when it was not the first; 0:
// no line has it.
type wordLine uint32

const manyLines = 1 << 31

// add notes that a line, from 1, has the word.
func (l *wordLines) add(w uint64, line wordLine) {
	e := &l[w>>51]
	*e = line | (*e).isSet()<<31&((*e^line).isSet()<<31)
}

// isSet returns 1 unless e is 0.
func (e wordLine) isSet() wordLine { return (e | -e) >> 31 }

// atLeast returns 1 when e is need and more, and 0 otherwise.
func (e wordLine) atLeast(need wordLine) int { return int((int64(need)-int64(e)-1)>>63) & 1 }
