// Package ingester brings pages into RAW. [Replay] reads archives and continues after a kill where
// it was, without losing or doubling a document; [Intake] takes pages over HTTP and answers when
// they are stored. Scrapers may also publish to raw.<source> themselves.
//
// What cannot be read as a record is stored all the same, as it came and with the reason in a
// header: the cleaner makes a dead record of it, so that every document is accounted for.
//
// # How a replay resumes
//
// Each message carries the input's key, the document's ordinal in it, and a secret that the replay's
// checkpoint has: other publishers cannot say that a message is a document of it. A checkpoint, written
// after each batch, says how many documents of the input are stored, where in RAW the last one is,
// the digest of all of them, and from which file, and offset in it, reading can go on. A replay that starts again
//
//  1. checks that RAW still holds what the checkpoint says (a broker that lost its tail uses
//     sequences again),
//  2. looks in RAW behind it for what was published after the last checkpoint,
//  3. reads the input up to there, from the offset if the file is what it was, and compares the digest,
//  4. goes on, with batches that are refused if RAW has moved otherwise (see fence.go).
//
// What does not fit is a loud error that names the way out, never a guess.
package ingester
