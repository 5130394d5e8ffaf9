//go:build linux || darwin

package bus

import "syscall"

// diskFree returns the bytes of disk that are free for the file system of dir.
func diskFree(dir string) (uint64, error) {
	var st syscall.Statfs_t
	err := syscall.Statfs(dir, &st)
	return st.Bavail * uint64(st.Bsize), err
}
