package segment

import (
	"bytes"
	"errors"
	"fmt"
	"hash"
	"io"
	"sort"

	"github.com/klauspost/compress/zstd"
)

// ErrDamaged is wrapped by the errors for data files that are not what their manifest says.
var ErrDamaged = errors.New("damaged")

// maxFrame bounds the memory for one frame, in bytes. No segment is that large unless somebody
// asks for it.
const maxFrame = 4 << 30

// newDecoder returns a decoder for frames, for use by one goroutine.
func newDecoder() *zstd.Decoder {
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxFrame))
	if err != nil {
		panic(fmt.Sprintf("segment: zstd: %v", err)) // the options are constants
	}
	return dec
}

// lineReader reads the lines of a data file.
type lineReader interface {
	seek(seq uint64)       // goes to, or before, the first record with a sequence of at least seq
	line() ([]byte, error) // without its newline, valid until the next call; io.EOF behind the last
	close() error
}

// openFile opens the data file that meta describes. Its length is checked, its hash is not.
func openFile(s Store, meta *File, dec *zstd.Decoder) (lineReader, error) {
	b, err := s.Open(meta.Name)
	if err != nil {
		return nil, err
	}
	if b.Size() != meta.Bytes {
		err = fmt.Errorf("%s: %w: %d bytes, its manifest says %d", meta.Name, ErrDamaged, b.Size(), meta.Bytes)
		return nil, errors.Join(err, b.Close())
	}
	if meta.format() == Parquet {
		return openParquet(b, meta)
	}
	return &frameReader{blob: b, meta: meta, dec: dec}, nil
}

// frameReader reads JSON lines frame by frame.
type frameReader struct {
	blob   Blob
	meta   *File
	dec    *zstd.Decoder // shared with others of this goroutine
	packed []byte        // the frame as it is in the file
	frame  []byte        // decoded
	rest   []byte        // of frame: lines to come
	next   int           // frame
	state  frameState
	sum    hash.Hash // of the frames read; nil = not wanted
}

// frameState says where a frameReader stands in a frame.
type frameState uint8

const (
	between frameState = iota // not in a frame
	begun                     // before the first line
	atFirst                   // behind the first line
	inside                    // behind a later line
)

func (r *frameReader) seek(seq uint64) {
	frames := r.meta.Frames
	r.next = max(0, sort.Search(len(frames), func(i int) bool { return frames[i].Seq() > seq })-1)
	r.state = between
}

func (r *frameReader) line() ([]byte, error) {
	if r.state == between || len(r.rest) == 0 {
		if r.next == len(r.meta.Frames) {
			return nil, io.EOF
		}
		if err := r.begin(); err != nil {
			return nil, r.damage(err)
		}
	}
	end := bytes.IndexByte(r.rest, '\n')
	if end < 0 {
		return nil, r.damage(errors.New("it does not end with a line"))
	}
	line := r.rest[:end]
	r.rest = r.rest[end+1:]
	r.state = min(r.state+1, inside)
	return line, nil
}

// damage is err about the frame being read.
func (r *frameReader) damage(err error) error {
	i := max(r.next-1, 0)
	return damage(r.meta, fmt.Errorf("frame %d at byte %d: %w", i, r.meta.Frames[i].Offset(), err))
}

// damage makes err one that wraps [ErrDamaged] and names the file, unless the file could not be reached.
func damage(meta *File, err error) error {
	if outside(err) {
		return fmt.Errorf("%s: %w", meta.Name, err)
	}
	return fmt.Errorf("%s: %w: %w", meta.Name, ErrDamaged, err)
}

// begin decodes the next frame.
func (r *frameReader) begin() (err error) {
	off := r.meta.Frames[r.next].Offset()
	n := int(r.meta.frameEnd(r.next) - off)
	r.next++
	r.state = begun
	if cap(r.packed) < n {
		r.packed = make([]byte, n)
	}
	r.packed = r.packed[:n]
	if _, err := r.blob.ReadAt(r.packed, off); err != nil && err != io.EOF {
		return err
	}
	if r.sum != nil {
		r.sum.Write(r.packed)
	}
	r.frame, err = r.dec.DecodeAll(r.packed, r.frame[:0])
	r.rest = r.frame
	if err == nil && len(r.rest) == 0 {
		err = errors.New("it is empty")
	}
	return err
}

// first tells whether the last line read is the first of its frame, and of which.
func (r *frameReader) first() (Frame, bool) {
	if r.state != atFirst {
		return Frame{}, false
	}
	return r.meta.Frames[r.next-1], true
}

func (r *frameReader) close() error { return r.blob.Close() }

// sequence returns the value of the key "seq" without reading what follows it.
func sequence(line []byte) (uint64, error) {
	for o := (object{b: line}); ; {
		key, val, ok, err := o.next()
		switch {
		case err != nil:
			return 0, err
		case !ok:
			return 0, fmt.Errorf("%w: no seq", ErrRecord)
		case string(key) == "seq":
			return number(val)
		}
	}
}
