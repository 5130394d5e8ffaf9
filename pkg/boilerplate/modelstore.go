package boilerplate

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// ErrModel is wrapped by ReadModel's errors about bytes that are not a model, or another one's.
var ErrModel = errors.New("site model")

const (
	modelMagic  = "winnow site model 3\n"
	maxSiteName = 1 << 12 // longest name of a site, in bytes
)

// ModelSnapshot is a model as it was. It may be written by another goroutine while the model goes on.
type ModelSnapshot struct {
	params ModelParams
	sites  []siteSnapshot
}

type siteSnapshot struct {
	name  string
	pages uint32
	slots []blockSlot
}

// Freeze returns the model as it is. Only the list of the sites is copied; from then on the model
// copies a site before it changes it.
func (m *Model) Freeze() *ModelSnapshot {
	for s := m.oldest; s != nil; s = s.newer {
		s.shared = true
	}
	return m.snapshot()
}

func (m *Model) snapshot() *ModelSnapshot {
	snap := &ModelSnapshot{params: m.params, sites: make([]siteSnapshot, 0, len(m.sites))}
	for s := m.oldest; s != nil; s = s.newer {
		snap.sites = append(snap.sites, siteSnapshot{s.name, s.pages, s.slots})
	}
	return snap
}

// WriteTo writes the model as [ModelSnapshot.WriteTo] does.
func (m *Model) WriteTo(w io.Writer) (int64, error) { return m.snapshot().WriteTo(w) }

// WriteTo writes the model, the oldest site first. A model that was read back goes on exactly as
// the one that was written; equal models write equal bytes.
func (snap *ModelSnapshot) WriteTo(w io.Writer) (int64, error) {
	bw := bufio.NewWriter(w)
	n := int64(0)
	put := func(b []byte) {
		k, _ := bw.Write(b) // the error stays in bw until Flush
		n += int64(k)
	}
	buf := append([]byte(nil), modelMagic...)
	for _, x := range snap.params.fields() {
		buf = binary.AppendUvarint(buf, uint64(*x))
	}
	buf = binary.AppendUvarint(buf, uint64(len(snap.sites)))
	put(buf)
	for i := range snap.sites {
		s := &snap.sites[i]
		buf = binary.AppendUvarint(buf[:0], uint64(len(s.name)))
		buf = append(buf, s.name...)
		buf = binary.AppendUvarint(buf, uint64(s.pages))
		buf = binary.AppendUvarint(buf, uint64(len(s.slots)))
		for _, e := range s.slots {
			buf = binary.LittleEndian.AppendUint32(buf, e.fold)
			if e.fold == 0 {
				continue
			}
			buf = binary.AppendUvarint(buf, uint64(s.pages-e.last))
			buf = binary.AppendUvarint(buf, uint64(e.age))
			buf = append(buf, e.count)
		}
		put(buf)
	}
	return n, bw.Flush()
}

// fields returns the params in the order in which they are stored.
func (p *ModelParams) fields() []*int {
	return []*int{&p.MinPages, &p.ProsePages, &p.Window, &p.SiteBlocks, &p.MaxBytes}
}

// ReadModel reads a model that WriteTo wrote with the same params. Its errors wrap ErrModel.
func ReadModel(r io.Reader, p ModelParams) (*Model, error) {
	d := modelReader{r: bufio.NewReader(r)}
	if magic := string(d.bytes(len(modelMagic))); magic != modelMagic {
		return nil, fmt.Errorf("%w: the bytes do not start with %q", ErrModel, modelMagic)
	}
	m := NewModel(p)
	var got ModelParams
	for _, x := range got.fields() {
		*x = int(d.number(1 << 62))
	}
	if d.err == nil && got != m.params {
		return nil, fmt.Errorf("%w: it was made with %+v, not with %+v", ErrModel, got, m.params)
	}
	for n := d.number(1 << 40); n > 0 && d.err == nil; n-- {
		s := d.site(m.params)
		if d.err != nil {
			break
		}
		if m.sites[s.name] != nil {
			return nil, fmt.Errorf("%w: site %q stands in it twice", ErrModel, s.name)
		}
		m.sites[s.name] = s
		m.bytes += s.bytes()
		m.link(s)
	}
	if d.err != nil {
		return nil, fmt.Errorf("%w: %w", ErrModel, d.err)
	}
	return m, nil
}

// modelReader reads the parts of a model; the first error stays.
type modelReader struct {
	r   *bufio.Reader
	err error
}

func (d *modelReader) bytes(n int) []byte {
	b := make([]byte, n)
	if d.err == nil {
		_, d.err = io.ReadFull(d.r, b)
	}
	return b
}

// number reads a number of at most limit; 0 when there is none.
func (d *modelReader) number(limit uint64) uint64 {
	if d.err != nil {
		return 0
	}
	v, err := binary.ReadUvarint(d.r)
	if err == nil && v > limit {
		err = fmt.Errorf("a number of %d where %d is the most", v, limit)
	}
	if err != nil {
		d.err = err
		return 0 // what is made of that size must not be
	}
	return v
}

func (d *modelReader) site(p ModelParams) *siteBlocks {
	s := &siteBlocks{name: string(d.bytes(int(d.number(maxSiteName))))}
	s.pages = uint32(d.number(1<<32 - 1))
	n := int(d.number(uint64(p.SiteBlocks)))
	if d.err == nil && (n < minSiteBlocks || n&(n-1) != 0) {
		d.err = fmt.Errorf("a table of %d blocks", n)
	}
	if d.err != nil {
		return s
	}
	s.slots = make([]blockSlot, n)
	for i := range s.slots {
		e := &s.slots[i]
		if e.fold = binary.LittleEndian.Uint32(d.bytes(4)); e.fold == 0 || d.err != nil {
			continue
		}
		e.last = s.pages - uint32(d.number(uint64(s.pages)))
		e.age = uint16(d.number(1<<16 - 1))
		e.count = d.bytes(1)[0]
		s.used++
	}
	return s
}
