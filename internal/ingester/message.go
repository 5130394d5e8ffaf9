package ingester

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"

	"winnow/internal/bus"
	"winnow/internal/record"
)

// Payloads from this size on are compressed: below it the gain on disk does not pay for the CPU.
const compressFrom = 32 << 10 // bytes

var zstdEncoder = sync.OnceValue(func() *zstd.Encoder {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderCRC(false))
	if err != nil {
		panic(err)
	}
	return e
})

// message makes the RAW message of a record that is complete.
func message(r *record.Raw) bus.Message {
	payload := r.AppendJSON(make([]byte, 0, len(r.Text)+len(r.HTML)+len(r.HTML)/8+1024))
	return pack(bus.RawSubject(r.Source), payload)
}

// pack compresses a payload that is worth it.
func pack(subject string, payload []byte) bus.Message {
	m := bus.Message{Subject: subject, Data: payload, Header: map[string]string{}}
	if len(payload) >= compressFrom {
		m.Data = zstdEncoder().EncodeAll(payload, make([]byte, 0, len(payload)/3))
		m.Header[bus.HeaderEncoding] = "zstd"
	}
	return m
}

// publish stores msgs; what the broker cannot take goes in cut, with a header that makes it dead.
// With wait it waits while RAW is full.
func publish(ctx context.Context, raw *bus.Stream, msgs []bus.Message, wait bool) ([]uint64, error) {
	for {
		store := raw.Publish
		if wait {
			store = raw.PublishWait
		}
		seqs, err := store(ctx, msgs)
		large, ok := errors.AsType[bus.ErrTooLarge](err)
		if !ok || msgs[large.Index].Header[bus.HeaderDead] != "" {
			return seqs, err
		}
		m := &msgs[large.Index]
		m.Header[bus.HeaderDead] = fmt.Sprintf("oversize: %d bytes, the broker takes %d (max_payload)", large.Size, large.Max)
		m.Data = m.Data[:min(len(m.Data), record.MaxDeadBytes)]
	}
}
