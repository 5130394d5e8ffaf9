package ingester

import (
	"context"
	"errors"
	"fmt"
	"strings"
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

// malformed makes the RAW message of bytes that are no record: they are stored as they are, with
// a header that says why and where they stood, and become a dead record.
func malformed(source string, data []byte, where string, cause error) bus.Message {
	m := bus.Message{Subject: bus.RawSubject(source), Data: data, Header: map[string]string{}}
	reason, detail := "malformed", cause.Error()
	if e, ok := errors.AsType[*record.MalformedError](cause); ok {
		reason, detail = e.Reason, e.Detail
	}
	m.Header[bus.HeaderDead] = headerText(reason + ": " + where + ": " + detail)
	return m
}

// headerText makes s fit for a header: valid UTF-8, one line, bounded.
func headerText(s string) string {
	const most = 1000 // bytes
	s = strings.ToValidUTF8(s[:min(len(s), most)], "\uFFFD")
	return strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, s)
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
		if !ok || len(msgs[large.Index].Data) <= record.MaxDeadBytes {
			return seqs, err
		}
		m := &msgs[large.Index]
		m.Header[bus.HeaderDead] = fmt.Sprintf("oversize: %d bytes, the broker takes %d (max_payload)", large.Size, large.Max)
		m.Data = head(m)
	}
}

// head returns the beginning of a message's payload, as much as a dead record keeps.
func head(m *bus.Message) []byte {
	data := m.Data
	if m.Header[bus.HeaderEncoding] == "zstd" {
		delete(m.Header, bus.HeaderEncoding)
		if plain, err := zstdDecoder().DecodeAll(data, nil); err == nil {
			data = plain
		}
	}
	return data[:min(len(data), record.MaxDeadBytes)]
}

// zstdDecoder undoes zstdEncoder.
var zstdDecoder = sync.OnceValue(func() *zstd.Decoder {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
	if err != nil {
		panic(err)
	}
	return d
})
