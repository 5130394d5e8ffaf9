package cleaner

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"

	"winnow/internal/bus"
)

// MaxPayload is the largest payload accepted after decompression, in bytes.
const MaxPayload = 64 << 20

// zstdDecoder serves every goroutine: DecodeAll needs no state of its own.
var zstdDecoder = sync.OnceValue(func() *zstd.Decoder {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(MaxPayload))
	if err != nil {
		panic(err)
	}
	return d
})

// batchBytes bounds what the payloads of one batch hold, decompressed.
const batchBytes = 64 << 20

// fitting returns how many of the first messages, at least one, make a batch: their pages are in
// memory together.
func fitting(msgs []bus.Message) int {
	sum := 0
	for i := range msgs {
		sum += decodedSize(msgs[i].Header[bus.HeaderEncoding], msgs[i].Data)
		if sum > batchBytes && i > 0 {
			return i
		}
	}
	return len(msgs)
}

// decodedSize is what decode makes of the payload at most, in bytes, and at most MaxPayload.
func decodedSize(encoding string, data []byte) int {
	size := uint64(len(data))
	switch encoding {
	case "zstd":
		size = zstdSize(data)
	case "gzip":
		if len(data) > 4 {
			size = uint64(binary.LittleEndian.Uint32(data[len(data)-4:])) // of the one member there may be
		}
	case "s2":
		if n, err := s2.DecodedLen(data); err == nil {
			size = uint64(n)
		}
	}
	return int(min(size, MaxPayload))
}

// zstdSize is what all frames of data hold at most: what they say, or else what their blocks can.
// Source: RFC 8878, section 3.1.1.
func zstdSize(data []byte) (size uint64) {
	const checksum = 4 // bytes
	skip := func(n uint64) { data = data[min(n, uint64(len(data))):] }
	for len(data) > 0 {
		var h zstd.Header
		if h.Decode(data) != nil {
			break // decoding ends here too
		}
		skip(uint64(h.HeaderSize))
		if h.Skippable {
			skip(uint64(h.SkippableSize))
			continue
		}
		frame, length := zstdBlocks(data)
		if h.HasFCS {
			frame = min(frame, h.FrameContentSize)
		}
		size += frame
		skip(length)
		if h.HasCheckSum {
			skip(checksum)
		}
	}
	return size
}

// zstdBlocks returns what the blocks of the frame whose first begins data hold at most, and their
// length, in bytes. Source: RFC 8878, section 3.1.1.2.
func zstdBlocks(data []byte) (size, length uint64) {
	const head, most = 3, 128 << 10 // bytes of a block's header, and that a compressed one may hold
	for last := false; !last && length+head <= uint64(len(data)); {
		b := uint64(data[length]) | uint64(data[length+1])<<8 | uint64(data[length+2])<<16
		last = b&1 != 0
		n := b >> 3
		length += head
		switch b >> 1 & 3 {
		case 0: // as it is
			size += n
			length += n
		case 1: // one byte, n times
			size += n
			length++
		default:
			size += most
			length += n
		}
	}
	return size, length
}

// decode undoes a producer's Content-Encoding: "", identity, zstd, gzip (one member) or s2 (one
// block). It gives an error when the encoding is unknown or broken, or when more than limit bytes, or
// than decodedSize says, come out.
func decode(encoding string, data []byte, limit int) (out []byte, err error) {
	size := min(limit, decodedSize(encoding, data))
	switch encoding {
	case "", "identity":
		out = data
	case "zstd":
		out, err = zstdDecoder().DecodeAll(data, nil)
	case "gzip":
		out, err = gunzip(data, size)
	case "s2":
		if n, lenErr := s2.DecodedLen(data); lenErr != nil || n > limit {
			return nil, fmt.Errorf("content-encoding s2: broken, or larger than %d bytes", limit)
		}
		out, err = s2.Decode(nil, data)
	default:
		return nil, fmt.Errorf("content-encoding %.40q is unknown: send zstd, gzip, s2 or none", encoding)
	}
	if err != nil {
		return nil, fmt.Errorf("content-encoding %s: %w", encoding, err)
	}
	if len(out) > size {
		return nil, fmt.Errorf("payload is larger than %d bytes after decompression", size)
	}
	return out, nil
}

// gunzip decompresses the one member that data holds, up to one byte more than size.
func gunzip(data []byte, size int) ([]byte, error) {
	from := bytes.NewReader(data)
	zr, err := gzip.NewReader(from)
	if err != nil {
		return nil, err
	}
	zr.Multistream(false)
	out, err := io.ReadAll(io.LimitReader(zr, int64(size)+1))
	if err == nil && len(out) <= size && from.Len() > 0 {
		err = errors.New("more than one member: compress the document in one piece")
	}
	return out, err
}
