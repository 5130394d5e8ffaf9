package segment

// SetFault makes every step of w that touches the disk call f first and fail if f does.
func (w *Writer) SetFault(f func(step, path string) error) {
	w.fault = f
	if d, ok := w.store.(*dirStore); ok {
		d.fault = f
	}
}
