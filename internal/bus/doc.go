// Package bus is the pipeline's transport: two JetStream streams, RAW and NEWS, on a broker that
// is embedded in the process or external, and what the services do with them: publish durably,
// fenced or not, read in order from a sequence, trim, and keep the positions of replays. It is the
// only package that knows NATS.
//
// # Publishing
//
// Everything goes in atomic batches of up to 1,000 messages and 8 MiB, stored whole or not at all;
// a publish returns when its batches are stored. An answer that is lost (a time-out, a broker that
// went away) is never taken for a yes or a no. The batch carries an id; when the broker is there
// again its leader is asked whether the id is in the stream, and only if it is not is the batch
// sent once more. What was sent and is still on its way meanwhile cannot be stored twice: the fence
// forbids it, and without a fence the id is also the broker's duplicate check (one id a batch, for
// two minutes).
//
// A stream, store or disk without room is ErrFull. JetStream itself is not to be driven to the end
// of its store limit or disk: nats-server 2.15.2 then stores a part of an atomic batch, gives no
// answer, and takes nothing more until it is restarted (it completes the batch then). With the
// embedded broker the bus refuses before that, and if the disk fails nevertheless every call
// returns ErrBroken: start the process again. With an external one, give each stream MaxBytes and
// keep their sum below max_file_store and that below the disk.
//
// # Reading
//
// A Reader pulls from an ephemeral consumer and checks every sequence itself. Something missing is
// an ErrGap, after the stream's leader confirmed it, never a skip. A message is returned only
// when its batch is committed, so that what a reader has seen is what a crash leaves. Processor
// time a message of 4 KB, client and server together, reading a backlog: 11 to 13 us; by batched
// direct get, which needs no consumer, 22 to 29; by nats.go's own ordered consumers, which know
// nothing of commits, 9 to 12. Waiting at the tail costs 0.2 % of a core; a message comes 0.2 ms
// after its acknowledgement.
//
// # What durability costs
//
// Sync "always" survives a power cut and is the default; "interval" (every two minutes) survives
// the death of the process alone. Messages of 4 KB, one publisher, embedded broker, 2 cores with
// other work on them, ext4 on a shared virtual disk; medians of six runs (go test -bench Publish):
//
//	messages a batch     always                    interval
//	    1                  630/s   840 us CPU       2,000/s   360 us CPU
//	  100                4,900/s    76 us           4,600/s    75 us
//	1,000               15,000/s    35 us          16,500/s    34 us
//
// So batches make it nearly free: collect for a few milliseconds rather than publish one by one.
// Each message is written twice, staged and then stored; of the 35 us nine tenths are the server's.
//
// # When the broker goes away
//
// Every call tries again with jittered back-off until its context ends. That is logged once when
// the first call begins to wait and once when the last one ends.
package bus
