package bus

import "time"

// SetAckTimeout changes how long an acknowledgement may take.
func SetAckTimeout(d time.Duration) (was time.Duration) {
	was, ackTimeout = ackTimeout, d
	return was
}

// SetPullLife changes how long a pull waits for a message.
func SetPullLife(d time.Duration) (was time.Duration) {
	was, pullLife = pullLife, d
	return was
}

// SetDiskReserve changes what the embedded broker leaves free on its disk, in bytes.
func SetDiskReserve(n uint64) (was uint64) {
	was, diskReserve = diskReserve, n
	return was
}

// KeyOf is the key a checkpoint is stored under.
func KeyOf(key string) string { return kvKey(key) }

// Encode returns what is stored for a checkpoint, Decode reads it.
func (cp Checkpoint) Encode() ([]byte, error) { return cp.encode() }

// Decode reads a stored checkpoint.
func (cp *Checkpoint) Decode(data []byte) error { return cp.decode(data) }

// Split returns where the atomic batches of a publish end.
func (s *Stream) Split(msgs []Message) (ends []int, err error) {
	parts, err := s.split(msgs)
	for _, p := range parts {
		ends = append(ends, p.end)
	}
	return ends, err
}
