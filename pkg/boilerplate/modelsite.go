package boilerplate

import (
	"slices"
	"strings"
)

// siteBlocks is what the model remembers of one site: a table of blocks in buckets of bucketSlots,
// of which a full one gives up the block that was not seen for the longest time.
type siteBlocks struct {
	name  string
	pages uint32 // pages that said something new
	slots []blockSlot
	used  int

	shared bool // slots belong to a ModelSnapshot too

	older, newer *siteBlocks // in the order of Model.oldest to Model.newest
}

type blockSlot struct {
	fold  uint32 // 0: empty
	last  uint32 // number of the page that carried it last
	age   uint16 // pages between the first that carried it and the last
	count uint8  // pages that carried it, without a gap of ModelParams.Window
}

const (
	bucketSlots   = 8
	minSiteBlocks = 64
	slotBytes     = 12
	siteBytes     = 128 // of a site without its name and its slots: the struct, its place in the map
)

func (s *siteBlocks) bytes() int { return siteBytes + len(s.name) + len(s.slots)*slotBytes }

// bucket returns the slots in which a block may stand.
func (s *siteBlocks) bucket(fold uint32) []blockSlot {
	i := int(fold>>1) & (len(s.slots)/bucketSlots - 1) * bucketSlots
	return s.slots[i : i+bucketSlots]
}

// find returns the slot of a block, nil when the site does not remember it.
func (s *siteBlocks) find(fold uint32) *blockSlot {
	b := s.bucket(fold)
	for i := range b {
		if b[i].fold == fold {
			return &b[i]
		}
	}
	return nil
}

// often reports whether half of the pages from the first that carried the block to page now did.
func (e *blockSlot) often(now uint32) bool { return 2*uint32(e.count) > uint32(e.age)+now-e.last }

// add counts a block for the page s.pages and returns its slot.
func (s *siteBlocks) add(fold uint32, p ModelParams) *blockSlot {
	if e := s.find(fold); e != nil {
		gap := s.pages - e.last
		switch {
		case gap == 0: // twice on one page
		case gap > uint32(p.Window):
			e.count, e.age = 1, 0
		default:
			e.count, e.age = uint8(min(uint32(e.count)+1, 255)), uint16(min(uint32(e.age)+gap, 1<<16-1))
		}
		e.last = s.pages
		return e
	}
	if s.used*4 >= len(s.slots)*3 && len(s.slots) < p.SiteBlocks {
		s.grow()
	}
	return s.insert(blockSlot{fold: fold, last: s.pages, count: 1})
}

// insert puts a block into its bucket, in the place of the one that is worth least when there is
// no room: the one seen by the fewest pages of those not seen for the longest time.
func (s *siteBlocks) insert(e blockSlot) *blockSlot {
	b := s.bucket(e.fold)
	worst := 0
	for i := range b {
		if b[i].fold == 0 {
			b[i] = e
			s.used++
			return &b[i]
		}
		if b[i].last < b[worst].last || b[i].last == b[worst].last && b[i].count < b[worst].count {
			worst = i
		}
	}
	b[worst] = e
	return &b[worst]
}

// own makes the table one that may be changed.
func (s *siteBlocks) own() {
	if s.shared {
		s.slots, s.shared = slices.Clone(s.slots), false
	}
}

// grow doubles the table.
func (s *siteBlocks) grow() {
	old := s.slots
	s.slots, s.used, s.shared = make([]blockSlot, 2*len(old)), 0, false
	for _, e := range old {
		if e.fold != 0 {
			s.insert(e)
		}
	}
}

// touch returns a site, which it creates, and makes it the newest.
func (m *Model) touch(name string) *siteBlocks {
	s := m.sites[name]
	if s == nil {
		s = &siteBlocks{name: strings.Clone(name), slots: make([]blockSlot, minSiteBlocks)}
		m.sites[s.name] = s
		m.bytes += s.bytes()
	} else {
		m.unlink(s)
	}
	m.link(s)
	return s
}

func (m *Model) link(s *siteBlocks) {
	s.older, s.newer = m.newest, nil
	if m.newest != nil {
		m.newest.newer = s
	} else {
		m.oldest = s
	}
	m.newest = s
}

func (m *Model) unlink(s *siteBlocks) {
	if s.older != nil {
		s.older.newer = s.newer
	} else {
		m.oldest = s.newer
	}
	if s.newer != nil {
		s.newer.older = s.older
	} else {
		m.newest = s.older
	}
}

// shrink forgets the oldest sites until the model fits its bound. The site keep stays.
func (m *Model) shrink(keep *siteBlocks) {
	for m.bytes > m.params.MaxBytes && m.oldest != keep {
		s := m.oldest
		m.unlink(s)
		delete(m.sites, s.name)
		m.bytes -= s.bytes()
	}
}
