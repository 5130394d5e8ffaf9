package segment

// SetFault makes every step of w that touches the disk call f first and fail if f does.
func (w *Writer) SetFault(f func(step, path string) error) {
	w.fault = f
	SetStoreFault(w.store, f)
}

// SetStoreFault does that for the steps of a store that is a directory.
func SetStoreFault(s Store, f func(step, path string) error) {
	if d, ok := s.(*dirStore); ok {
		d.fault = f
	}
}
