// Package sink writes NEWS to a directory of segments, exactly once.
//
// The directory is the position: the sink goes on behind its last manifest, accepts exactly the
// next sequence, and needs no acknowledgement. What it reads and has not committed yet it reads
// again after a crash. Sequences alone do not identify a history (a stream that was restored from
// a backup uses them again), so at the start and behind every segment the chain of the last
// record is compared with the one that NEWS has at that sequence: see [ErrHistory].
package sink
