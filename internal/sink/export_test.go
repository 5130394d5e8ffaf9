package sink

import "time"

// SetRemindAhead changes how often a sink that is ahead of NEWS says so.
func SetRemindAhead(d time.Duration) (was time.Duration) {
	was, remindAhead = remindAhead, d
	return was
}
