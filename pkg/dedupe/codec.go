package dedupe

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
)

func appendInts(dst []byte, v ...uint32) []byte {
	for _, v := range v {
		dst = binary.LittleEndian.AppendUint32(dst, v)
	}
	return dst
}

func (e *entry) append(dst []byte) []byte {
	dst = binary.LittleEndian.AppendUint64(dst, e.seq)
	dst = binary.LittleEndian.AppendUint64(dst, e.exact)
	dst = appendInts(dst, e.publisher, e.url, e.minute, e.first, e.link, e.story, e.at)
	return binary.LittleEndian.AppendUint32(dst, uint32(e.grams)|uint32(e.level)<<16|uint32(e.numbers)<<24)
}

func (e *entry) read(b []byte) {
	if len(b) < entryBytes {
		return
	}
	at := func(i int) uint32 { return binary.LittleEndian.Uint32(b[16+4*i:]) }
	*e = entry{
		seq: binary.LittleEndian.Uint64(b), exact: binary.LittleEndian.Uint64(b[8:]),
		publisher: at(0), url: at(1), minute: at(2), first: at(3), link: at(4), story: at(5), at: at(6),
		grams: uint16(at(7)), level: uint8(at(7) >> 16), numbers: uint8(at(7) >> 24),
	}
}

// recordBytes returns the size of the document's record, which begins with what stands in rec.
func (e *entry) recordBytes(rec []byte) uint64 {
	n, _ := cutID(rec)
	return uint64(2 + n + 2*int(e.numbers) + bitmapBytes(int(e.grams)))
}

// groupLen is how many entries or buckets are written at a time, or entries read.
const groupLen = 256

const bucketBytes = 128

// write writes how many buckets there are, and then each as it is.
func (p *part) write(o *output) {
	buf := binary.LittleEndian.AppendUint64(nil, p.n)
	for i := range p.n {
		b := p.at(i)
		for _, t := range b.tag {
			buf = binary.LittleEndian.AppendUint16(buf, t)
		}
		buf = appendInts(binary.LittleEndian.AppendUint64(buf, b.rest), b.doc[:]...)
		if i%groupLen == groupLen-1 {
			o.write(buf)
			buf = buf[:0]
		}
	}
	o.write(buf)
}

// read reads what write wrote. The documents in it have numbers below next.
func (p *part) read(in *input, next uint32) {
	n := in.uint64()
	if in.err != nil || n < minBuckets || n > 1<<partKeys {
		in.fail("postings out of order")
		return
	}
	*p = part{}
	for p.n < n && in.err == nil { // room is made for what is there, not for what is said to be
		v := in.next(bucketBytes * int(min(blockLen, n-p.n)))
		from := p.n
		p.reach(from + uint64(len(v)/bucketBytes))
		for i := from; i < p.n; i++ {
			b := p.own(i)
			if last := b.read((*[bucketBytes]byte)(v[bucketBytes*(i-from):])); b.used() > slots || last >= next {
				in.fail("postings out of order")
				return
			}
			p.used += uint64(b.used())
		}
	}
}

// read reads a bucket and returns the last of its documents.
func (b *bucket) read(v *[bucketBytes]byte) (last uint32) {
	for i := range b.tag {
		b.tag[i] = binary.LittleEndian.Uint16(v[2*i:])
	}
	b.rest = binary.LittleEndian.Uint64(v[2*slots:])
	for i := range b.doc {
		b.doc[i] = binary.LittleEndian.Uint32(v[2*slots+8+4*i:])
		last = max(last, b.doc[i])
	}
	return last
}

func (s *shelf) append(dst []byte) []byte {
	if s == nil {
		return append(dst, 0)
	}
	dst = binary.LittleEndian.AppendUint64(append(dst, 1), s.n)
	for i := range s.fresh {
		dst = binary.LittleEndian.AppendUint64(dst, s.fresh[i])
		dst = binary.LittleEndian.AppendUint64(dst, s.all[i])
	}
	return dst
}

func readShelf(in *input) *shelf {
	if in.byte() == 0 {
		return nil
	}
	s := &shelf{n: in.uint64()}
	for i := range s.fresh {
		s.fresh[i], s.all[i] = in.uint64(), in.uint64()
	}
	return s
}

// output writes and sums up; the first error stays.
type output struct {
	w   *bufio.Writer
	sum hash.Hash64
	n   int64
	err error
}

func (o *output) write(b []byte) {
	if o.err != nil {
		return
	}
	o.sum.Write(b)
	n, err := o.w.Write(b)
	o.n, o.err = o.n+int64(n), err
}

// input reads and sums up; the first error stays.
type input struct {
	r   *bufio.Reader
	sum hash.Hash64
	buf []byte
	err error
}

func (in *input) fail(what string) {
	if in.err == nil {
		in.err = errors.New(what)
	}
}

// next returns the next n bytes until the following call, or nil.
func (in *input) next(n int) []byte {
	if in.err != nil {
		return nil
	}
	if cap(in.buf) < n {
		in.buf = make([]byte, n)
	}
	b := in.buf[:n]
	if _, err := io.ReadFull(in.r, b); err != nil {
		in.err = fmt.Errorf("cut short: %w", err)
		return nil
	}
	in.sum.Write(b)
	return b
}

func (in *input) byte() byte {
	if b := in.next(1); b != nil {
		return b[0]
	}
	return 0
}

func (in *input) uint32() uint32 {
	if b := in.next(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (in *input) uint64() uint64 {
	if b := in.next(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}
