// Package segment keeps the verdicts of a pipeline: records in segments that are named by the range
// of sequences they hold, each with a manifest, in a [Store].
//
//	date=2026-11-21/000000000001-000000004096.jsonl.zst       clean records
//	date=2026-11-21/000000000001-000000004096.parquet         the same, if that format is asked for
//	dup/date=2026-11-21/000000000001-000000004096.jsonl.zst   duplicates
//	dead/date=2026-11-21/000000000001-000000004096.jsonl.zst  dead records
//	date=2026-11-21/000000000001-000000004096.manifest.json   what the segment holds
//	dataset.json                                              what all segments hold together
//	_SUCCESS                                                  the same, when a bounded run ended
//	.open/  .lock                                             of a directory: the segment being written, the one writer
//
// A data file exists only if it has records, so readers that know nothing of Winnow read
// date=*/*.jsonl.zst or date=*/*.parquet and get the clean records. Folders may be by other keys
// too, or by none: see [Partition]. A segment has a bounded number of files and ends when it would
// need one more.
//
// JSON lines lie in independent zstd frames of whole lines: one valid zstd file, in which a reader
// can seek. The zstd program and DuckDB read them whole (tests hold them to that); Python's zstandard,
// and what is built on it, stops silently behind the first frame unless it is told
// read_across_frames=True. For such readers write one frame a file ([Options].Frame = -1), at the
// price of the seeking. A Parquet file is made from the lines when its segment ends, in row groups of
// bounded size, with real column types ([CleanRow]), and gives back each line byte for byte.
//
// The manifest is the commit point: it appears, durably, after its data files did. The position of
// a store is what its manifests say and nothing else. A segment that was not committed is abandoned:
// its records are read again from where they came from. A [Writer] takes the sequences one by one
// and a missing one is an error, so that manifests have neither gap nor overlap and
// raw = clean + dup + dead can be proven from the files alone ([Verify]).
//
// The bytes of a segment are a function of its records and the [Options]: there is no clock, no
// host and no random name in them. Another release of the compressor, or of the Parquet library, may
// give other bytes.
//
// One goroutine uses a Writer. Readers may read while a Writer, of another process too, writes:
// what they see is committed and does not change.
package segment
