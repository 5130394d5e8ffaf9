package dedupe

// passOn gives the story of a first document that is forgotten to another member: of the latest ones to
// the oldest that is no duplicate, or to the oldest.
func (x *Index) passOn(gone uint32) {
	e := x.entryOf(gone)
	if e.first != gone || e.link < x.low {
		return
	}
	latest := e.link
	members := x.q.stories[:0]
	heir := uint32(0)
	for d := latest; d >= x.low && len(members) < maxMembers; d = x.entryOf(d).link {
		members = append(members, d)
		if x.entryOf(d).level&repeats == 0 {
			heir = d
		}
	}
	if heir == 0 {
		heir = members[len(members)-1]
	}
	for _, d := range members {
		x.docs.own(uint64(d)).first = heir
	}
	x.docs.own(uint64(heir)).link = latest
	x.q.stories = members
}
