package segment

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"os"

	"github.com/klauspost/compress/zstd"
)

// window bounds how far back a frame refers, in bytes, and thereby the memory of whoever reads it
// as a stream.
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

// dataFile is a file of JSON lines being written. It gathers the lines of a frame and compresses
// them at once, so that any number of files needs one encoder.
type dataFile struct {
	kind   Kind
	folder string
	f      *os.File
	sum    hash.Hash
	lines  []byte        // of the frame being gathered
	stream *zstd.Encoder // of the one frame of a file without frames; nil otherwise
	meta   File
}

// newDataFile creates, or empties, the file at path. stream is for a file of one frame, else nil.
func newDataFile(path string, k Kind, folder string, stream *zstd.Encoder) (*dataFile, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	d := &dataFile{kind: k, folder: folder, f: f, sum: sha256.New(), stream: stream}
	d.meta = File{Kind: k.String(), Format: JSONL, Folder: folder}
	if stream != nil {
		stream.Reset(packed{d})
	}
	return d, nil
}

// append adds a line to the frame.
func (d *dataFile) append(seq uint64, line []byte) {
	if len(d.lines) == 0 && (d.stream == nil || len(d.meta.Frames) == 0) {
		d.meta.Frames = append(d.meta.Frames, Frame{seq, uint64(d.meta.Bytes)})
	}
	d.lines = append(append(d.lines, line...), '\n')
	d.meta.Records++
	d.meta.RawBytes += int64(len(line)) + 1
}

// flush compresses the lines gathered and writes them: a frame, unless there is but one.
func (d *dataFile) flush(enc *zstd.Encoder, buf []byte) ([]byte, error) {
	if len(d.lines) == 0 {
		return buf, nil
	}
	var err error
	if d.stream != nil {
		_, err = d.stream.Write(d.lines)
	} else {
		buf = enc.EncodeAll(d.lines, buf[:0])
		_, err = packed{d}.Write(buf)
	}
	d.lines = d.lines[:0]
	return buf, err
}

// packed takes what an encoder puts out.
type packed struct{ d *dataFile }

func (p packed) Write(b []byte) (int, error) {
	p.d.sum.Write(b)
	p.d.meta.Bytes += int64(len(b))
	return p.d.f.Write(b)
}

// finish makes the flushed file durable under the path it has.
func (d *dataFile) finish() error {
	d.lines = nil
	if d.stream != nil {
		if err := d.stream.Close(); err != nil {
			return err
		}
	}
	if err := errors.Join(d.f.Sync(), d.f.Close()); err != nil {
		return err
	}
	d.meta.SHA256 = hex.EncodeToString(d.sum.Sum(nil))
	return nil
}
