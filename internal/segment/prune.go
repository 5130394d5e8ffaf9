package segment

import "time"

// Retention says which of the oldest segments may go. The zero value keeps all.
type Retention struct {
	Age   time.Duration // remove segments whose youngest record was added so long ago; 0 = never
	Bytes int64         // remove the oldest while all data files together are larger; 0 = never
}

// span is what Prune remembers of a segment, so that it reads each manifest once, and again only
// when the segment goes.
type span struct {
	name        Name
	first, last time.Time // of intake; zero if no record has one
}

func spanOf(m *Manifest) span {
	first, last := m.addedSpan()
	return span{m.Name(), first, last}
}

// Prune removes the oldest segments as keep allows and returns their names; now is the time that
// ages are measured from. The last segment always stays, as it holds the position, and so does
// everything behind a segment that stays. Interrupted at any point it leaves a directory that is
// whole, and files without a manifest that the first Prune behind [Open] or [Writer.Resume] removes;
// after an error one of the two must come next.
func (w *Writer) Prune(keep Retention, now time.Time) (removed []Name, err error) {
	if keep == (Retention{}) {
		return nil, nil
	}
	if w.kept == nil {
		if err := w.survey(); err != nil {
			return nil, err
		}
	}
	for len(w.kept) > 1 {
		s := w.kept[0]
		old := keep.Age > 0 && !s.last.IsZero() && now.Sub(s.last) >= keep.Age
		if !old && (keep.Bytes == 0 || w.totals.Bytes <= keep.Bytes) {
			break
		}
		m, err := ReadManifest(w.store, s.name)
		if err == nil {
			err = w.drop(m)
		}
		if err != nil {
			return removed, err
		}
		w.kept = w.kept[1:]
		w.totals.count(m, -1)
		removed = append(removed, s.name)
	}
	if len(removed) == 0 {
		return nil, nil
	}
	w.totals.First, w.totals.AddedFirst, w.totals.AddedLast = w.kept[0].name.First, time.Time{}, time.Time{}
	for _, s := range w.kept {
		w.totals.span(s.first, s.last)
	}
	err = w.describe(datasetFile)
	if err == nil && w.finished {
		err = w.describe(successFile)
	}
	return removed, err
}

// survey reads all manifests, and removes what a Prune that was interrupted left behind.
func (w *Writer) survey() error {
	list, err := List(w.store)
	if err == nil {
		err = list.Check()
	}
	if err != nil {
		return err
	}
	for _, o := range list.Orphans {
		if list.pruned(o) {
			if err := w.store.Remove(o.Path); err != nil {
				return err
			}
		}
	}
	kept := make([]span, 0, len(list.Segments))
	for _, n := range list.Segments {
		m, err := ReadManifest(w.store, n)
		if err != nil {
			return err
		}
		kept = append(kept, spanOf(m))
	}
	w.kept = kept
	return nil
}

// drop removes the segment, durably its manifest first: what is left then counts for nothing.
func (w *Writer) drop(m *Manifest) error {
	name := m.Name().Manifest()
	if err := w.store.Remove(name); err != nil {
		return err
	}
	if err := w.store.Sync(name); err != nil {
		return err
	}
	for _, f := range m.Files {
		if err := w.store.Remove(f.Name); err != nil {
			return err
		}
	}
	return nil
}
