package boilerplate

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
)

// ErrModel is wrapped by ReadModel's errors about bytes that are not a model, or another one's.
var ErrModel = errors.New("site model")

const modelMagic = "winnow site model 1\n"

// WriteTo writes the model. Equal models write equal bytes.
func (m *Model) WriteTo(w io.Writer) (int64, error) {
	buf := []byte(modelMagic)
	buf = binary.AppendUvarint(buf, uint64(m.params.MinPages))
	buf = binary.AppendUvarint(buf, uint64(m.params.LongText))
	buf = binary.AppendUvarint(buf, uint64(len(m.sites)))
	for _, name := range slices.Sorted(maps.Keys(m.sites)) {
		s := m.sites[name]
		buf = binary.AppendUvarint(buf, uint64(len(name)))
		buf = append(buf, name...)
		buf = binary.AppendUvarint(buf, uint64(len(s.pages)))
		for _, h := range slices.Sorted(maps.Keys(s.pages)) {
			buf = binary.LittleEndian.AppendUint64(buf, h)
		}
		buf = binary.AppendUvarint(buf, uint64(len(s.blocks)))
		for _, h := range slices.Sorted(maps.Keys(s.blocks)) {
			buf = binary.LittleEndian.AppendUint64(buf, h)
			buf = binary.AppendUvarint(buf, uint64(s.blocks[h]))
		}
	}
	n, err := w.Write(buf)
	return int64(n), err
}

// ReadModel reads a model that WriteTo wrote with the same params.
func ReadModel(r io.Reader, p ModelParams) (*Model, error) {
	br := bufio.NewReader(r)
	magic := make([]byte, len(modelMagic))
	if _, err := io.ReadFull(br, magic); err != nil || string(magic) != modelMagic {
		return nil, fmt.Errorf("%w: the bytes do not start with %q", ErrModel, modelMagic)
	}
	m := NewModel(p)
	var fail error
	num := func() uint64 {
		v, err := binary.ReadUvarint(br)
		fail = errors.Join(fail, err)
		return v
	}
	hash := func() uint64 {
		var b [8]byte
		_, err := io.ReadFull(br, b[:])
		fail = errors.Join(fail, err)
		return binary.LittleEndian.Uint64(b[:])
	}
	if got := (ModelParams{MinPages: int(num()), LongText: int(num())}); fail == nil && got != m.params {
		return nil, fmt.Errorf("%w: it was made with %+v, not with %+v", ErrModel, got, m.params)
	}
	for n := num(); n > 0 && fail == nil; n-- {
		name := make([]byte, min(num(), 1<<10))
		_, err := io.ReadFull(br, name)
		fail = errors.Join(fail, err)
		s := &siteModel{pages: map[uint64]bool{}, blocks: map[uint64]int{}}
		for k := num(); k > 0 && fail == nil; k-- {
			s.pages[hash()] = true
		}
		for k := num(); k > 0 && fail == nil; k-- {
			h := hash()
			s.blocks[h] = int(num())
		}
		m.sites[string(name)] = s
	}
	if fail != nil {
		return nil, fmt.Errorf("%w: %w", ErrModel, fail)
	}
	return m, nil
}
