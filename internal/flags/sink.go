package flags

import (
	"time"

	"winnow/internal/cli"
	"winnow/internal/segment"
	"winnow/internal/sink"
)

// KeepNews is how many messages of NEWS a live pipeline keeps behind its segments, unless told otherwise.
const KeepNews = 1_000_000

// Sink declares the sink's flags; age, trim and keep are the defaults of -segment-age, -trim-news and
// -keep-news. The returned configuration is filled, but for stream and store, when the flags are parsed.
func Sink(fs *cli.Flags, age time.Duration, trim bool, keep uint64) *sink.Config {
	c := &sink.Config{}
	s := &c.Segment
	fs.Group("Segments")
	fs.Func("format", "`FORMAT` of the records, jsonl, parquet, or jsonl,parquet for both side by side; default: jsonl", func(v string) (err error) {
		s.Formats, err = segment.ParseFormats(v)
		return err
	})
	fs.Func("partition", "folders by these `KEYS`, a list of date (of intake), published (date of), lang, site, or none; default: date", func(v string) (err error) {
		s.Partition, err = segment.ParsePartition(v)
		return err
	})
	fs.IntVar(&s.Records, "segment-records", 0, "a segment is full after this `NUMBER` of records; 0: the default, 65536")
	fs.Bytes(&s.Bytes, "segment-bytes", 0, "a segment is full after this `SIZE` of records, before compression; 0: the default, 256MiB")
	fs.IntVar(&s.Files, "segment-files", 0, "a segment is full when its partitions need more than this `NUMBER` of files; 0: the default, 256")
	fs.DurationVar(&c.Age, "segment-age", age, "a segment is full this `TIME` after its first record came; 0: never")
	fs.Func("segment-frame", "a zstd frame of JSON lines is full after this `SIZE`, before compression; file: one frame a file, for readers that stop behind the first one; default: 1MiB", func(v string) error {
		if s.Frame = -1; v == "file" {
			return nil
		}
		n, err := cli.ParseBytes(v)
		s.Frame = int(n)
		return err
	})
	fs.BoolVar(&c.Trim, "trim-news", trim, "trim NEWS behind the segments")
	fs.Uint64Var(&c.Keep, "keep-news", keep, "with -trim-news: keep this `NUMBER` of messages for consumers that lag; fewer when NEWS takes half of its room")
	fs.DurationVar(&c.Retain.Age, "retain-age", 0, "remove segments whose youngest record was taken in this `TIME` ago; 0: never")
	fs.Bytes(&c.Retain.Bytes, "retain-bytes", 0, "remove the oldest segments while all together are larger than this `SIZE`; 0: never")
	return c
}
