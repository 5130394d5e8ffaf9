// Package segment keeps the verdicts of a pipeline on disk: compressed JSON lines in segments
// that are named by the range of sequences they hold, each with a manifest.
//
//	DIR/date=2026-11-21/000000000001-000000004096.jsonl.zst       clean records
//	DIR/dup/date=2026-11-21/000000000001-000000004096.jsonl.zst   duplicates
//	DIR/dead/date=2026-11-21/000000000001-000000004096.jsonl.zst  dead records
//	DIR/date=2026-11-21/000000000001-000000004096.manifest.json   what the segment holds
//	DIR/.open/                                                    the segment being written
//	DIR/.lock                                                     held by the one writer
//
// A data file exists only if it has records, so readers that know nothing of Winnow read
// DIR/date=*/*.jsonl.zst and get the clean records. Files are sequences of independent zstd
// frames of whole lines: one valid zstd file, in which a reader can seek. The zstd program reads
// them whole (a test holds it to that); Python's zstandard, and what is built on it, stops silently
// behind the first frame unless it is told read_across_frames=True. For such readers write one frame
// a file ([Options].Frame = -1), at the price of the seeking.
//
// The manifest is the commit point: it appears, synced, after its data files did. The position
// of a directory is what its manifests say and nothing else. A segment that was not committed is
// abandoned: its records are read again from where they came from. A [Writer] takes the
// sequences one by one and a missing one is an error, so that manifests have neither gap nor
// overlap and raw = clean + dup + dead can be proven from the files alone ([Verify]).
//
// The bytes of a segment are a function of its records and the [Options]: there is no clock, no
// host and no random name in them. Another release of the compressor may give other bytes.
//
// One goroutine uses a Writer. Readers may read while a Writer, of another process too, writes:
// what they see is committed and does not change.
package segment
