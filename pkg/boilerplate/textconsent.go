package boilerplate

// What consent managers say about cookies (banners, the panels behind them, tables of every cookie) reads as running
// text, in paragraphs that no pattern can list. But no other text says those words so often: the notices of a page are
// the runs of lines in which they weigh more than the other words do, the maximal segments of Karlin and Altschul
// (PNAS 1993). A page whose other lines speak of cookies too is about them, and keeps all.

// What a word is in a notice: the id in Rules.notice.
const (
	noticeSubject = 1 // cookies
	noticeTerm    = 2 // consent, browser, third party
)

const (
	subjectWeight = 12 // of a word, where any other weighs -1
	termWeight    = 4
	noticeWeight  = 40 // least of a notice
	noticeTerms   = 8  // fewest terms in it, other words than those of its subject

	restWords   = 60  // fewest words that stay
	restSubject = 200 // words that stay for each word there about cookies, at least
)

// notices marks the blocks of notices about cookies.
func (d *textDoc) notices() {
	found := false
	for i, f := range d.flags {
		found = found || f&wordChrome != 0 && d.rules.notice.find(d.hashes[i]).id == noticeSubject
	}
	if !found {
		return
	}
	rest, subject := 0, 0 // words outside of notices, those about cookies among them
	for i := 0; i < len(d.blocks); {
		n := d.notice(i)
		if n.to == 0 {
			rest += n.words
			subject += n.subject
			i = n.end
			continue
		}
		for k := i; k < n.to; k++ {
			d.blocks[k].notice = true
		}
		i = n.to
	}
	if rest < restWords || subject*restSubject > rest {
		for i := range d.blocks {
			d.blocks[i].notice = false
		}
		return
	}
	for i := range d.blocks {
		if b := &d.blocks[i]; b.notice {
			b.sure = false
		}
	}
}

// noticeRun is what notice finds.
type noticeRun struct {
	to             int // end of the notice; 0: there is none
	end            int // end of a run of blocks without one, from inside of which none begins
	words, subject int
}

// notice looks for a notice that begins with block i.
func (d *textDoc) notice(i int) (n noticeRun) {
	weight, best, terms := 0, 0, 0
	for k := i; k < len(d.blocks); k++ {
		b := &d.blocks[k]
		w, subject, t := -(b.to - b.from), 0, 0
		for _, h := range d.hashes[b.from:b.to] {
			switch d.rules.notice.find(h).id {
			case noticeSubject:
				subject++
			case noticeTerm:
				t++
			}
		}
		w += (subjectWeight+1)*subject + (termWeight+1)*t
		n.end, n.words, n.subject = k+1, n.words+b.scan.words, n.subject+subject
		weight, terms = weight+w, terms+t
		if weight <= 0 {
			break
		}
		if weight > best {
			best = weight
			if best >= noticeWeight && terms >= noticeTerms {
				n.to = k + 1
			}
		}
	}
	return n
}
