package segment

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"os"

	"github.com/klauspost/compress/zstd"
)

// window bounds how far back a frame refers, in bytes, and thereby the memory of whoever reads it.
const window = 1 << 20

// newEncoder returns an encoder whose output is a function of the bytes alone: one goroutine, and
// nothing of how they are cut into writes.
func newEncoder(level zstd.EncoderLevel) (*zstd.Encoder, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(level), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(window))
	if err != nil {
		return nil, fmt.Errorf("zstd: %w", err)
	}
	return enc, nil
}

// dataFile is a data file being written.
type dataFile struct {
	f     *os.File
	sum   hash.Hash
	enc   *zstd.Encoder
	frame int // bytes of lines in the frame being written; 0 = none is
	meta  File
}

// newDataFile creates, or empties, the file at path.
func newDataFile(path string, k Kind, enc *zstd.Encoder) (*dataFile, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	return &dataFile{f: f, sum: sha256.New(), enc: enc, meta: File{Kind: k.String()}}, nil
}

// append adds a line, and ends the frame when it holds at least frameBytes; not if that is negative.
func (d *dataFile) append(seq uint64, line []byte, frameBytes int) error {
	if d.frame == 0 {
		d.meta.Frames = append(d.meta.Frames, Frame{seq, uint64(d.meta.Bytes)})
		d.enc.Reset(packed{d})
	}
	if _, err := d.enc.Write(line); err != nil {
		return err
	}
	if _, err := d.enc.Write(newline); err != nil {
		return err
	}
	d.frame += len(line) + 1
	d.meta.Records++
	d.meta.RawBytes += int64(len(line)) + 1
	if frameBytes < 0 || d.frame < frameBytes {
		return nil
	}
	return d.endFrame()
}

var newline = []byte{'\n'}

func (d *dataFile) endFrame() error {
	d.frame = 0
	return d.enc.Close()
}

// packed takes what the encoder puts out.
type packed struct{ d *dataFile }

func (p packed) Write(b []byte) (int, error) {
	p.d.sum.Write(b)
	p.d.meta.Bytes += int64(len(b))
	return p.d.f.Write(b)
}

// finish makes the file durable under the path it has and returns what the manifest says of it.
func (d *dataFile) finish(name string) (File, error) {
	if d.frame > 0 {
		if err := d.endFrame(); err != nil {
			return File{}, err
		}
	}
	if err := d.f.Sync(); err != nil {
		return File{}, err
	}
	if err := d.f.Close(); err != nil {
		return File{}, err
	}
	d.meta.Name = name
	d.meta.SHA256 = hex.EncodeToString(d.sum.Sum(nil))
	return d.meta, nil
}
