package source

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"winnow/internal/source/warc"
)

// members gives the decompressed bytes of gzip members or zstd frames, one after the other. It knows where
// each begins and can go on behind one that is damaged.
type members struct {
	tape    *tape
	in      *bufio.Reader // of tape
	tools   *tools
	body    io.Reader     // the current member, decompressed; nil between members
	start   int64         // of the current member in the file
	begun   int64         // and in the decompressed bytes
	out     int64         // bytes given out
	marks   []mark        // members that Place may still be asked for
	places  bool          // whether anybody will ask
	dict    *zstd.Decoder // of a file that brings its dictionary
	err     error         // what ended the reading, until Resync
	rewinds int           // how often Resync went back
	vain    int64         // places that Resync decompressed in vain
}

// mark says where a member begins: in the file, and in the decompressed bytes.
type mark struct{ packed, plain int64 }

func (m *members) Read(p []byte) (n int, err error) {
	for n == 0 && m.err == nil {
		if m.body == nil {
			if m.err = m.next(); m.err != nil {
				break
			}
		}
		n, err = m.body.Read(p)
		m.out += int64(n)
		switch err {
		case io.EOF:
			if m.body = nil; m.offset() == m.start {
				m.err = errCut // a decoder that took nothing
			}
		case io.ErrUnexpectedEOF:
			m.err = errCut
		default:
			m.err = err
		}
	}
	return n, m.err
}

var errCut = errors.New("the compressed data ends too early")

// next opens the next member; io.EOF when there is none.
func (m *members) next() error {
	for {
		m.start, m.begun = m.offset(), m.out
		m.tape.forget(m.start)
		magic, err := m.in.Peek(4)
		switch {
		case len(magic) == 0:
			return err
		case isGzip(magic):
			m.body, err = m.tools.openGzip(m.in)
		case isZstd(magic) && magic[0] == 0x28:
			m.body, err = m.openZstd()
		case isZstd(magic):
			if err := m.skippable(magic[0] == 0x5d && m.start == 0); err != nil {
				return err
			}
			continue
		default:
			return m.padding()
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			err = errCut
		}
		if err == nil && m.places {
			m.marks = append(m.marks, mark{m.start, m.out})
		}
		return err
	}
}

// offset returns the place in the file of the byte that is read next.
func (m *members) offset() int64 { return m.tape.at() - int64(m.in.Buffered()) }

func (t *tools) openGzip(r flate.Reader) (_ io.Reader, err error) {
	if t.gzip == nil {
		t.gzip, err = gzip.NewReader(r)
	} else {
		err = t.gzip.Reset(r)
	}
	if err != nil {
		return nil, err
	}
	t.gzip.Multistream(false)
	return t.gzip, nil
}

const maxWindow = 128 << 20 // bytes a zstd frame may ask for

func (m *members) openZstd() (io.Reader, error) {
	if m.dict != nil {
		return m.dict, m.dict.Reset(&frame{in: m.in})
	}
	return m.tools.openZstd(&frame{in: m.in})
}

func (t *tools) openZstd(r io.Reader) (_ io.Reader, err error) {
	if t.zstd == nil {
		if t.zstd, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow)); err != nil {
			return nil, err
		}
	}
	return t.zstd, t.zstd.Reset(r)
}

const maxDictionary = 16 << 20 // bytes

// skippable passes over a frame that is none, or takes the dictionary from it: web archives keep
// theirs in the first one. Source: "Use of Zstandard in the WARC format", IIPC, 2021.
func (m *members) skippable(dictionary bool) error {
	head, err := m.in.Peek(8)
	if err != nil {
		return errCut
	}
	size := binary.LittleEndian.Uint32(head[4:])
	if _, err := m.in.Discard(8); err != nil {
		return err
	}
	if !dictionary {
		if _, err = m.in.Discard(int(size)); err == io.EOF {
			err = errCut
		}
		return err
	}
	if size > maxDictionary {
		return fmt.Errorf("a zstd dictionary of %d bytes, the limit is %d", size, maxDictionary)
	}
	data := make([]byte, size)
	if _, err := io.ReadFull(m.in, data); err != nil {
		return errCut
	}
	return m.setDictionary(data)
}

func (m *members) setDictionary(data []byte) error {
	opts := []zstd.DOption{zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow)}
	if isZstd(data[:min(len(data), 4)]) {
		d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxDictionary))
		if err != nil {
			return err
		}
		defer d.Close()
		if data, err = d.DecodeAll(data, nil); err != nil {
			return fmt.Errorf("the zstd dictionary: %w", err)
		}
	}
	if bytes.HasPrefix(data, []byte{0x37, 0xa4, 0x30, 0xec}) {
		opts = append(opts, zstd.WithDecoderDicts(data))
	} else {
		opts = append(opts, zstd.WithDecoderDictRaw(0, data))
	}
	d, err := zstd.NewReader(nil, opts...)
	if err != nil {
		return fmt.Errorf("the zstd dictionary: %w", err)
	}
	m.dict = d
	return nil
}

// onlyForward says that nobody will call Resync, and Place only if places says so.
func (m *members) onlyForward(places bool) {
	if m.tape.off = true; !places {
		m.places, m.marks = false, nil
	}
}

func (m *members) close() {
	if m.dict != nil {
		m.dict.Close()
	}
}

// padding passes over zeros at the end of the file.
func (m *members) padding() error {
	for {
		c, err := m.in.ReadByte()
		if err != nil {
			return err
		}
		if c != 0 {
			return errors.New("what follows a compressed part is no other one")
		}
	}
}

// seek makes the member at a place the next one: the tape has been moved there.
func (b *bounded) seek(at *Place) {
	b.in.Reset(b.tape)
	b.body, b.err, b.marks = nil, nil, b.marks[:0]
	b.out, b.begun, b.start = at.Plain, at.Plain, at.Offset
	b.from = mark{at.Offset, at.Plain}
	b.rewinds, b.vain = at.Rewinds, at.Vain
}

// Place implements [warc.Members].
func (m *members) Place(plain int64) warc.Place {
	for len(m.marks) > 1 && m.marks[1].plain <= plain {
		m.marks = m.marks[1:]
	}
	if len(m.marks) == 0 {
		return warc.Place{}
	}
	return warc.Place{Member: m.marks[0].packed, Inner: plain - m.marks[0].plain}
}

// Failed implements [warc.Members].
func (m *members) Failed() int64 { return m.begun }

var gzipMagic, zstdMagic = []byte{0x1f, 0x8b, 8}, []byte{0x28, 0xb5, 0x2f, 0xfd}

func isGzip(magic []byte) bool { return bytes.HasPrefix(magic, gzipMagic) }
