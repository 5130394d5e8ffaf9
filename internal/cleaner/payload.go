package cleaner

import (
	"bytes"
	"encoding/binary"
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

// batchBytes bounds what the payloads of one batch say that they hold, decompressed.
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

// decodedSize is what the payload says that it holds, in bytes, at most MaxPayload; where it does
// not say, a guess.
func decodedSize(encoding string, data []byte) int {
	const guess = 16 // times the payload
	size := guess * len(data)
	switch encoding {
	case "", "identity":
		return len(data)
	case "zstd":
		var h zstd.Header
		if h.Decode(data) == nil && h.HasFCS {
			size = int(min(h.FrameContentSize, MaxPayload))
		}
	case "gzip":
		if len(data) > 4 {
			size = max(int(binary.LittleEndian.Uint32(data[len(data)-4:])), len(data))
		}
	case "s2":
		if n, err := s2.DecodedLen(data); err == nil {
			size = n
		}
	}
	return min(size, MaxPayload)
}

// decode undoes a producer's Content-Encoding: "", identity, zstd, gzip or s2 (one block). It
// gives an error when the encoding is unknown or broken, or when more than limit bytes come out.
func decode(encoding string, data []byte, limit int) (out []byte, err error) {
	switch encoding {
	case "", "identity":
		out = data
	case "zstd":
		out, err = zstdDecoder().DecodeAll(data, nil)
	case "gzip":
		out, err = gunzip(data, limit)
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
	if len(out) > limit {
		return nil, fmt.Errorf("payload is larger than %d bytes after decompression", limit)
	}
	return out, nil
}

func gunzip(data []byte, limit int) ([]byte, error) {
	zr, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(zr, int64(limit)+1))
}
