// Package cleaner folds RAW into NEWS: every message of RAW becomes exactly one message of NEWS
// with the same sequence, a clean record, a duplicate or a dead one.
//
// [Fold] is the pure part: state and a batch of messages in, verdicts and the next state out.
// [Service] runs it against the broker: it reads RAW after the last sequence it folded, publishes
// behind NEWS's last sequence with a fence, and writes snapshots of the state from which RAW may
// be trimmed. Because the fold is a pure function, catching up after a restart, standing by for
// another cleaner and writing are one loop: fold a batch, and publish what NEWS does not have yet.
package cleaner
