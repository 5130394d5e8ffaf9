package segment

import (
	"cmp"

	"github.com/klauspost/compress/zstd"
)

// Options shape the segments. They may change from one run to the next; segments that are
// committed stay as they are.
type Options struct {
	First     uint64            // sequence that an empty store begins with; default 1
	Records   int               // a segment is full at so many records; default 65536
	Bytes     int64             // ... or so many bytes of lines, of all kinds together; default DefaultBytes
	Files     int               // ... or when its records need more data files than this; default 256
	Formats   []Format          // default JSONL alone
	Partition Partition         // default by date; not nil but empty = none
	Frame     int               // a zstd frame is full at so many bytes of lines; default 1 MiB; -1 = one frame a file
	Level     zstd.EncoderLevel // default [zstd.SpeedFastest]

	Committed func(*Manifest) // called after each commit; it must not keep or change the manifest
}

// DefaultBytes is the default of Options.Bytes.
const DefaultBytes = 256 << 20

func (o Options) withDefaults() Options {
	o.First = cmp.Or(o.First, 1)
	if o.Records <= 0 {
		o.Records = 1 << 16
	}
	if o.Bytes <= 0 {
		o.Bytes = DefaultBytes
	}
	if o.Files <= 0 {
		o.Files = 256
	}
	if len(o.Formats) == 0 {
		o.Formats = []Format{JSONL}
	}
	if o.Partition == nil {
		o.Partition = Partition{"date"}
	}
	o.Frame = cmp.Or(o.Frame, 1<<20)
	if o.Frame < 0 {
		o.Files = min(o.Files, 32) // each has an encoder of its own then
	}
	o.Level = cmp.Or(o.Level, zstd.SpeedFastest)
	return o
}
