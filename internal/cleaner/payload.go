package cleaner

import (
	"bytes"
	"fmt"
	"io"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
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
