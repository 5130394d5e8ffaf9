package boilerplate

// What consent managers say about cookies (banners, the panels behind them, tables of every cookie) reads as running
// text, in paragraphs that no pattern can list. But no other text says those words so often: the notices of a page are
// the runs of lines in which they weigh more than the other words do, the maximal segments of Karlin and Altschul
// (PNAS 1993). A page whose other lines speak of cookies too is about them, and keeps all; and so does one that goes on
// after them. An article that gives advice about cookies does not call those who use them "we".

// What a word is in a notice, by the bits of its id in Rules.notice.
const (
	noticeSubject = 1 << iota // cookies
	noticeTerm                // consent, browser, third party
	noticeSpeaker             // we
)

const (
	subjectWeight = 12 // of a word, where any other weighs -1
	termWeight    = 4
	noticeWeight  = 24 // least of a notice
	noticeTerms   = 6  // fewest terms in it
	noticeBlocks  = 3  // fewest blocks of a notice in which nobody speaks

	restWords   = 60  // fewest words that stay, and most running text beyond a notice
	restSubject = 200 // words that stay for each word there about cookies, at least
)

// notices marks the blocks of notices about cookies.
func (d *textDoc) notices() {
	found := false
	for i, f := range d.flags {
		found = found || f&wordChrome != 0 && d.rules.notice.find(d.hashes[i]).id&noticeSubject != 0
	}
	if !found {
		return
	}
	rest, subject := 0, 0 // words outside of notices, those about cookies among them
	prose := 0            // those of running text
	for i := 0; i < len(d.blocks); {
		n := d.notice(i)
		for k := i; k < n.to; k++ {
			d.blocks[k].notice = true
		}
		if n.to > 0 {
			i = n.to
			continue
		}
		rest += n.words
		subject += n.subject
		for ; i < n.end; i++ {
			prose += d.blocks[i].prose()
		}
	}
	if rest < restWords || subject*restSubject > rest {
		prose = 0
	}
	before := 0
	for i := range d.blocks {
		b := &d.blocks[i]
		before += b.prose()
		if b.notice = b.notice && prose > 0 && (before < restWords || prose-before < restWords); b.notice {
			b.sure = false
		}
	}
}

// prose is the number of words of a paragraph of running text that is in no notice.
func (b *textBlock) prose() int {
	if b.sure && !b.notice {
		return b.scan.words
	}
	return 0
}

// noticeRun is what notice finds.
type noticeRun struct {
	to             int // end of the notice; 0: there is none
	end            int // end of a run of blocks without one, from inside of which none begins
	words, subject int
}

// notice looks for a notice that begins with block i.
func (d *textDoc) notice(i int) (n noticeRun) {
	weight, best, terms, spoken := 0, 0, 0, false
	for k := i; k < len(d.blocks); k++ {
		b := &d.blocks[k]
		weight -= b.to - b.from
		n.end, n.words = k+1, n.words+b.scan.words
		for _, h := range d.hashes[b.from:b.to] {
			id := d.rules.notice.find(h).id
			if id&noticeSubject != 0 {
				n.subject++
				weight += 1 + subjectWeight
			}
			if id&noticeTerm != 0 {
				terms++
				weight += 1 + termWeight
			}
			spoken = spoken || id&noticeSpeaker != 0
		}
		if weight <= 0 {
			break
		}
		if weight > best {
			best = weight
			if best >= noticeWeight && terms >= noticeTerms && (spoken || k-i+1 >= noticeBlocks) {
				n.to = k + 1
			}
		}
	}
	return n
}
