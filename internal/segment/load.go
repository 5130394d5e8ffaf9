package segment

import (
	"fmt"
	"os"
	"path/filepath"
)

// load reads the position and removes what an abandoned segment left in the spool.
func (w *Writer) load() error {
	list, err := List(w.store)
	if err == nil {
		err = list.Check()
	}
	if err != nil {
		return err
	}
	w.pos = Position{Last: w.opt.First - 1}
	w.finished, w.kept = list.Finished, nil
	if w.totals, err = sumUp(w.store, list); err != nil {
		return err
	}
	if len(list.Segments) > 0 {
		w.pos = Position{Last: w.totals.Last, Chain: w.totals.Chain}
	}
	for _, o := range list.Orphans {
		switch {
		case o.Name.First == w.pos.Last+1:
			w.orphans = append(w.orphans, o)
		case !list.pruned(o):
			return fmt.Errorf("%w: %s has no manifest and does not follow sequence %d; restore its manifest or move it away",
				ErrNotContiguous, o.Path, w.pos.Last)
		}
	}
	temps, err := os.ReadDir(w.store.Spool())
	if err != nil {
		return err
	}
	for _, t := range temps {
		if t.Name() == lockFile {
			continue
		}
		if err := os.RemoveAll(filepath.Join(w.store.Spool(), t.Name())); err != nil {
			return err
		}
	}
	if len(list.Segments) == 0 {
		return nil
	}
	if was, err := readTotals(w.store, datasetFile); err == nil && was.totals != nil && was.totals.Last > w.pos.Last {
		return nil // segments were lost: the file says so until they are there again
	}
	return w.describe(datasetFile) // if a crash came between it and its last segment
}

// Resume reads the position again, after an error of a store that may have done what it said it
// could not do. The open segment is abandoned.
func (w *Writer) Resume() error {
	err := w.Abandon()
	w.orphans = nil
	if err == nil {
		err = w.load()
	}
	if err != nil {
		return fmt.Errorf("%v: %w", w.store, err)
	}
	return nil
}
