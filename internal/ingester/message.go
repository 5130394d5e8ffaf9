package ingester

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

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
	size := len(r.ID) + len(r.URL) + len(r.Title) + len(r.Text) + len(r.HTML) + len(r.HTML)/8 + len(r.Metadata) + 256
	payload := r.AppendJSON(slices.Grow([]byte(nil), size))
	m := pack(bus.RawSubject(r.Source), payload)
	if len(m.Data) > record.MaxDeadBytes { // it may have to be cut, and then is no record any more
		m.Header[bus.HeaderAdded] = r.Added
	}
	return m
}

// malformed makes the RAW message of bytes that are no record: they are stored as they are, with
// headers that say why, where they stood and how many there were, if data is only their beginning.
// They become a dead record.
func malformed(source string, data []byte, size int64, where string, added time.Time, cause error) bus.Message {
	m := bus.Message{Subject: bus.RawSubject(source), Data: data, Header: map[string]string{bus.HeaderAdded: added.UTC().Format(time.RFC3339Nano)}}
	reason, detail := "malformed", cause.Error()
	if e, ok := errors.AsType[*record.MalformedError](cause); ok {
		reason, detail = e.Reason, e.Detail
	}
	m.Header[bus.HeaderDead] = headerText(reason + ": " + where + ": " + detail)
	if size > int64(len(data)) {
		m.Header[bus.HeaderSize] = strconv.FormatInt(size, 10)
	}
	return m
}

// headerText makes s fit for a header: valid UTF-8, one line, bounded, without white space around it.
func headerText(s string) string {
	const most = 1000 // bytes
	s = strings.ToValidUTF8(s[:min(len(s), most)], "\uFFFD")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, s))
}

// pack compresses a payload that is worth it.
func pack(subject string, payload []byte) bus.Message {
	m := bus.Message{Subject: subject, Data: payload, Header: map[string]string{}}
	if len(payload) >= compressFrom {
		m.Data = zstdEncoder().EncodeAll(payload, slices.Grow([]byte(nil), len(payload)/3))
		m.Header[bus.HeaderEncoding] = "zstd"
	}
	return m
}

// fitting calls store until every message is of a size that the broker takes: one that is not goes
// in cut, with a header that makes it dead. The bus looks at all sizes before it stores any.
func fitting(msgs []bus.Message, store func() error) error {
	for {
		err := store()
		large, ok := errors.AsType[bus.ErrTooLarge](err)
		if !ok || len(msgs[large.Index].Data) <= record.MaxDeadBytes {
			return err
		}
		m := &msgs[large.Index]
		cut := fmt.Sprintf("%d bytes, the broker takes %d (max_payload)", large.Size, large.Max)
		if why := m.Header[bus.HeaderDead]; why != "" {
			m.Header[bus.HeaderDead] = why + "; cut from " + cut
		} else {
			m.Header[bus.HeaderDead] = record.ReasonOversize + ": " + cut
		}
		cutDead(m)
	}
}

// cutDead leaves of a message's payload as much as a dead record keeps, and puts what the payload
// could still say into headers.
func cutDead(m *bus.Message) {
	data := m.Data
	if m.Header[bus.HeaderEncoding] == "zstd" {
		delete(m.Header, bus.HeaderEncoding)
		if plain, err := zstdDecoder().DecodeAll(data, nil); err == nil {
			data = plain
		}
	}
	if raw, err := record.ParseRaw(data, nil); err == nil && m.Header[bus.HeaderAdded] == "" {
		m.Header[bus.HeaderAdded] = raw.Added
	}
	if m.Header[bus.HeaderSize] == "" {
		m.Header[bus.HeaderSize] = strconv.Itoa(len(data))
	}
	m.Data = data[:min(len(data), record.MaxDeadBytes)]
}

// zstdDecoder undoes zstdEncoder.
var zstdDecoder = sync.OnceValue(func() *zstd.Decoder {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
	if err != nil {
		panic(err)
	}
	return d
})
