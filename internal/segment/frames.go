package segment

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"sort"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/klauspost/compress/zstd"
)

// ErrDamaged is wrapped by the errors for data files that are not what their manifest says.
var ErrDamaged = errors.New("damaged")

// maxLine bounds the memory for one line, in bytes. No message of a broker is that large.
const maxLine = 256 << 20

// newDecoder returns a decoder for frames, for use by one goroutine.
func newDecoder() *zstd.Decoder {
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(32<<20))
	if err != nil {
		panic(fmt.Sprintf("segment: zstd: %v", err)) // the options are constants
	}
	return dec
}

// decoders are what the files of a segment are read with, one for each kind. They are made when
// they are needed and used again for the next segment.
type decoders [kinds]*zstd.Decoder

func (d *decoders) of(k Kind) *zstd.Decoder {
	if d[k] == nil {
		d[k] = newDecoder()
	}
	return d[k]
}

func (d *decoders) close() {
	for _, dec := range d {
		if dec != nil {
			dec.Close()
		}
	}
}

// fileReader reads the lines of a data file.
type fileReader struct {
	f     *os.File
	meta  *File
	kind  Kind
	dec   *zstd.Decoder
	in    *bufio.Reader // lines of the frame
	long  []byte        // a line that is longer than the buffer of in
	next  int           // frame
	state frameState
	sum   hash.Hash // of the frames read; nil = not wanted
}

// frameState says where a fileReader stands in a frame.
type frameState uint8

const (
	between frameState = iota // not in a frame
	begun                     // before the first line
	atFirst                   // behind the first line
	inside                    // behind a later line
)

// openFile opens the data file that meta describes. Its length is checked, its hash is not.
func openFile(dir string, meta *File, decs *decoders) (*fileReader, error) {
	k, err := ParseKind(meta.Kind)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(filepath.Join(dir, filepath.FromSlash(meta.Name)))
	if err != nil {
		return nil, err
	}
	st, err := f.Stat()
	if err == nil && st.Size() != meta.Bytes {
		err = fmt.Errorf("%s: %w: %d bytes, its manifest says %d", meta.Name, ErrDamaged, st.Size(), meta.Bytes)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &fileReader{f: f, meta: meta, kind: k, dec: decs.of(k), in: bufio.NewReaderSize(nil, 64<<10)}, nil
}

// seek goes to the frame that holds the first record with a sequence of at least seq.
func (r *fileReader) seek(seq uint64) {
	frames := r.meta.Frames
	r.next = max(0, sort.Search(len(frames), func(i int) bool { return frames[i].Seq() > seq })-1)
	r.state = between
}

// line returns the next line without its newline, which is valid until the next call, and
// io.EOF after the last.
func (r *fileReader) line() ([]byte, error) {
	for {
		if r.state == between {
			if r.next == len(r.meta.Frames) {
				return nil, io.EOF
			}
			if err := r.frame(); err != nil {
				return nil, r.damage(err)
			}
		}
		line, err := r.readLine()
		switch {
		case err == nil:
			r.state = min(r.state+1, inside)
			return line[:len(line)-1], nil
		case err != io.EOF:
			return nil, r.damage(err)
		case len(line) > 0 || r.state == begun:
			return nil, r.damage(errors.New("it does not end with a line"))
		}
		r.state = between
	}
}

// damage is err about the frame being read.
func (r *fileReader) damage(err error) error {
	i := max(r.next-1, 0)
	return fmt.Errorf("%s: %w: frame %d at byte %d: %w", r.meta.Name, ErrDamaged, i, r.meta.Frames[i].Offset(), err)
}

// frame begins the next frame.
func (r *fileReader) frame() error {
	off := r.meta.Frames[r.next].Offset()
	var src io.Reader = io.NewSectionReader(r.f, off, r.meta.frameEnd(r.next)-off)
	if r.sum != nil {
		src = io.TeeReader(src, r.sum)
	}
	r.next++
	r.state = begun
	if err := r.dec.Reset(src); err != nil {
		return err
	}
	r.in.Reset(r.dec)
	return nil
}

// readLine returns the next line of the frame with its newline.
func (r *fileReader) readLine() ([]byte, error) {
	line, err := r.in.ReadSlice('\n')
	if err != bufio.ErrBufferFull {
		return line, err
	}
	r.long = r.long[:0]
	for err == bufio.ErrBufferFull && len(r.long) < maxLine {
		r.long = append(r.long, line...)
		line, err = r.in.ReadSlice('\n')
	}
	r.long = append(r.long, line...)
	return r.long, err
}

// first tells whether the last line read is the first of its frame.
func (r *fileReader) first() bool { return r.state == atFirst }

func (r *fileReader) close() error { return r.f.Close() }

// seqReader finds the sequence of a line without reading what follows it.
type seqReader struct {
	in  bytes.Reader
	dec jsontext.Decoder
}

// seq returns the value of the key "seq".
func (s *seqReader) seq(line []byte) (uint64, error) {
	s.in.Reset(line)
	s.dec.Reset(&s.in)
	if t, err := s.dec.ReadToken(); err != nil || t.Kind() != jsontext.KindBeginObject {
		return 0, fmt.Errorf("%w: not an object", ErrRecord)
	}
	for s.dec.PeekKind() == jsontext.KindString {
		key, err := s.dec.ReadToken()
		if err != nil {
			return 0, fmt.Errorf("%w: %w", ErrRecord, err)
		}
		if key.String() != "seq" {
			if err := s.dec.SkipValue(); err != nil {
				return 0, fmt.Errorf("%w: %w", ErrRecord, err)
			}
			continue
		}
		t, err := s.dec.ReadToken()
		if err != nil || t.Kind() != jsontext.KindNumber {
			return 0, fmt.Errorf("%w: seq is not a number", ErrRecord)
		}
		return t.Uint()
	}
	return 0, fmt.Errorf("%w: no seq", ErrRecord)
}
