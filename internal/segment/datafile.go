package segment

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"os"

	"github.com/klauspost/compress/zstd"
)

// dataFile is a data file being written. Lines gather in memory until they fill a frame.
type dataFile struct {
	f      *os.File
	sum    hash.Hash
	lines  []byte // the frame being filled
	packed []byte
	meta   File // without name and hash until finish
}

// newDataFile creates, or empties, the file at path.
func newDataFile(path string, k Kind) (*dataFile, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	return &dataFile{f: f, sum: sha256.New(), meta: File{Kind: k.String()}}, nil
}

// append adds a line, and writes a frame when it holds at least frameBytes.
func (d *dataFile) append(enc *zstd.Encoder, seq uint64, line []byte, frameBytes int) error {
	if len(d.lines) == 0 {
		d.meta.Frames = append(d.meta.Frames, Frame{seq, uint64(d.meta.Bytes)})
	}
	d.lines = append(append(d.lines, line...), '\n')
	d.meta.Records++
	d.meta.RawBytes += int64(len(line)) + 1
	if len(d.lines) < frameBytes {
		return nil
	}
	return d.flush(enc)
}

// flush writes the lines so far as one frame.
func (d *dataFile) flush(enc *zstd.Encoder) error {
	if len(d.lines) == 0 {
		return nil
	}
	d.packed = enc.EncodeAll(d.lines, d.packed[:0])
	d.lines = d.lines[:0]
	d.sum.Write(d.packed)
	d.meta.Bytes += int64(len(d.packed))
	_, err := d.f.Write(d.packed)
	return err
}

// finish makes the file durable under the path it has and returns what the manifest says of it.
func (d *dataFile) finish(enc *zstd.Encoder, name string) (File, error) {
	if err := d.flush(enc); err != nil {
		return File{}, err
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

// newEncoder returns the encoder for frames. EncodeAll on it is a function of the bytes alone.
func newEncoder(level zstd.EncoderLevel) (*zstd.Encoder, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(level), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, fmt.Errorf("zstd: %w", err)
	}
	return enc, nil
}
