package flags

import (
	"time"

	"winnow/internal/cli"
	"winnow/internal/sink"
)

// Sink declares the sink's flags; age is the default of -segment-age. The returned configuration
// is filled, but for stream and directory, when the flags are parsed.
func Sink(fs *cli.Flags, age time.Duration, trim bool) *sink.Config {
	c := &sink.Config{}
	fs.Group("Segments")
	fs.IntVar(&c.Segment.Records, "segment-records", 0, "a segment is full after this `NUMBER` of records; 0: the default, 65536")
	fs.Bytes(&c.Segment.Bytes, "segment-bytes", 0, "a segment is full after this `SIZE` of records, before compression; 0: the default, 256MiB")
	fs.DurationVar(&c.Age, "segment-age", age, "a segment is full this `TIME` after its first record came; 0: never")
	fs.BoolVar(&c.Trim, "trim-news", trim, "trim NEWS behind the segments")
	fs.Uint64Var(&c.Keep, "keep-news", 0, "with -trim-news: keep this `NUMBER` of messages for consumers that lag")
	return c
}
