package segment

import "time"

// Retention says which of the oldest segments may go. The zero value keeps all.
type Retention struct {
	Age   time.Duration // remove segments whose youngest record was added so long ago; 0 = never
	Bytes int64         // remove the oldest while all data files together are larger; 0 = never
}

// Prune removes the oldest segments as keep allows and returns their names; now is the time that
// ages are measured from. The last segment always stays, as it holds the position, and so does
// everything behind a segment that stays. Interrupted at any point it leaves a directory that is
// whole, and files without a manifest that the next Prune removes.
func (w *Writer) Prune(keep Retention, now time.Time) (removed []Name, err error) {
	if keep == (Retention{}) {
		return nil, nil
	}
	list, err := List(w.store)
	if err == nil {
		err = list.Check()
	}
	if err != nil || len(list.Segments) == 0 {
		return nil, err
	}
	for _, o := range list.Orphans {
		if list.pruned(o) {
			if err := w.store.Remove(o.Path); err != nil {
				return nil, err
			}
		}
	}
	total := int64(0)
	manifests := make([]*Manifest, len(list.Segments))
	for i, n := range list.Segments {
		if manifests[i], err = ReadManifest(w.store, n); err != nil {
			return nil, err
		}
		total += manifests[i].bytes()
	}
	for _, m := range manifests[:len(manifests)-1] {
		youngest, err := time.Parse(time.RFC3339, m.AddedLast)
		old := keep.Age > 0 && err == nil && now.Sub(youngest) >= keep.Age
		if !old && (keep.Bytes == 0 || total <= keep.Bytes) {
			break
		}
		if err := w.drop(m); err != nil {
			return removed, err
		}
		removed = append(removed, m.Name())
		total -= m.bytes()
	}
	if len(removed) == 0 {
		return nil, nil
	}
	list.Segments, list.dataset = list.Segments[len(removed):], false
	if w.totals, err = sumUp(w.store, list); err != nil {
		return removed, err
	}
	err = w.describe(datasetFile)
	if err == nil && w.finished {
		err = w.describe(successFile)
	}
	return removed, err
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
