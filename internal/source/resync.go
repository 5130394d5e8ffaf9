package source

import (
	"bytes"
	"encoding/binary"
	"io"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// What a file that was made to be read again and again can cost.
const (
	maxRewinds = 256
	maxVain    = 1 << 13 // places decompressed in vain, and one more in each vainEvery bytes of the file
	vainEvery  = 8 << 10
	gzipHead   = 8 << 10   // bytes of a gzip member that are looked at
	zstdBlock  = 128 << 10 // bytes of a zstd block, compressed or not. Source: RFC 8878
)

// Resync implements [warc.Members]: it looks for a member that begins a record, from the damaged one on.
func (m *members) Resync(failure error) error {
	m.body, m.err = nil, nil
	if m.rewinds < maxRewinds {
		m.rewinds++
		m.tape.seek(m.start + 1)
		m.in.Reset(m.tape)
	}
	for {
		data, err := m.in.Peek(readSize)
		if err != nil && err != io.EOF {
			return err
		}
		far := len(data) // beyond it there is not enough of a member to judge it
		if err == nil {
			far = readSize / 2
		}
		at := 0
		for at < far && !m.begins(data[at:]) {
			at++
		}
		if at == far && err != nil {
			return io.EOF
		}
		if _, err := m.in.Discard(at); err != nil || at < far {
			return err
		}
	}
}

// begins reports whether data begins with a member that begins with a record. It takes the decompressors of the
// tools, which are idle between members: a new one for each place that looks like a member costs more than all else.
func (m *members) begins(data []byte) bool {
	var r io.Reader
	switch {
	case isGzip(data):
		r = m.gzipStart(data)
	case bytes.HasPrefix(data, zstdMagic):
		if m.dict != nil {
			return true // whether it begins with a record will show
		}
		r = m.zstdStart(data)
	}
	if r == nil || m.vain > maxVain+m.offset()/vainEvery {
		return false
	}
	head := make([]byte, len(warcMagic))
	n, _ := io.ReadFull(r, head)
	if string(head[:n]) == warcMagic {
		return true
	}
	m.vain++
	return false
}

const warcMagic = "WARC/"

// gzipStart gives the beginning of a gzip member, decompressed; nil when it is none.
func (m *members) gzipStart(data []byte) io.Reader {
	const extra = 1 << 2 // the flag of a field that may have 64 KiB
	data = data[:min(len(data), gzipHead)]
	if len(data) < 12 || data[3]&extra != 0 && int(binary.LittleEndian.Uint16(data[10:])) > len(data) {
		return nil
	}
	r, err := m.tools.openGzip(bytes.NewReader(data))
	if err != nil {
		return nil
	}
	return r
}

// zstdStart gives the first blocks of a zstd frame, decompressed; nil when they are none or hold no record. What
// they refer to is near, so that the window need not be as large as the frame says: 14 bytes can ask for 128 MiB.
func (m *members) zstdStart(data []byte) io.Reader {
	const header = "\x28\xb5\x2f\xfd\x00\x38" // of a frame with a window of zstdBlock bytes
	var h zstd.Header
	if h.Decode(data) != nil || !h.FirstBlock.OK || h.DictionaryID != 0 || h.WindowSize > maxWindow {
		return nil
	}
	data = data[h.HeaderSize:min(len(data), h.HeaderSize+3+zstdBlock)]
	if b := h.FirstBlock; !b.Compressed && b.DecompressedSize >= len(warcMagic) && !bytes.HasPrefix(data[3:], []byte(warcMagic)) {
		return nil
	}
	r, err := m.tools.openZstd(io.MultiReader(strings.NewReader(header), bytes.NewReader(data)))
	if err != nil {
		return nil
	}
	return r
}
