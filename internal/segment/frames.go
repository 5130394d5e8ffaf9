package segment

import (
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

// maxFrame bounds the memory for one frame, in bytes of lines: a frame has at most one line more
// than [Options.Frame].
const maxFrame = 256 << 20

// newDecoder returns a decoder for frames, for use by one goroutine.
func newDecoder() *zstd.Decoder {
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxFrame))
	if err != nil {
		panic(fmt.Sprintf("segment: zstd: %v", err)) // the options are constants
	}
	return dec
}

// fileReader reads the lines of a data file, a frame at a time.
type fileReader struct {
	f      *os.File
	meta   *File
	dec    *zstd.Decoder
	next   int // frame
	packed []byte
	raw    []byte
	rest   []byte    // lines of raw still to be read
	sum    hash.Hash // of the frames read; nil = not wanted
}

// openFile opens the data file that meta describes. Its length is checked, its hash is not.
func openFile(dir string, meta *File, dec *zstd.Decoder) (*fileReader, error) {
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
	return &fileReader{f: f, meta: meta, dec: dec}, nil
}

// seek goes to the frame that holds the first record with a sequence of at least seq.
func (r *fileReader) seek(seq uint64) {
	frames := r.meta.Frames
	r.next = max(0, sort.Search(len(frames), func(i int) bool { return frames[i].Seq() > seq })-1)
	r.rest = nil
}

// line returns the next line without its newline, which is valid until the next call, and
// io.EOF after the last.
func (r *fileReader) line() ([]byte, error) {
	if len(r.rest) == 0 {
		if r.next == len(r.meta.Frames) {
			return nil, io.EOF
		}
		if err := r.frame(); err != nil {
			return nil, fmt.Errorf("%s: %w", r.meta.Name, err)
		}
	}
	line, rest, ok := bytes.Cut(r.rest, []byte{'\n'})
	if !ok {
		return nil, fmt.Errorf("%s: %w: a frame does not end with a line", r.meta.Name, ErrDamaged)
	}
	r.rest = rest
	return line, nil
}

// frame reads the next frame.
func (r *fileReader) frame() error {
	off := r.meta.Frames[r.next].Offset()
	n := int(r.meta.frameEnd(r.next) - off)
	if cap(r.packed) < n {
		r.packed = make([]byte, n)
	}
	r.packed = r.packed[:n]
	if _, err := r.f.ReadAt(r.packed, off); err != nil {
		return err
	}
	if r.sum != nil {
		r.sum.Write(r.packed)
	}
	raw, err := r.dec.DecodeAll(r.packed, r.raw[:0])
	if err == nil && len(raw) == 0 {
		err = errors.New("empty")
	}
	if err != nil {
		return fmt.Errorf("%w: frame %d at byte %d: %w", ErrDamaged, r.next, off, err)
	}
	r.next++
	r.raw, r.rest = raw, raw
	return nil
}

// first tells whether line, the last one read, is the first of its frame.
func (r *fileReader) first(line []byte) bool { return len(line)+1+len(r.rest) == len(r.raw) }

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
