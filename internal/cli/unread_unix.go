//go:build unix

package cli

import (
	"context"
	"os"

	"golang.org/x/sys/unix"
)

// unread waits for the end of what reads f, and returns false when ctx ends first, or when that cannot be waited for.
func unread(ctx context.Context, f *os.File) bool {
	const look = 200 // milliseconds after which ctx is looked at
	for fds := []unix.PollFd{{Fd: int32(f.Fd())}}; ctx.Err() == nil; {
		switch _, err := unix.Poll(fds, look); {
		case err != nil && err != unix.EINTR:
			return false
		case fds[0].Revents&(unix.POLLERR|unix.POLLHUP) != 0:
			return true
		case fds[0].Revents != 0:
			return false
		}
	}
	return false
}
