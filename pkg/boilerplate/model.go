package boilerplate

import (
	"strings"

	"github.com/cespare/xxhash/v2"
)

// ModelParams shape what a Model learns. They are comparable; models with different params do not
// mix. A field that is 0 means its default.
type ModelParams struct {
	MinPages   int // pages of a site with different texts that must carry a block before it is template; default 3
	ProsePages int // the same for a paragraph of 12 words and more that its page is sure about or that most pages lack, and for a short line amid the article; default 12
	Window     int // pages of a site after which a block that was not seen again is forgotten; default 50
	SiteBlocks int // most blocks remembered of one site, a power of two; default 1,024
	MaxBytes   int // bytes that all sites may take; the site not seen for the longest time is forgotten; default 256 MiB
}

// DefaultModelParams returns the params that the zero values stand for.
func DefaultModelParams() ModelParams {
	return ModelParams{MinPages: 3, ProsePages: 12, Window: 50, SiteBlocks: 1024, MaxBytes: 256 << 20}
}

func (p ModelParams) withDefaults() ModelParams {
	d := DefaultModelParams()
	p.MinPages = orDefault(p.MinPages, d.MinPages)
	p.ProsePages = orDefault(p.ProsePages, d.ProsePages)
	p.Window = orDefault(p.Window, d.Window)
	p.SiteBlocks = orDefault(p.SiteBlocks, d.SiteBlocks)
	p.MaxBytes = orDefault(p.MaxBytes, d.MaxBytes)
	for p.SiteBlocks&(p.SiteBlocks-1) != 0 || p.SiteBlocks < minSiteBlocks {
		p.SiteBlocks = max(p.SiteBlocks&(p.SiteBlocks-1), minSiteBlocks)
	}
	return p
}

// Model knows which blocks recur on the pages of a site: what stands on pages with different texts
// is template, in any language. It is for one goroutine; what it says depends on the pages and
// their order alone.
//
// A block is known by the hash of its folded words. It counts once for a page, and a page counts
// when it says something new: a story that a site publishes twice teaches nothing, nor does an
// address that comes back with more text. A block that is not seen for a while starts again at one,
// so that a short quotation of two stories a month apart stays a quotation and yesterday's template
// is forgotten. A block that its own page is sure about needs two pages more, and a short one that its
// page is unsure about one less. A paragraph of running text that its page is sure about, or that
// stands on fewer than half of the pages since it was first seen, needs ProsePages instead of
// MinPages: so what successive reports of one affair or the parts of a column repeat is rather
// dropped late than wrongly. A short block alone amid the article needs as many, and a heading there
// stays: recipes share "Ingredients", and reviews "The verdict".
//
// A site takes siteBytes, its name and 12 bytes a block it remembers: 100,000 sites with 128 blocks each take 170 MB,
// and never more than MaxBytes.
type Model struct {
	params ModelParams
	sites  map[string]*siteBlocks
	oldest *siteBlocks // sites in the order in which they were last seen
	newest *siteBlocks
	bytes  int // of all sites

	blocks []modelBlock // of the page that is being learnt; reused
}

// modelBlock is a block of the page that is being learnt.
type modelBlock struct {
	fold  uint32 // 0: no words
	words int
	count int  // pages that carry it, this one too
	often bool // at least half of the pages since it was first seen carry it

	recurs bool // on as many pages as make it template
}

// NewModel returns an empty model.
func NewModel(p ModelParams) *Model {
	return &Model{params: p.withDefaults(), sites: map[string]*siteBlocks{}}
}

// Learn counts the blocks of one page of a site, and marks those that recur on its pages with the
// reason "site-template". Blocks that have a reason already are counted too. A page that says
// nothing new, be it the same page again, by its URL or by its text, or a story published twice, is
// judged and not counted. A page without a site is left alone. Sites whose first 4,096 bytes are the
// same are one.
func (m *Model) Learn(site string, p *Page) {
	if site == "" || len(p.Blocks) == 0 {
		return
	}
	s := m.touch(site[:min(len(site), maxSiteName)])
	address := addressHash(p.URL)
	fresh := m.read(s, p) && (address == 0 || s.find(address) == nil)
	if fresh {
		s.pages++
		s.own()
		if address != 0 {
			m.count(s, address)
		}
	}
	for i := range m.blocks {
		b := &m.blocks[i]
		if b.fold == 0 {
			continue
		}
		var e *blockSlot
		if fresh {
			e = m.count(s, b.fold)
		} else if e = s.find(b.fold); e == nil {
			continue
		}
		b.count, b.often = int(e.count), e.often(s.pages)
	}
	m.judge(s, p)
	m.shrink(s)
}

// count counts a block for the site's newest page and returns its slot.
func (m *Model) count(s *siteBlocks, fold uint32) *blockSlot {
	before := len(s.slots)
	e := s.add(fold, m.params)
	m.bytes += (len(s.slots) - before) * slotBytes
	return e
}

// addressHash returns what stands for a page's address among the blocks, 0 for the address of a
// whole site: what stands there is another page every day.
func addressHash(url string) uint32 {
	_, rest, _ := strings.Cut(url, "://")
	if _, path, _ := strings.Cut(rest, "/"); path == "" {
		return 0
	}
	return uint32(xxhash.Sum64String(url)>>32) | 1
}

// read fills m.blocks from the page and reports whether its text says something new: at least a
// quarter of the words that the page keeps, or of those in the paragraphs that it does not doubt, are
// in blocks that the site has not said lately.
func (m *Model) read(s *siteBlocks, p *Page) bool {
	m.blocks = m.blocks[:0]
	var all, unseen, sure, unseenSure int // words
	for i := range p.Blocks {
		var b modelBlock
		h := p.Blocks[i].Fold
		if b.words = p.Blocks[i].Words; b.words == 0 {
			h, b.words = foldLine(p.Blocks[i].Text)
		}
		if b.words > 0 {
			b.fold = uint32(h>>32) | 1
		}
		m.blocks = append(m.blocks, b)
		if p.Blocks[i].Reason == "" && b.fold != 0 {
			said := s.find(b.fold) != nil
			all += b.words
			if !said {
				unseen += b.words
			}
			if b.words >= longBlock && p.Blocks[i].Score > unsureScore {
				sure += b.words
				if !said {
					unseenSure += b.words
				}
			}
		}
	}
	return unseen > 0 && unseen*4 >= all || unseenSure > 0 && unseenSure*4 >= sure
}

// judge marks the template blocks of the page that was counted last.
func (m *Model) judge(s *siteBlocks, p *Page) {
	for i := range m.blocks {
		b, pb := &m.blocks[i], &p.Blocks[i]
		b.recurs = b.fold != 0 && pb.Reason == "" && b.count >= m.need(b, pb.Score) && !isHeadline(p, i, b.words)
	}
	for i := range m.blocks {
		if m.blocks[i].recurs && !m.isSubheading(p, i) {
			p.Blocks[i].Reason = reasonTemplate
		}
	}
}

// isSubheading reports whether a block that recurs is a line of the article that recurring articles
// share, as "Ingredients" and "The verdict" are: short, not doubted by its page, and alone above a
// paragraph or a list of the article that recurs less. That makes a heading one; any other line needs
// the article above it too, and is one until ProsePages carry it, for so does "Advertisement" stand.
func (m *Model) isSubheading(p *Page, i int) bool {
	b, pb := &m.blocks[i], &p.Blocks[i]
	below := m.besideArticle(p, i, 1)
	if b.words >= longBlock || pb.Score < doubtedScore || below < 0 ||
		m.blocks[below].words < longBlock && p.Blocks[below].Kind < Item {
		return false
	}
	if pb.Kind == Heading {
		return true
	}
	return m.besideArticle(p, i, -1) >= 0 && !(b.often && b.count >= m.params.ProsePages)
}

// besideArticle returns the block next to i, captions apart, when it is one of the article that does
// not recur, else -1.
func (m *Model) besideArticle(p *Page, i, step int) int {
	for i += step; i >= 0 && i < len(p.Blocks) && p.Blocks[i].Kind == Caption; {
		i += step
	}
	if i < 0 || i >= len(p.Blocks) || p.Blocks[i].Reason != "" || m.blocks[i].recurs {
		return -1
	}
	return i
}

// isHeadline reports whether the block is the page's own headline, which other pages carry in their
// lists of recent stories: the title has it word for word, be it the one that is known or the first
// line of the page, where a browser's title stands.
func isHeadline(p *Page, i, words int) bool {
	const fewWords = 4
	text := p.Blocks[i].Text
	if words < fewWords || words >= proseBlock {
		return false
	}
	return strings.Contains(p.Title, text) || i > 0 && strings.HasPrefix(p.Blocks[0].Text, text) ||
		i > 0 && strings.HasSuffix(p.Blocks[0].Text, text)
}

const (
	longBlock  = 12 // words from which a block is a paragraph
	proseBlock = 25 // words from which it is no headline

	sureScore   = 2048 // a page is sure about a block from here on
	unsureScore = 1024 // and unsure below: one page less makes it template

	doubtedScore = -1024 // and below it is no line of the article
)

// need returns the number of pages that makes a block template.
func (m *Model) need(b *modelBlock, score int) int {
	n := m.params.MinPages
	switch {
	case b.words >= longBlock && (score > sureScore || !b.often):
		n = m.params.ProsePages
	case b.words < longBlock && score != 0 && score < unsureScore:
		n--
	}
	if score > sureScore {
		n += 2
	}
	return max(n, 2)
}
