package boilerplate

// ModelParams shape what a Model learns. Models with different params do not mix. The zero value
// of a field means its default.
type ModelParams struct {
	MinPages int // distinct pages of a site that must carry a block before it is template; default 3
	LongText int // words from which a block is prose and needs twice the evidence; default 25
}

// DefaultModelParams returns the params that the zero values stand for.
func DefaultModelParams() ModelParams { return ModelParams{MinPages: 3, LongText: 25} }

func (p ModelParams) withDefaults() ModelParams {
	d := DefaultModelParams()
	if p.MinPages == 0 {
		p.MinPages = d.MinPages
	}
	if p.LongText == 0 {
		p.LongText = d.LongText
	}
	return p
}

// Model knows which blocks recur on the pages of a site. It is for one goroutine; what it says
// depends on the order of the pages alone.
type Model struct {
	params ModelParams
	sites  map[string]*siteModel
}

type siteModel struct {
	pages  map[uint64]bool
	blocks map[uint64]int
}

// NewModel returns an empty model.
func NewModel(p ModelParams) *Model {
	return &Model{params: p.withDefaults(), sites: map[string]*siteModel{}}
}

// Learn counts the blocks of one page of a site, and marks those that recur on its pages with the
// reason "site-template". Blocks that have a reason already are counted too. A page that was seen
// before is judged and not counted again.
func (m *Model) Learn(site string, p *Page) {
	if site == "" {
		return
	}
	s := m.sites[site]
	if s == nil {
		s = &siteModel{pages: map[uint64]bool{}, blocks: map[uint64]int{}}
		m.sites[site] = s
	}
	folds := make([]uint64, len(p.Blocks))
	var page uint64
	for i := range p.Blocks {
		folds[i] = foldHash(p.Blocks[i].Text)
		page = addWord(page, folds[i])
	}
	fresh := !s.pages[page]
	s.pages[page] = true
	seen := map[uint64]bool{}
	for i, f := range folds {
		if f == 0 {
			continue
		}
		if fresh && !seen[f] {
			seen[f] = true
			s.blocks[f]++
		}
		if s.blocks[f] >= m.params.MinPages && p.Blocks[i].Reason == "" {
			p.Blocks[i].Reason = reasonTemplate
		}
	}
}
